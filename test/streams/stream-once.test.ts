/** Each event is kept once: what comes again after a reconnect, what only looks like it, and what never came. */
import { expect, it } from "vitest";
import { refused, status } from "../core/play.ts";
import { aPlan, type FakeConnection } from "../fakes/stream-world.ts";
import { address, aStream, grouped, withSocket } from "./held-stream.ts";

const kept = async ({ events }: ReturnType<typeof aStream>) =>
  (await events()).map(({ id, data, flags }) => [id, data, ...flags.filter((flag) => flag !== "replayed")]);

it("drops what comes again after a reconnect, and counts it", async () => {
  const run = aStream();
  (await run.begin()).opens().says("1").says("2").says("3").fails();
  (await run.retries()).opens().says("2").says("3").says("4");
  expect(await kept(run)).toEqual([
    ["1", "x"],
    ["2", "x"],
    ["3", "x"],
    ["4", "x"],
  ]);
  expect([run.stream.facts.events, run.stream.facts.duplicates]).toEqual([4, 2]);
});

it("asks for what follows the last new event, also when only old ones came again", async () => {
  const run = aStream();
  (await run.begin()).opens().says("1").says("2").fails();
  (await run.retries()).opens().says("1").fails();
  await run.retries();
  expect(run.transport.last.target.lastEventId).toBe("2");
});

it("keeps an old id that says something new, and marks it", async () => {
  const run = aStream();
  (await run.begin()).opens().says("1").says("2").fails();
  (await run.retries()).opens().says("2", { data: "other" }).says("2", { type: "price" });
  expect(await kept(run)).toEqual([
    ["1", "x"],
    ["2", "x"],
    ["2", "other", "id-reused"],
    ["2", "x", "id-reused"],
  ]);
  expect(run.stream.facts.duplicates).toBe(0);
});

it("drops nothing once something new has come, however often it is said", async () => {
  const run = aStream();
  (await run.begin()).opens().says("1").says("2").fails();
  (await run.retries()).opens().says("3").says("2").says("3").says("3");
  expect((await kept(run)).map(([id]) => id)).toEqual(["1", "2", "3", "2", "3", "3"]);
});

it("takes no block without an id for one that was there before", async () => {
  const run = aStream();
  (await run.begin()).opens().says("1").says(null).fails();
  (await run.retries()).opens().says(null).says("1").says(null);
  expect((await kept(run)).map(([id]) => id)).toEqual(["1", null, null, null]);
  expect(run.stream.facts.duplicates).toBe(1);
});

it("takes again what the journal could not keep", async () => {
  const run = aStream();
  const { journal, stream } = run;
  const first = (await run.begin()).opens().says("1");
  await stream.flush();
  journal.unsaved = true;
  first.says("2");
  await stream.flush();
  journal.unsaved = false;
  first.fails();
  (await run.retries()).opens().says("1").says("2").says("3");
  await stream.flush();
  expect(run.transport.last.target.lastEventId).toBe("1");
  const saved = run.told.recorded.filter(({ record, unsaved }) => "id" in record && !unsaved);
  expect(saved.map(({ record }) => "id" in record && record.id)).toEqual(["1", "2", "3"]);
  expect(stream.facts.duplicates).toBe(1);
});

it("takes again what the journal could not keep, on a connection that does not ask by id too", async () => {
  const run = aStream();
  const { journal, stream } = run;
  const first = (await run.begin()).opens().says("1");
  await stream.flush();
  journal.unsaved = true;
  first.says("2");
  await stream.flush();
  journal.unsaved = false;
  journal.refuses.add("recent");
  first.fails();
  // A server that cannot take the id is asked without it the next time.
  (await run.retries()).fails(status(431));
  journal.refuses.clear();
  const again = await run.retries();
  expect(again.target.lastEventId).toBe("");
  again.opens().says("1").says("2").says("3");
  await stream.flush();
  const saved = run.told.recorded.filter(({ record, unsaved }) => "id" in record && !unsaved);
  expect(saved.map(({ record }) => "id" in record && record.id)).toEqual(["1", "2", "3"]);
  expect(stream.facts.duplicates).toBe(1);
});

it("drops nothing as a duplicate that it cannot know to be kept, until the journal has said what is", async () => {
  const run = aStream();
  const { journal, stream } = run;
  const first = (await run.begin()).opens().says("1");
  journal.unsaved = true;
  await stream.flush();
  journal.unsaved = false;
  journal.refuses.add("recent");
  first.fails();
  (await run.retries()).opens().says("1");
  await stream.flush();
  const saved = run.told.recorded.filter(({ record, unsaved }) => "id" in record && !unsaved);
  expect(saved.map(({ record }) => "id" in record && record.id)).toEqual(["1"]);
});

it("asks the journal again what it has, when it could not say so the first time", async () => {
  const before = aStream();
  (await before.begin()).opens().says("1").says("2");
  await before.stream.close();
  const run = aStream({}, {}, before);
  run.journal.refuses.add("recent");
  (await run.begin()).fails();
  run.journal.refuses.clear();
  (await run.retries()).opens().says("2").says("3");
  expect((await kept(run)).map(([id]) => id)).toEqual(["1", "2", "3"]);
});

it("knows after a restart what the journal has", async () => {
  const before = aStream();
  (await before.begin()).opens().says("1").says("2");
  await before.stream.close();
  const run = aStream({}, {}, before);
  (await run.begin()).opens().says("2").says("3");
  expect(run.transport.last.target.lastEventId).toBe("2");
  expect((await kept(run)).map(([id]) => id)).toEqual(["1", "2", "3"]);
});

it("goes on when the journal cannot say what it has", async () => {
  const run = aStream();
  run.journal.refuses.add("recent");
  (await run.begin()).opens().says("1").fails();
  (await run.retries()).opens().says("1").says("2");
  expect((await kept(run)).map(([id]) => id)).toEqual(["1", "2"]);
});

it.each([
  ["a further address", grouped, "transport"],
  ["a WebSocket", withSocket, "socket"],
] as const)("takes its cursor along to %s, and knows there what it had", async (_, ways, to) => {
  const run = aStream({ plan: aPlan(ways) });
  (await run.begin()).opens().says("1").says("2").fails();
  const tried = () => [...run.transport.connections, ...run.socket.connections];
  const isOther = ({ target: { url } }: FakeConnection) => url !== address;
  for (let i = 0; i < 600 && !tried().some(isOther); i++) {
    await run.clock.advance(1000);
    for (const made of tried()) if (!isOther(made)) made.fails(refused);
  }
  const other = run[to].last;
  expect(other.target).toMatchObject({
    url: to === "socket" ? "wss://a.example/socket" : "https://b.example/orders",
    lastEventId: "2",
  });
  other.opens().says("2").says("3");
  const events = await run.events();
  expect(events.map(({ id, transport }) => [id, transport])).toEqual([
    ["1", "sse"],
    ["2", "sse"],
    ["3", to === "socket" ? "websocket" : "sse"],
  ]);
  expect(events.at(-1)?.endpoint).toBe(other.target.url);
});

const gaps = async ({ journal, stream }: ReturnType<typeof aStream>) => {
  await stream.flush();
  const records = journal.appends.flatMap((append) => append.records);
  return records.map((one) => ("mark" in one ? (one.mark === "gap" ? one.params : one.mark) : one.id));
};

it("gap ids-missing: counted ids that leave some out after a reconnect, before the event that shows it", async () => {
  const run = aStream();
  const first = (await run.begin()).opens();
  for (let n = 1; n <= 6; n++) first.says(`${n}`);
  first.fails();
  (await run.retries()).opens().says("9").says("10");
  const gap = { reason: "ids-missing", from: "6", to: "9", missing: 2 };
  expect((await gaps(run)).slice(-5)).toEqual(["lost", "opened", gap, "9", "10"]);
});

it("gap ids-missing: none where duplicates come first, nor where ids were never counted one by one", async () => {
  const run = aStream();
  const first = (await run.begin()).opens();
  for (let n = 1; n <= 6; n++) first.says(`${n}`);
  first.fails();
  const second = (await run.retries()).opens().says("5").says("6").says("7").says("20").fails();
  expect(second.closed).toBe(true);
  (await run.retries()).opens().says("40");
  expect((await gaps(run)).filter((one) => typeof one === "object" && one !== null)).toEqual([]);
});

it("asks the better address, to which it returns with the end of an event, for what follows that event", async () => {
  const run = aStream({ plan: aPlan(grouped) });
  const { clock, transport } = run;
  (await run.begin()).fails(refused);
  const second = (await run.retries()).opens().says("1");
  let id = 1;
  while (run.stream.state.link.phase === "open" && id < 9) {
    for (const asked = transport.last; transport.last === asked; ) {
      await clock.advance(5000);
      if (transport.last === asked) second.says("1");
    }
    const probe = transport.last;
    second.tell({ type: "bytes", count: 3 });
    probe.opens().says("1");
    second.says(`${++id}`);
    await clock.advance(30);
  }
  expect(run.stream.state.link).toMatchObject({ phase: "connecting", candidate: 0 });
  expect(transport.last.target.lastEventId).toBe(`${id}`);
});
