/** What a stream writes between its events: openings, losses, stops, and where something may be missing. */
import { expect, it } from "vitest";
import { status } from "../core/play.ts";
import type { FakeConnection } from "../fakes/stream-world.ts";
import { aStream } from "./held-stream.ts";

const gone = status(410);

it("opened: how long the headers took; nothing of a loss, nor of an id, when there was none", async () => {
  const { begin, clock, marks } = aStream();
  (await begin()).opens();
  expect(await marks()).toEqual([
    { stream: "orders", at: clock.utc(), mark: "opened", failure: null, params: { headersMs: 30 } },
  ]);
});

it("lost: how long it was open, since when it was mute and when it is tried again; then how long it was away", async () => {
  const { begin, retries, clock, stream, marks } = aStream();
  const first = (await begin()).opens();
  await clock.advance(5000);
  first.says("7");
  await clock.advance(2000);
  first.fails();
  const lostAt = clock.utc();
  const { link } = stream.state;
  if (link.phase !== "waiting") throw new Error(link.phase);
  (await retries()).opens();
  const [, lost, reopened] = await marks();
  expect(lost).toMatchObject({ mark: "lost", at: lostAt, failure: { kind: "ended" } });
  expect(lost?.params).toEqual({
    openMs: 7000,
    sinceByteMs: 2000,
    retryInMs: link.delayMs,
    attempt: 1,
    rule: "family",
  });
  expect(reopened?.params).toEqual({ headersMs: 30, afterMs: link.delayMs + 30, askedFrom: "7" });
});

it("an attempt that never opened is lost without times, and counts up", async () => {
  const { begin, retries, marks } = aStream();
  (await begin()).fails();
  (await retries()).fails();
  const lost = await marks();
  expect(lost.map(({ mark, params }) => [mark, Object.keys(params), params["attempt"]])).toEqual([
    ["lost", ["retryInMs", "attempt", "rule"], 1],
    ["lost", ["retryInMs", "attempt", "rule"], 2],
  ]);
});

it("a deadline is a loss like any other", async () => {
  const { begin, clock, marks } = aStream();
  await begin();
  await clock.advance(10_000);
  expect(await marks()).toMatchObject([{ mark: "lost", failure: { kind: "connect-timeout" } }]);
});

it("halted: the failure, and nothing of a next attempt", async () => {
  const { begin, clock, marks, transport } = aStream();
  (await begin()).fails(gone);
  expect(await marks()).toMatchObject([{ mark: "halted", failure: { kind: "gone", final: true }, params: {} }]);
  expect((await marks())[0]?.params).toEqual({});
  await clock.advance(3_600_000);
  expect(transport.connections).toHaveLength(1);
});

it.each<[string, (connection: FakeConnection) => void, string[]]>([
  ["connecting", () => {}, ["paused"]],
  ["open", (connection) => connection.opens(), ["opened", "paused"]],
  ["waiting", (connection) => connection.fails(), ["lost", "paused"]],
  ["halted", (connection) => connection.fails(gone), ["halted", "paused"]],
])("paused: once, when the user stops it while it is %s", async (_, become, expected) => {
  const { begin, stream, marks } = aStream();
  become(await begin());
  stream.stop();
  stream.stop();
  expect((await marks()).map(({ mark }) => mark)).toEqual(expected);
});

it("a stream that never ran has nothing to pause", async () => {
  const { stream, marks } = aStream();
  stream.stop();
  expect(await marks()).toEqual([]);
});

const gaps = async (marks: () => ReturnType<ReturnType<typeof aStream>["marks"]>) =>
  (await marks()).filter(({ mark }) => mark === "gap").map(({ params }) => params);

it("gap id-not-sent: the server was not asked from where we stand", async () => {
  const { begin, retries, marks } = aStream();
  (await begin()).opens().says("7").fails();
  (await retries()).opens({ askedFrom: "" });
  expect(await gaps(marks)).toEqual([{ reason: "id-not-sent", from: "7" }]);
});

it("gap id-not-sent: also at the first opening, when the user said where to start", async () => {
  const { begin, marks } = aStream({ lastEventId: "42" });
  (await begin()).opens({ askedFrom: "" });
  expect(await gaps(marks)).toEqual([{ reason: "id-not-sent", from: "42" }]);
});

it("gap no-ids: after a loss of a stream that has none, from the loss to now, at every loss anew", async () => {
  const { begin, retries, clock, marks } = aStream();
  (await begin()).opens().says(null).fails();
  const lost = [clock.utc()];
  const second = await retries();
  second.opens();
  const back = [clock.utc()];
  await clock.advance(1000);
  second.says(null).fails();
  lost.push(clock.utc());
  (await retries()).opens();
  back.push(clock.utc());
  expect(await gaps(marks)).toEqual([
    { reason: "no-ids", fromAt: lost[0], toAt: back[0] },
    { reason: "no-ids", fromAt: lost[1], toAt: back[1] },
  ]);
});

it("gap no-ids: begins with the loss, however often it is tried in vain meanwhile", async () => {
  const { begin, retries, clock, marks } = aStream();
  (await begin()).opens().fails();
  const fromAt = clock.utc();
  (await retries()).fails();
  (await retries()).opens();
  expect(await gaps(marks)).toEqual([{ reason: "no-ids", fromAt, toAt: clock.utc() }]);
});

it("gap no-ids: also when the user asks for a new connection while one is open", async () => {
  const { begin, redials, clock, marks } = aStream();
  (await begin()).opens().says(null);
  const fromAt = clock.utc();
  (await redials()).opens();
  expect(await gaps(marks)).toEqual([{ reason: "no-ids", fromAt, toAt: clock.utc() }]);
});

it.each<[string, (run: ReturnType<typeof aStream>) => Promise<unknown>]>([
  [
    "the server was asked from the last id",
    async ({ begin, retries }) => {
      (await begin()).opens().says("7").fails();
      (await retries()).opens();
    },
  ],
  [
    "so it was when the user asked for a new connection",
    async ({ begin, redials }) => {
      (await begin()).opens().says("7");
      (await redials()).opens();
    },
  ],
  [
    "it never was open before",
    async ({ begin, retries }) => {
      (await begin()).fails();
      (await retries()).opens();
    },
  ],
  ["it opens for the first time", async ({ begin }) => (await begin()).opens()],
])("no gap when %s", async (_, live) => {
  const run = aStream();
  await live(run);
  expect((await run.marks()).at(-1)?.mark).toBe("opened");
  expect(await gaps(run.marks)).toEqual([]);
});

it("gap event-too-large: where it was passed over, and how large it was; the connection goes on", async () => {
  const { begin, marks, stream } = aStream();
  (await begin()).opens().says("7").tell({ type: "skipped", reason: "event-too-large", bytes: 99_000_000 });
  expect(await gaps(marks)).toEqual([{ reason: "event-too-large", from: "7", bytes: 99_000_000 }]);
  expect(stream.state.link.phase).toBe("open");
});

it("records stand in the order in which things happened", async () => {
  const { begin, retries, stream, marks, journal } = aStream();
  (await begin()).opens().says("7").fails();
  (await retries()).opens({ askedFrom: "" }).says("8");
  await marks();
  const order = journal.appends.flatMap(({ records }) => records.map((one) => ("mark" in one ? one.mark : one.id)));
  expect(order).toEqual(["opened", "7", "lost", "opened", "gap", "8"]);
  expect(stream.facts.events).toBe(2);
});
