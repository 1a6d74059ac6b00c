/** A stream's quality history from what happens to it: time in each condition, and counts. */
import { expect, it } from "vitest";
import { emptyHistory } from "../../main/core/history.ts";
import { pack } from "../../main/core/history-pack.ts";
import { StreamHistory } from "../../main/streams/stream-history.ts";
import { status } from "../core/play.ts";
import { fakeHistory, streamWorld } from "../fakes/stream-world.ts";
import { aStream } from "./held-stream.ts";

function observed() {
  const store = fakeHistory();
  let history: StreamHistory | null = null;
  const run = aStream(
    {},
    {
      moved: (stream, before, after) => history?.note(stream, before, after),
      recorded: (_, records) => history?.received(records),
    },
  );
  const kept = new StreamHistory("orders", store, run.clock);
  history = kept;
  return { ...run, store, history: kept, now: () => kept.query("24h").at(-1) };
}

it("counts the time in each condition; a first attempt under way counts as nothing", async () => {
  const { begin, retries, clock, stream, now } = observed();
  const first = await begin();
  await clock.advance(970);
  expect(now()).toMatchObject({ openMs: 0, downMs: 0, pausedMs: 0, attempts: 1, beat: "none" });
  first.opens();
  await clock.advance(10_000);
  first.fails();
  const { link } = stream.state;
  const downMs = (link.phase === "waiting" ? link.delayMs : 0) + 30;
  // The wait and the attempt after it.
  const second = await retries();
  expect(now()).toMatchObject({ openMs: 10_000, downMs, pausedMs: 0 });
  second.opens();
  await clock.advance(5000);
  stream.stop();
  await clock.advance(7000);
  expect(now()).toMatchObject({ openMs: 15_000, downMs, pausedMs: 7000 });
});

it("a stream that gave up is down", async () => {
  const { begin, clock, now } = observed();
  (await begin()).fails(status(410));
  await clock.advance(60_000);
  expect(now()).toMatchObject({ downMs: 60_000, failures: 1, attempts: 1, beat: "down" });
});

it("counts attempts, failures, openings and events, each once", async () => {
  const { begin, retries, redials, stream, now } = observed();
  (await begin()).opens().says("1").says("2").says("3").tell({ type: "comment", text: "" });
  (await redials()).fails();
  (await retries()).fails();
  (await retries()).opens().says("4", { bytes: 100 });
  await stream.flush();
  expect(now()).toMatchObject({ attempts: 4, failures: 2, events: 4, bytes: 106 });
  const headersMs = now()?.headersMs ?? 0;
  expect(headersMs).toBeGreaterThan(25);
  expect(headersMs).toBeLessThan(35);
});

it("nothing was opened: there is no time to headers", async () => {
  const { begin, now } = observed();
  (await begin()).fails();
  expect(now()).toMatchObject({ headersMs: null, failures: 1 });
});

it("time goes on while nothing happens, and is counted once however often it is looked at", async () => {
  const { begin, clock, history, now } = observed();
  (await begin()).opens();
  for (let i = 0; i < 10; i++) {
    await clock.advance(6000);
    history.flush();
    history.beats(3);
    now();
  }
  expect(now()?.openMs).toBe(60_000);
  expect(
    history
      .query("1h")
      .slice(-2)
      .map(({ openMs }) => openMs),
  ).toEqual([59_970, 30]);
  expect(history.beats(3)).toEqual(["none", "good", "good"]);
});

it("measures by the monotonic clock: a civil clock that is set adds no time", async () => {
  const { begin, clock, history } = observed();
  (await begin()).opens();
  await clock.advance(10_000);
  clock.setUtc(clock.utc() + 3 * 3_600_000);
  await clock.advance(5000);
  expect(history.query("7d").reduce((sum, { openMs }) => sum + openMs, 0)).toBe(15_000);
});

it("notes a poor grade as poor, without an outage", async () => {
  const { stream, clock, transport, history } = observed();
  stream.start();
  await clock.advance(9000);
  transport.last.opens();
  await clock.advance(1000);
  expect([stream.grade, history.beats(1)]).toEqual(["POOR", ["poor"]]);
});

it("goes on from what the store has, and hands it back", async () => {
  const { begin, clock, history, store } = observed();
  (await begin()).opens();
  await clock.advance(4000);
  expect(store.kept.size).toBe(0);
  history.flush();
  const again = new StreamHistory("orders", store, clock);
  expect([again.damaged, again.query("24h").at(-1)?.openMs]).toEqual([false, 4000]);
});

it.each<[string, unknown]>([
  ["of another version", { ...pack(emptyHistory()), version: 2 }],
  ["that is no text of ours", { version: 1, rings: ["!", "", "", ""] }],
  ["of the wrong shape", "nonsense"],
])("says that a snapshot %s is damaged, and starts anew", (_, snapshot) => {
  const { clock } = streamWorld();
  const history = new StreamHistory("orders", { ...fakeHistory(), read: () => snapshot as never }, clock);
  expect(history.damaged).toBe(true);
  expect(history.query("90d").every(({ beat }) => beat === "none")).toBe(true);
});

it("a stream without a snapshot is new, not damaged", () => {
  expect(new StreamHistory("orders", fakeHistory(), streamWorld().clock).damaged).toBe(false);
});
