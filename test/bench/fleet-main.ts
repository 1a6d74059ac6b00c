/**
 * `npm run bench:fleet`: the fleet and the flaky day, ten seeds each, over two threads. Rows go to stdout, as a table or
 * with `--json` as one array; progress goes to stderr. Exit code 1 when a row misses its bar.
 */
import { Worker } from "node:worker_threads";
import { dayRows, dayTable } from "./flaky-day-rows.ts";
import { type Figures, judged, type Row, summary } from "./fleet-rows.ts";
import { fleetTable } from "./fleet-table.ts";
import { type Task, tasksOf } from "./fleet-tasks.ts";
import { machine } from "./measure.ts";

const threads = 2;
const args = process.argv.slice(2);
const json = args.includes("--json");
const tableOnly = args.includes("--table");
const clients = Number(args[args.indexOf("--clients") + 1]);
const fleet = args.includes("--clients") ? clients : 100_000;

if (!Number.isSafeInteger(fleet) || fleet < 100) {
  process.stderr.write("--clients takes a whole number, 100 or more.\n");
  process.exit(2);
}

const startedAt = performance.now();
const rows = tableOnly ? [] : rowsOf(await figures(tasksOf(fleet)));
const day = await dayRows((words) => process.stderr.write(`${words}\n`));
if (json) {
  process.stdout.write(`[\n${[...rows, ...day].map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
} else {
  process.stdout.write(`${machine()}\n`);
  if (rows.length > 0) process.stdout.write(`\n${fleetTable(rows)}\n`);
  process.stdout.write(`\n${dayTable(day)}\n`);
}
process.stderr.write(`${Math.round((performance.now() - startedAt) / 1000)} s\n`);
process.exitCode = [...rows, ...day].every((row) => row.holds !== false) ? 0 : 1;

/** Runs all tasks; a thread gets the next one when it has answered. */
async function figures(tasks: readonly Task[]): Promise<readonly (readonly [Task, Figures])[]> {
  const done: (readonly [Task, Figures])[] = [];
  const queue = [...tasks];
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL("fleet-worker.ts", import.meta.url));
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        done.push([task, await ask(worker, task)]);
        const since = Math.round((performance.now() - startedAt) / 1000);
        process.stderr.write(`${done.length}/${tasks.length} after ${since} s: ${task.policy} ${task.outageS} s\n`);
      }
      await worker.terminate();
    }),
  );
  return done;
}

function ask(worker: Worker, task: Task): Promise<Figures> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answer: Figures) => {
      worker.off("error", reject);
      resolve(answer);
    });
    worker.postMessage(task);
  });
}

function rowsOf(done: readonly (readonly [Task, Figures])[]): readonly Row[] {
  const groups = Map.groupBy(done, ([{ policy, outageS }]) => `${policy} ${outageS}`);
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [{ policy, outageS, clients }] = first;
    const runs = group.map(([, one]) => one);
    const row: Row = { policy, clients, outageS, ...summary(runs, "median"), worst: summary(runs, "worst") };
    return [row];
  });
  const order = tasksOf(fleet).map(({ policy }) => policy);
  rows.sort((a, b) => order.indexOf(a.policy) - order.indexOf(b.policy) || a.outageS - b.outageS);
  const rival = (outageS: number) => rows.find((row) => row.policy === "launchdarkly" && row.outageS === outageS);
  return rows.map((row) => judged(row, rival(row.outageS)));
}
