/**
 * Appends events that count up to several journals at once until it is killed, and tells its parent what each answered for. It
 * begins when it is told the numbers they go on from: whoever waits for many such children has the next one ready.
 */
import { openJournal } from "../../main/io/journal/event-journal.ts";
import { anEvent, realWorker } from "./journal-samples.ts";

const dirs = process.argv.slice(2);

async function append(dir: string, index: number, from: number): Promise<void> {
  const journal = await openJournal({ dir, worker: realWorker });
  for (let n = from; ; ) {
    // Sometimes one block, sometimes more.
    const count = n % 7 === 0 ? 300 : 3;
    const batch = Array.from({ length: count }, () => anEvent({ data: String(++n) }));
    await journal.append("orders", batch, String(n));
    process.send?.([index, n]);
  }
}

process.once("message", (from: readonly number[]) => {
  for (const [index, dir] of dirs.entries()) void append(dir, index, from[index] ?? 0);
});
process.send?.("ready");
