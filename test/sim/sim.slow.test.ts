/**
 * The connection core in the simulated world: each fault alone, in pairs, and days of everything. Each day brings other
 * seeds (HOLDFAST_SEED); `npm run sim` runs more. A failing seed is printed with its story, as small as it can be made.
 */
import { expect, it } from "vitest";
import { type Job, runJobs } from "./crowd.ts";
import { tell } from "./failure.ts";
import { faults, quietFaults } from "./faults.ts";
import { counts, rare, summary } from "./report.ts";

const base = (Number(process.env["HOLDFAST_SEED"] ?? 1) % 100_000) * 1000;
const [alone, together, days, hours] = process.env["HOLDFAST_FULL"] ? [200, 5, 2000, 100] : [100, 2, 500, 30];
/** This one fires about twice in a run; the seeds of a day are to meet each fault fifty times. */
const seldom = "Q03";
const halfHourMs = 30 * 60_000;

const ids = faults.map(({ id }) => id);
const short = (seed: number, named: readonly string[]): Job => ({
  length: "short",
  seed: base + seed,
  faults: named,
  mutant: null,
});
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const quiet = (seed: number, named: readonly string[]): Job => ({ ...short(seed, named), length: "quiet" });
const pairs = ids.flatMap((one, i) => ids.slice(i + 1).map((other) => [one, other]));
const jobs: readonly Job[] = [
  ...upTo(days).map((seed): Job => ({ length: "long", seed: base + seed, faults: [], mutant: null })),
  ...[...quietFaults.map(({ id }) => [id]), []].flatMap((named) =>
    upTo(named[0]?.startsWith(seldom) === true ? hours * 3 : hours).map((seed) => quiet(seed, named)),
  ),
  ...ids.flatMap((id) => upTo(alone).map((seed) => short(seed, [id]))),
  ...pairs.flatMap((pair, i) => upTo(together).map((n) => short(together * i + n, pair))),
];

it(`keeps its promises in ${jobs.length} runs seeded from ${base + 1}`, { timeout: 1_800_000 }, async () => {
  const startedAt = performance.now();
  const tally = await runJobs(jobs, 2, ({ failures }) => failures.length >= 3);
  process.stdout.write(`${counts(tally)}\n${summary(tally, (performance.now() - startedAt) / 1000)}\n`);
  expect(
    tally.failures
      .slice(0, 3)
      .map((one) => tell(one, one.plan))
      .join("\n\n"),
  ).toBe("");
  expect(rare(tally)).toEqual([]);
  expect(tally.shortestMs).toBeGreaterThanOrEqual(halfHourMs);
  expect(tally.fewestEvents).toBeGreaterThanOrEqual(200);
});
