/**
 * `npm run -s bench -- --json [--quick] [--only SUBJECT] [--seconds N] [--runs N]`: journal and screen against their promises, on the built app.
 * Rows go to stdout as one array (rows.ts says how to read one), or with `--table` as a table; progress goes to stderr. Exit code 1 when
 * a row misses its bar. Everything it starts is its own and ends with it. Linux only: CPU and memory are read from /proc.
 */

import { runtimeEnv } from "../../../build/setup/electron-runtime.ts";
import { prepare } from "../../../build/setup/prepare.ts";
import { PlainError } from "../../../build/setup/progress.mjs";
import { openSession } from "../../../build/setup/session.ts";
import { exitCode } from "../../../build/setup/tool.mjs";
import { machine } from "../measure.ts";
import type { World } from "./electron.ts";
import { floodRows } from "./flood.ts";
import { idleRows } from "./idle.ts";
import { keptRows } from "./kept.ts";
import { Origin } from "./origin-process.ts";
import { type Plan, planOf } from "./plan.ts";
import { type Row, table, unmeasured } from "./rows.ts";
import { scrollRows } from "./scroll.ts";
import { searchRows } from "./search.ts";
import { startRows } from "./start.ts";
import { steadyRows } from "./steady.ts";
import { transportRows } from "./transport.ts";
import { readWish } from "./wish.ts";

type Subject = (world: World, origin: Origin, plan: Plan) => Promise<Row[]>;

/** In the order of the promises. */
const subjects: Readonly<Record<string, Subject>> = {
  flood: floodRows,
  steady: steadyRows,
  transport: (_world, origin, plan) => transportRows(origin, plan),
  kept: keptRows,
  search: searchRows,
  scroll: scrollRows,
  idle: idleRows,
  start: startRows,
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // What was started is ended when the process exits, and a signal alone is no exit.
  process.once(signal, () => process.exit(exitCode(null, signal)));
}
try {
  process.exitCode = await bench(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof PlainError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** Measures and prints. @returns the exit code */
async function bench(args: readonly string[]): Promise<number> {
  const { only, ...wish } = readWish(args);
  const unknown = only.filter((name) => subjects[name] === undefined);
  if (unknown.length > 0)
    throw new PlainError(`There is no subject "${unknown[0]}". There are ${Object.keys(subjects).join(", ")}.`);
  if (process.platform !== "linux")
    throw new PlainError("This bench reads CPU and memory from /proc, so it runs on Linux only.");
  const plan = planOf(wish, (words) => process.stderr.write(`${words}\n`));
  const startedAt = performance.now();
  const runtime = await prepare({ tests: true });
  const session = await openSession({ bring: "own" });
  let origin: Origin | null = null;
  const rows: Row[] = [];
  try {
    origin = await Origin.start();
    const world = { executable: runtime.executable, env: { ...session.env, ...runtimeEnv(runtime) } };
    for (const [name, subject] of Object.entries(subjects)) {
      if (only.length > 0 && !only.includes(name)) continue;
      plan.say(`${name} …`);
      // One subject that fails must not take the figures of the others with it.
      rows.push(...(await subject(world, origin, plan).catch((error: unknown) => [unmeasured(name, reason(error))])));
    }
  } finally {
    await origin?.end();
    await session.end();
  }
  plan.say(`${machine()}, Electron ${runtime.version}, ${Math.round((performance.now() - startedAt) / 1000)} s`);
  const text = wish.table ? table(rows) : `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`;
  process.stdout.write(`${text}\n`);
  return rows.every((row) => row.holds !== false) ? 0 : 1;
}

function reason(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.split("\n")[0] ?? "";
}
