/** The driver alone: whose words count, the one timer, what is asked for at an attempt, and whose silence it was. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import type { Event, Policy, State, TransportEvent } from "../../main/core/connection-state.ts";
import type { Target } from "../../main/io/ports.ts";
import { ConnectionDriver } from "../../main/streams/connection-driver.ts";
import { policy } from "../core/play.ts";
import { anArrival, settle, streamWorld } from "../fakes/stream-world.ts";

const target: Target = { url: "https://a.example/", method: "GET", body: null, headers: [], lastEventId: "" };
const opened = { address: "https://a.example/", server: null, httpVersion: "1.1", askedFrom: "" };

function drive(change: { policy?: Partial<Policy>; target?: () => Promise<Target> } = {}) {
  const { clock, random, transport } = streamWorld();
  const whenDrained = (wake: () => void) => {
    backlog.drain = wake;
  };
  const backlog = { full: false, drain: () => {}, whenDrained };
  const seen: Event["type"][] = [];
  const asked: number[] = [];
  const driver = new ConnectionDriver({
    policy: { ...policy, ...change.policy },
    clock,
    random,
    transport,
    target: () => {
      asked.push(clock.mono());
      return change.target?.() ?? Promise.resolve(target);
    },
    backlog,
    observe: (event) => void seen.push(event.type),
  });
  onTestFinished(() => driver.dispose());
  const start = async () => {
    driver.dispatch({ type: "start" });
    await settle();
    return transport;
  };
  const phase = () => driver.state.link.phase;
  return { driver, clock, transport, backlog, seen, asked, start, phase };
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
  ["event", { type: "event", event: anArrival("1") }],
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
    last.tell({ type: "event", event });
    return new WeakRef(event);
  });
  await settle();
  collect();
  expect(passed.filter((event) => event.deref() !== undefined)).toEqual([]);
});
