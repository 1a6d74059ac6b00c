/** What ends an attempt or a stream: deadlines, the idle watchdog, final answers, credentials, what must not be repeated. */
import { expect, it } from "vitest";
import { idleTimeoutMs } from "../../main/core/connection/health.ts";
import {
  broken,
  bytes,
  candidate,
  comment,
  connected,
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
  type Player,
  play,
  player,
  policy,
  refused,
  retryNow,
  type Script,
  start,
  status,
  stop,
  timer,
  wake,
  words,
} from "./play.ts";

const kindOf = ({ state }: Pick<Player, "state">) =>
  "failure" in state.link ? state.link.failure.kind : state.link.phase;

/* ── deadlines ────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["the connection takes 10 s", [[9999, timer]], "connecting"],
  ["no connection stands after 10 s", [[10_000, timer]], "connect-timeout"],
  [
    "headers take 15 s",
    [
      [9000, connected(1)],
      [14_999, timer],
    ],
    "connecting",
  ],
  [
    "no headers are there after 15 s",
    [
      [9000, connected(1)],
      [15_000, timer],
    ],
    "headers-timeout",
  ],
  [
    "a redirect connects again",
    [
      [10, connected(1)],
      [9000, connected(1)],
      [15_000, timer],
    ],
    "headers-timeout",
  ],
] as [string, Script, string][])("when %s: %s", (_, more, kind) => {
  expect(kindOf(play([[0, start], [0, dialling(1)], ...more]))).toBe(kind);
});
it.each([
  ["an open stream is silent for 300 s", 300_019, "open"],
  ["an open stream is silent for longer", 300_020, "idle-timeout"],
])("when %s: at %s %s", (_, at, kind) => {
  expect(kindOf(play([...open, [at, timer]]))).toBe(kind);
});
it("counts from the moment when the request leaves, not from the turn that it had to wait for", () => {
  const waited: Script = [
    [0, start],
    [50_000, timer],
    [50_000, dialling(1)],
  ];
  expect(kindOf(play([...waited, [59_999, timer]]))).toBe("connecting");
  expect(kindOf(play([...waited, [60_000, timer]]))).toBe("connect-timeout");
  expect(play([...waited, [50_010, connected(1)], [50_040, opened(1)]]).state.quality.headersMs).toEqual([40]);
});
it("does not wait for ever for a request that never leaves, and does not call that the server's fault", () => {
  const one = player();
  one.take(start);
  one.pass(69_999);
  expect(one.state.link.phase).toBe("connecting");
  one.pass(1);
  expect(linkIn(one.state, "waiting").failure).toMatchObject({ kind: "internal", params: { code: "not-dialled" } });
});
it("lets the headers' deadline rule when it is the shorter one", () => {
  const one = player({ ...policy, headersTimeoutMs: 300 });
  one.take(start);
  one.hear(dialling);
  one.pass(299);
  expect(one.state.link.phase).toBe("connecting");
  one.pass(1);
  expect(kindOf(one)).toBe("headers-timeout");
});
it.each([
  ["before it is connected", [], 10_000, "connect-timeout"],
  ["while it waits for the headers", [connected], 15_000, "headers-timeout"],
] as const)("a stall of our own shifts the deadline %s", (_, heard, dueMs, kind) => {
  const one = player();
  one.take(start);
  one.hear(dialling, ...heard);
  one.pass(dueMs - 1);
  one.stall(6000);
  expect(one.state.link.phase).toBe("connecting");
  one.pass(1);
  expect(kindOf(one)).toBe(kind);
});
it("a stall that is longer than the attempt begins it anew and never in the future", () => {
  const { state } = play([
    [0, start],
    [1000, wake(9_000_000)],
  ]);
  expect(linkIn(state, "connecting").startedAt).toBe(1000);
});

/* ── the watchdog ─────────────────────────────────────────────────────────────────────────────── */

/** A heartbeat every `gapMs`, `n` times. */
const beats = (gapMs: number, n: number, from = 20): Script =>
  Array.from({ length: n }, (_, i) => from + (i + 1) * gapMs).flatMap(
    (at): Script => [
      [at, bytes(1)],
      [at, comment(1)],
    ],
  );

it("learns the rhythm: three times its p95 gap, never under 15 s", () => {
  const { state } = play([...open, ...beats(1000, 30)]);
  expect(idleTimeoutMs(policy, state.rhythm)).toBe(15_000);
  const slow = idleTimeoutMs(policy, play([...open, ...beats(20_000, 30)]).state.rhythm);
  expect(slow).toBeGreaterThanOrEqual(60_000);
  expect(slow).toBeLessThanOrEqual(3 * 20_000 * Math.SQRT2 + 3);
});
it("does not take the wait for the first byte as part of the rhythm", () => {
  expect(play([...open, [9000, bytes(1)], [9000, event(1)]]).state.rhythm.gaps).toBe(0);
});
it.each([1, 700, 3_600_000])("takes the user's idle timeout of %s ms as given", (idle) => {
  const rules = { ...policy, idleTimeoutMs: idle };
  const heard: Script = [...open, ...beats(1000, 20)];
  expect(idleTimeoutMs(rules, play(heard, rules).state.rhythm)).toBe(idle);
  expect(kindOf(play([...open, [20 + idle - 1, timer]], rules))).toBe("open");
  expect(kindOf(play([...open, [20 + idle, timer]], rules))).toBe("idle-timeout");
});
it("forgets the rhythm after a watchdog that was wrong", () => {
  const { state } = play([...open, ...beats(1000, 30), [45_020, timer]]);
  expect(linkIn(state, "waiting").failure.kind).toBe("idle-timeout");
  expect(idleTimeoutMs(policy, state.rhythm)).toBe(300_000);
});
it("keeps the rhythm over every other end", () => {
  const { state } = play([...open, ...beats(1000, 30), [30_100, failed(1, ended)]]);
  expect(idleTimeoutMs(policy, state.rhythm)).toBe(15_000);
});

/* ── answers that are final ───────────────────────────────────────────────────────────────────── */

/** A machine that is answered like this, attempt by attempt. */
function answered(codes: readonly number[], rules = policy, worked: readonly string[] = []): Player {
  const one = player(rules, { worked });
  one.take(start);
  for (const [i, code] of codes.entries()) {
    if (i > 0) one.redial();
    one.hear(dialling, connected, failing(status(code)));
  }
  return one;
}

it.each([
  ["a 401 that follows a 401", [401, 401], "unauthorized"],
  ["a 403 that follows a 401", [401, 403], "forbidden"],
  ["a 404 at an address that never worked", [404], "not-found"],
  ["a 204", [204], "no-content"],
  ["a 400", [400], "bad-request"],
  ["a 405", [405], "method-not-allowed"],
  ["a 406", [406], "not-acceptable"],
  ["a 410", [410], "gone"],
  ["a 407: a proxy's password is tried once", [407], "proxy-auth"],
  ["a 414 without an id in the request", [414], "address-too-long"],
  ["a 431 without an id in the request", [431], "headers-too-large"],
] as const)("halts at %s", (_, codes, kind) => {
  expect(answered(codes).state.link).toMatchObject({ phase: "halted", failure: { kind, final: true } });
});
it("stays halted, whatever time and the world say, until the user asks", () => {
  const one = answered([410]);
  one.pass(24 * 3_600_000);
  for (const news of [network(false), network(true, true), wake(60_000), timer, start]) one.take(news);
  one.pass(24 * 3_600_000);
  expect(one.state.link.phase).toBe("halted");
  expect(one.dials).toHaveLength(1);
  one.take(retryNow);
  expect(one.dials).toHaveLength(2);
});

it("moves on from a candidate that is out, and halts when all are", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  expect(one.failsAndRedials(status(410))).toMatchObject({ candidate: 1, rule: "next-candidate" });
  for (let i = 0; i < 12; i++) expect(one.failsAndRedials().candidate).toBe(1);
  one.hear(failing(status(405)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "method-not-allowed" } });
});
it("gives what was out another chance when the user asks", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  one.failsAndRedials(status(410));
  one.take(retryNow);
  expect(one.dials.at(-1)).toMatchObject({ candidate: 0 });
});
it.each([
  ["at the first", 0],
  ["at the second", 1],
])("a 204 %s candidate is the server's wish for the whole stream", (_, before) => {
  const one = player(group(["a", "b", "ws:w"]));
  one.take(start);
  for (let i = 0; i < before; i++) one.failsAndRedials();
  one.hear(failing(status(204)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "no-content", final: true } });
});
it("dials nothing after a 204, for a day", () => {
  const one = answered([204]);
  one.pass(24 * 3_600_000);
  expect(one.dials).toHaveLength(1);
});

it("does not take a 404 for final where a stream was, in this run or in an earlier one", () => {
  const one = player();
  one.take(start);
  one.opens();
  one.failsAndRedials(ended);
  one.hear(failing(status(404)));
  expect(one.state.link).toMatchObject({ phase: "waiting", failure: { kind: "not-found", family: "PROXY" } });
  expect(kindOf(answered([404], policy, ["a"]))).toBe("not-found");
  expect(answered([404], policy, ["a"]).state.link.phase).toBe("waiting");
});
it("does not take a 404 for final while there is another candidate, and goes there at once", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  expect(one.failsAndRedials(status(404))).toMatchObject({ candidate: 1, rule: "next-candidate" });
  expect(one.state.standings[0]?.out).toBeNull();
  expect(one.failsAndRedials(status(404)).candidate).toBe(0);
});
it("takes a 404 for final when the other candidates are out", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  one.failsAndRedials(status(410));
  one.hear(failing(status(404)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "not-found" } });
});

/* ── too long with an id ──────────────────────────────────────────────────────────────────────── */

it.each([
  [414, "address-too-long"],
  [431, "headers-too-large"],
])("a %s to a request with an id is asked once more without it, and is final then", (code, kind) => {
  const one = player();
  one.take(start);
  one.opens();
  one.failsAndRedials(ended);
  one.hear((g) => dialling(g, true));
  expect(one.failsAndRedials(status(code))).toMatchObject({ rule: "without-id" });
  const asked = one.effects.filter(({ type }) => type === "connect");
  expect(asked.map((effect) => "withId" in effect && effect.withId)).toEqual([true, true, false]);
  one.hear((g) => dialling(g, false), failing(status(code)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind } });
});
it("asks with the id again once it has been open without it, and after any other failure", () => {
  for (const inBetween of ["open", "refused"] as const) {
    const one = player();
    one.take(start);
    one.hear((g) => dialling(g, true));
    one.failsAndRedials(status(431));
    if (inBetween === "open") one.opens();
    one.failsAndRedials(inBetween === "open" ? ended : refused);
    expect(one.effects.findLast(({ type }) => type === "connect")).toMatchObject({ withId: true });
  }
});

it.each([
  ["asks", [retryNow]],
  ["stops and starts", [stop, start]],
])("asks with the id again when the user %s, who may know better", (_, asks) => {
  const one = player();
  one.take(start);
  one.hear((g) => dialling(g, true), failing(status(431)));
  expect(one.state).toMatchObject({ withoutId: true, failures: 1 });
  for (const word of asks) one.take(word);
  expect(one.state).toMatchObject({ withoutId: false, failures: 0 });
  expect(one.effects.findLast(({ type }) => type === "connect")).toMatchObject({ withId: true });
});

/* ── credentials ──────────────────────────────────────────────────────────────────────────────── */

it("gives a refused credential one more chance, after AUTH's first delay", () => {
  const one = answered([401]);
  expect(linkIn(one.state, "waiting")).toMatchObject({ rule: "family", candidate: 0 });
  expect(linkIn(one.state, "waiting").delayMs).toBe(30_600);
});
it("says that somebody has to sign in again", () => {
  expect(answered([401, 401]).state.link).toMatchObject({ failure: { params: { advice: "sign-in-again" } } });
});
it("counts refusals anew once it was open", () => {
  const one = answered([401]);
  one.redial();
  one.opens(false);
  one.failsAndRedials(ended);
  one.hear(failing(status(401)));
  expect(one.state.link.phase).toBe("waiting");
});
it("does not count them anew because a WebSocket opened: that is told only then that its credential is refused", () => {
  const one = player(group(["ws:w"]));
  one.take(start);
  one.opens(false);
  one.failsAndRedials({ what: "closed", code: 4401, reason: "" });
  one.opens(false);
  one.hear(failing({ what: "closed", code: 4401, reason: "" }));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "unauthorized" } });
});
it("counts refusals anew when the user asks", () => {
  for (const asks of [[retryNow], [stop, start]]) {
    const one = answered([401]);
    for (const word of asks) one.take(word);
    one.hear(failing(status(401)));
    expect(one.state.link.phase).toBe("waiting");
  }
});

/** Four paths: two of one server with one credential, its WebSocket with another, and another server with the first. */
const paths = group([
  candidate("a1", { origin: "http://a", credential: "endpoint" }),
  candidate("b", { origin: "http://b", credential: "endpoint" }),
  candidate("a2", { origin: "http://a", credential: "endpoint" }),
  candidate("ws:a", { origin: "http://a", credential: "own" }),
]);
it("a refused credential is out for every path of its origin that sends it, and for no other", () => {
  const one = player(paths);
  one.take(start);
  expect(one.failsAndRedials(status(401))).toMatchObject({ candidate: 0, rule: "family" });
  expect(one.failsAndRedials(status(401))).toMatchObject({ candidate: 1, rule: "next-candidate" });
  expect(one.state.standings.map(({ out }) => out?.kind ?? null)).toEqual(["unauthorized", null, "unauthorized", null]);
});
it("a refused credential is out for the WebSocket of its origin, too, where that sends the same", () => {
  const at = (key: string) => candidate(key, { origin: "http://a", credential: "endpoint" });
  const one = player(group([at("a"), at("ws:a")]));
  one.take(start);
  one.failsAndRedials(status(401));
  one.hear(failing(status(401)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "unauthorized" } });
  expect(one.dials).toHaveLength(2);
});
it.each([
  ["that is forbidden", [401, 403], "forbidden"],
  ["that is gone", [410], "gone"],
])("a path %s says nothing of the others of its server", (_, codes, kind) => {
  const one = player(paths);
  one.take(start);
  for (const code of codes) one.failsAndRedials(status(code));
  expect(one.state.standings.map(({ out }) => out?.kind ?? null)).toEqual([kind, null, null, null]);
});
it("halts for good when the credential is refused at all of them", () => {
  const one = player(group(["a", "b"]));
  one.take(start);
  for (let i = 0; i < 3; i++) one.failsAndRedials(status(401));
  one.hear(failing(status(401)));
  expect(one.state.link).toMatchObject({ phase: "halted", failure: { kind: "unauthorized" } });
});

const fresh = group([candidate("a", { freshCredential: true })]);
it("asks at once with a fresh credential where each attempt has its own, and once only", () => {
  const one = player(fresh);
  one.take(start);
  expect(one.failsAndRedials(status(401))).toMatchObject({ rule: "fresh-credential" });
  const second = one.failsAndRedials(status(401));
  expect(["family", "outage"]).toContain(second.rule);
  expect(second.delayMs).toBeGreaterThanOrEqual(20_000);
});
it("gives up a credential that changes after AUTH's five attempts, and says so", () => {
  const one = player(fresh);
  one.take(start);
  for (let i = 0; i < 4; i++) one.failsAndRedials(status(401));
  one.hear(failing(status(401)));
  expect(one.state.link).toMatchObject({
    phase: "halted",
    failure: { kind: "unauthorized", final: true, params: { advice: "fresh-refused" } },
  });
});
it("gives up a refusal with Retry-After after AUTH's five attempts, and keeps the server's time until then", () => {
  const one = player();
  one.take(start);
  for (let i = 0; i < 4; i++) {
    expect(one.failsAndRedials(status(401, 90_000)).delayMs).toBeGreaterThanOrEqual(90_000);
  }
  one.hear(failing(status(401, 90_000)));
  expect(one.state.link.phase).toBe("halted");
});
it("counts refusals for that and nothing else: who could not be reached has refused nothing", () => {
  const one = player(fresh);
  one.take(start);
  for (let i = 0; i < 10; i++) one.failsAndRedials(refused);
  expect(one.failsAndRedials(status(401))).toMatchObject({ rule: "fresh-credential" });
});
it("never gives up where the credential cannot be had: that is no refusal", () => {
  const one = player(fresh);
  one.take(start);
  for (let i = 0; i < 20; i++) one.failsAndRedials({ what: "credential", message: "exit 1" });
  expect(one.state.link.phase).toBe("connecting");
});

/* ── what must not be repeated ────────────────────────────────────────────────────────────────── */

const once = { ...policy, repeatable: false };
it.each([
  ["failed before it was sent", [[1, failed(1)]], "waiting"],
  ["could not connect in time", [[70_000, timer]], "waiting"],
  [
    "failed after it was sent",
    [
      [1, connected(1)],
      [2, failed(1)],
    ],
    "halted",
  ],
  [
    "got no headers",
    [
      [1, dialling(1)],
      [1, connected(1)],
      [15_001, timer],
    ],
    "halted",
  ],
  [
    "ended",
    [
      [1, connected(1)],
      [2, opened(1)],
      [30, failed(1, ended)],
    ],
    "halted",
  ],
  [
    "fell silent",
    [
      [1, connected(1)],
      [2, opened(1)],
      [300_002, timer],
    ],
    "halted",
  ],
  [
    "lost its network after it was sent",
    [
      [1, connected(1)],
      [2, network(false)],
    ],
    "halted",
  ],
  ["lost its network before it was sent", [[1, network(false)]], "offline"],
] as [string, Script, string][])("a request that must not be repeated and %s is %s", (_, script, phase) => {
  const { state } = play([[0, start], ...script], once);
  expect(state.link.phase).toBe(phase);
  if (state.link.phase === "halted") expect(state.link.failure).toMatchObject({ kind: "not-repeatable", final: true });
});
it("says why it could not be repeated", () => {
  const { state } = play([...open, [30, failed(1, broken("ECONNRESET", "body"))]], once);
  expect(state.link).toMatchObject({ failure: { params: { cause: "reset" } } });
});
it("repeats it when the user asks", () => {
  expect(words(play([...open, [30, failed(1)], [40, retryNow]], once).last)).toBe("connect 2");
});
it.each([
  ["an end", ended],
  ["a broken body", broken("ECONNRESET", "body")],
  ["an answer that is not final", status(503)],
  ["an answer that is final", status(410)],
  ["a missing page", status(404)],
  ["a refused credential", status(401)],
])("does not carry it to another candidate after it was sent and met %s", (_, evidence) => {
  const one = player(group(["a", "b", "ws:w"], { repeatable: false }));
  one.take(start);
  one.hear(dialling, connected, failing(evidence));
  expect(one.state.link.phase).toBe("halted");
  one.pass(24 * 3_600_000);
  expect(one.dials).toHaveLength(1);
});
it("carries it to another candidate as long as it was not sent", () => {
  const one = player(group(["a", "b"], { repeatable: false }));
  one.take(start);
  expect(one.failsAndRedials(refused)).toMatchObject({ candidate: 1, rule: "next-candidate" });
});
it("is never asked twice by a probe, nor called mute", () => {
  const one = player(group(["a", "b", "ws:w"], { repeatable: false }));
  one.take(start);
  one.failsAndRedials(refused);
  one.opens(false);
  one.take(network(true, true));
  one.take(wake(60_000));
  one.pass(299_000);
  expect(one.dials.map(({ type }) => type)).toEqual(["connect", "connect"]);
  expect(one.state.link.phase).toBe("open");
});
