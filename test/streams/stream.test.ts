/** One stream: what it keeps of its events, where it goes on from, what is known of it, and how it ends. */
import { expect, it } from "vitest";
import { aPlan, settle } from "../fakes/stream-world.ts";
import { address, aStream, batchMs } from "./held-stream.ts";

it("keeps an event as it came, with where it came from, when, and over which connection", async () => {
  const { begin, clock, events, told } = aStream();
  (await begin()).opens({ address: "https://b.example/moved" }).says("7", { type: "price", flags: ["type-cut"] });
  const [record] = await events();
  expect(record).toEqual({
    stream: "orders",
    endpoint: "https://b.example/moved",
    transport: "sse",
    generation: 1,
    id: "7",
    lastEventId: "7",
    type: "price",
    data: "x",
    bytes: 2,
    receivedAt: clock.utc(),
    mono: clock.mono(),
    flags: ["type-cut"],
  });
  expect(told.recorded.at(-1)).toEqual({ seq: 2, unsaved: false, record });
});

it("tells of its records after a moment, without being asked", async () => {
  const { begin, clock, told } = aStream();
  (await begin()).opens().says("7");
  await clock.advance(batchMs - 1);
  expect(told.recorded).toHaveLength(0);
  await clock.advance(1);
  await settle();
  expect(told.recorded).toHaveLength(2);
});

// Moments after the opening, ms, and which of the events are what the server had kept for us.
it.each<[string, [at: number, replayed: boolean][]]>([
  [
    "what comes at once, and what follows closely",
    [
      [0, true],
      [200, true],
      [450, true],
    ],
  ],
  ["the first after up to a second", [[1000, true]]],
  [
    "nothing that comes first after more than a second",
    [
      [1001, false],
      [1002, false],
    ],
  ],
  [
    "nothing after a pause",
    [
      [10, true],
      [261, false],
      [262, false],
    ],
  ],
  [
    "nothing 5 s after the opening, however close it follows",
    [
      ...Array.from({ length: 25 }, (_, i): [number, boolean] => [i * 200, true]),
      [5000, true],
      [5001, false],
      [5100, false],
    ],
  ],
])("marks as replayed %s", async (_, script) => {
  const { begin, retries, clock, events } = aStream();
  (await begin()).opens().says("before").fails();
  const again = (await retries()).opens();
  const openedAt = clock.mono();
  for (const [at] of script) {
    await clock.advance(openedAt + at - clock.mono());
    again.says(String(at), { flags: ["id-ignored"] });
  }
  const [first, ...rest] = await events();
  expect(first?.flags).toEqual([]);
  expect(rest.map(({ id, flags }) => [Number(id), flags.includes("replayed")])).toEqual(script);
  expect(rest.every(({ flags }) => flags[0] === "id-ignored")).toBe(true);
});

it("marks nothing as replayed when the server was not asked from an id", async () => {
  const { begin, retries, events } = aStream();
  (await begin()).opens().says("0").fails();
  (await retries()).opens({ askedFrom: "" }).says("1");
  expect((await events()).map(({ flags }) => flags)).toEqual([[], []]);
});

it("starts from where the settings say, until the journal knows better", async () => {
  const { begin, retries, transport } = aStream({ lastEventId: "42" });
  (await begin()).opens().says("43").fails();
  await retries();
  expect(transport.connections.map(({ target }) => target.lastEventId)).toEqual(["42", "43"]);
});

it("goes on from the journal's word, not from what it has merely seen", async () => {
  const { begin, retries, journal, stream, transport, told } = aStream();
  const first = (await begin()).opens().says("1");
  await stream.flush();
  journal.refuses.add("append");
  first.says("2").fails();
  expect(stream.facts.lastEventId).toBe("2");
  (await retries()).opens();
  expect(transport.last.target.lastEventId).toBe("1");
  expect(stream.facts.lastEventId).toBe("1");
  expect(told.recorded.filter(({ record }) => "id" in record).map(({ unsaved }) => unsaved)).toEqual([false, true]);
});

it("does not ask before what has come is written", async () => {
  const { begin, redials, journal, transport } = aStream();
  const first = (await begin()).opens().says("1");
  journal.slow = true;
  first.says("2");
  await redials();
  expect(transport.connections).toHaveLength(1);
  journal.slow = false;
  await journal.release();
  expect(transport.connections.map(({ target }) => target.lastEventId)).toEqual(["", "2"]);
});

it("goes on from what it has seen when the journal cannot say", async () => {
  const { begin, retries, journal, transport } = aStream();
  (await begin()).opens().says("1").fails();
  journal.refuses.add("cursor");
  await retries();
  expect(transport.last.target.lastEventId).toBe("1");
});

it("a cursor that comes without an event counts too", async () => {
  const { begin, retries, transport, events } = aStream();
  const first = (await begin()).opens();
  first.tell({ type: "cursor", lastEventId: "9" });
  first.fails();
  await retries();
  expect([transport.last.target.lastEventId, await events()]).toEqual(["9", []]);
});

it("asks for the headers anew at every attempt, and sends the rest as it was told", async () => {
  let token = 0;
  const plan = aPlan({ url: address, method: "POST", body: "{}" });
  const headers = async () => [["Authorization", `Bearer ${++token}`] as const];
  const routes = plan.routes.map((route) => ({ ...route, headers }));
  const { begin, retries, redials, transport } = aStream({ plan: { ...plan, routes } });
  (await begin()).fails();
  await retries();
  await redials();
  expect(transport.connections.map(({ target }) => target.headers[0]?.[1])).toEqual([
    "Bearer 1",
    "Bearer 2",
    "Bearer 3",
  ]);
  expect(transport.last.target).toMatchObject({
    url: address,
    method: "POST",
    body: "{}",
  });
});

it("sends nothing without a secret that it needs, says so, and goes on when it is known again", async () => {
  let headers: [string, string][] | null = null;
  const plan = aPlan({ url: address });
  const routes = plan.routes.map((route) => ({ ...route, headers: async () => headers }));
  const { clock, marks, redials, stream, transport } = aStream({ plan: { ...plan, routes } });
  stream.start();
  await clock.advance(3_600_000);
  expect([transport.connections.length, stream.state.link.phase]).toEqual([0, "halted"]);
  expect(await marks()).toMatchObject([{ mark: "halted", failure: { family: "AUTH", kind: "secret-missing" } }]);
  headers = [["X-Key", "known"]];
  expect((await redials()).target.headers).toEqual(headers);
});

it("knows its facts, through an opening, a loss, an outage, and a stop", async () => {
  const { begin, retries, clock, stream } = aStream();
  const nothing = {
    openedAt: null,
    downSince: null,
    lastByteAt: null,
    lastEventAt: null,
    server: null,
    lastFailure: null,
  };
  expect(stream.facts).toMatchObject({ ...nothing, events: 0, bytes: 0, lastEventId: "", httpVersion: null });
  const first = (await begin()).opens({ server: "nginx", httpVersion: "2" });
  const openedAt = clock.utc();
  expect(stream.facts).toMatchObject({ openedAt, lastByteAt: openedAt, server: "nginx", httpVersion: "2" });
  await clock.advance(1000);
  first.says("1");
  await clock.advance(1000);
  first.tell({ type: "bytes", count: 5 });
  expect(stream.facts).toMatchObject({
    events: 1,
    bytes: 15,
    lastEventAt: openedAt + 1000,
    lastByteAt: openedAt + 2000,
  });
  first.fails();
  const downSince = clock.utc();
  expect(stream.facts).toMatchObject({ openedAt: null, downSince, lastFailure: { kind: "ended" }, lastEventId: "1" });
  (await retries()).fails({ what: "deadline", deadline: "headers", afterMs: 1 });
  expect(stream.facts).toMatchObject({ downSince, lastFailure: { kind: "headers-timeout" } });
  (await retries()).opens();
  expect(stream.facts).toMatchObject({ openedAt: clock.utc(), downSince: null, events: 1 });
  stream.stop();
  expect(stream.facts).toMatchObject({ openedAt: null, downSince: null });
  expect(stream.utcOf(clock.mono() - 5)).toBe(clock.utc() - 5);
});

it("remembers the grade it had before the loss, through all of the outage", async () => {
  const { begin, redials, retries, stream } = aStream();
  (await begin()).opens();
  // Three times to headers make a grade.
  for (let i = 0; i < 2; i++) (await redials()).opens();
  expect([stream.grade, stream.state.gradeBefore]).toEqual(["EXCELLENT", "UNKNOWN"]);
  (await redials()).opens().fails();
  for (let i = 0; i < 4; i++) (await retries()).fails();
  expect([stream.grade, stream.state.gradeBefore]).toEqual(["POOR", "EXCELLENT"]);
});

it("tells of what a person could notice, and of comments, and of nothing else", async () => {
  const { begin, clock, told } = aStream();
  const first = (await begin()).opens();
  for (let i = 0; i < 5; i++) first.says(String(i)).tell({ type: "comment", text: `hb ${i}`, isOpen: false });
  await clock.advance(60_000);
  first.says("9").fails();
  expect(told.moved.map(([type, { link }]) => `${type} ${"health" in link ? link.health : link.phase}`)).toEqual([
    "start connecting",
    "opened live",
    "timer silent",
    "bytes live",
    "failed waiting",
  ]);
  expect(told.comments).toEqual(["hb 0", "hb 1", "hb 2", "hb 3", "hb 4"]);
});

it("stops reading while more than 16 MiB wait for the disk, and loses nothing of it", async () => {
  const { begin, journal, clock, transport, events } = aStream();
  const first = (await begin()).opens();
  journal.slow = true;
  first.says("1", { data: "x".repeat(9 * 1024 * 1024) });
  expect(first.done).toEqual(["pause"]);
  await clock.advance(600_000);
  expect([transport.connections.length, first.done]).toEqual([1, ["pause"]]);
  journal.slow = false;
  await journal.release();
  expect(first.done).toEqual(["pause", "resume"]);
  first.says("2");
  expect((await events()).map(({ id }) => id)).toEqual(["1", "2"]);
});

it("close writes what is left, and no pause: the user paused nothing", async () => {
  const { begin, stream, journal, marks, events, clock } = aStream();
  const first = (await begin()).opens().says("1");
  journal.slow = true;
  let closed = false;
  const closing = stream.close().then(() => (closed = true));
  await settle();
  expect([first.done, closed]).toEqual([["close"], false]);
  await journal.release();
  await closing;
  journal.slow = false;
  first.says("2").fails();
  expect((await events()).map(({ id }) => id)).toEqual(["1"]);
  expect((await marks()).map(({ mark }) => mark)).toEqual(["opened"]);
  expect([await journal.cursor("orders"), clock.timers]).toEqual(["1", 0]);
});

it.each([
  [0, true],
  [4999, true],
  [5000, false],
  [9999, false],
  [10_000, true],
])("is told once that it woke after %s ms of stall, and whether that was a sleep: %s", async (stalledMs, slept) => {
  const { begin, stream } = aStream();
  (await begin()).opens();
  stream.wake(stalledMs);
  const events = stream.recording.flatMap(({ steps }) => steps.map(({ event }) => event));
  expect(events.filter(({ type }) => type === "wake" || type === "suspend")).toEqual([
    { type: "wake", stalledMs, slept },
  ]);
});
