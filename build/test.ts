/**
 * `npm test`: set-up, build, types, lint and every test in one vitest run, and one closing line for all of it.
 * `--full` runs the long versions. Other arguments go to vitest; paths among them select tests, and then only what
 * those need is prepared.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { type Check, lint, report, types } from "./checks.ts";
import { closingLine } from "./closing-line.ts";
import { compileGateway } from "./gateway.ts";
import { root } from "./root.ts";
import { type Runtime, runtimeEnv } from "./setup/electron-runtime.ts";
import { prepare } from "./setup/prepare.ts";
import { PlainError } from "./setup/progress.mjs";
import { openSession, type Session } from "./setup/session.ts";
import { runVitest, type VitestResult } from "./vitest-run.ts";

/** The command. */
export async function run(args: readonly string[]): Promise<number> {
  const full = args.includes("--full");
  const forwarded = args.filter((argument) => argument !== "--full");
  const selected = selectedPaths(forwarded);
  const needsApp = selected.length === 0 || selected.some((path) => /e2e|lab/.test(path));
  const env = testEnv(full);
  process.stdout.write(`seed: ${env["HOLDFAST_SEED"]}${full ? ", full" : ""}\n`);

  const checks: Check[] = selected.length === 0 ? await Promise.all([types(), lint()]) : [];
  const app = needsApp ? await prepareApp() : undefined;
  if (app?.failure) checks.push(app.failure);
  if (selected.length === 0 || selected.some((path) => /gateway|lab/.test(path))) await compileGateway();
  for (const check of checks) report(check);

  const counts = app?.runtime ? await withApp(app.runtime, forwarded, env) : await withoutApp(forwarded, env);
  for (const check of checks) process.stdout.write(`${check.name}: ${check.ok ? "ok" : "failed"}\n`);
  const failed = counts.failed + checks.filter((check) => !check.ok).length;
  process.stdout.write(`${closingLine({ ...counts, failed })}\n`);
  return failed > 0 || counts.code !== 0 ? 1 : 0;
}

/** Paths among the arguments: they select tests. A name after `-t` is no path. */
export function selectedPaths(args: readonly string[]): string[] {
  return args.filter(
    (argument) => !argument.startsWith("-") && (argument.startsWith("test/") || existsSync(join(root, argument))),
  );
}

/** The same seed all day, another one tomorrow: a failure can be repeated, and chance still gets its turn. */
export function seedOf(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll("-", "");
}

function testEnv(full: boolean): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, HOLDFAST_APP_DIR: root };
  env["HOLDFAST_SEED"] ??= seedOf(new Date());
  if (full) env["HOLDFAST_FULL"] = "1";
  return env;
}

/** A machine that cannot run the app can still run the other tests; that it cannot is a failure all the same. */
async function prepareApp(): Promise<{ runtime?: Runtime; failure?: Check }> {
  try {
    return { runtime: await prepare({ tests: true, build: bundle }) };
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    return {
      failure: { name: "set-up of the app", ok: false, output: `${error.message}\nThe end-to-end tests are left out.` },
    };
  }
}

function withoutApp(args: readonly string[], env: NodeJS.ProcessEnv): Promise<VitestResult> {
  return runVitest(["--project", "unit", "--project", "renderer", ...args], env);
}

/** The desktop is always our own: tests must not flash windows at a person, nor ring their notifications. */
async function withApp(runtime: Runtime, args: readonly string[], env: NodeJS.ProcessEnv): Promise<VitestResult> {
  let session: Session | undefined;
  try {
    session = await openSession({ bring: "own", env });
    return await runVitest(args, { ...session.env, ...runtimeEnv(runtime), HOLDFAST_ELECTRON: runtime.executable });
  } finally {
    await session?.end();
  }
}
