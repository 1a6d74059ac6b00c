/** Which candidate is tried when: moving on, one rotation, parking and coming back, WebSocket, guesses, the quickest. */
import { expect, it } from "vitest";
import { firstCandidate, hasSilent, nextCandidate } from "../../main/core/connection/candidates.ts";
import { initialState } from "../../main/core/connection/connection-state.ts";
import { wentOffline } from "../../main/core/connection/link.ts";
import {
  asTheUserSays,
  earliestDial,
  endsRegularly,
  evenDial,
  forgiven,
  freshStanding,
  noteDial,
  noteEnd,
  noteOpened,
  noteUseful,
  noteWord,
  redated,
  renewed,
  type Standing,
} from "../../main/core/connection/standings.ts";
import type { Evidence, Failure } from "../../main/core/failure/failure.ts";
import {
  broken,
  bytes,
  candidate,
  comment,
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
  refused,
  retryNow,
  start,
  status,
  stop,
  timedOut,
} from "./play.ts";

const begun = (rules = group(["a"]), worked: readonly string[] = []): Player => {
  const one = player(rules, { worked });
  one.take(start);
  return one;
};
const order = (one: Player) => one.dials.map(({ candidate: i }) => i).join("");
/** Without what only asked. */
const held = (one: Player) => one.dials.flatMap(({ type, candidate: i }) => (type === "connect" ? [i] : [])).join("");
/** Fails `n` attempts alike. @returns by which rules it waited */
const fails = (one: Player, evidence: Evidence, n: number) =>
  Array.from({ length: n }, () => one.failsAndRedials(evidence).rule);

/* ── moving on ────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["refused", refused, "01", ["next-candidate"]],
  ["an unknown name", broken("ENOTFOUND"), "01", ["next-candidate"]],
  ["a name server that fails", broken("EAI_AGAIN"), "01", ["next-candidate"]],
  ["a 404", status(404), "01", ["next-candidate"]],
  ["a timeout", timedOut, "001", ["family", "next-candidate"]],
  ["a reset", broken("ECONNRESET", "headers"), "001", ["family", "next-candidate"]],
  ["a 503", status(503), "001", ["family", "next-candidate"]],
  ["a 500", status(500), "001", ["family", "next-candidate"]],
  ["a wrong content type", status(200), "001", ["family", "next-candidate"]],
] as const)("leaves a candidate after %s in this order: %3$s", (_, evidence, dialled, rules) => {
  const one = begun(group(["a", "b"]));
  expect(fails(one, evidence, rules.length)).toEqual(rules);
  expect(order(one)).toBe(dialled);
});
it.each([
  [0, 200],
  [1 - Number.EPSILON, 2000],
])("tries the next one 0.2 to 2 s later: chance %s, %s ms", (random, delayMs) => {
  const one = player(group(["a", "b"]), { random });
  one.take(start);
  expect(one.failsAndRedials(refused)).toEqual({ candidate: 1, rule: "next-candidate", delayMs });
});
it("makes one rotation, and then waits as the family says", () => {
  const one = begun(group(["a", "b", "c"]));
  expect(fails(one, refused, 2)).toEqual(["next-candidate", "next-candidate"]);
  const after = one.failsAndRedials(refused);
  expect(after).toMatchObject({ candidate: 0, rule: "family", delayMs: 10_200 });
  expect(one.failsAndRedials(refused)).toMatchObject({ rule: "family", delayMs: 24_000 });
  expect(order(one).slice(0, 5)).toBe("01201");
});
it("goes round by turns afterwards", () => {
  const one = begun(group(["a", "b", "c"]));
  fails(one, refused, 11);
  expect(order(one)).toBe("012012012012");
});
it("stays with one that fails for the first time: that may have been chance", () => {
  const one = begun(group(["a", "b"]));
  fails(one, timedOut, 1);
  one.opens();
  one.pass(60_000);
  fails(one, timedOut, 1);
  expect(order(one)).toBe("000");
});
it("leaves one that keeps breaking within a minute, though it brings an event each time", () => {
  const one = begun(group(["a", "b"]));
  for (let i = 0; i < 2; i++) {
    one.opens();
    one.pass(59_000);
    fails(one, ended, 1);
  }
  expect(order(one)).toBe("001");
});
it.each([
  [1000, "00"],
  [2000, "00"],
  [2001, "01"],
  [3_600_000, "01"],
])(
  "does not wait for a server that wants to be left alone for %s ms, where another is: %s",
  (retryAfterMs, dialled) => {
    const one = begun(group(["a", "b"]));
    fails(one, status(503, retryAfterMs), 1);
    expect(order(one)).toBe(dialled);
  },
);
it("calls the one healthy that was left long ago, once another has proved useful", () => {
  const one = begun(group(["a", "b"]));
  fails(one, refused, 1);
  one.opens();
  expect(one.failsAndRedials(refused)).toMatchObject({ candidate: 0, rule: "next-candidate" });
});
it("has nowhere to go with one candidate", () => {
  const one = begun();
  expect(fails(one, refused, 2)).toEqual(["family", "family"]);
  expect(order(one)).toBe("000");
});

/* ── parking ──────────────────────────────────────────────────────────────────────────────────── */

const lostAttempts = [
  ["NETWORK", timedOut, 8],
  ["SERVER", status(500), 6],
  ["PROXY", status(503), 4],
] as const;

it.each(lostAttempts)("parks a candidate after %s's attempts, and goes on with the others", (_, evidence, attempts) => {
  const one = begun(group(["a", "b"]));
  for (let i = 0; i < 2 * attempts - 2; i++) one.failsAndRedials(evidence);
  expect(one.state.standings.map(({ parked }) => parked)).toEqual([false, false]);
  one.failsAndRedials(evidence);
  expect(one.state.standings.filter(({ parked }) => parked)).toHaveLength(1);
});
it.each(lostAttempts)("asks for ever, all of them, when all are parked by %s", (_, evidence) => {
  const one = begun(group(["a", "b", "ws:w"]));
  for (let i = 0; i < 200; i++) one.failsAndRedials(evidence);
  expect(one.state.standings.every(({ parked }) => parked)).toBe(true);
  const late = one.dials.slice(-30).map(({ candidate: i }) => i);
  for (const i of [0, 1, 2]) expect(late.filter((dialled) => dialled === i)).toHaveLength(10);
  const gaps = one.dials.slice(-30).map(({ at }, k, all) => at - (all[k - 1]?.at ?? at));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(120_000);
  expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(20_000);
});
it("one candidate alone is asked for ever", () => {
  const one = begun();
  for (let i = 0; i < 500; i++) one.failsAndRedials(status(503));
  expect(one.state.standings[0]).toMatchObject({ parked: true, failures: 500, out: null });
  expect(one.state.link.phase).toBe("connecting");
});
it("leaves a parked candidate alone as long as another is not", () => {
  const one = begun(group(["a", "b"], { strategies: { ...group(["a"]).strategies } }));
  const dead = new Set([0]);
  for (let i = 0; i < 40; i++) {
    const present = linkIn(one.state, "connecting").candidate;
    one.failsAndRedials(dead.has(present) ? status(503) : timedOut);
    if (one.state.standings[0]?.parked && !one.state.standings[1]?.parked) {
      expect(linkIn(one.state, "connecting").candidate).toBe(1);
    }
  }
});
it("unparks everybody when one of them proves useful", () => {
  const one = begun(group(["a", "b"]));
  for (let i = 0; i < 30; i++) one.failsAndRedials(status(503));
  one.opens();
  expect(one.state.standings.map(({ parked, failures }) => [parked, failures])).toEqual([
    [false, 0],
    [false, 0],
  ]);
});
it.each([
  ["the user asks", [retryNow], 0],
  ["the user stops and starts", [stop, start], 0],
  ["another network comes", [network(false), network(true, true)], 0],
  ["another network comes that is known to like the second", [network(true, true, 1)], 1],
])("unparks everybody and begins with the first when %s", (_, words, first) => {
  const one = begun(group(["a", "b"]));
  for (let i = 0; i < 30; i++) one.failsAndRedials(status(503));
  one.hear(failing(status(503)));
  for (const word of words) one.take(word);
  if (one.state.link.phase === "waiting") one.redial();
  expect(one.state.standings.map(({ parked }) => parked)).toEqual([false, false]);
  expect(linkIn(one.state, "connecting").candidate).toBe(first);
});

/* ── WebSocket, the last resort ───────────────────────────────────────────────────────────────── */

it.each(lostAttempts)("a path that has worked has all of %s's attempts before WebSocket", (_, evidence, attempts) => {
  const one = begun(group(["a", "ws:w"]), ["a"]);
  const rules = fails(one, evidence, attempts);
  expect(order(one)).toBe(`${"0".repeat(attempts)}1`);
  expect(rules.at(-1)).toBe("next-candidate");
});
it("every path that has worked has its attempts before WebSocket", () => {
  const one = begun(group(["a", "b", "ws:w"]), ["a", "b"]);
  fails(one, status(503), 8);
  expect(order(one).slice(0, 8)).not.toContain("2");
  expect(order(one).at(-1)).toBe("2");
});
it.each([
  ["refused", refused, "01"],
  ["a timeout", timedOut, "001"],
  ["a 503", status(503), "001"],
])("a path that never worked is not waited for: after %s in this order: %3$s", (_, evidence, dialled) => {
  const one = begun(group(["a", "ws:w"]));
  fails(one, evidence, dialled.length - 1);
  expect(order(one)).toBe(dialled);
});
it("of several that never worked each is tried before WebSocket", () => {
  const one = begun(group(["a", "b", "ws:w"]));
  fails(one, refused, 2);
  expect(order(one)).toBe("012");
});
it.each([
  ["that stays mute", [], "mute"],
  ["that holds back what it began", [bytes], "held"],
] as const)("goes to WebSocket from a path %s, after 15 s", (_, heard, kind) => {
  const one = begun(group(["a", "ws:w"]), ["a"]);
  one.opens(false);
  one.hear(...heard);
  one.pass(14_999);
  expect(one.state.link.phase).toBe("open");
  one.pass(1);
  expect(linkIn(one.state, "waiting")).toMatchObject({ candidate: 1, rule: "next-candidate", failure: { kind } });
});
it("goes to an equal that was never asked when a path stays without a word for as long as the watchdog bears", () => {
  const one = begun(group(["a", "b"]));
  one.opens(false);
  one.pass(300_000);
  expect(linkIn(one.state, "waiting")).toMatchObject({ candidate: 1, rule: "next-candidate" });
  one.redial();
  one.opens(false);
  one.pass(1_000_000);
  expect(order(one).replaceAll("0", "").length).toBeGreaterThan(0);
});
it("does not leave a quiet path for one that was tried in vain, nor for one whose server answers with an error", () => {
  const one = begun(group(["a", "b"]));
  for (let second = 0; second < 3000; second++) {
    const { link } = one.state;
    if (link.phase === "connecting") {
      if (link.candidate === 0) one.hear(failing(refused));
      else one.opens(false);
    }
    one.pass(1000);
  }
  expect(held(one)).toMatch(/^01{2,5}$/);
});
it("listens to two paths that are cut in their silence by turns, to each for as long as the watchdog bears", () => {
  const one = begun(group(["a", "b"]));
  for (let i = 0; i < 20; i++) {
    one.opens(false);
    one.pass(120_000);
    one.hear(failing(ended));
    one.redial();
  }
  // 300 s without a word, and twice as long when neither has said one.
  expect(held(one)).toMatch(/^01{3}0{5,}1{5,}$/);
});
it("gives the WebSocket of a server that asks for time its turn when SSE was asked twice for nothing", () => {
  const one = begun(group([candidate("a", { origin: "http://a" }), candidate("ws:w", { origin: "http://a" })]));
  for (let i = 0; i < 2; i++) one.failsAndRedials(status(503, 120_000));
  expect(order(one)).toBe("001");
});
it("stays with one that spoke before the silence, as with the only one there is", () => {
  for (const rules of [group(["a", "b"]), group(["a"])]) {
    const one = begun(rules);
    one.opens(false);
    if (rules.candidates.length > 1) {
      one.pass(15_000);
      one.hear(bytes, comment);
    }
    one.pass(300_000);
    expect(linkIn(one.state, "waiting")).toMatchObject({ candidate: 0 });
    expect(one.state.standings[0]?.mute).toBe(false);
  }
});
it("does not call a path mute that spoke, nor where nothing else could be tried", () => {
  const spoke = begun(group(["a", "ws:w"]));
  spoke.opens(false);
  spoke.hear(bytes, comment);
  spoke.pass(299_000);
  expect(spoke.state.link.phase).toBe("open");
  const alone = begun();
  alone.opens(false);
  alone.pass(299_000);
  expect(alone.state.link.phase).toBe("open");
});
it("leaves the WebSocket that a network was known to need when that fails, and gives SSE all its attempts", () => {
  const one = begun(group(["a", "ws:w"]), ["a"]);
  one.take(network(false));
  one.take(network(true, true, 1));
  one.redial();
  fails(one, timedOut, 2);
  expect(order(one)).toBe("0110");
  fails(one, status(503), 4);
  expect(order(one).slice(3)).toBe("00001");
});
it("does not go to and fro between two paths that are both mute", () => {
  const one = begun(group(["a", "ws:w"]));
  one.opens(false);
  one.pass(15_000);
  one.redial();
  one.opens(false);
  one.pass(240_000);
  expect(linkIn(one.state, "open").candidate).toBe(1);
});
it("does not come back to a mute path by an ordinary failure while one is there that only failed", () => {
  const one = begun(group(["a", "b"]), ["a"]);
  one.opens();
  // Its rhythm is known, so that its silence is suspicious.
  for (let s = 0; s < 20; s++) {
    one.pass(1000);
    one.hear(bytes, comment);
  }
  one.failsAndRedials(ended);
  one.opens(false);
  one.pass(15_000);
  expect(one.redial().candidate).toBe(1);
  one.opens();
  fails(one, timedOut, 3);
  expect(linkIn(one.state, "connecting").candidate).toBe(1);
});

/* ── guesses ──────────────────────────────────────────────────────────────────────────────────── */

const guess = (path: string) => candidate(path, { origin: "http://a" });
const guesses = group(["/events", "/stream", "/api/events", "/realtime/events"].map(guess), { discover: true });

it("looks for the path by going from guess to guess, and stays with the one that answers with a stream", () => {
  const one = begun(guesses);
  expect(fails(one, status(404), 2)).toEqual(["next-candidate", "next-candidate"]);
  one.opens();
  for (let i = 0; i < 30; i++) fails(one, refused, 1);
  expect(order(one)).toBe(`01${"2".repeat(31)}`);
});
it("takes a 204 of a guess for no stream's path, and of the one it has found for the server's wish", () => {
  const one = begun(guesses);
  one.failsAndRedials(status(204));
  one.opens();
  one.hear(failing(status(204)));
  expect(order(one)).toBe("01");
  expect(linkIn(one.state, "halted").failure.kind).toBe("no-content");
});
it("says of guesses that are all out what says most, and calls no failure final while others are asked", () => {
  const one = begun(guesses);
  one.hear(failing(status(204)));
  expect(linkIn(one.state, "waiting").failure).toMatchObject({ kind: "no-content", final: false });
  one.redial();
  fails(one, status(404), 2);
  one.hear(failing(status(404)));
  expect(linkIn(one.state, "halted").failure).toMatchObject({ kind: "no-content", final: true });
});
it("takes the guess that wants a credential for the one", () => {
  const one = begun(guesses);
  fails(one, status(404), 1);
  fails(one, status(401), 1);
  expect(one.state.pinned).toBe(1);
  one.opens();
  fails(one, status(503), 20);
  expect(order(one)).toBe(`01${"1".repeat(21)}`);
});
it("looks anew after four answers of 404 where the path was, and comes back to it when nothing else is there", () => {
  const one = begun(guesses);
  fails(one, status(404), 1);
  one.opens();
  fails(one, status(404), 3);
  expect(one.state.pinned).toBe(1);
  fails(one, status(404), 13);
  // All of them are asked anew, what was no stream's path before, too: the stream may have moved back.
  expect(order(one)).toBe(`01111023${"1".repeat(10)}`);
  expect(one.state).toMatchObject({ pinned: null });
  expect(one.state.standings.map(({ out }) => out !== null)).toEqual([true, false, true, true]);
});
it("finds a path that has moved back to where nothing was before", () => {
  const one = begun(guesses);
  fails(one, status(404), 1);
  one.opens();
  fails(one, status(404), 4);
  one.opens();
  expect(one.state.pinned).toBe(0);
});
it("pins no WebSocket that has worked: the stream's path is still to be found", () => {
  expect(initialState(guesses, ["ws:w"]).pinned).toBeNull();
});
it("stays with the path that it finds in the place of one that has moved", () => {
  const one = begun(guesses);
  fails(one, status(404), 1);
  one.opens();
  fails(one, status(404), 5);
  one.opens();
  expect(one.state.pinned).toBe(2);
  fails(one, status(503), 5);
  expect(order(one)).toBe("011110222222");
});
it.each([
  ["nobody answers", refused],
  ["its server fails", status(500)],
  ["a proxy cannot reach it", status(503)],
  ["a page lies in its place", status(200)],
])("does not look anew because %s", (_, evidence) => {
  const one = begun(guesses);
  one.opens();
  fails(one, evidence, 30);
  expect(one.state).toMatchObject({ pinned: 0, standings: [{ parked: true }, {}, {}, {}] });
  expect(order(one)).toBe("0".repeat(31));
});
it("knows from an earlier run which guess it was, and asks no other", () => {
  const one = begun(guesses, ["/api/events"]);
  fails(one, refused, 20);
  expect(order(one)).toBe("2".repeat(21));
  expect(initialState(guesses, ["/api/events"]).pinned).toBe(2);
});
it.each([
  ["a 404", status(404)],
  ["a page in the place of a stream", status(200)],
  ["a 403", status(403)],
])("does not rule out for %s the guess that worked in an earlier run", (_, evidence) => {
  const one = begun(guesses, ["/stream"]);
  fails(one, evidence, 1);
  expect(one.state).toMatchObject({ pinned: 1, standings: [{}, { out: null, failures: 1 }, {}, {}] });
  expect(order(one)).toBe("11");
});
it("pins nothing where there is nothing to guess, whatever worked", () => {
  expect(initialState(group(["a", "b"]), ["b"]).pinned).toBeNull();
  expect(initialState(guesses, []).pinned).toBeNull();
});
it("halts where that credential is refused again", () => {
  const one = begun(guesses);
  fails(one, status(401), 1);
  one.hear(failing(status(401)));
  expect(linkIn(one.state, "halted").failure).toMatchObject({ kind: "unauthorized" });
});
it.each([
  ["a 400", status(400)],
  ["a 404", status(404)],
  ["a 405", status(405)],
  ["a 406", status(406)],
  ["a 410", status(410)],
])("a guess that is answered with %s is not it, and is not asked again", (_, evidence) => {
  const one = begun(guesses);
  expect(one.failsAndRedials(evidence)).toMatchObject({ candidate: 1, rule: "next-candidate" });
  expect(one.state.standings[0]?.out).toMatchObject({ final: true });
  expect(one.state.pinned).toBeNull();
});
it.each([
  ["a refusal", refused],
  ["a timeout", timedOut],
  ["a 503", status(503)],
  ["a page in the place of a stream", status(200)],
  ["a 403: only a 401 says that there is something", status(403)],
])("a guess that met %s may still be it, and the next is asked before it", (_, evidence) => {
  const one = begun(guesses);
  expect(one.failsAndRedials(evidence)).toMatchObject({ candidate: 1, rule: "next-candidate" });
  expect(one.state).toMatchObject({ pinned: null, standings: [{ out: null }, {}, {}, {}] });
  fails(one, status(404), 3);
  expect(order(one)).toBe("01230");
});
it("halts when no guess is the one", () => {
  const one = begun(guesses);
  fails(one, status(404), 3);
  one.hear(failing(status(404)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "not-found", final: true } });
});
it("does not halt while one of them could not be asked", () => {
  const one = begun(guesses);
  fails(one, status(404), 3);
  one.failsAndRedials(refused);
  expect(linkIn(one.state, "connecting").candidate).toBe(3);
});
it("leaves WebSocket at hand beside what it found", () => {
  const one = begun(group([guess("/events"), guess("/stream"), "ws:w"], { discover: true }));
  fails(one, status(404), 1);
  one.opens();
  fails(one, status(503), 4);
  expect(order(one)).toBe("011112");
});
it("begins with what it found after a stop", () => {
  const one = begun(guesses);
  fails(one, status(404), 1);
  one.opens();
  one.take(stop);
  one.take(start);
  expect(order(one)).toBe("011");
});

/* ── the quickest of those that work ──────────────────────────────────────────────────────────── */

const quickest = group(["a", "b", "c"], { balance: true });
/** Opens after so many ms and fails by `refused`, at each candidate in turn. */
function measured(times: readonly number[]): Player {
  const one = begun(quickest);
  for (const ms of times) {
    one.hear(dialling);
    one.pass(ms);
    one.hear(opened, failing(refused));
    one.redial();
  }
  return one;
}

const failedTwice = (standings: readonly Standing[]) =>
  standings.map((one, i) => (i === 0 ? { ...one, failures: 2 } : one));

it("chooses by measured time to headers, not by order, where it may", () => {
  const one = measured([900, 300, 30]);
  one.take(stop);
  one.take(start);
  expect(linkIn(one.state, "connecting").candidate).toBe(2);
});
it("moves on to the quickest of the others", () => {
  const one = measured([900, 300, 30]);
  one.opens();
  expect(linkIn(one.state, "open").candidate).toBe(0);
  expect(one.failsAndRedials(refused).candidate).toBe(2);
});
it("keeps to the order where nothing was measured, and where it was not asked to choose", () => {
  expect(order(begun(quickest))).toBe("0");
  const one = measured([900, 300, 30]);
  expect(firstCandidate({ ...quickest, balance: false }, one.state, 0)).toBe(0);
});
it.each([
  ["for being quick", [5]],
  ["for not being measured", []],
])("never prefers WebSocket %s", (_, headersMs) => {
  const rules = group(["a", "ws:w"], { balance: true });
  const state = initialState(rules);
  const standings = state.standings.map((standing, i) => ({ ...standing, headersMs: i === 0 ? [2000] : headersMs }));
  expect(firstCandidate(rules, { ...state, standings }, 0)).toBe(0);
});
it.each([0, 10])("begins with whom it has not measured yet, even after one that took %s ms", (ms) => {
  const one = begun(quickest);
  for (let i = 0; i < 3; i++) {
    one.hear(dialling);
    one.pass(ms);
    one.hear(opened);
    one.take(stop);
    one.take(start);
  }
  expect(order(one).slice(0, 3)).toBe("012");
});
it("moves on to whom it has not measured before the quickest of those that it has", () => {
  const state = initialState(quickest);
  const standings = state.standings.map((standing, i) => ({ ...standing, headersMs: [[900], [5], []][i] ?? [] }));
  expect(nextCandidate(quickest, { ...state, standings: failedTwice(standings) }, 0, wentOffline, 1000)).toEqual({
    candidate: 2,
    moved: true,
  });
});
it("does not go to WebSocket past a path that was not tried, because its server asked to be left alone for a while", () => {
  const [a1, a2] = [candidate("a1", { origin: "http://a" }), candidate("a2", { origin: "http://a" })];
  const one = begun(group([a1, a2, "ws:w"]));
  one.hear(failing(status(429, 30_000)));
  expect(linkIn(one.state, "waiting").candidate).toBe(1);
  expect(linkIn(one.state, "waiting").delayMs).toBeGreaterThanOrEqual(30_000);
});
it("begins with the WebSocket that the network is known to need, whatever was measured", () => {
  const one = begun(group(["a", "ws:w"], { balance: true }));
  one.take(network(false));
  one.take(network(true, true, 1));
  expect(one.redial().candidate).toBe(1);
});
it("does not go back to another SSE path that works no better by order", () => {
  const one = begun(quickest);
  fails(one, refused, 1);
  one.opens();
  expect(one.state.nextProbe).toBeNull();
});

it("asks, of those that are parked, the one that was asked longest ago", () => {
  const rules = group(["a", "b", "c"]);
  const dialled = [
    [1, 2, 900],
    [500, 600, 700],
    [10, 20, 800],
  ];
  const standings = dialled.map((dials) => ({ ...freshStanding, failures: 9, parked: true, dials }));
  const state = { ...initialState(rules), standings };
  expect(nextCandidate(rules, state, 0, wentOffline, 1000)).toEqual({ candidate: 1, moved: false });
});
it("asks, of those that are not parked, the one that failed least", () => {
  const rules = group(["a", "b", "c"]);
  const standings = [4, 3, 2].map((failures) => ({ ...freshStanding, failures, parked: failures === 2 }));
  const state = { ...initialState(rules), standings };
  expect(nextCandidate(rules, state, 0, wentOffline, 1000)).toEqual({ candidate: 1, moved: false });
});

it("gives one that failed its attempts between the turns of the mute: the last resort waits for him", () => {
  const rules = group(["a", "b", "c", "ws:w"]);
  const spoke = { ...freshStanding, worked: true, spokeAt: 1 };
  const mute = { ...spoke, mute: true, heardOut: true };
  const after = (failed: object) => {
    const standings = [{ ...spoke, ...failed }, { ...mute, vainAt: 50 }, { ...mute, vainAt: 900 }, freshStanding];
    return nextCandidate(rules, { ...initialState(rules), standings }, 2, wentOffline, 1000);
  };
  expect(after({ failures: 1, stumbles: 2, vainAt: 40 })).toEqual({ candidate: 0, moved: true });
  expect(after({ failures: 1, stumbles: 2, vainAt: 60 })).toEqual({ candidate: 1, moved: true });
  expect(after({ failures: 9, stumbles: 9, vainAt: 40, parked: true })).toEqual({ candidate: 3, moved: true });
});

it.each<[boolean, string, Partial<Standing>]>([
  [true, "is mute", { mute: true, spokeAt: 1 }],
  [true, "was open in vain and never spoke", { headersMs: [5], vainAt: 9 }],
  [false, "has spoken", { headersMs: [5], vainAt: 9, spokeAt: 1 }],
  [false, "was never open", { vainAt: 9 }],
  [false, "was not in vain", { headersMs: [5] }],
  [false, "is parked", { headersMs: [5], vainAt: 9, parked: true }],
])("takes turns (%s) with one that %s", (expected, _, known) => {
  const rules = group(["a", "b"]);
  const standings = [
    { ...freshStanding, mute: true },
    { ...freshStanding, ...known },
  ];
  expect(hasSilent(rules, { ...initialState(rules), standings }, 0)).toBe(expected);
});

/* ── the books ────────────────────────────────────────────────────────────────────────────────── */

it("begins with what is known to work on the network, unless it is out", () => {
  const rules = group(["a", "b"]);
  const state = { ...initialState(rules), first: 1 };
  expect(firstCandidate(rules, state, 0)).toBe(1);
  const out: Failure = { ...wentOffline, final: true };
  const standings = state.standings.map((standing, i) => (i === 1 ? { ...standing, out } : standing));
  expect(firstCandidate(rules, { ...state, standings }, 0)).toBe(0);
  const none = state.standings.map((standing) => ({ ...standing, out }));
  expect(firstCandidate(rules, { ...state, standings: none }, 0)).toBeNull();
});
it.each([
  ["as they come, eight of them", earliestDial, [0, 0, 0, 0, 0, 0, 0, 0, 60_000, 60_000]],
  [
    "where they end as planned, four of them and the rest evenly",
    evenDial,
    [0, 0, 0, 0, 12_000, 24_000, 36_000, 48_000],
  ],
])("allows connections in a minute %s", (_, earliest, expected) => {
  let standing: Standing = freshStanding;
  const dialled = Array.from({ length: 40 }, () => {
    const at = earliest(standing);
    [standing = freshStanding] = noteDial([standing], 0, at);
    return at;
  });
  expect(dialled.slice(0, expected.length)).toEqual(expected);
  for (const at of dialled) {
    expect(dialled.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
  }
  expect(standing.dials).toHaveLength(8);
});
it("does not take for untried whose server's retry: is not over, and takes the one after it", () => {
  const rules = group(["a", "b", "c"]);
  const { standings, ...state } = initialState(rules);
  const failed = standings.map((standing, i) => (i === 0 ? { ...standing, failures: 2, stumbles: 2 } : standing));
  const next = (retryUntil: number) => {
    const known = failed.map((standing, i) => (i === 1 ? { ...standing, retryUntil } : standing));
    return nextCandidate(rules, { ...state, standings: known }, 0, wentOffline, 1000);
  };
  expect(next(1001)).toEqual({ candidate: 2, moved: true });
  expect(next(1000)).toEqual({ candidate: 1, moved: true });
});
it("waits for the server's own wish, too", () => {
  expect(earliestDial({ ...freshStanding, notBefore: 99_000 })).toBe(99_000);
  expect(earliestDial(undefined)).toBe(0);
});
it("a pause of a minute makes all four of a planned end free again", () => {
  const dials = [0, 1, 2, 3, 4, 5, 6, 100_000];
  expect(evenDial({ ...freshStanding, dials })).toBe(0);
});
it("dates a dial by when it leaves, and leaves the earlier ones as they are", () => {
  const standings = noteDial(noteDial([freshStanding, freshStanding], 0, 1000), 0, 2000);
  expect(redated(standings, 0, 9000).map(({ dials }) => dials)).toEqual([[1000, 9000], []]);
});
it("keeps the last five times to headers, and takes an opening for the end of a Retry-After and of refusals", () => {
  const before = [{ ...freshStanding, notBefore: 5000, refusals: 1, failures: 3 }];
  const after = [10, 20, 30, 40, 50, 60].reduce((standings, ms) => noteOpened(standings, 0, ms, true, 0), before);
  expect(after[0]).toMatchObject({
    headersMs: [20, 30, 40, 50, 60],
    worked: true,
    notBefore: 0,
    refusals: 0,
    failures: 3,
  });
});
it("does not take the opening of a WebSocket for the end of refusals, but its use", () => {
  const before = [{ ...freshStanding, refusals: 1, stumbles: 1, failures: 1 }];
  const after = noteOpened(before, 0, 10, false, 5);
  expect(after).toMatchObject([{ refusals: 1, worked: true }]);
  expect(noteUseful(after, 0)).toMatchObject([{ refusals: 0, stumbles: 0, failures: 1 }]);
});
it("forgives everybody for a word, and only itself what has merely lasted; neither proves a mute one", () => {
  const bad = { ...freshStanding, failures: 4, parked: true, mute: true };
  const good = { ...freshStanding, mute: true };
  expect(forgiven([bad, bad], 1, true)).toEqual([good, good]);
  expect(forgiven([bad, bad], 1, false)).toEqual([bad, good]);
});
it("takes what failed while the one that speaks now kept failing, too, for no path that breaks by itself", () => {
  const broke = { ...freshStanding, failures: 3, stumbles: 5, parked: true };
  expect(forgiven([broke, broke], 0, true)).toMatchObject([{ stumbles: 5 }, { stumbles: 1, failures: 0 }]);
  expect(forgiven([{ ...broke, failures: 1 }, broke], 0, true)).toMatchObject([{}, { stumbles: 5, failures: 0 }]);
  expect(forgiven([broke, broke], 0, false)).toMatchObject([{}, { stumbles: 5, failures: 3 }]);
});

it("takes a word for the end of being mute, and of having been tried in vain", () => {
  const bad = { ...freshStanding, mute: true, vainAt: 5, silentSince: 7, heardOut: true };
  expect(noteWord([bad, bad], 1, 9)).toEqual([bad, { ...freshStanding, spokeAt: 9 }]);
});
it("keeps what is final, and the server's time, for all but the user", () => {
  const out: Failure = { ...wentOffline, final: true };
  const bad = { ...freshStanding, failures: 4, parked: true, mute: true, out, refusals: 2, notBefore: 7, retryMs: 9 };
  const dials = [1, 2];
  expect(renewed([{ ...bad, dials }])[0]).toEqual({
    ...bad,
    dials,
    failures: 0,
    parked: false,
  });
  expect(asTheUserSays([{ ...bad, dials }])[0]).toEqual({ ...freshStanding, retryMs: 9, dials });
});
it("leaves the other standings as they are", () => {
  const [a, b] = [freshStanding, { ...freshStanding, worked: true }];
  expect(noteDial([a, b], 0, 5)[1]).toBe(b);
  expect(noteEnd([a, b], 1, 5)).toMatchObject([{ ages: [] }, { ages: [5] }]);
});
it.each([
  [[], false],
  [[60_000], false],
  [[60_000, 60_000], true],
  [[54_600, 60_000], true],
  [[54_000, 66_000], true],
  [[53_900, 66_000], false],
  [[50_000, 60_000], false],
  [[1, 60_000, 60_000], true],
])("after ages of %j an end at 60 s is regular: %s", (ages, expected) => {
  expect(endsRegularly({ ...freshStanding, ages }, 60_000)).toBe(expected);
});
it("an ended path that has lasted is tried again itself, before any other", () => {
  const one = begun(group(["a", "b"]));
  one.opens();
  expect(one.failsAndRedials(ended).candidate).toBe(0);
  one.opens(false);
  one.hear(event);
  one.pass(60_000);
  expect(one.failsAndRedials(ended).candidate).toBe(0);
});

/* ── a server that asked to be left alone for long ────────────────────────────────────────────── */

const anHourMs = 3_600_000;

it("does not let one server's Retry-After hold up the others", () => {
  const one = begun(group(["a", "b"]));
  one.failsAndRedials(status(429, anHourMs));
  for (let i = 0; i < 12; i++) {
    const { candidate: next, delayMs } = one.failsAndRedials(refused);
    expect([next, delayMs <= 120_000]).toEqual([1, true]);
  }
});
it("waits with SSE where its server's wish holds the WebSocket just as long, spread by a quarter as if it were alone", () => {
  const [sse, ws] = [candidate("a", { origin: "http://a" }), candidate("ws:w", { origin: "http://a" })];
  for (const [random, delayMs] of [
    [0, anHourMs],
    [0.5, anHourMs * 1.125],
  ] as const) {
    const one = player(group([sse, ws]), { random });
    one.take(start);
    one.opens();
    one.pass(61_000);
    one.failsAndRedials(ended);
    one.hear(failing(status(503, anHourMs)));
    expect(linkIn(one.state, "waiting")).toMatchObject({ candidate: 0, rule: "floor", delayMs });
  }
});
it("spreads another path of the same server as widely as the one that was asked to wait", () => {
  const [a1, a2] = [candidate("a1", { origin: "http://a" }), candidate("a2", { origin: "http://a" })];
  const one = player(group([a1, a2]), { random: 0.5 });
  one.take(start);
  one.hear(failing(status(503, 600_000)));
  expect(linkIn(one.state, "waiting").delayMs).toBe(675_000);
});
it("goes to WebSocket past a path that has worked and whose server asked for an hour", () => {
  const one = begun(group(["a", "ws:w"]));
  one.opens();
  one.pass(61_000);
  one.failsAndRedials(ended);
  expect(one.failsAndRedials(status(503, anHourMs))).toMatchObject({ candidate: 1, rule: "next-candidate" });
});
it("waits for the one that may be asked soonest where none may be asked soon", () => {
  const one = begun(group(["a", "b"]));
  one.failsAndRedials(status(429, anHourMs));
  const asked = one.failsAndRedials(status(429, 600_000));
  expect(asked).toMatchObject({ candidate: 1, rule: "floor" });
  expect(asked.delayMs).toBeLessThan(760_000);
});
it("calls whoever may be called when the network is back", () => {
  const one = begun(group(["a", "b"]));
  one.failsAndRedials(status(429, anHourMs));
  one.hear(failing(refused));
  one.take(network(false));
  one.take(network(true));
  expect(one.redial()).toMatchObject({ candidate: 1, rule: "network-back" });
});
it("does not begin with WebSocket when the network is back, because an SSE path keeps its pace", () => {
  const rules = group(["a", "ws:w"]);
  const dials = new Array<number>(8).fill(0);
  const standings = [{ ...freshStanding, dials }, freshStanding];
  expect(firstCandidate(rules, { ...initialState(rules), standings }, 1)).toBe(0);
});

it("does not leave a path that is slow with a large event", () => {
  const one = begun(group(["a", "b"]));
  one.opens();
  for (let ms = 0; ms < 30_000; ms += 100) {
    one.pass(100);
    one.hear(bytes);
  }
  expect(linkIn(one.state, "open").candidate).toBe(0);
  one.pass(15_000);
  expect(linkIn(one.state, "waiting").failure.kind).toBe("held");
});
it("goes to WebSocket when the path it had found at its first guess has had its attempts, though the others were never tried", () => {
  const guesses = ["/events", "/stream"].map((path) => candidate(path, { origin: "http://a" }));
  const one = begun(group([...guesses, "ws:w"], { discover: true }));
  one.opens();
  fails(one, refused, 7);
  expect(one.failsAndRedials(refused)).toMatchObject({ candidate: 2 });
});

/* ── paths that greet and die ─────────────────────────────────────────────────────────────────── */

/** Opens, greets with an event or without, and is cut after a moment. */
const greetsAndDies = (one: Player, withEvent: boolean) => {
  one.opens(withEvent);
  one.pass(100);
  return one.failsAndRedials(broken("ECONNRESET", "body"));
};

it.each([true, false])(
  "gives a WebSocket its turn when a path greets and dies thrice (with an event: %s)",
  (withEvent) => {
    const one = begun(group(["a", "ws:b"]), ["a"]);
    for (let n = 0; n < 3; n++) greetsAndDies(one, withEvent);
    expect(order(one)).toBe("0001");
  },
);

it("gives it no turn for a path that lasts between its ends", () => {
  const one = begun(group(["a", "ws:b"]), ["a"]);
  for (let n = 0; n < 6; n++) {
    one.opens();
    one.pass(61_000);
    one.hear(bytes, event);
    one.failsAndRedials(broken("ECONNRESET", "body"));
  }
  expect(new Set(order(one))).toEqual(new Set("0"));
});

it("does not run to and fro between two paths that greet and die", () => {
  const one = begun(group(["a", "b"]));
  const waits = Array.from({ length: 8 }, () => greetsAndDies(one, true));
  expect(order(one).slice(0, 5)).toBe("00110");
  // One hurried move to the one that had not stumbled yet; from then on each waits its family's time.
  expect(waits.filter(({ rule }) => rule === "next-candidate")).toHaveLength(1);
});
