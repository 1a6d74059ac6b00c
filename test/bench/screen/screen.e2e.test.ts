/** The bench of journal and screen, small: every row is measured, has its shape, and nothing is left running. The figures are not looked at. */
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { appDir, electronProgram } from "../../e2e/app.ts";
import { family } from "../../e2e/process-tree.ts";

const shape = {
  name: expect.stringMatching(/^[a-z0-9-]+$/),
  value: expect.any(Number),
  unit: expect.any(String),
  best: expect.any(Number),
  worst: expect.any(Number),
  runs: 1,
};

it("prints one array of rows with their bars and rivals, and ends all that it began", async () => {
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dirname(electronProgram()) };
  const args = ["build/setup/run.mjs", "bench", "--json", "--quick", "--only", "flood,transport"];
  const bench = spawn(process.execPath, args, { cwd: appDir, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void bench.kill("SIGTERM"));
  let [output, progress] = ["", ""];
  const began = new Set<number>();
  bench.stdout.on("data", (text) => (output += String(text)));
  bench.stderr.on("data", (text) => {
    progress += String(text);
    for (const pid of family(bench.pid ?? 0)) began.add(pid);
  });
  const code = await new Promise<number | null>((resolve) => bench.once("close", resolve));

  expect([0, 1], progress).toContain(code);
  expect(output, progress).not.toBe("");
  const rows = JSON.parse(output) as { name: string; bar: string | null; holds: boolean | null }[];
  for (const row of rows) expect(row, progress).toMatchObject(shape);
  const judged = rows.filter(({ bar }) => bar !== null);
  expect(judged.map(({ name }) => name)).toEqual([
    "flood-off-vs-native",
    "flood-kept-vs-native",
    "flood-kept-index-behind",
    "flood-renderer-cpu-vs-native",
    "transport-vs-bare-loop",
  ]);
  expect(judged.every(({ holds }) => typeof holds === "boolean")).toBe(true);
  expect(code).toBe(judged.every(({ holds }) => holds) ? 0 : 1);
  expect(rows.filter(({ bar, holds }) => bar === null && holds === null).map(({ name }) => name)).toContain(
    "npm-eventsource",
  );

  expect(began.size).toBeGreaterThan(4);
  const alive = () => [...began].filter(isAlive);
  await expect.poll(alive, { timeout: 10_000 }).toEqual([]);
}, 300_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
