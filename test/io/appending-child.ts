/**
 * Appends events that count up until it is killed, and tells its parent what the journal answered for. It begins when it is told
 * the number it goes on from: whoever waits for many of them has the next one ready.
 */
import { openJournal } from "../../main/io/journal/event-journal.ts";
import { anEvent, realWorker } from "./journal-samples.ts";

const [dir = ""] = process.argv.slice(2);
process.once("message", async (from: number) => {
  const journal = await openJournal({ dir, worker: realWorker });
  for (let n = from; ; ) {
    // Sometimes one, sometimes more than one block.
    const count = n % 7 === 0 ? 300 : 3;
    const batch = Array.from({ length: count }, () => anEvent({ data: String(++n) }));
    await journal.append("orders", batch, String(n));
    process.send?.(n);
  }
});
process.send?.("ready");
