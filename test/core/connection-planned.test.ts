/** Ends that the server had planned: after its own `retry:`, or at an age that is always the same. */
import { expect, it } from "vitest";
import type { Evidence } from "../../main/core/failure/failure.ts";
import {
  broken,
  bytes,
  comment,
  ended,
  event,
  failing,
  group,
  linkIn,
  type Player,
  player,
  policy,
  retry,
  start,
  status,
  timedOut,
} from "./play.ts";

const highest = 1 - Number.EPSILON;
const familyOf = ({ state }: Player) => linkIn(state, "waiting").failure.family;

/** Opens once more, lives this long and ends like this. */
function lives(one: Player, ageMs: number, evidence: Evidence, withEvent = true): void {
  if (one.state.link.phase === "waiting") one.redial();
  one.opens(withEvent);
  one.pass(ageMs);
  one.hear(failing(evidence));
}

it.each([
  [0, 2000, 4000],
  [1, 2000, 4000],
])("a clean end after an event and a retry: is planned: no failure, retry: and up to 2 s more (%s)", (extra) => {
  for (const [random, delayMs] of [
    [0, 2000],
    [highest, 4000],
  ] as const) {
    const one = player(policy, { random });
    one.take(start);
    one.opens();
    one.hear((g) => retry(g, 2000));
    for (let i = 0; i < extra; i++) one.hear(bytes, event);
    one.hear(failing(ended));
    expect(one.state).toMatchObject({ failures: 0, outageSince: null, standings: [{ failures: 0 }] });
    expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "planned", delayMs, failure: { family: "PLANNED" } });
    expect(one.state.quality).toMatchObject({ failedEver: 0, downSince: null });
  }
});
it("takes half a second where the server's retry: is shorter", () => {
  const one = player(policy, { random: 0 });
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 0), failing(ended));
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "planned", delayMs: 500 });
});
it("remembers retry: of an earlier connection to the same candidate, and of no other", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 2000), failing(ended));
  lives(one, 100, ended);
  expect(familyOf(one)).toBe("PLANNED");
  one.redial();
  one.failsAndRedials();
  lives(one, 100, ended);
  expect(linkIn(one.state, "waiting")).toMatchObject({ failure: { family: "PROXY" } });
});
it.each([
  ["without an event", ended, false, true],
  ["without a retry:", ended, true, false],
  ["by a reset", broken("ECONNRESET", "body"), true, true],
  ["in the middle of a chunk", broken("UND_ERR_SOCKET", "body"), true, true],
] as const)("an end %s is a failure", (_, evidence, withEvent, withRetry) => {
  const one = player();
  one.take(start);
  one.opens(withEvent);
  if (withRetry) one.hear((g) => retry(g, 2000));
  one.hear(failing(evidence));
  expect(familyOf(one)).not.toBe("PLANNED");
  expect(one.state.failures).toBe(1);
});
it("a clean end in the middle of an event is a failure: whoever cuts there will cut there again", () => {
  const one = player();
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 2000), bytes, failing(ended));
  expect(familyOf(one)).toBe("PROXY");
});
it("a comment is no event", () => {
  const one = player();
  one.take(start);
  one.opens(false);
  one.hear((g) => retry(g, 2000), bytes, comment, failing(ended));
  expect(familyOf(one)).toBe("PROXY");
});
it("an attempt that never opened is nobody's plan, whatever came before", () => {
  const one = player();
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 2000), failing(ended));
  one.redial();
  one.hear(failing(ended));
  expect(familyOf(one)).toBe("PROXY");
});

it.each([
  ["a clean end", ended],
  ["a reset", broken("ECONNRESET", "body")],
  ["a truncated body", broken("UND_ERR_SOCKET", "body")],
  ["a WebSocket's going away", { what: "closed", code: 1001, reason: "" } as const],
])("the third end at the same age is planned, and so are those that follow: %s", (_, evidence) => {
  const one = player();
  one.take(start);
  const families = [60_000, 63_000, 58_000, 61_000].map((ageMs) => {
    lives(one, ageMs, evidence);
    return familyOf(one);
  });
  expect(families[0]).not.toBe("PLANNED");
  expect(families[1]).not.toBe("PLANNED");
  expect(families.slice(2)).toEqual(["PLANNED", "PLANNED"]);
});
it.each([
  ["60, 60 and 60 s", [60_000, 60_000, 60_000], "PLANNED"],
  ["60, 66 and 60 s", [60_000, 66_000, 60_000], "PLANNED"],
  ["60, 60 and 72 s", [60_000, 60_000, 72_000], "PROXY"],
  ["60, 60 and 50 s", [60_000, 60_000, 50_000], "PROXY"],
  ["60, 90 and 60 s", [60_000, 90_000, 60_000], "PROXY"],
  ["10 s each", [10_000, 10_000, 10_000], "PLANNED"],
  ["5 s each: what dies within seconds is broken", [5000, 5000, 5000], "PROXY"],
  ["100 ms each, again and again", [100, 100, 100, 100, 100, 100, 100], "PROXY"],
])("after lives of %s the next is (%j) %s", (_, ages, family) => {
  const one = player();
  one.take(start);
  for (const ageMs of ages) lives(one, ageMs, ended);
  expect(familyOf(one)).toBe(family);
});
it("counts the ages of each candidate by itself", () => {
  const one = player(group(["a", "b"]), { random: 0 });
  one.take(start);
  lives(one, 14_000, ended, false);
  lives(one, 14_000, ended, false);
  lives(one, 14_000, ended, false);
  expect(one.dials.map(({ candidate }) => candidate)).toEqual([0, 0, 1]);
  expect(familyOf(one)).toBe("PROXY");
});
it("a regular end of a path that never said a word is a plan only where there is no other way", () => {
  const one = player();
  one.take(start);
  for (let i = 0; i < 3; i++) lives(one, 12_000, ended, false);
  expect(familyOf(one)).toBe("PLANNED");
});
it("goes to WebSocket past a path that opens, says nothing and is cut like clockwork", () => {
  const one = player(group(["a", "ws:w"]));
  one.take(start);
  for (let i = 0; i < 3; i++) lives(one, 12_000, ended, false);
  one.redial();
  expect(one.dials.map(({ candidate }) => candidate)).toEqual([0, 0, 0, 1]);
});
it("does not come anew before such a cut either: that would be to stay with it", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 40_000 });
  one.opens(false);
  one.pass(39_999);
  expect(one.dials).toHaveLength(1);
  one.hear(failing(ended));
  expect(familyOf(one)).toBe("PROXY");
});
it("a silence of regular age is no plan", () => {
  const one = player({ ...policy, idleTimeoutMs: 20_000 });
  one.take(start);
  for (let i = 0; i < 4; i++) {
    if (i > 0) one.redial();
    one.opens();
    one.pass(20_000);
    expect(linkIn(one.state, "waiting").failure).toMatchObject({ family: "NETWORK", kind: "idle-timeout" });
  }
});
it("a planned end says nothing against a candidate: it stays with it, for a thousand of them", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 1000), failing(ended));
  for (let i = 0; i < 1000; i++) lives(one, 30_000, ended);
  expect(new Set(one.dials.map(({ candidate }) => candidate))).toEqual(new Set([0]));
  expect(one.state.standings[0]).toMatchObject({ failures: 0, parked: false });
});
it("the attempts after a planned end fail as any other", () => {
  const one = player();
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 1000), failing(ended));
  one.redial();
  one.hear(failing(timedOut));
  expect(one.state.failures).toBe(1);
  one.redial();
  one.hear(failing(status(503)));
  expect(one.state.failures).toBe(2);
});
