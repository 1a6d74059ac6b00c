/** Between a stream and its journal: batches, order, the cursor beside its records, and when too much is waiting. */
import { expect, it, vi } from "vitest";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { JournalWriter, type Recorded } from "../../main/streams/journal-writer.ts";
import { settle, streamWorld } from "../fakes/stream-world.ts";
import { aMark, anEvent } from "../io/journal-samples.ts";

const batchMs = 100;

function aWriter(done: (batch: Recorded) => void = () => {}) {
  const { clock, journal } = streamWorld();
  const told: { seq: number | undefined; unsaved: boolean; record: ReceivedEvent | Mark }[] = [];
  const writer = new JournalWriter("orders", journal, clock, batchMs, (batch) => {
    const { records, seqs, unsaved } = batch;
    told.push(...records.map((record, at) => ({ seq: seqs[at], unsaved, record })));
    done(batch);
  });
  const sizes = () => journal.appends.map(({ records }) => records.length);
  return { writer, clock, journal, told, sizes };
}

const nth = (i: number): ReceivedEvent => anEvent({ data: String(i), lastEventId: String(i) });
const datas = (records: readonly (ReceivedEvent | Mark)[]) => records.map((one) => ("data" in one ? one.data : "mark"));
const many = (count: number) => Array.from({ length: count }, (_, i) => i);

it("collects for a moment, counted from the first record, and then appends in the order of coming", async () => {
  const { writer, clock, journal, told, sizes } = aWriter();
  writer.add(nth(0), null);
  await clock.advance(60);
  writer.add(aMark(), null);
  await clock.advance(39);
  expect(sizes()).toEqual([]);
  await clock.advance(1);
  await settle();
  expect(journal.appends.map(({ stream, records }) => [stream, datas(records)])).toEqual([["orders", ["0", "mark"]]]);
  expect(told.map(({ seq, unsaved, record }) => [seq, unsaved, datas([record])[0]])).toEqual([
    [1, false, "0"],
    [2, false, "mark"],
  ]);
  await clock.advance(batchMs);
  expect([sizes(), clock.timers]).toEqual([[2], 0]);
});

it("does not wait longer when 200 have come", async () => {
  const { writer, clock, sizes } = aWriter();
  for (const i of many(199)) writer.add(nth(i), null);
  await settle();
  expect(sizes()).toEqual([]);
  for (const i of many(2)) writer.add(nth(199 + i), null);
  await settle();
  expect(sizes()).toEqual([200]);
  await clock.advance(batchMs);
  expect(sizes()).toEqual([200, 1]);
});

it("writes one batch at a time, in order: what comes while the journal writes is the next one, whole", async () => {
  const { writer, journal, told, sizes } = aWriter();
  journal.slow = true;
  for (const i of many(600)) writer.add(nth(i), null);
  await settle();
  expect([sizes(), told.length]).toEqual([[200], 0]);
  await journal.release();
  expect([sizes(), told.length]).toEqual([[200, 400], 200]);
  await journal.release();
  expect(datas(told.map(({ record }) => record))).toEqual(many(600).map(String));
  expect(told.map(({ seq }) => seq)).toEqual(many(600).map((i) => i + 1));
});

it("gives the newest cursor in the same append as its records, and once", async () => {
  const { writer, journal } = aWriter();
  writer.add(nth(1), "1");
  writer.add(nth(2), "2");
  writer.add(aMark(), null);
  await writer.flush();
  writer.add(aMark(), null);
  await writer.flush();
  writer.moveCursor("");
  await writer.flush();
  expect(journal.appends.map(({ records, cursor }) => [datas(records), cursor])).toEqual([
    [["1", "2", "mark"], "2"],
    [["mark"], null],
    [[], ""],
  ]);
});

it("a cursor that moves without a record is written after a moment too", async () => {
  const { writer, clock, journal, told } = aWriter();
  writer.moveCursor("9");
  await clock.advance(batchMs);
  await settle();
  expect([await journal.cursor("orders"), told]).toEqual(["9", []]);
});

it("flush waits for everything that was added before it, also for what is already on its way", async () => {
  const { writer, journal, told } = aWriter();
  journal.slow = true;
  let flushed = 0;
  writer.add(nth(1), null);
  void writer.flush();
  writer.add(nth(2), null);
  void writer.flush().then(() => flushed++);
  void writer.flush().then(() => flushed++);
  await settle();
  await journal.release();
  expect([flushed, told.length]).toEqual([0, 1]);
  await journal.release();
  expect([flushed, told.length]).toEqual([2, 2]);
  await aWriter().writer.flush();
});

it("is full above 16 MiB of waiting text, and has drained below half of that, which it says once", async () => {
  const { writer, journal } = aWriter();
  journal.slow = true;
  const fourMiB = anEvent({ data: "x".repeat(2 * 1024 * 1024) });
  const full: boolean[] = [];
  for (const _ of many(5)) {
    writer.add(fourMiB, null);
    void writer.flush();
    full.push(writer.full);
  }
  // Four of them are 16 MiB, and each record costs a little beside its text.
  expect(full).toEqual([false, false, false, true, true]);
  let drained = 0;
  writer.whenDrained(() => drained++);
  const after: [boolean, number][] = [];
  await settle();
  for (const _ of many(5)) {
    await journal.release();
    after.push([writer.full, drained]);
  }
  // Left: 16 MiB, 12, 8 and a little, 4, nothing.
  expect(after).toEqual([
    [true, 0],
    [false, 0],
    [false, 0],
    [false, 1],
    [false, 1],
  ]);
});

it("counts what waits, the most that has waited, how often reading stopped, and what the journal did not take", async () => {
  const { writer, journal } = aWriter();
  expect(writer.counters).toEqual({ bytes: 0, mostBytes: 0, pauses: 0, unsaved: 0 });
  journal.slow = true;
  for (const _ of many(2)) writer.add(anEvent({ data: "x".repeat(5 * 1024 * 1024) }), null);
  const waited = writer.counters.bytes;
  expect(waited).toBeGreaterThan(20 * 1024 * 1024);
  writer.whenDrained(() => {});
  const flushed = writer.flush();
  await settle();
  await journal.release();
  await flushed;
  expect(writer.counters).toEqual({ bytes: 0, mostBytes: waited, pauses: 1, unsaved: 0 });
  journal.slow = false;
  journal.refuses.add("append");
  for (const i of many(3)) writer.add(nth(i), null);
  await writer.flush();
  expect(writer.counters).toEqual({ bytes: 0, mostBytes: waited, pauses: 1, unsaved: 3 });
});

it("an append that is refused leaves its records unsaved, and takes nothing of the later ones along", async () => {
  const { writer, journal, told } = aWriter();
  journal.refuses.add("append");
  writer.add(nth(1), "1");
  await writer.flush();
  journal.refuses.clear();
  writer.add(nth(2), "2");
  await writer.flush();
  expect(told.map(({ seq, unsaved, record }) => [seq, unsaved, datas([record])[0]])).toEqual([
    [0, true, "1"],
    [1, false, "2"],
  ]);
  expect(writer.full).toBe(false);
});

it("what was refused does not wait for the disk any more", async () => {
  const { writer, journal } = aWriter();
  journal.refuses.add("append");
  writer.add(anEvent({ data: "x".repeat(9 * 1024 * 1024) }), null);
  expect(writer.full).toBe(true);
  let drained = false;
  writer.whenDrained(() => (drained = true));
  await writer.flush();
  expect([writer.full, drained]).toEqual([false, true]);
});

it("an observer that throws does not stop the writing, nor the reading that waits for it; its fault is told", async () => {
  const faults: unknown[] = [];
  vi.stubGlobal("queueMicrotask", (task: () => void) => {
    try {
      task();
    } catch (error) {
      faults.push(error);
    }
  });
  const fault = new Error("listener");
  const { writer, journal, sizes } = aWriter(() => {
    if (faults.length === 0) throw fault;
  });
  let drained = false;
  writer.whenDrained(() => (drained = true));
  writer.add(nth(1), "1");
  await writer.flush();
  writer.add(nth(2), "2");
  await writer.flush();
  expect([sizes(), await journal.cursor("orders"), drained, faults]).toEqual([[1, 1], "2", true, [fault]]);
});

it("calls again who asks again while he is being called", async () => {
  const { writer } = aWriter();
  const long = anEvent({ data: "x".repeat(9 * 1024 * 1024) });
  let drained = 0;
  writer.whenDrained(() => {
    drained++;
    writer.add(long, null);
    writer.whenDrained(() => drained++);
  });
  writer.add(long, null);
  await writer.flush();
  expect([drained, writer.full]).toEqual([1, true]);
  await writer.flush();
  expect([drained, writer.full]).toEqual([2, false]);
});
