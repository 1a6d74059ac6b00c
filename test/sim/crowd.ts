/** Many runs in several threads: the world is synchronous, so a second core needs a second thread. Adds up what they tell. */
import { Worker } from "node:worker_threads";
import type { Plan } from "./plan.ts";
import type { Failed } from "./run.ts";

/** Runs of one kind, told apart by their seeds alone. */
export type Job = {
  /** `any`: a few faults in half an hour, one seed in ten a day of everything, and one in five hours of a stream that says little. */
  readonly length: "short" | "long" | "quiet" | "any";
  readonly seed: number;
  /** Empty: all of them. */
  readonly faults: readonly string[];
  /** Which part of the client is broken; null: none. */
  readonly mutant: string | null;
};

export type Tally = {
  runs: number;
  virtualMs: number;
  steps: number;
  dials: number;
  /** The shortest run, ms, and the one with the fewest events. */
  shortestMs: number;
  fewestEvents: number;
  readonly met: Map<string, number>;
  readonly hits: Map<string, number>;
  readonly failures: { readonly job: Job; readonly plan: Plan; readonly failed: Failed }[];
};

export function emptyTally(): Tally {
  const [shortestMs, fewestEvents] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    runs: 0,
    virtualMs: 0,
    steps: 0,
    dials: 0,
    shortestMs,
    fewestEvents,
    met: new Map(),
    hits: new Map(),
    failures: [],
  };
}

export function addTally(sum: Tally, more: Tally): void {
  sum.runs += more.runs;
  sum.virtualMs += more.virtualMs;
  sum.steps += more.steps;
  sum.dials += more.dials;
  sum.shortestMs = Math.min(sum.shortestMs, more.shortestMs);
  sum.fewestEvents = Math.min(sum.fewestEvents, more.fewestEvents);
  for (const [key, count] of more.met) sum.met.set(key, (sum.met.get(key) ?? 0) + count);
  for (const [key, count] of more.hits) sum.hits.set(key, (sum.hits.get(key) ?? 0) + count);
  sum.failures.push(...more.failures);
}

const jobsAtOnce = 20;

/** @param done told after each batch; true ends the run early */
export function runJobs(
  jobs: readonly Job[],
  threads = 2,
  done: (sum: Tally) => boolean = () => false,
): Promise<Tally> {
  const sum = emptyTally();
  let next = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url));
      const feed = () => {
        const batch = jobs.slice(next, next + jobsAtOnce);
        next += batch.length;
        if (batch.length > 0) worker.postMessage(batch);
        else void worker.terminate().then(() => resolve());
      };
      worker.on("message", (tally: Tally) => {
        addTally(sum, tally);
        if (done(sum)) next = jobs.length;
        feed();
      });
      worker.on("error", reject);
      feed();
    });
  return Promise.all(Array.from({ length: threads }, work)).then(() => sum);
}
