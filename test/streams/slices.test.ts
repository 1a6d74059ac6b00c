/** What one read completes is one step and one slice; what is kept of it is the same as if each event had come by itself. */
import { expect, it } from "vitest";
import { sliceOf } from "../../main/core/connection/connection-state.ts";
import { anArrival, settle } from "../fakes/stream-world.ts";
import { aStream } from "./held-stream.ts";

const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => anArrival(String(from + i)));

it("is counted whole, at one moment, by one step of the machine", async () => {
  const { begin, stream, clock } = aStream();
  const connection = (await begin()).opens();
  await clock.advance(1000);
  connection.tell({ type: "bytes", count: 30 });
  connection.tell(sliceOf(upTo(3)));
  expect(stream.facts).toMatchObject({ events: 3, bytes: 30, lastEventId: "3", lastEventAt: clock.utc() });
  expect(stream.state.link).toMatchObject({ events: 3, wordAt: clock.mono(), pendingSince: null });
  expect(stream.recording.at(-1)?.steps.at(-1)?.event).toEqual({
    type: "events",
    count: 3,
    stamps: [],
    events: [],
    generation: 1,
  });
});

it("has its marks where they belong between its events", async () => {
  const run = aStream();
  (await run.begin()).opens().tell(sliceOf([...upTo(25), ...upTo(31, 30)]));
  await run.stream.flush();
  const records = run.journal.appends.flatMap((append) => append.records);
  const told = records.map((record) => ("mark" in record ? record.mark : record.id));
  expect(told.slice(-4)).toEqual(["25", "gap", "30", "31"]);
});

it("loses at its beginning what was here already, and nothing behind the first unseen id", async () => {
  const run = aStream();
  (await run.begin()).opens().tell(sliceOf(upTo(3)));
  run.transport.last.fails();
  (await run.retries()).opens().tell(sliceOf([...upTo(4, 2), ...upTo(4, 3)]));
  expect((await run.events()).map(({ id }) => id)).toEqual(["1", "2", "3", "4", "3", "4"]);
  expect(run.stream.facts).toMatchObject({ events: 6, duplicates: 2, lastEventId: "4" });
});

it("goes to the journal in batches, each with the cursor of its own last event", async () => {
  const run = aStream();
  (await run.begin()).opens();
  await run.stream.flush();
  const before = run.journal.appends.length;
  run.transport.last.tell(sliceOf(upTo(450)));
  await settle();
  await run.stream.flush();
  const appends = run.journal.appends.slice(before);
  expect(appends.map(({ records, cursor }) => [records.length, cursor])).toEqual([
    [200, "200"],
    [250, "450"],
  ]);
});

it("stops the reading where too much waits for the disk, and drops nothing of what has come", async () => {
  const run = aStream();
  run.journal.slow = true;
  const connection = (await run.begin()).opens();
  const large = "x".repeat(1024 * 1024);
  connection.tell(sliceOf(upTo(10).map((one) => ({ ...one, data: large }))));
  expect(connection.done).toEqual(["pause"]);
  while (run.journal.waiting.length > 0) await run.journal.release();
  run.journal.slow = false;
  expect((await run.events()).length).toBe(10);
  expect(connection.done).toEqual(["pause", "resume"]);
});
