/**
 * `npm run check`: types, lint and the fast tests, for before every push. Needs no Electron, no display and no network.
 * Tests called *.slow.test.ts are left to `npm test`.
 */
import { lint, report, types } from "./checks.ts";
import { closingLine } from "./closing-line.ts";
import { runVitest } from "./vitest-run.ts";

/** The command; extra arguments go to vitest. */
export async function run(args: readonly string[]): Promise<number> {
  const checks = await Promise.all([types(), lint()]);
  for (const check of checks) report(check);
  const projects = ["--project", "unit", "--project", "renderer"];
  const counts = await runVitest([...projects, ...args], { ...process.env, HOLDFAST_FAST: "1" });
  const failed = checks.filter((check) => !check.ok);
  for (const check of checks) process.stdout.write(`${check.name}: ${check.ok ? "ok" : "failed"}\n`);
  const total = { ...counts, failed: counts.failed + failed.length };
  process.stdout.write(`${closingLine(total)}\n`);
  return total.failed > 0 || counts.code !== 0 ? 1 : 0;
}
