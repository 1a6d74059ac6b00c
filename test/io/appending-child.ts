/** Appends events that count up until it is killed, and tells its parent what the journal answered for. */
import { openJournal } from "../../main/io/journal/event-journal.ts";
import { anEvent, realWorker } from "./journal-samples.ts";

const [dir = "", from = "0"] = process.argv.slice(2);
const journal = await openJournal({ dir, worker: realWorker });
for (let n = Number(from); ; ) {
  const batch = [++n, ++n, ++n];
  await journal.append(
    "orders",
    batch.map((data) => anEvent({ data: String(data) })),
    String(n),
  );
  process.send?.(n);
}
