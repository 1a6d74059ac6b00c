/** What one connection leaves to the next at the same address: what it is suspected of, what is forgiven, what was planned. */
import { expect, it } from "vitest";
import type { Policy } from "../../main/core/connection/connection-state.ts";
import { idleTimeoutMs } from "../../main/core/connection/health.ts";
import {
  broken,
  bytes,
  connected,
  dialling,
  ended,
  event,
  failing,
  group,
  linkIn,
  network,
  opened,
  type Player,
  player,
  policy,
  retry,
  start,
  status,
  timedOut,
} from "./play.ts";

const reset = broken("ECONNRESET", "body");
const pair = group(["a", "b"]);

/* ── the verdict of a probe ───────────────────────────────────────────────────────────────────── */

it("takes it for no cut of the path that probes after a sleep found no network", () => {
  const one = player();
  one.take(start);
  for (let i = 0; i < 3; i++) {
    if (one.state.link.phase === "waiting") one.redial();
    one.opens();
    one.pass(5000);
    one.stall(12_000);
    while (one.state.link.phase === "open") {
      if (one.state.probe === null) one.pass(1000);
      else one.probe(dialling, failing(broken("ENETUNREACH")));
    }
    expect(linkIn(one.state, "waiting").failure.family).toBe("NETWORK");
  }
  expect(one.state.standings[0]?.idleCut).toMatchObject({ ends: [], cutMs: null });
});

/* ── suspicion ────────────────────────────────────────────────────────────────────────────────── */

/** Open at an address with a WebSocket beside it. `cutMs`: what is known of its path. */
function besideWebSocket(cutMs: number | null = null): Player {
  const one = player(group(["a", "ws:b"]));
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: cutMs });
  one.opens();
  return one;
}

const connects = (one: Player) => one.dials.filter(({ type }) => type === "connect").length;

/** Silence, in which every connection that is begun opens. */
function isSilent(one: Player, ms: number): void {
  for (const end = one.now + ms; one.now < end; ) {
    one.pass(500);
    if (one.state.link.phase === "connecting") one.opens(false);
  }
}

it("does not take a path for mute because it came anew in a silence", () => {
  const one = besideWebSocket(20_000);
  isSilent(one, 120_000);
  expect(connects(one)).toBeGreaterThan(5);
  expect(one.state.standings[0]).toMatchObject({ mute: false, failures: 0 });
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("does not take a path for mute because its connection ended as planned in a silence", () => {
  const one = besideWebSocket();
  one.hear((g) => retry(g, 2000), failing(ended));
  one.redial();
  one.opens(false);
  isSilent(one, 60_000);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("takes it for mute all the same when the silence lasts longer than the watchdog bears", () => {
  const one = besideWebSocket(20_000);
  const from = one.now;
  const bornMs = idleTimeoutMs(policy, one.state.rhythm);
  while (one.state.standings[0]?.mute === false) isSilent(one, 500);
  expect(one.now - from).toBeGreaterThanOrEqual(bornMs);
  expect(one.now - from).toBeLessThanOrEqual(bornMs + 20_000);
});
it("suspects a path after 15 s again once a connection to it has failed", () => {
  const one = besideWebSocket();
  one.hear((g) => retry(g, 500), failing(ended));
  one.redial();
  one.opens();
  one.hear(failing(reset));
  one.redial();
  one.opens(false);
  one.pass(15_000);
  expect(linkIn(one.state, "waiting").failure.kind).toBe("mute");
});

/* ── the way back ─────────────────────────────────────────────────────────────────────────────── */

/** Open at the second of a group of which the first has not answered a probe for an hour, and begins to. */
function firstIsBack(rules: Policy): Player {
  const one = player(rules);
  one.take(start);
  one.failsAndRedials();
  one.opens();
  for (const end = one.now + 3_600_000; one.now < end; ) {
    one.pass(1000);
    if (one.state.probe !== null) one.probe(failing(timedOut));
    if (one.state.link.phase === "open") one.hear(bytes, event);
  }
  if (linkIn(one.state, "open").candidate !== 1) throw new Error("not at the second");
  return one;
}

it.each([
  [60_000, ["a", "b"]],
  [120_000, ["a", "b"]],
  [300_000, ["a", "b"]],
  [60_000, ["a", "ws:b"]],
])("returns to a better address though the present connection ends as planned every %s ms: %j", (sessionMs, names) => {
  const one = firstIsBack(group(names));
  const from = one.now;
  for (let endAt = one.now; one.now < from + 3_600_000; ) {
    if (one.state.link.phase === "connecting") {
      if (linkIn(one.state, "connecting").candidate === 0) break;
      one.opens();
      one.hear((g) => retry(g, 1000));
      endAt = one.now + sessionMs;
    } else if (one.state.probe?.sent === false) one.probe(dialling, connected, opened, bytes, event);
    else if (one.state.link.phase === "open" && one.now >= endAt) {
      one.hear((g) => retry(g, 1000), failing(ended));
      expect(linkIn(one.state, "waiting").failure.family).toBe("PLANNED");
    } else one.pass(500);
  }
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
  // Ten minutes between two probes of what was dead for long, a fifth more, and then a minute of probation.
  expect(one.now - from).toBeLessThan(900_000);
});
it("plans the way back anew where another address fails in between", () => {
  const one = player(pair);
  one.take(start);
  one.failsAndRedials();
  one.opens();
  const planned = one.state.nextProbe;
  one.hear(failing(reset));
  expect(one.state.nextProbe).toEqual(planned);
  one.redial();
  one.failsAndRedials();
  while (linkIn(one.state, "connecting").candidate !== 1) one.failsAndRedials();
  one.opens();
  expect(one.state.nextProbe?.at).toBe(one.now + 30_000);
});

/* ── renewals ─────────────────────────────────────────────────────────────────────────────────── */

/** Open by a path that cuts after a silence of this long. */
function cutAfter(cutMs: number): Player {
  const one = player();
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: cutMs });
  return one;
}

it("does not come anew sooner than the server's retry: after the last dial, and so not at all where the cut is sooner", () => {
  const one = cutAfter(30_000);
  one.opens();
  one.hear((g) => retry(g, 60_000));
  one.pass(29_999);
  expect(connects(one)).toBe(1);
  one.hear(failing(reset));
  const lostAt = one.now;
  one.redial();
  expect(one.now - lostAt).toBeGreaterThanOrEqual(60_000);
});
it("comes anew after the server's retry: where that is before the cut", () => {
  const one = cutAfter(30_000);
  one.opens();
  one.hear((g) => retry(g, 28_000));
  isSilent(one, 100_000);
  const gaps = one.dials.slice(1).map(({ at }, i) => at - (one.dials[i]?.at ?? 0));
  expect(gaps).toHaveLength(3);
  for (const gap of gaps) expect(Math.abs(gap - 28_250)).toBeLessThanOrEqual(500);
});
it("comes anew no more often than the pace allows", () => {
  const one = cutAfter(10_000);
  one.opens();
  for (let i = 0; i < 7; i++) {
    one.hear((g) => retry(g, 500), failing(ended));
    one.take({ type: "retryNow" });
    one.opens();
  }
  isSilent(one, 59_000);
  expect(connects(one)).toBe(8);
});
it("does not come anew while what failed before is not forgotten", () => {
  const one = cutAfter(20_000);
  one.failsAndRedials(timedOut);
  one.opens(false);
  one.pass(19_900);
  expect([connects(one), one.state.failures]).toEqual([2, 1]);
  one.hear(bytes, event);
  one.pass(19_900);
  expect([connects(one), one.state.failures]).toEqual([3, 0]);
});

/* ── rows ─────────────────────────────────────────────────────────────────────────────────────── */

/** Useful for half a minute, and ended by a server that said when to come again. */
function isUseful(one: Player): void {
  one.opens();
  one.hear((g) => retry(g, 1000));
  one.pass(30_000);
  one.hear(failing(ended));
  expect(linkIn(one.state, "waiting").failure.family).toBe("PLANNED");
  one.redial();
}

it("leaves no address for a reset now and then among useful connections that ended as planned", () => {
  const one = player(pair);
  one.take(start);
  for (let i = 0; i < 5; i++) {
    for (let session = 0; session < 3; session++) isUseful(one);
    one.opens();
    one.hear(failing(reset));
    one.redial();
  }
  expect(one.dials.every(({ candidate: index }) => index === 0)).toBe(true);
  expect(one.state.standings[0]).toMatchObject({ stumbles: 1, shortLived: 1 });
});
it("takes a planned end without any use for no end of the row", () => {
  const one = cutAfter(20_000);
  one.opens(false);
  one.failsAndRedials(reset);
  one.opens(false);
  one.pass(20_000);
  one.hear(failing(reset));
  expect(linkIn(one.state, "waiting").failure.family).toBe("PLANNED");
  expect(one.state.standings[0]).toMatchObject({ stumbles: 1, shortLived: 1 });
});

const socket = group(["ws:a"]);
it("halts a WebSocket for no two refusals between which it was of use", () => {
  const one = player(socket);
  one.take(start);
  for (let i = 0; i < 4; i++) {
    one.failsAndRedials(status(403));
    one.opens();
    one.pass(30_000);
    one.failsAndRedials(reset);
  }
  expect(one.state.link.phase).toBe("connecting");
});
it("halts one that greets with an event and refuses the same credential each time", () => {
  const one = player(socket);
  one.take(start);
  for (let i = 0; i < 2; i++) {
    one.opens();
    one.hear(failing(status(403)));
    if (one.state.link.phase === "waiting") one.redial();
  }
  expect(one.state.link.phase).toBe("halted");
});

/* ── trust after a return ─────────────────────────────────────────────────────────────────────── */

/** At the first of a group, to which it has returned. */
function returned(): Player {
  const one = player(pair);
  one.take(start);
  one.failsAndRedials();
  one.opens();
  while (one.state.standings[0]?.wayBack.returns === 0) {
    one.pass(1000);
    if (one.state.probe !== null) one.probe(dialling, connected, opened, bytes, event);
    if (one.state.link.phase === "open") one.hear(bytes, event);
  }
  one.opens();
  return one;
}

/** Half an hour in which it speaks each five seconds. */
function halfAnHour(one: Player): void {
  for (let i = 0; i < 360; i++) {
    one.pass(5000);
    one.hear(bytes, event);
  }
}

it("trusts an address again when its connection has been open for an hour, without waiting for its end", () => {
  const one = returned();
  halfAnHour(one);
  expect(one.state.standings[0]).toMatchObject({ wayBack: { returns: 1, probeEveryMs: 60_000 } });
  halfAnHour(one);
  one.pass(10_000);
  expect(one.state.standings[0]).toMatchObject({ wayBack: { returns: 0, probeEveryMs: 30_000 } });
});
it.each<[string, (one: Player) => void]>([
  [
    "ended as planned",
    (one) => {
      one.hear((g) => retry(g, 1000), failing(ended));
      one.redial();
    },
  ],
  [
    "went offline",
    (one) => {
      one.take(network(false));
      one.take(network(true));
      one.redial();
    },
  ],
  [
    "was replaced after a sleep",
    (one) => {
      one.stall(12_000);
      one.probe(dialling, connected, opened);
      one.pass(3000);
    },
  ],
])("counts the hour over connections: one that %s goes on in the next", (_, ends) => {
  const one = returned();
  halfAnHour(one);
  ends(one);
  expect(one.state.standings[0]?.wayBack.returns).toBe(1);
  one.opens();
  halfAnHour(one);
  one.pass(10_000);
  expect(one.state.standings[0]).toMatchObject({ wayBack: { returns: 0, probeEveryMs: 30_000 } });
});
it("counts it over connections that were renewed", () => {
  const one = returned();
  halfAnHour(one);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 12_000 });
  const before = connects(one);
  for (let i = 0; i < 5; i++) {
    isSilent(one, 11_000);
    one.hear(bytes, event);
  }
  expect(connects(one)).toBeGreaterThan(before + 3);
  expect(one.state.standings[0]?.wayBack.returns).toBe(1);
  halfAnHour(one);
  expect(one.state.standings[0]?.wayBack.returns).toBe(0);
});
it("begins the hour anew with each return", () => {
  const one = returned();
  halfAnHour(one);
  while (linkIn(one.state, "open").candidate === 0 || one.state.standings[0]?.wayBack.returns === 1) {
    if (linkIn(one.state, "open").candidate === 0) {
      one.hear(failing(timedOut));
      while (one.redial().candidate === 0) one.hear(failing(timedOut));
      one.opens();
    }
    one.pass(1000);
    if (one.state.probe !== null) one.probe(dialling, connected, opened, bytes, event);
    if (one.state.link.phase === "open") one.hear(bytes, event);
    if (one.state.link.phase === "connecting" && one.state.standings[0]?.wayBack.returns === 2) one.opens();
  }
  halfAnHour(one);
  one.hear((g) => retry(g, 1000), failing(ended));
  expect(one.state.standings[0]?.wayBack.returns).toBe(2);
});
