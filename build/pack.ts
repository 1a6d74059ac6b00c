/**
 * `npm run pack`: the program as a folder that runs without this checkout, in release/, started once to prove it.
 * Names of installers (`npm run pack -- deb AppImage`) make those instead; they need tools that electron-builder downloads.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AfterPackContext, build, type Configuration, Platform } from "electron-builder";
import { bundle } from "./bundle.ts";
import { setFuses } from "./fuses.ts";
import { root } from "./root.ts";
import { isNoise, sandboxArgs } from "./setup/app-process.ts";
import { end, type Running, start } from "./setup/children.ts";
import { prepare } from "./setup/prepare.ts";
import { PlainError, say, step } from "./setup/progress.mjs";
import { openSession } from "./setup/session.ts";

const smokeTimeoutMs = 60_000;

/** The command. */
export async function run(args: readonly string[]): Promise<number> {
  const runtime = await prepare({ build: bundle });
  if (runtime.kind === "fallback" && args.length > 0) {
    throw new PlainError(
      "An installer is for other people, and the old test runtime is not. Make it where Electron itself can be downloaded.",
    );
  }
  let program = "";
  const config: Configuration = {
    extends: "build/electron-builder.yml",
    electronDist: runtime.dist,
    electronVersion: runtime.version,
    afterPack: async (context) => {
      program = await finish(context);
    },
  };
  const targets = Platform.current().createTarget(args.length > 0 ? [...args] : ["dir"]);
  await build({ projectDir: root, targets, config, publish: "never" });
  await step("first start of the packed program", () => prove(program));
  say(`• packed: ${program}`);
  if (runtime.kind === "fallback")
    say(`• packed on the old test runtime ${runtime.version}: for trying out, not for giving away`);
  return 0;
}

/** Takes the test runtime's launcher out, whose place the app has taken, and burns the fuses. Returns the program's path. */
async function finish({ appOutDir, packager, electronPlatformName }: AfterPackContext): Promise<string> {
  await rm(join(appOutDir, "resources", "app"), { recursive: true, force: true });
  const { productFilename } = packager.appInfo;
  const names: Record<string, string> = {
    darwin: `${productFilename}.app/Contents/MacOS/${productFilename}`,
    win32: `${productFilename}.exe`,
  };
  const program = join(appOutDir, names[electronPlatformName] ?? packager.config.executableName ?? productFilename);
  const fuses = await setFuses(program, electronPlatformName as NodeJS.Platform);
  say(`• fuses set and read back: ${fuses.length}`);
  return program;
}

/** A program that has never started is not packed. Its own word counts: a debugger cannot be attached to it. */
async function prove(program: string): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "holdfast-smoke-"));
  const session = await openSession({ bring: "own" });
  let app: Running | undefined;
  try {
    app = start(program, [...sandboxArgs(), "--data-dir", data, "--smoke"], {
      cwd: data,
      env: session.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    for (const stream of [app.child.stdout, app.child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => output.push(text));
    const timeout = new Promise<"late">((resolve) => setTimeout(resolve, smokeTimeoutMs, "late").unref());
    const code = await Promise.race([app.exited, timeout]);
    const text = output.join("");
    if (code === 0 && text.includes("smoke: ok")) return;
    const said = text
      .split("\n")
      .filter((line) => !isNoise(line))
      .join("\n");
    throw new PlainError(
      `The packed program does not work (${code === "late" ? "it did not finish in a minute" : `exit code ${code}`}):\n${said}`,
    );
  } finally {
    if (app !== undefined) await end(app);
    await session.end();
    rmSync(data, { recursive: true, force: true });
  }
}
