/** `npm run sim`: as many seeds as asked for, from a first one on. Prints what it came to; 1 when a sentence was broken. */
import { parseArgs } from "node:util";
import { runJobs } from "./crowd.ts";
import { tell } from "./failure.ts";
import { counts, summary } from "./report.ts";

const shownFailures = 5;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    counts: { type: "boolean", default: false },
  },
});
const [seeds, first] = [whole("--seeds", values.seeds), whole("--seed", values.seed)];
const startedAt = performance.now();
const jobs = Array.from(
  { length: seeds },
  (_, i) => ({ length: "any", seed: first + i, faults: [], mutant: null }) as const,
);
const tally = await runJobs(jobs, 2, ({ failures }) => failures.length >= shownFailures);
for (const one of tally.failures.slice(0, shownFailures)) process.stdout.write(`${tell(one, one.plan)}\n\n`);
if (values.counts) process.stdout.write(`${counts(tally)}\n`);
process.stdout.write(`${summary(tally, (performance.now() - startedAt) / 1000)}\n`);
process.stdout.write(
  tally.failures.length === 0 ? "no sentence was broken\n" : `${tally.failures.length} seeds failed\n`,
);
process.exitCode = tally.failures.length === 0 ? 0 : 1;

function whole(option: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  process.stdout.write(`${option} takes a whole number above 0.\n`);
  process.exit(2);
}
