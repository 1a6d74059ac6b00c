/** A stream's quality history from what happens to it: time in each condition, and counts. */
import { expect, it } from "vitest";
import {
  defaultDeadlines,
  type Event,
  initialState,
  type Link,
  type State,
} from "../../main/core/connection/connection-state.ts";
import { defaultStrategies } from "../../main/core/connection/strategy.ts";
import { emptyHistory } from "../../main/core/quality/history.ts";
import { pack } from "../../main/core/quality/history-pack.ts";
import { emptyQuality, noteQuality, type QualityEvent } from "../../main/core/quality/quality.ts";
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
      moved: (stream, before, after, event) => history?.note(stream, before, after, event),
      recorded: (_, { records }) => history?.received(records),
    },
  );
  const kept = new StreamHistory("orders", store, run.clock);
  history = kept;
  return { ...run, store, history: kept, now: () => kept.query("24h").at(-1) };
}

it("counts the time in each condition; a first attempt under way counts as what comes of it", async () => {
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
  expect(now()).toMatchObject({ openMs: 11_000, downMs, pausedMs: 0 });
  second.opens();
  await clock.advance(5000);
  stream.stop();
  await clock.advance(7000);
  expect(now()).toMatchObject({ openMs: 16_000, downMs, pausedMs: 7000 });
});

it("a stream that gave up is down", async () => {
  const { begin, clock, now } = observed();
  (await begin()).fails(status(410));
  await clock.advance(60_000);
  expect(now()).toMatchObject({ downMs: 60_030, failures: 1, attempts: 1, beat: "down" });
});

it("counts attempts, failures, openings and events, each once", async () => {
  const { begin, retries, redials, stream, now } = observed();
  (await begin()).opens().says("1").says("2").says("3").tell({ type: "comment", text: "", isOpen: false });
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
  expect(now()?.openMs).toBe(60_030);
  expect(
    history
      .query("1h")
      .slice(-2)
      .map(({ openMs }) => openMs),
  ).toEqual([60_000, 30]);
  expect(history.beats(3)).toEqual(["none", "good", "good"]);
});

it("measures by the monotonic clock: a civil clock that is set adds no time", async () => {
  const { begin, clock, history } = observed();
  (await begin()).opens();
  await clock.advance(10_000);
  clock.setUtc(clock.utc() + 3 * 3_600_000);
  await clock.advance(5000);
  expect(history.query("7d").reduce((sum, { openMs }) => sum + openMs, 0)).toBe(15_030);
});

it("goes on from what the store has, and hands it back", async () => {
  const { begin, clock, history, store } = observed();
  (await begin()).opens();
  await clock.advance(4000);
  expect(store.kept.size).toBe(0);
  history.flush();
  const again = new StreamHistory("orders", store, clock);
  expect([again.damaged, again.query("24h").at(-1)?.openMs]).toEqual([false, 4030]);
});

it.each<[string, unknown]>([
  ["of another version", { ...pack(emptyHistory(), 0), version: 3 }],
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

/** A history that is told of states, as the machine could have been in them. */
function told() {
  const { clock } = streamWorld();
  const store = fakeHistory();
  const history = new StreamHistory("orders", store, clock);
  const policy = {
    ...defaultDeadlines,
    candidates: [],
    discover: false,
    balance: false,
    strategies: defaultStrategies,
    strict: false,
    idleTimeoutMs: null,
    repeatable: true,
  };
  const stream = { state: initialState(policy) };
  let generation = 0;
  const be = (change: Partial<State>, event: Event = { type: "timer" }): void => {
    const before = stream.state;
    stream.state = { ...before, ...change };
    history.note(stream, before, stream.state, event);
  };
  const noted = (event: QualityEvent) => noteQuality(stream.state.quality, event, clock.mono());
  const failure = {
    family: "NETWORK",
    kind: "reset",
    final: false,
    retryAfterMs: null,
    status: null,
    params: {},
  } as const;
  const wait = (family: "NETWORK" | "PLANNED"): Link => ({
    phase: "waiting",
    failure: { ...failure, family },
    candidate: 0,
    delayMs: 1000,
    until: 0,
    rule: "planned",
  });
  return {
    clock,
    store,
    history,
    stream,
    be,
    attempts(failures = 0) {
      generation += 1;
      const link = { phase: "connecting", generation, candidate: 0, startedAt: clock.mono(), asked: false } as const;
      be({ link: { ...link, dialled: true, sent: true, via: null }, failures, quality: noted({ type: "attempted" }) });
    },
    opens(headersMs = 20) {
      const now = clock.mono();
      const link = { phase: "open", generation, candidate: 0, openedAt: now, byteAt: now, wordAt: null } as const;
      const quality = noted({ type: "opened", headersMs });
      const fresh = { greeted: false, pendingSince: null, events: 0, proven: false, lasting: false } as const;
      be({ link: { ...link, ...fresh, health: "live" }, quality });
    },
    fails() {
      const wasOpen = stream.state.link.phase === "open";
      const { failures } = stream.state;
      be({ link: wait("NETWORK"), failures: failures + 1, quality: noted({ type: "failed", wasOpen }) });
    },
    ends() {
      be({ link: wait("PLANNED") });
    },
    sleeps: () => be({ asleep: true }, { type: "suspend" }),
    wakes: (stalledMs: number) => be({ asleep: false }, { type: "wake", stalledMs, slept: true }),
    /** The civil clock goes on and the monotonic one stands still. */
    suspended: (ms: number) => clock.setUtc(clock.utc() + ms),
    times: () => {
      const { openMs, downMs, asleepMs, offlineMs, pausedMs, notRunningMs } = history.query("90d").at(-1) ?? {};
      return { openMs, downMs, asleepMs, offlineMs, pausedMs, notRunningMs };
    },
  };
}
const none = { openMs: 0, downMs: 0, asleepMs: 0, offlineMs: 0, pausedMs: 0, notRunningMs: 0 };

it.each<[string, (now: ReturnType<typeof told>) => void, object]>([
  ["opens: open", (now) => now.opens(), { openMs: 3000 }],
  ["fails: down", (now) => now.fails(), { downMs: 3000 }],
  ["is stopped: paused", (now) => now.be({ link: { phase: "idle" } }), { pausedMs: 3000 }],
  ["loses the network: offline", (now) => now.be({ link: { phase: "offline" } }), { offlineMs: 3000 }],
])("the time of a first attempt counts as what comes of it; it %s", async (_, comes, times) => {
  const now = told();
  now.attempts();
  await now.clock.advance(2000);
  expect(now.times()).toEqual(none);
  comes(now);
  await now.clock.advance(1000);
  expect(now.times()).toEqual({ ...none, ...times });
});

it("an attempt after a failure is down, and the wait for a planned reconnect is not", async () => {
  const { attempts, opens, fails, ends, clock, times, history } = told();
  attempts();
  opens();
  await clock.advance(5000);
  ends();
  await clock.advance(600);
  attempts();
  await clock.advance(400);
  opens();
  fails();
  await clock.advance(3000);
  attempts(1);
  await clock.advance(1000);
  opens();
  await clock.advance(2000);
  expect(times()).toEqual({ ...none, openMs: 8000, downMs: 4000 });
  expect(history.query("90d").at(-1)).toMatchObject({ attempts: 3, failures: 1 });
});

it("sleep is measured by the civil clock, for the monotonic one may stand still in it; a paused stream stays paused", async () => {
  const { attempts, opens, sleeps, wakes, suspended, be, clock, times } = told();
  attempts();
  opens();
  await clock.advance(5000);
  sleeps();
  await clock.advance(1000);
  suspended(3_600_000);
  await clock.advance(1000);
  wakes(0);
  await clock.advance(5000);
  be({ link: { phase: "idle" } }, { type: "stop" });
  sleeps();
  suspended(60_000);
  wakes(0);
  await clock.advance(500);
  expect(times()).toEqual({ ...none, openMs: 10_000, asleepMs: 3_602_000, pausedMs: 500 });
});

it("sleep of which nobody told before is found at the waking", async () => {
  const { attempts, opens, wakes, suspended, clock, times, be } = told();
  attempts();
  opens();
  await clock.advance(65_000);
  wakes(60_000);
  await clock.advance(1000);
  suspended(30_000);
  wakes(0);
  await clock.advance(1000);
  expect(times()).toEqual({ ...none, openMs: 7000, asleepMs: 90_000 });
  be({ link: { phase: "idle" } }, { type: "stop" });
  await clock.advance(20_000);
  wakes(10_000);
  expect(times()).toEqual({ ...none, openMs: 7000, asleepMs: 90_000, pausedMs: 20_000 });
});

it("time in which the app did not run is counted as such at the next start", async () => {
  const { attempts, opens, history, clock, store } = told();
  attempts();
  opens();
  await clock.advance(4000);
  history.flush();
  await clock.advance(90_000);
  const again = new StreamHistory("orders", store, clock);
  expect(again.query("90d").at(-1)).toMatchObject({ openMs: 4000, notRunningMs: 90_000 });
  again.flush();
  clock.setUtc(clock.utc() - 30_000);
  const { coveredMs, openShare, notRunningShare } = new StreamHistory("orders", store, clock).summary("90d");
  expect([coveredMs, openShare + notRunningShare]).toEqual([94_000, 1]);
});

it("a snapshot of version 1 does not say when it ended: nothing is made up", () => {
  const { clock } = streamWorld();
  const store = fakeHistory();
  store.put("orders", { version: 1, rings: ["", "", "", ""] });
  expect(new StreamHistory("orders", store, clock).summary("90d").coveredMs).toBe(0);
});

it("sums up attempts, recoveries, sessions and gaps", async () => {
  const { attempts, opens, fails, clock, history } = told();
  attempts();
  opens();
  await clock.advance(60_000);
  fails();
  await clock.advance(4000);
  attempts(1);
  fails();
  await clock.advance(5000);
  attempts(2);
  await clock.advance(1000);
  opens();
  const mark = { stream: "orders", at: 0, failure: null, params: {} };
  history.received((["gap", "opened", "gap"] as const).map((kind) => ({ ...mark, mark: kind })));
  expect(history.query("24h").at(-1)).toMatchObject({ attempts: 3, failures: 2, gaps: 2, events: 0 });
  expect(history.summary("24h")).toMatchObject({
    successRate: 2 / 3,
    meanIntervalMs: 70_000 / 3,
    recoveryMaxMs: 10_000,
    openShare: 6 / 7,
    downShare: 1 / 7,
    sessions: [{ count: 1 }],
    gaps: 2,
  });
});

it("a session ends where another connection takes its place, too", async () => {
  const { attempts, opens, clock, history, stream, be } = told();
  attempts();
  opens();
  await clock.advance(30_000);
  const { link } = stream.state;
  if (link.phase === "open") be({ link: { ...link, health: "silent" } });
  attempts();
  opens();
  await clock.advance(100_000);
  attempts();
  expect(history.summary("24h").sessions).toMatchObject([{ count: 1 }, { count: 1 }]);
});

it("counts what a new stream of the same endpoint does from its own beginning", () => {
  const first = told();
  first.attempts();
  first.opens();
  first.stream.state = { ...first.stream.state, quality: emptyQuality };
  const second = { state: first.stream.state };
  const quality = noteQuality(emptyQuality, { type: "attempted" }, 5000);
  first.history.note(second, second.state, { ...second.state, quality }, { type: "start" });
  expect(first.history.query("24h").at(-1)).toMatchObject({ attempts: 2 });
});

it("notes a poor grade as poor for as long as it lasts, without an outage", async () => {
  const { attempts, opens, ends, clock, history } = told();
  for (let n = 0; n < 3; n++) {
    attempts();
    opens(9000);
    if (n < 2) ends();
  }
  await clock.advance(30_000);
  expect(history.beats(1)).toEqual(["poor"]);
  await clock.advance(60_000);
  expect(history.beats(2)).toEqual(["poor", "poor"]);
});
