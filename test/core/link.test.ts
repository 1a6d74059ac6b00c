/** The moves of the consuming connection, one by one: what each writes down and what it asks for. */
import { expect, it } from "vitest";
import { initialState, type State } from "../../main/core/connection/connection-state.ts";
import {
  anotherNetwork,
  attemptDue,
  connect,
  hangUp,
  lateEvidence,
  mustNotRepeat,
  redial,
  unrepeatable,
  wait,
  wentOffline,
} from "../../main/core/connection/link.ts";
import { freshStanding } from "../../main/core/connection/standings.ts";
import { aProbe, bytes, event, failing, group, linkIn, open, play, player, policy, refused, start } from "./play.ts";

const at = (now: number, random = 0.5) => ({ now, random });
const family = (delayMs: number) => ({ delayMs, rule: "family" as const });
const rules = group(["a", "b"]);
const idle = initialState(rules);
const with1 = (change: Partial<State["standings"][number]>): State => ({
  ...idle,
  standings: idle.standings.map((standing, i) => (i === 1 ? { ...standing, ...change } : standing)),
});

it("connects under a new number, with nothing left of what went before but the plan for the way back", () => {
  const before: State = {
    ...idle,
    generation: 7,
    returnTo: 0,
    nextProbe: { at: 5, since: 0, why: "failback", tries: 0 },
  };
  const [state, effects] = connect(before, 1, at(100));
  expect(effects).toEqual([{ type: "connect", generation: 8, candidate: 1, withId: true }]);
  const { nextProbe } = before;
  expect(state).toMatchObject({ generation: 8, nextProbe, returnTo: null, quality: { attemptsEver: 1 } });
  expect(state.link).toEqual({
    phase: "connecting",
    generation: 8,
    candidate: 1,
    startedAt: 100,
    dialled: false,
    sent: false,
    asked: false,
    via: null,
  });
  expect(state.standings.map(({ dials }) => dials)).toEqual([[], [100]]);
});
it("connects without the id where the server cannot take it", () => {
  expect(connect({ ...idle, withoutId: true }, 0, at(0))[1]).toMatchObject([{ withId: false }]);
});
it("hangs up the connection and the probe, in this order", () => {
  const { state } = play(open, rules);
  const probe = aProbe(9);
  const [after, effects] = hangUp({ ...state, probe, returnTo: 0 }, { phase: "idle" }, at(50));
  expect(effects).toEqual([
    { type: "disconnect", generation: 1 },
    { type: "disconnect", generation: 9 },
  ]);
  expect(after).toMatchObject({ link: { phase: "idle" }, probe: null, nextProbe: null, returnTo: null });
  expect(hangUp(idle, { phase: "idle" }, at(50))[1]).toEqual([]);
});
it("redials: first the end, then the beginning", () => {
  expect(redial(play(open, rules).state, 1, at(50))[1]).toEqual([
    { type: "disconnect", generation: 1 },
    { type: "connect", generation: 2, candidate: 1, withId: true },
  ]);
});

/* ── what the present path leaves behind ──────────────────────────────────────────────────────── */

const opens = play(open, rules).state;
const speaks = (at: number, state: State) =>
  play(
    [
      [at, bytes(1)],
      [at, event(1)],
    ],
    rules,
    0.5,
    state,
  ).state;

it("remembers when the path spoke last, and not only that it did", () => {
  const spokeAt = (state: State) => hangUp(state, { phase: "idle" }, at(9000))[0].standings[0]?.spokeAt;
  expect(spokeAt(opens)).toBeNull();
  expect(spokeAt(speaks(5000, speaks(300, opens)))).toBe(5000);
});
it("counts how long it was open towards its stay when the network goes", () => {
  const standings = opens.standings.map((one) => ({ ...one, wayBack: { ...one.wayBack, returns: 1 } }));
  const [{ standings: after }] = wait({ ...opens, standings, online: false }, wentOffline, 0, family(100), at(5020));
  expect(after.map(({ wayBack }) => wayBack.stayedMs)).toEqual([5000, 0]);
});
it.each([
  ["goes on at the same path", 0, [10, 20, null]],
  ["begins anew for another path that takes its place", 1, [null, 20, null]],
])("a silence %s", (_, next, since) => {
  const silentSince = [10, 20, null];
  const state = { ...opens, standings: silentSince.map((one) => ({ ...freshStanding, silentSince: one })) };
  expect(redial(state, next, at(50))[0].standings.map((one) => one.silentSince)).toEqual(since);
  expect(wait(state, wentOffline, next, family(100), at(50))[0].standings.map((one) => one.silentSince)).toEqual(since);
});
it.each<[string, State, number, number]>([
  ["a path that is left for another is not asked again by itself before its server wishes", opens, 1, 5050],
  ["a path that is only dialled anew owes its server no wait", opens, 0, 0],
  ["a path that was not open yet owes its server none", play([[0, start]], rules).state, 1, 0],
])("%s", (_, state, next, until) => {
  const standings = state.standings.map((one) => ({ ...one, retryMs: 5000 }));
  expect(redial({ ...state, standings }, next, at(50))[0].standings[0]?.retryUntil).toBe(until);
});
it.each<[string, State, number, "failback" | "wake", boolean]>([
  ["an open path's end leaves the plan for the way back as it was", opens, 0, "failback", true],
  ["an attempt's failure leaves it, too", play([[0, start]], rules).state, 0, "failback", true],
  ["a move to another path ends it", opens, 1, "failback", false],
  ["an end leaves nothing to ask whether the path lives", opens, 0, "wake", false],
])("%s", (_, state, next, why, isKept) => {
  const nextProbe = { at: 5000, since: 0, why, tries: 0 };
  const [after] = wait({ ...state, nextProbe }, wentOffline, next, family(100), at(50));
  expect(after.nextProbe).toEqual(isKept ? nextProbe : null);
});

/* ── waiting ──────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["nothing asks for more", {}, 1100, "family"],
  ["the server asked for less", { notBefore: 1050 }, 1100, "family"],
  ["the server asked for just as much", { notBefore: 1100 }, 1100, "family"],
  ["the server asked for more", { notBefore: 9000 }, 10_000, "floor"],
  ["our pace asks for more", { dials: [1, 2, 3, 4, 5, 6, 7, 8] }, 61_001, "pace"],
  ["both do, and the server for more", { dials: [1, 2, 3, 4, 5, 6, 7, 8], notBefore: 70_000 }, 78_625, "floor"],
  ["both do, and our pace for more", { dials: [1, 2, 3, 4, 5, 6, 7, 8], notBefore: 9000 }, 61_001, "pace"],
] as const)("waits where %s", (_, change, until, rule) => {
  const [{ link }] = wait(with1(change), wentOffline, 1, family(100), at(1000));
  expect(link).toEqual({
    phase: "waiting",
    failure: wentOffline,
    candidate: 1,
    delayMs: until - 1000,
    until,
    rule,
  });
});
it("looks only at the candidate that is next", () => {
  const [{ link }] = wait(with1({ notBefore: 9000 }), wentOffline, 0, family(100), at(1000));
  expect(link).toMatchObject({ until: 1100, rule: "family" });
});
it("has nothing final in a network that is missing or another one", () => {
  const nothing = { family: "NETWORK", status: null, final: false, retryAfterMs: null, params: {} };
  expect(wentOffline).toEqual({ ...nothing, kind: "offline" });
  expect(anotherNetwork).toEqual({ ...nothing, kind: "network-changed" });
});
it.each([
  ["has not left", false, false, 71_000],
  ["has left", true, false, 11_000],
  ["is connected", true, true, 16_000],
])("an attempt whose request %s is over at its time", (_, dialled, sent, due) => {
  expect(attemptDue(policy, { startedAt: 1000, dialled, sent })).toBe(due);
});
it.each([
  ["that never left", false, false, 70_000, { what: "internal", message: "not-dialled" }],
  ["that found nobody", true, false, 10_000, { what: "deadline", deadline: "connect", afterMs: 10_000 }],
  [
    "that found nobody in all its time",
    true,
    false,
    15_000,
    { what: "deadline", deadline: "headers", afterMs: 15_000 },
  ],
  ["that was not answered", true, true, 15_000, { what: "deadline", deadline: "headers", afterMs: 15_000 }],
])("a late request %s is told as what it is", (_, dialled, sent, afterMs, evidence) => {
  expect(lateEvidence(policy, { startedAt: 500, dialled, sent }, 500 + afterMs)).toEqual(evidence);
});
it.each([
  ["while a proxy is to carry it", { proxy: "http://p:1", tunnel: true }, false, "http://p:1"],
  ["once the proxy carries it", { proxy: "http://p:1", tunnel: true }, true, undefined],
  ["while a proxy answers in the server's place", { proxy: "http://p:1", tunnel: false }, true, "http://p:1"],
  ["that goes directly", { proxy: null, tunnel: false }, false, undefined],
  ["of which the way is not known", null, false, undefined],
] as const)("blames the proxy for a late request %s: %j, sent %s → %s", (_, via, sent, proxy) => {
  const evidence = lateEvidence(policy, { startedAt: 0, dialled: true, sent, via }, 10_000);
  expect(evidence).toEqual({
    what: "deadline",
    deadline: sent ? "headers" : "connect",
    afterMs: 10_000,
    ...(proxy && { proxy }),
  });
});
it("does not wait without a network", () => {
  expect(wait({ ...idle, online: false }, wentOffline, 0, family(100), at(0))[0].link).toEqual({ phase: "offline" });
});

it("a request may be repeated before it was sent, and anything that the user calls repeatable always", () => {
  const once = { ...policy, repeatable: false };
  const one = player(once);
  one.take(start);
  expect(mustNotRepeat(once, one.state.link)).toBe(false);
  one.hear((g) => ({ type: "connected", generation: g }));
  expect(mustNotRepeat(once, one.state.link)).toBe(true);
  expect(mustNotRepeat(policy, one.state.link)).toBe(false);
  one.opens();
  expect(mustNotRepeat(once, one.state.link)).toBe(true);
  expect(mustNotRepeat(once, { phase: "idle" })).toBe(false);
});
it("an unrepeatable failure is final and names its cause", () => {
  expect(unrepeatable(wentOffline)).toMatchObject({
    kind: "not-repeatable",
    final: true,
    params: { cause: "offline" },
  });
});
it("counts a dial against the candidate that is dialled, and an attempt for the stream", () => {
  const one = player(rules);
  one.take(start);
  one.failsAndRedials(refused);
  one.failsAndRedials(refused);
  one.opens(false);
  one.hear(event, failing(refused));
  linkIn(one.state, "waiting");
  expect(one.state.standings.map(({ dials }) => dials.length)).toEqual([2, 1]);
  expect(one.state.quality).toMatchObject({ attemptsEver: 3, opensEver: 1, endedEver: 2, failedEver: 3 });
});
