/** What the world does to a connection: networks that go and come, sleep, and a loop that stalls. */
import { expect, it } from "vitest";
import {
  broken,
  bytes,
  candidate,
  comment,
  connected,
  dialling,
  event,
  failing,
  group,
  linkIn,
  network,
  opened,
  type Player,
  player,
  policy,
  refused,
  retryNow,
  start,
  status,
  stop,
  suspend,
  timer,
  wake,
  words,
} from "./play.ts";

const highest = 1 - Number.EPSILON;
const begun = (rules = policy, random: number | (() => number) = 0.5): Player => {
  const one = player(rules, { random });
  one.take(start);
  return one;
};
const isWithin = (most: number, one: Player) => {
  for (const { at } of one.dials) {
    expect(one.dials.filter((dial) => dial.at >= at && dial.at < at + 60_000).length).toBeLessThanOrEqual(most);
  }
};

/* ── offline ──────────────────────────────────────────────────────────────────────────────────── */

it("does not dial while the interfaces are down, however long that is", () => {
  const one = begun();
  one.take(network(false));
  one.pass(24 * 3_600_000);
  expect(one.dials).toHaveLength(1);
  expect(one.state.link.phase).toBe("offline");
});
it.each([
  ["waiting", (one: Player) => one.hear(failing(refused))],
  ["connecting", () => undefined],
  ["open", (one: Player) => one.opens()],
])("goes offline from %s, and counts no failure for it", (_, comes) => {
  const one = begun();
  comes(one);
  const { failures, quality } = one.state;
  one.take(network(false));
  expect(one.state).toMatchObject({ link: { phase: "offline" }, failures, probe: null });
  expect(one.state.quality.failedEver).toBe(quality.failedEver);
});
it.each([
  [0, 200],
  [0.5, 1100],
  [highest, 2000],
])("dials soon after the network is back, but not at once: chance %s, %s ms", (random, delayMs) => {
  const one = begun(policy, random);
  one.take(network(false));
  one.take(network(true));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "network-back", delayMs, candidate: 0 });
});
it("is open again within 2 s in half of all cases after a blip of our own", () => {
  const took = Array.from({ length: 101 }, (_, i) => {
    const one = begun(policy, i / 101);
    one.opens();
    one.pass(60_000);
    one.take(network(false));
    one.pass(30_000);
    one.take(network(true));
    const from = one.now;
    one.redial();
    return one.now - from;
  }).toSorted((a, b) => a - b);
  expect(took[50]).toBeLessThanOrEqual(2000);
});
it("remembers that it is offline while nobody wants a connection", () => {
  const one = player();
  one.take(network(false));
  one.take(start);
  expect(one.state.link.phase).toBe("offline");
  expect(one.dials).toEqual([]);
  one.take(network(true));
  one.redial();
  expect(one.dials).toHaveLength(1);
});
it("remembers that it is offline over a stop and a halt", () => {
  const one = begun();
  one.hear(failing(status(204)));
  one.take(network(false));
  expect(one.state).toMatchObject({ link: { phase: "halted" }, online: false });
  one.take(stop);
  one.take(start);
  expect(one.state.link.phase).toBe("offline");
});
it("tries at the user's word even offline, and waits for the network when that fails", () => {
  const one = begun();
  one.take(network(false));
  one.take(retryNow);
  expect(one.state.link.phase).toBe("connecting");
  one.hear(failing(broken("ENETUNREACH")));
  expect(one.state.link.phase).toBe("offline");
  one.take(retryNow);
  one.opens();
  expect(one.state.link.phase).toBe("open");
});
it("a plan of the server's, too, waits for the network", () => {
  const one = begun();
  one.take(network(false));
  one.take(retryNow);
  one.opens();
  one.hear((g) => ({ type: "retry", retryMs: 1000, generation: g }), failing({ what: "end" }));
  expect(one.state.link.phase).toBe("offline");
});
it("the same network again, without having been away, shortens nothing", () => {
  const one = begun();
  one.hear(failing(refused));
  const { link } = one.state;
  one.take(network(true));
  expect(one.state.link).toBe(link);
});
it("a network that is back cuts a long wait short, and never makes a short one longer", () => {
  const one = begun(policy, 0.9);
  for (let i = 0; i < 6; i++) one.failsAndRedials();
  one.hear(failing(refused));
  one.take(network(true, true));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "network-back", delayMs: 1820 });
  one.pass(1000);
  const { until } = linkIn(one.state, "waiting");
  one.take(network(true, true));
  expect(linkIn(one.state, "waiting").until).toBe(until);
});
it("begins on another network with what worked there, and with the first where nothing is known", () => {
  const one = begun(group(["a", "b", "ws:w"]));
  one.take(network(false));
  one.take(network(true, true, 2));
  expect(one.redial().candidate).toBe(2);
  one.take(network(true, true));
  one.take(retryNow);
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
});
it("keeps to what worked there when the same network comes back", () => {
  const one = begun(group(["a", "b"]));
  one.take(network(true, true, 1));
  one.take(network(false));
  one.take(network(true));
  expect(one.redial().candidate).toBe(1);
});
it("another network gives every candidate a new beginning, but for what is final", () => {
  const one = begun(group(["a", "b", "c"]));
  one.failsAndRedials(status(410));
  for (let i = 0; i < 20; i++) one.failsAndRedials(status(503));
  one.take(network(true, true));
  expect(one.state.standings.map(({ failures, parked, out }) => [failures, parked, out !== null])).toEqual([
    [0, false, true],
    [0, false, false],
    [0, false, false],
  ]);
});
it.each([
  [0, 200],
  [0.5, 1100],
  [highest, 2000],
])("begins an attempt by the old network anew, soon: chance %s, %s ms", (random, delayMs) => {
  for (const heard of [[], [dialling]]) {
    const one = begun(group(["a", "b"]), random);
    one.hear(...heard);
    one.take(network(true, true, 1));
    expect(linkIn(one.state, "waiting")).toMatchObject({
      rule: "network-back",
      delayMs,
      candidate: 1,
      failure: { family: "NETWORK", kind: "network-changed", final: false },
    });
    expect(one.state).toMatchObject({ failures: 0, quality: { failedEver: 0 } });
    expect(words(one.effects)).toBe("connect 1, disconnect 1");
    one.redial();
    expect(words(one.effects)).toBe("connect 1, disconnect 1, connect 2");
  }
});
it("leaves an attempt that has found its way alone when the network changes", () => {
  const one = begun();
  one.hear(dialling, connected);
  const { link } = one.state;
  one.take(network(true, true));
  expect(one.state.link).toBe(link);
});
it("leaves an attempt alone where the network is the same", () => {
  const one = begun();
  const { link } = one.state;
  one.take(network(true));
  expect(one.state.link).toBe(link);
});
it("begins anew by another network, too, what must not be repeated and was not sent", () => {
  const one = begun({ ...policy, repeatable: false });
  one.hear(dialling);
  one.take(network(true, true));
  expect(one.redial().candidate).toBe(0);
});
it("halts where the network comes back and every path has been ruled out meanwhile", () => {
  const at = (key: string) => candidate(key, { origin: "http://a", credential: "endpoint" });
  const one = begun(group([at("a1"), at("a2")]));
  one.failsAndRedials();
  one.opens();
  for (let s = 0; s < 600 && one.state.standings[1]?.out === null; s++) {
    one.pass(1000);
    one.hear(bytes, comment);
    if (one.state.probe !== null) one.probe(dialling, connected, failing(status(401)));
  }
  one.take(network(false));
  expect(one.state.link.phase).toBe("offline");
  one.take(network(true));
  expect(linkIn(one.state, "halted").failure).toMatchObject({ kind: "unauthorized", final: true });
  one.take(network(true, true));
  expect(one.state.link.phase).toBe("halted");
});

/* ── flapping ─────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["500 ms", 500],
  ["1 s", 1000],
  ["3 s", 3000],
])("a network that comes and goes every %s for 10 min costs at most 8 connections in any minute", (_, halfMs) => {
  for (const [random, opens] of [
    [0, false],
    [0, true],
    [0.5, true],
  ] as const) {
    const one = begun(policy, random);
    const end = one.now + 600_000;
    while (one.now < end) {
      one.take(network(false));
      one.pass(halfMs);
      one.take(network(true, true));
      one.pass(halfMs);
      if (one.state.link.phase === "connecting" && opens) one.opens();
    }
    isWithin(8, one);
  }
});
it("a computer that sleeps and wakes every 20 s costs at most 8 connections in any minute", () => {
  const one = begun(policy, 0);
  one.opens();
  for (let i = 0; i < 100; i++) {
    one.take(suspend);
    one.stall(10_000);
    if (one.state.probe !== null) one.probe(dialling, connected, opened);
    one.pass(10_000);
    if (one.state.link.phase === "connecting") one.opens();
  }
  isWithin(8, one);
});

/* ── sleep ────────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["connecting", () => undefined],
  ["waiting", (one: Player) => one.hear(failing(refused))],
  ["open", (one: Player) => one.opens()],
])("sets no timer while it is asleep, and has one again when it wakes: %s", (_, comes) => {
  const one = begun();
  comes(one);
  one.take(suspend);
  const set = one.effects.length;
  one.take(timer);
  expect(one.effects).toHaveLength(set);
  expect(one.state.timerAt).toBeNull();
  one.take(wake(0));
  expect(one.state.timerAt).not.toBeNull();
});
it("takes nothing for lost while it is asleep", () => {
  const one = begun();
  one.opens();
  one.take(suspend);
  one.pass(3_600_000);
  expect(one.state.link.phase).toBe("open");
});
it.each([
  ["a suspend", true, wake(0, false)],
  ["a sleep that nobody announced", false, wake(0, true)],
])("waking after %s cuts a wait short, with every candidate fresh", (_, suspended, wakes) => {
  const one = begun();
  for (let i = 0; i < 5; i++) one.failsAndRedials(status(503));
  one.hear(failing(status(503)));
  if (suspended) one.take(suspend);
  one.take(wakes);
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "network-back", delayMs: 1100 });
  expect(one.state.standings[0]).toMatchObject({ failures: 0, parked: false });
});
it("a stall that was no sleep leaves a wait as it is, however long it was", () => {
  const one = begun();
  for (let i = 0; i < 5; i++) one.failsAndRedials(status(503));
  one.hear(failing(status(503)));
  const { link } = one.state;
  one.take(wake(60_000, false));
  expect(one.state.link).toBe(link);
});
it("gives an attempt that was under way its whole time after waking", () => {
  const one = begun();
  one.hear(dialling, connected);
  one.pass(5000);
  one.take(suspend);
  one.stall(3_600_000);
  expect(one.state.link.phase).toBe("connecting");
  one.pass(10_000);
  expect(linkIn(one.state, "waiting").failure.kind).toBe("headers-timeout");
});
it("does not take another network for another credential: what was refused twice stays halted", () => {
  for (const code of [401, 403]) {
    const one = begun();
    one.failsAndRedials(status(code));
    one.hear(failing(status(code)));
    one.take(network(false));
    one.take(network(true, true));
    expect(linkIn(one.state, "halted").failure.params["advice"]).toBe("sign-in-again");
  }
});
it("does not wake what the user paused or what is halted", () => {
  const paused = player();
  paused.take(suspend);
  paused.take(wake(3_600_000));
  expect(paused.state.link.phase).toBe("idle");
  const halted = begun();
  halted.hear(failing(status(204)));
  halted.take(suspend);
  halted.take(wake(3_600_000));
  halted.pass(3_600_000);
  expect(halted.dials).toHaveLength(1);
});
it("wakes offline where the network is gone", () => {
  const one = begun();
  one.hear(failing(refused));
  one.take(suspend);
  one.take(network(false));
  one.take(wake(3_600_000));
  expect(one.state.link.phase).toBe("offline");
});

it("does not take a sleep for use: failures are forgotten only when the connection has shown that it lives", () => {
  const one = begun(group(["a", "b"]));
  one.failsAndRedials();
  one.opens(false);
  one.pass(1000);
  one.take(suspend);
  one.stall(3_600_000);
  expect(one.state).toMatchObject({ failures: 1, probe: { why: "wake" } });
  expect(words(one.effects)).not.toMatch(/remember/);
  one.pass(1000);
  one.hear(bytes, comment);
  one.take(timer);
  expect(one.state.failures).toBe(0);
});

/* ── a stalled loop ───────────────────────────────────────────────────────────────────────────── */

it("a stall does not count as the server's silence", () => {
  const one = begun();
  one.opens();
  for (let i = 0; i < 30; i++) {
    one.pass(1000);
    one.hear(bytes, comment);
  }
  one.pass(14_000);
  one.stall(9000);
  expect(one.state.link.phase).toBe("open");
  one.pass(14_999);
  expect(one.state.link.phase).toBe("open");
  one.pass(1);
  expect(linkIn(one.state, "waiting").failure.kind).toBe("idle-timeout");
});
it("a stall does not count against what is half here", () => {
  const one = begun(group(["a", "ws:w"]));
  one.opens();
  one.hear(bytes);
  one.pass(10_000);
  one.stall(9000);
  one.pass(14_999);
  expect(one.state.link).toMatchObject({ phase: "open", generation: 1 });
});
it("wakes with one connection, and with its own: no step of it is told twice", () => {
  const one = begun();
  one.opens();
  one.take(suspend);
  one.stall(60_000);
  one.pass(1000);
  one.hear(bytes, event);
  expect(words(one.effects)).toBe("connect 1, remember 0, probe 2, disconnect 2");
});
