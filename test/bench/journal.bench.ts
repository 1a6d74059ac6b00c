/**
 * What the journal costs as the app uses it: appends of 200 events of 180 bytes through its worker, then a million kept: rows from
 * any place, the newest, a jump to a time, an event by number, the size of the file and how long it takes to open.
 *
 * Measured without the thread and its messages (Node 24, ms of processor, a million kept): 0.47 µs an event to pack, 1.5 µs to keep;
 * tail of 40 0.03, window of 60 anywhere 0.19, of one type that every hundredth event has 2.0, place of a time 0.11, an event by
 * number 0.14, 200 events in full 0.21; the directory of 5,000 blocks and the first tail after a start 25; 185 MB on disk.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReceivedEvent } from "../../main/core/events/record.ts";
import { type EventJournal, openJournal } from "../../main/io/journal/event-journal.ts";
import { machine, measure, report } from "./measure.ts";

const kept = 1_000_000;
const batch = 200;
/** Batches under way at once: a stream waits for its batch before it sends the next, some streams do so side by side. */
const sideBySide = 4;
const everything = { types: [], text: "", path: "", from: null, to: null };
const startedAt = 1_800_000_000_000;
const worker = new URL("../../main/io/journal/journal-worker.ts", import.meta.url);
const dir = mkdtempSync(join(tmpdir(), "holdfast-journal-"));

/** 180 bytes of type, id and data. */
function one(n: number): ReceivedEvent {
  const id = String(1_000_000 + n);
  const data = `{"order":${n},"note":"${"x".repeat(180)}`.slice(0, 163);
  const [mono, receivedAt, type] = [
    Math.floor(n / 10),
    startedAt + Math.floor(n / 10),
    n % 100 === 0 ? "order.gone" : "order.paid",
  ];
  const from = { stream: "orders", endpoint: "https://example.org/orders", transport: "sse", generation: 1 } as const;
  return { ...from, id, lastEventId: id, type, data, bytes: 180, receivedAt, mono, flags: [] };
}

async function append(journal: EventJournal, stream: string, count: number): Promise<number> {
  const ready = Array.from({ length: 50 }, (_, b) => Array.from({ length: batch }, (_unused, i) => one(b * batch + i)));
  const from = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < count) {
      const n = sent;
      sent += batch;
      const records =
        stream === "orders" ? Array.from({ length: batch }, (_, i) => one(n + i)) : (ready[(n / batch) % 50] ?? []);
      await journal.append(stream, records, String(n));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  return (count / (performance.now() - from)) * 1000;
}

async function latency(what: string, ask: (random: number) => Promise<unknown>): Promise<void> {
  let worstMs = 0;
  const asked = await measure(
    async () => {
      const from = performance.now();
      for (let n = 0; n < 40; n++) {
        const at = performance.now();
        await ask(((n * 7919) % 1000) / 1000);
        worstMs = Math.max(worstMs, performance.now() - at);
      }
      return (performance.now() - from) / 40;
    },
    true,
    5,
  );
  report(what, asked, `ms (slowest single one ${worstMs.toFixed(1)})`);
}

process.stdout.write(`${machine()}\n`);
let journal = await openJournal({ dir, worker });
let streams = 0;
report("appends", await measure(() => append(journal, `flood-${streams++}`, 100_000), false, 5), "events/s");
for (let n = 0; n < streams; n++) await journal.forget(`flood-${n}`);
await append(journal, "orders", kept);
await journal.close();
const bytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
process.stdout.write(`a million kept: ${(bytes / 1e6).toFixed(0)} MB on disk\n`);

const gone = { ...everything, types: ["order.gone"] };
const opened = async (first: (open: EventJournal) => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  const open = await openJournal({ dir, worker });
  await first(open);
  const tookMs = performance.now() - from;
  await open.close();
  return tookMs;
};
report("open, with the worker's start", await measure(() => opened(async () => undefined), true, 5), "ms");
const first = (open: EventJournal) => open.tail("orders", everything, 40);
report("open and show the newest 40", await measure(() => opened(first), true, 5), "ms");

journal = await openJournal({ dir, worker });
await latency("tail of 40", () => journal.tail("orders", everything, 40));
await latency("window of 60 anywhere", (at) => journal.window("orders", everything, Math.floor(at * (kept - 60)), 60));
await latency("window of 60 anywhere, one type of two", (at) =>
  journal.window("orders", gone, Math.floor(at * 9900), 60),
);
await latency("place of a time", (at) => journal.placeOf("orders", everything, startedAt + Math.floor(at * 100_000)));
await latency("one event by number", (at) => journal.get(Math.floor(at * kept) + 700_000));
await latency("200 events in full", (at) => journal.read("orders", everything, Math.floor(at * kept) + 700_000, 200));
const print = await measure(
  async () => {
    const from = performance.now();
    if ((await journal.recent("orders", 50_000)).length !== 100_000) throw new Error("not all are remembered");
    return performance.now() - from;
  },
  true,
  5,
);
report("fingerprints of the newest 50,000", print, "ms");
await journal.close();
rmSync(dir, { recursive: true });
