/** One thread of a crowd: runs what it is sent and answers with the tally. */
import { parentPort } from "node:worker_threads";
import { addTally, emptyTally, type Job, type Tally } from "./crowd.ts";
import { runJob } from "./job.ts";

parentPort?.on("message", (jobs: readonly Job[]) => {
  const sum: Tally = emptyTally();
  for (const job of jobs) addTally(sum, runJob(job));
  parentPort?.postMessage(sum);
});
