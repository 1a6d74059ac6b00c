/** What makes the machine forget failures, how the server's wishes and our own pace are kept, and when it dials again. */
import { expect, it } from "vitest";
import { step } from "../../main/core/connection/connection.ts";
import { initialState, sliceOf } from "../../main/core/connection/connection-state.ts";
import {
  broken,
  bytes,
  candidate,
  comment,
  connected,
  cursor,
  dialling,
  ended,
  event,
  failed,
  failing,
  group,
  linkIn,
  network,
  open,
  opened,
  parsed,
  play,
  player,
  policy,
  refused,
  retry,
  retryNow,
  type Script,
  settled,
  skipped,
  start,
  status,
  stop,
  timer,
  words,
} from "./play.ts";

const highest = 1 - Number.EPSILON;
const delayOf = (script: Script, random = 0.5) => linkIn(play(script, policy, random).state, "waiting").delayMs;

/* ── forgetting ───────────────────────────────────────────────────────────────────────────────── */

const failuresAfter = (...more: Script) =>
  play([[0, start], [1, failed(1)], [60_000, timer], [60_001, connected(2)], [60_002, opened(2)], ...more]).state;

it("does not forget failures because a connection opened, spoke, or moved the cursor", () => {
  const spoken: Script = [bytes, comment, cursor, settled, skipped].map((one, i) => [60_003 + i, one(2)] as const);
  const state = failuresAfter(...spoken, [90_000, timer]);
  expect(state).toMatchObject({ failures: 1, outageSince: 1, standings: [{ failures: 1 }] });
});
it("forgets failures with the first event", () => {
  expect(failuresAfter([60_003, event(2)])).toMatchObject({
    failures: 0,
    outageSince: null,
    standings: [{ failures: 0, parked: false }],
  });
});
it.each([
  [59_999, 1],
  [60_000, 0],
])("after %s ms open, %s failures are left", (openMs, left) => {
  const { failures } = failuresAfter([60_002 + openMs - 1, bytes(2)], [60_002 + openMs, timer]);
  expect(failures).toBe(left);
});
it.each([1000, 600_000])("takes the time after which failures are forgotten from the policy: %s ms", (resetAfterMs) => {
  const rules = { ...policy, resetAfterMs, idleTimeoutMs: 3_600_000 };
  const one = player(rules);
  one.take(start);
  one.failsAndRedials();
  one.opens(false);
  one.pass(resetAfterMs - 1);
  expect(one.state.failures).toBe(1);
  one.pass(1);
  expect(one.state.failures).toBe(0);
});
it("sets its timer for the moment when failures are forgotten", () => {
  const { state } = { state: failuresAfter([100_000, bytes(2)], [100_000, comment(2)], [100_001, timer]) };
  expect(state.timerAt).toBe(120_002);
});
it("tells once which candidate has proved useful, by an event or by time", () => {
  for (const withEvent of [true, false]) {
    const one = player(group(["a", "b"]));
    one.take(start);
    one.failsAndRedials();
    one.opens(withEvent);
    one.pass(60_000);
    one.hear(bytes, event);
    one.pass(30_000);
    expect(one.effects.filter(({ type }) => type === "remember")).toEqual([{ type: "remember", candidate: 1 }]);
  }
});
it("forgets an outage that the user ended", () => {
  const one = player();
  one.take(start);
  one.hear(failing(refused));
  one.take(stop);
  expect(one.state).toMatchObject({ failures: 0, outageSince: null, quality: { downSince: null } });
});
it("grows the delay with each failure in a row, and begins anew after an event", () => {
  const one = player();
  one.take(start);
  const delays = Array.from({ length: 4 }, () => one.failsAndRedials(broken("ENOTFOUND")).delayMs);
  expect(delays).toEqual([5100, 10_000, 15_000, 22_500]);
  one.opens();
  expect(one.failsAndRedials(broken("ENOTFOUND")).delayMs).toBe(5100);
});
it("does not begin anew because it was open for a moment, again and again", () => {
  const one = player();
  one.take(start);
  const delays = Array.from({ length: 5 }, () => {
    one.opens(false);
    one.pass(100);
    return one.failsAndRedials(broken("ECONNRESET", "body")).delayMs;
  });
  expect(delays).toEqual([10_200, 24_000, 40_000, 40_000, 40_000]);
});

/* ── the grade before the outage ──────────────────────────────────────────────────────────────── */

it("judges by the grade before the loss, which the outage does not feed", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  for (let i = 0; i < 4; i++) {
    one.opens();
    one.pass(400_000);
    one.hear(bytes, event);
    if (i < 3) {
      one.hear(failing(broken("ENOTFOUND")));
      one.redial();
    }
  }
  one.hear(failing(broken("ENOTFOUND")));
  expect(one.state.gradeBefore).toBe("EXCELLENT");
  for (let i = 0; i < 30; i++) {
    one.redial();
    one.hear(failing(broken("ENOTFOUND")));
    expect(one.state.gradeBefore).toBe("EXCELLENT");
  }
});
it("takes the grade anew when the outage is over", () => {
  const one = player();
  one.take(start);
  one.failsAndRedials();
  expect(one.state.gradeBefore).toBe("UNKNOWN");
  one.opens();
  one.failsAndRedials();
  expect(one.state.gradeBefore).toBe("GOOD");
});
it("multiplies by that grade: a good connection is hastened by what is local, and by nothing else", () => {
  const quick = { ...initialState(policy), gradeBefore: "EXCELLENT" as const, outageSince: 0 };
  const after = (code: string) =>
    linkIn(
      play(
        [
          [0, start],
          [1, failed(1, broken(code))],
        ],
        policy,
        0.5,
        quick,
      ).state,
      "waiting",
    ).delayMs;
  expect(after("ENOTFOUND")).toBe(2550);
  expect(after("UND_ERR_CONNECT_TIMEOUT")).toBe(5100);
});
it("counts the outage from its first failure", () => {
  const one = player(policy, { random: highest });
  one.pass(250_000);
  one.take(start);
  for (let i = 0; i < 8; i++) one.failsAndRedials(status(503));
  expect(one.state.outageSince).toBe(250_000);
  const age = one.now - 250_000;
  one.hear(failing(status(503)));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "outage", delayMs: Math.round(age / 5) });
});
it("strict: follows the table's caps and not the outage's age", () => {
  const one = player({ ...policy, strict: true }, { random: highest });
  one.take(start);
  for (let i = 0; i < 7; i++) one.failsAndRedials(status(503));
  one.hear(failing(status(503)));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "family", delayMs: 900_000 });
});

/* ── the server's wishes ──────────────────────────────────────────────────────────────────────── */

it.each([
  [0, 500],
  [1, 500],
  [500, 500],
  [3000, 3000],
  [60_000, 60_000],
  [2 ** 31, 60_000],
  [1e20, 60_000],
  [Number.POSITIVE_INFINITY, 60_000],
])("takes retry: %s as a floor of %s ms", (sent, floor) => {
  const script: Script = [...open, [30, retry(1, sent)], [40, failed(1, broken("ENOTFOUND"))]];
  expect(delayOf(script, 0)).toBe(floor);
  expect(delayOf(script, highest)).toBeLessThanOrEqual(Math.max(10_000, floor * 1.25));
});
it("waits as long as Retry-After says, spread by a quarter, and takes the longer of it and retry:", () => {
  const script: Script = [...open, [25, retry(1, 3000)], [30, failed(1, status(503, 70_000))]];
  expect(delayOf(script, 0)).toBe(70_000);
  expect(delayOf(script, highest)).toBe(87_500);
  const longer: Script = [...open, [25, retry(1, 60_000)], [30, failed(1, status(503, 7000))]];
  expect(delayOf(longer, 0)).toBe(60_000);
});
it.each([
  [1, 1000],
  [1000, 1000],
  [3_600_000, 3_600_000],
  [1e15, 3_600_000],
])("takes a Retry-After of %s ms for %s", (sent, floor) => {
  const script: Script = [
    [0, start],
    [30, failed(1, status(429, sent))],
  ];
  expect(delayOf(script, 0)).toBe(floor);
});
it("keeps retry: over a stop, and for as many failures as follow", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 40_000));
  one.take(stop);
  one.take(start);
  for (let i = 0; i < 5; i++) expect(one.failsAndRedials(broken("ENOTFOUND")).delayMs).toBeGreaterThanOrEqual(40_000);
});
it("does not call another path of a server that asked to be left alone", () => {
  const [a1, a2] = [candidate("a1", { origin: "http://a" }), candidate("a2", { origin: "http://a" })];
  const one = player(group([a1, a2]), { random: 0 });
  one.take(start);
  one.failsAndRedials(status(429, 30_000));
  one.hear(failing(status(429, 30_000)));
  const { until } = linkIn(one.state, "waiting");
  expect(until).toBeGreaterThanOrEqual(one.now + 30_000);
});
it("calls another server meanwhile", () => {
  const one = player(group(["a", "b"]), { random: 0 });
  one.take(start);
  expect(one.failsAndRedials(status(429, 30_000))).toMatchObject({ candidate: 1, delayMs: 200 });
});
it("comes back to a server not before the time that it named, spread over a quarter of what is left, whatever happens in between", () => {
  for (const random of [0, 0.5, highest]) {
    const one = player(policy, { random });
    one.take(start);
    one.hear(failing(status(503, 600_000)));
    one.pass(5000);
    one.take(network(false));
    one.pass(5000);
    one.take(network(true, true));
    const { until, rule } = linkIn(one.state, "waiting");
    expect(rule).toBe("floor");
    expect(until).toBe(600_000 + Math.round(random * (590_000 / 4)));
  }
});
it("keeps retry: from the end of the connection, however the network comes and goes meanwhile", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 60_000), failing(broken("ECONNRESET", "body")));
  const lostAt = one.now;
  one.pass(10_000);
  one.take(network(true, true));
  one.redial();
  expect(one.now - lostAt).toBeGreaterThanOrEqual(60_000);
});
it("keeps retry: over a time without a network, also when that took the open connection", () => {
  for (const lost of [failing(broken("ECONNRESET", "body")), () => network(false)]) {
    const one = player(policy, { random: 0 });
    one.take(start);
    one.opens();
    one.hear((g) => retry(g, 60_000), lost);
    const lostAt = one.now;
    one.pass(5000);
    one.take(network(false));
    one.pass(500);
    one.take(network(true));
    one.redial();
    expect(one.now - lostAt).toBeGreaterThanOrEqual(60_000);
  }
});
it("keeps retry: under a network that flaps, for as many failures as follow", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 60_000), failing(ended));
  while (one.now < 300_000) {
    one.pass(500);
    if (one.state.link.phase === "connecting") one.hear(dialling, connected, failing(status(502)));
    one.take(network(false));
    one.take(network(true));
  }
  expect(one.dials.length).toBeLessThanOrEqual(6);
});
it.each([
  ["without an id", 431, false],
  ["with a fresh credential", 401, true],
])("keeps retry: before it asks once more %s", (_, code, freshCredential) => {
  const one = player(group([candidate("a", { freshCredential })]), { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 30_000), failing(ended));
  one.redial();
  one.hear((g) => dialling(g, true), failing(status(code)));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "floor", delayMs: 30_000 });
});
it("does as the user says in spite of it", () => {
  const one = player();
  one.take(start);
  one.hear(failing(status(503, 600_000)));
  one.take(retryNow);
  expect(one.dials.map(({ at }) => at)).toEqual([0, 0]);
});
it("does not come back to a candidate under its own retry: because another one failed in between", () => {
  const one = player(group(["a", "b"]), { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 60_000), failing(ended));
  one.redial();
  const lostAt = one.now;
  expect(one.failsAndRedials(refused).candidate).toBe(1);
  expect(one.failsAndRedials(refused).candidate).toBe(0);
  expect(one.now - lostAt).toBeGreaterThanOrEqual(60_000);
});

/* ── our own pace ─────────────────────────────────────────────────────────────────────────────── */

it.each([
  [
    "sends retry: 0 and an event and closes at once",
    [opened, (g: number) => retry(g, 0), bytes, event, failing(ended)],
  ],
  ["opens and dies after 100 ms", [opened, failing(broken("ECONNRESET", "body"))]],
  ["sends an event and dies after 100 ms", [opened, bytes, event, failing(broken("ECONNRESET", "body"))]],
])("connects at most 8 times in any minute to a server that %s", (_, fates) => {
  const one = player(policy, { random: 0 });
  one.take(start);
  while (one.now < 1_800_000) {
    one.hear(dialling, connected);
    one.pass(100);
    one.hear(...fates);
    one.redial();
  }
  for (const { at } of one.dials) {
    expect(one.dials.filter((dial) => dial.at >= at && dial.at < at + 60_000).length).toBeLessThanOrEqual(8);
  }
});
it("deals the minute's dials out evenly to a server that ends each connection after an event, with delays however short", () => {
  const strategies = { ...policy.strategies, PROXY: { firstMs: 2500, capMs: 5000, factor: 1, attempts: 3 } };
  for (const random of [0, 0.2, 0.5, highest]) {
    const one = player({ ...policy, strategies }, { random });
    one.take(start);
    while (one.now < 300_000) {
      one.opens();
      one.hear(failing(ended));
      expect(linkIn(one.state, "waiting").delayMs).toBeLessThan(16_000);
      one.redial();
    }
  }
});
it("counts for the pace when a request left, not when it came to wait for its turn", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  for (let i = 0; i < 8; i++) {
    if (i > 0) one.take(retryNow);
    one.pass(10_000);
    one.hear(dialling);
  }
  expect(one.state.standings[0]?.dials).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * 10_000));
});
it("names the pace, and spreads over 2 s what it held back", () => {
  const waits = [0, highest].map((random) => {
    const one = player(policy, { random });
    one.take(start);
    for (let i = 0; i < 7; i++) one.take(retryNow);
    one.opens();
    one.hear((g) => retry(g, 0), failing(ended));
    return linkIn(one.state, "waiting");
  });
  expect(waits).toMatchObject([
    { rule: "pace", delayMs: 60_000 },
    { rule: "pace", delayMs: 62_000 },
  ]);
});

/* ── the timer ────────────────────────────────────────────────────────────────────────────────── */

it("keeps the wait when a timer comes early, and sets it again", () => {
  const { state, last } = play([
    [0, start],
    [1, failed(1)],
    [100, timer],
  ]);
  expect(last).toEqual([{ type: "setTimer", at: linkIn(state, "waiting").until }]);
});
it("does not set the timer again for what it is already set for", () => {
  const { last } = play([
    [0, start],
    [1, failed(1)],
    [100, network(true)],
  ]);
  expect(last).toEqual([]);
});
it("dials at once when a machine that slept wakes after the wait was over", () => {
  const script: Script = [
    [0, start],
    [1, failed(1)],
    [9_999_999, timer],
  ];
  expect(words(play(script).last)).toBe("connect 2");
});
it("waits before dialling again, and dials exactly when the wait is over", () => {
  const one = player();
  one.take(start);
  one.hear(failing(refused));
  const { delayMs } = linkIn(one.state, "waiting");
  one.pass(delayMs - 1);
  expect(one.dials).toHaveLength(1);
  one.pass(1);
  expect(one.dials).toHaveLength(2);
});

/* ── what it counts for others ────────────────────────────────────────────────────────────────── */

it("notes for the lag only events that are stamped", () => {
  const [state] = step(
    policy,
    play(open).state,
    { ...sliceOf([{ ...parsed, stampedAt: 1_000_000 }]), generation: 1 },
    { now: 50, random: 0 },
  );
  expect(state.quality.lag).not.toBeNull();
  expect(play([...open, [50, event(1)]]).state.quality.lag).toBeNull();
});
it("counts the events of a connection", () => {
  expect(linkIn(play([...open, [30, event(1)], [31, event(1)]]).state, "open").events).toBe(2);
});
