/**
 * The journal's worker that ends at a given moment, as HOLDFAST_TEST_CRASH says: `when` = "before" (a question was
 * taken and nothing done) or "after" (written, not yet answered), `at` = which question, `times` = how often in all.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const plan = new URLSearchParams(process.env["HOLDFAST_TEST_CRASH"]);
const [at, times] = [Number(plan.get("at")), Number(plan.get("times"))];
const tally = `${workerData.dir}.crashes`;
const port = parentPort;
if (port === null) throw new Error("not a worker");

let count = 0;
function crashMaybe(): void {
  const crashes = existsSync(tally) ? readFileSync(tally).length : 0;
  if (++count !== at || crashes >= times) return;
  appendFileSync(tally, "x");
  process.exit(7);
}

if (plan.get("when") === "before") port.on("message", crashMaybe);
else {
  const post = port.postMessage.bind(port);
  port.postMessage = (answer: { kind: string }) => {
    if (answer.kind === "answer") crashMaybe();
    post(answer);
  };
}
await import("../../main/io/journal/journal-worker.ts");
