/** The driver alone: whose words count, the one timer, what is asked for at an attempt, and whose silence it was. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import { step } from "../../main/core/connection/connection.ts";
import {
  type Event,
  type Policy,
  type State,
  sliceOf,
  type TransportEvent,
} from "../../main/core/connection/connection-state.ts";
import type { Target } from "../../main/io/ports.ts";
import { ConnectionDriver } from "../../main/streams/connection-driver.ts";
import { createDialTurns, type DialTurns } from "../../main/streams/dial-turns.ts";
import { createRing, quietSteps, type Recording, tellingSteps } from "../../main/streams/ring.ts";
import { anArrival, aPlan, type FakeClock, fakeClock, settle, streamWorld } from "../fakes/stream-world.ts";

const target: Target = {
  url: "https://a.example/",
  method: "GET",
  body: null,
  headers: [],
  lastEventId: "",
  resumeQuery: null,
  frames: "auto",
};
const { policy } = aPlan();
const opened = { address: "https://a.example/", server: null, httpVersion: "1.1", askedFrom: "" };

type Changed = {
  policy?: Partial<Policy>;
  target?: () => Promise<Target>;
  clock?: FakeClock;
  turns?: DialTurns;
  observe?: (event: Event) => void;
};

function drive(change: Changed = {}) {
  const world = streamWorld();
  const { random, transport, socket, transports } = world;
  const clock = change.clock ?? world.clock;
  const whenDrained = (wake: () => void) => {
    backlog.drain = wake;
  };
  const backlog = { full: false, drain: () => {}, whenDrained };
  const seen: Event["type"][] = [];
  const ring = createRing();
  const asked: number[] = [];
  const driver = new ConnectionDriver({
    policy: { ...policy, ...change.policy },
    worked: [],
    clock,
    random,
    transports,
    turns: change.turns ?? createDialTurns(clock),
    ring,
    saw: () => {},
    remember: () => {},
    target: () => {
      asked.push(clock.mono());
      return change.target?.() ?? Promise.resolve(target);
    },
    backlog,
    observe: (event) => {
      seen.push(event.type);
      change.observe?.(event);
    },
  });
  onTestFinished(() => driver.dispose());
  const start = async () => {
    driver.dispatch({ type: "start" });
    await settle();
    return transport;
  };
  const phase = () => driver.state.link.phase;
  return { driver, clock, transport, socket, backlog, seen, asked, ring, start, phase };
}

function linkOf<P extends State["link"]["phase"]>(driver: ConnectionDriver, phase: P) {
  const { link } = driver.state;
  if (link.phase !== phase) throw new Error(`${link.phase} instead of ${phase}`);
  return link as Extract<State["link"], { phase: P }>;
}

it("opens what it was told to, once, and closes it when it stops", async () => {
  const { driver, start, phase } = drive();
  const { connections, last } = await start();
  expect([connections.length, last.target, phase()]).toEqual([1, target, "connecting"]);
  last.opens();
  expect(phase()).toBe("open");
  driver.dispatch({ type: "stop" });
  expect([phase(), last.done]).toEqual(["idle", ["close"]]);
});

it.each<[string, TransportEvent]>([
  ["connected", { type: "connected" }],
  ["opened", { type: "opened", answer: opened }],
  ["bytes", { type: "bytes", count: 3 }],
  ["events", sliceOf([anArrival("1")])],
  ["retry", { type: "retry", retryMs: 60_000 }],
  ["failed", { type: "failed", evidence: { what: "end" } }],
])("drops the last words of a connection that is gone: %s", async (_, word) => {
  const { driver, clock, seen, start } = drive();
  const transport = await start();
  const first = transport.last.opens().fails();
  const check = () => {
    const [state, told] = [driver.state, seen.length];
    first.tell(word);
    expect([driver.state, seen.length]).toEqual([state, told]);
  };
  check();
  await clock.advance(linkOf(driver, "waiting").delayMs);
  expect(transport.connections).toHaveLength(2);
  check();
  transport.last.opens();
  check();
  driver.dispatch({ type: "stop" });
  check();
});

it("has never more than one timer, whatever happens", async () => {
  const { driver, clock, transport, start } = drive({ policy: { idleTimeoutMs: 30_000 } });
  const counts = new Set<number>();
  const look = () => counts.add(clock.timers);
  await start();
  look();
  for (let round = 0; round < 4; round++) {
    transport.last.opens();
    look();
    for (let i = 0; i < 10; i++) {
      await clock.advance(2000);
      transport.last.says(String(i));
      look();
    }
    if (round % 2 === 0) transport.last.fails();
    else driver.dispatch({ type: "retryNow" });
    look();
    await clock.advance(linkDelay(driver));
    look();
  }
  await clock.advance(600_000);
  look();
  expect(counts).toEqual(new Set([1]));
});

const linkDelay = ({ state: { link } }: ConnectionDriver) => (link.phase === "waiting" ? link.delayMs : 0);

it.each<[string, unknown, string]>([
  ["an error", new Error("no disk"), "no disk"],
  ["something else", "nothing", "nothing"],
])(
  "takes a target that cannot be made (%s) for a failed attempt of our own, and tries again",
  async (_, thrown, code) => {
    let broken = true;
    const { driver, clock, transport, asked, start } = drive({
      target: () => (broken ? Promise.reject(thrown) : Promise.resolve(target)),
    });
    await start();
    const { failure, delayMs } = linkOf(driver, "waiting");
    expect(failure).toMatchObject({ kind: "internal", final: false, params: { code } });
    expect(transport.connections).toHaveLength(0);
    broken = false;
    await clock.advance(delayMs - 1);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect([asked.length, transport.connections.length, driver.state.failures]).toEqual([2, 1, 1]);
  },
);

it("opens nothing when it was stopped, or asked anew, while the target was being made", async () => {
  const made: ((value: Target) => void)[] = [];
  const { driver, transport, start, phase } = drive({ target: () => new Promise((resolve) => made.push(resolve)) });
  await start();
  driver.dispatch({ type: "stop" });
  made.shift()?.(target);
  await settle();
  expect([phase(), transport.connections.length]).toEqual(["idle", 0]);
  await start();
  driver.dispatch({ type: "retryNow" });
  for (const make of made) make(target);
  await settle();
  expect(transport.connections).toHaveLength(1);
  transport.last.opens();
  expect(linkOf(driver, "open").generation).toBe(3);
});

it("counts the server's deadlines from the moment the request leaves, not from when our disk was asked", async () => {
  let make = (_: Target) => {};
  const { driver, clock, start, phase } = drive({ target: () => new Promise((resolve) => (make = resolve)) });
  await start();
  await clock.advance(policy.connectTimeoutMs - 1);
  make(target);
  await clock.advance(policy.connectTimeoutMs - 1);
  expect(phase()).toBe("connecting");
  await clock.advance(1);
  expect(linkOf(driver, "waiting").failure).toMatchObject({ kind: "connect-timeout", params: { afterMs: 10_000 } });
});

it("stops reading when too much waits for the disk, and goes on when that has drained", async () => {
  const { backlog, start } = drive();
  const { last } = await start();
  last.opens().says("1");
  expect(last.done).toEqual([]);
  backlog.full = true;
  last.says("2").says("3");
  expect(last.done).toEqual(["pause"]);
  backlog.full = false;
  backlog.drain();
  expect(last.done).toEqual(["pause", "resume"]);
  last.says("4");
  expect(last.done).toEqual(["pause", "resume"]);
  backlog.full = true;
  last.says("5");
  expect(last.done).toEqual(["pause", "resume", "pause"]);
});

it("does not take our own silence for the server's, and the server's not for ours", async () => {
  const { driver, clock, backlog, start, phase } = drive({ policy: { idleTimeoutMs: 60_000 } });
  const { last } = await start();
  backlog.full = true;
  last.opens().says("1");
  await clock.advance(600_000);
  expect([phase(), last.closed]).toEqual(["open", false]);
  backlog.full = false;
  backlog.drain();
  // From here on it is read again: now the watchdog counts.
  await clock.advance(59_999);
  expect(phase()).toBe("open");
  await clock.advance(1);
  expect(linkOf(driver, "waiting").failure).toMatchObject({ kind: "idle-timeout", params: { afterMs: 60_000 } });
  expect(last.closed).toBe(true);
});

it("a connection that was held back and replaced leaves the next one alone", async () => {
  const { driver, clock, backlog, transport, start, phase } = drive({ policy: { idleTimeoutMs: 60_000 } });
  await start();
  const first = transport.last.opens();
  backlog.full = true;
  first.says("1");
  driver.dispatch({ type: "retryNow" });
  await settle();
  const second = transport.last.opens();
  expect([first.closed, second.done]).toEqual([true, []]);
  await clock.advance(60_000);
  expect(phase()).toBe("waiting");
  expect(second.done).toEqual(["close"]);
});

/** Turns that never come by themselves. */
function heldTurns() {
  const line: (() => boolean)[] = [];
  const turns: DialTurns = {
    ask(go) {
      line.push(go);
      return () => void line.splice(line.indexOf(go), 1);
    },
    close: () => {},
  };
  return { turns, line };
}

it.each<[string, (driver: ConnectionDriver) => void, number]>([
  ["stopped", (driver) => driver.dispatch({ type: "stop" }), 0],
  ["asked anew", (driver) => driver.dispatch({ type: "retryNow" }), 1],
  ["offline", (driver) => driver.dispatch({ type: "network", online: false, changed: false, first: null }), 0],
  ["disposed", (driver) => driver.dispose(), 0],
])("leaves the line of those who want to dial when it is %s", async (_, give, stands) => {
  const { turns, line } = heldTurns();
  const { driver, transport, start } = drive({ turns });
  await start();
  const [first] = line;
  give(driver);
  await settle();
  expect(line).toHaveLength(stands);
  // Whoever was just being called says that he does not go.
  expect([line.includes(first as () => boolean), first?.(), transport.connections.length]).toEqual([false, false, 0]);
  for (const go of line) expect(go()).toBe(true);
  expect(transport.connections).toHaveLength(stands);
});

it("takes no turn from others with requests that were given up: ten retries, and the next stream dials at once", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const [busy, other] = [drive({ clock, turns }), drive({ clock, turns })];
  for (let n = 0; n < 4; n++) turns.ask(() => true);
  await busy.start();
  for (let n = 0; n < 10; n++) {
    busy.driver.dispatch({ type: "retryNow" });
    await settle();
  }
  await other.start();
  await clock.advance(1001);
  expect([busy.transport.connections.length, other.transport.connections.length]).toEqual([1, 1]);
});

it("ends everything when it is disposed: the connection, the timer, and whatever would still be told", async () => {
  const { driver, clock, seen, start, phase } = drive();
  const { last } = await start();
  last.opens().says("1");
  driver.dispose();
  const told = seen.length;
  last.says("2").fails();
  expect([phase(), last.done, clock.timers, seen.length]).toEqual(["idle", ["close"], 0, told]);
  await clock.advance(3_600_000);
  expect([phase(), seen.length]).toEqual(["idle", told]);
});

it("disposed while the target was being made, it opens nothing", async () => {
  let make = (_: Target) => {};
  const { driver, clock, transport, start } = drive({ target: () => new Promise((resolve) => (make = resolve)) });
  await start();
  driver.dispose();
  make(target);
  await settle();
  expect([transport.connections.length, clock.timers]).toEqual([0, 0]);
});

it("keeps nothing of the events that pass through it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { start } = drive();
  const { last } = await start();
  last.opens();
  const passed = Array.from({ length: 50 }, (_, i) => {
    const event = anArrival(String(i), { data: "secret".repeat(10) });
    last.tell(sliceOf([event]));
    return new WeakRef(event);
  });
  await settle();
  collect();
  expect(passed.filter((event) => event.deref() !== undefined)).toEqual([]);
});

/** A clock that can be held up: what was due meanwhile comes late. */
function stallable(base: FakeClock): FakeClock & { stall(ms: number): void } {
  let stalledMs = 0;
  return {
    ...base,
    get timers() {
      return base.timers;
    },
    mono: () => base.mono() + stalledMs,
    stall(ms) {
      stalledMs += ms;
    },
  };
}

it.each([
  [4999, [], undefined],
  [5000, ["wake"], false],
  [9999, ["wake"], false],
  [10_000, ["wake"], true],
])(
  "a timer that comes %s ms late is a sleep only where connections may have died in it: %j, %s",
  async (lateMs, told, slept) => {
    const clock = stallable(streamWorld().clock);
    const { driver, ring, start } = drive({ policy: { idleTimeoutMs: 5000 }, clock });
    const { last } = await start();
    last.opens().says("1");
    clock.stall(lateMs);
    await clock.advance(5000);
    const woke = ring.recording().flatMap(({ steps }) => steps.filter(({ event }) => event.type === "wake"));
    expect(woke.map(({ event }) => event.type)).toEqual(told);
    expect(woke.map(({ event }) => "slept" in event && event.slept)).toEqual(slept === undefined ? [] : [slept]);
    driver.dispatch({ type: "stop" });
  },
);

it.each([
  [20_000, ["wake", "timer"], "open"],
  [4999, ["timer"], "waiting"],
])(
  "a timer that comes %s ms late is told as %j: what we slept through is not the server's silence",
  async (lateMs, told, becomes) => {
    const clock = stallable(streamWorld().clock);
    const { driver, seen, start, phase } = drive({ policy: { idleTimeoutMs: 5000 }, clock });
    const { last } = await start();
    last.opens().says("1");
    seen.length = 0;
    clock.stall(lateMs);
    await clock.advance(5000);
    expect(seen.slice(0, told.length)).toEqual(told);
    expect(phase()).toBe(becomes);
    driver.dispatch({ type: "stop" });
  },
);

/** Steps what a ring holds again, each part from its beginning. @returns the state it leads to */
function stepped(recording: Recording): State | undefined {
  let state: State | undefined;
  for (const part of recording) {
    ({ state } = part);
    for (const { now, random, event, after } of part.steps) {
      [state] = step(part.policy, state, event, { now, random });
      expect(state).toEqual(after);
    }
  }
  return state;
}

const typesOf = (recording: Recording) => recording.flatMap(({ steps }) => steps.map(({ event }) => event.type));

it.each([20, 600])("its ring can be stepped again, after %s events as well, and holds no contents", async (events) => {
  const { driver, clock, ring, transport, start } = drive();
  await start();
  transport.last.opens({ askedFrom: "canary" });
  for (let i = 0; i < events; i++) {
    await clock.advance(10);
    transport.last.says(`canary-${i}`, { data: "canary", type: "canary" });
    transport.last.tell({ type: "comment", text: "canary", isOpen: false });
    transport.last.tell({ type: "cursor", lastEventId: "canary" });
  }
  transport.last.fails();
  await clock.advance(linkDelay(driver));
  transport.last.opens();
  const recording = ring.recording();
  expect(stepped(recording)).toEqual(driver.state);
  expect(JSON.stringify(recording)).not.toContain("canary");
});

it("its ring holds what tells something from before thousands of quiet steps, and little of those", async () => {
  const { driver, clock, ring, transport, start } = drive();
  await start();
  transport.last.opens();
  for (let i = 0; i < 3000; i++) {
    await clock.advance(100);
    transport.last.says(String(i));
  }
  driver.dispatch({ type: "suspend" });
  driver.dispatch({ type: "wake", stalledMs: 0, slept: true });
  const types = typesOf(ring.recording());
  expect(types.filter((type) => type !== "bytes" && type !== "events" && type !== "timer")).toEqual([
    "start",
    "dialling",
    "connected",
    "opened",
    "suspend",
    "wake",
  ]);
  expect(types.length).toBeLessThan(40);
  expect(stepped(ring.recording())).toEqual(driver.state);
});

it("its ring is bounded, and can be stepped again after many failures too", async () => {
  const { driver, clock, ring, transport, start } = drive();
  await start();
  for (let i = 0; i < 60; i++) {
    transport.last.opens();
    for (let n = 0; n < 20; n++) transport.last.says(`${i}-${n}`);
    transport.last.fails();
    await clock.advance(linkDelay(driver));
  }
  const recording = ring.recording();
  expect(typesOf(recording).length).toBeLessThanOrEqual(tellingSteps * (quietSteps + 1) + quietSteps);
  expect(typesOf(recording).filter((type) => type === "opened").length).toBeGreaterThan(5);
  expect(stepped(recording)).toEqual(driver.state);
});

it("decides by adopted strategies from then on, and its ring takes up with them", async () => {
  const { driver, ring, start } = drive();
  const { last } = await start();
  last.opens().says("1");
  const quick = { firstMs: 100, capMs: 100, factor: 1, attempts: 9 };
  driver.adopt({ ...policy, strategies: { ...policy.strategies, PROXY: quick } });
  const [before, after] = ring.recording();
  expect(before?.policy).toEqual(policy);
  expect(after).toMatchObject({ steps: [], state: driver.state, policy: { strategies: { PROXY: quick } } });
  last.fails();
  expect([linkOf(driver, "waiting").delayMs, last.done]).toEqual([100, ["close"]]);
  expect(stepped(ring.recording())).toEqual(driver.state);
});

it("goes by the transport of the candidate that it was told to open", async () => {
  const ways = aPlan({ websocket: { url: "wss://a.example/", frames: "auto", resumeQuery: "", headers: [] } }).policy;
  const { transport, socket, clock, start } = drive({ policy: ways });
  await start();
  transport.last.fails({ what: "answer", status: 404, contentType: "text/html", retryAfterMs: null });
  await clock.advance(2001);
  expect([transport.connections.length, socket.connections.length]).toEqual([1, 1]);
});

it("tells of an event before it begins what follows from it: the next attempt asks from behind it", async () => {
  const order: string[] = [];
  const { driver, start } = drive({
    observe: (event) => order.push(event.type),
    target: () => {
      order.push("target");
      return Promise.resolve(target);
    },
  });
  await start();
  driver.dispatch({ type: "retryNow" });
  await settle();
  expect(order.slice(0, 2)).toEqual(["start", "target"]);
  expect(order.indexOf("retryNow")).toBe(order.lastIndexOf("target") - 1);
});
