/** Connections that only ask: the way back to a preferred candidate, and whether the open one has survived. */
import { expect, it } from "vitest";
import type { Policy } from "../../main/core/connection/connection-state.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
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
  type Fate,
  failing,
  group,
  linkIn,
  network,
  opened,
  type Player,
  play,
  player,
  policy,
  refused,
  retry,
  retryNow,
  settled,
  start,
  status,
  stop,
  suspend,
  timedOut,
  timer,
  wake,
  words,
} from "./play.ts";

const highest = 1 - Number.EPSILON;
const pair = group(["a", "b"]);

/** Open at the second candidate of a group, with a heartbeat each second that keeps it so. */
function atSecond(rules: Policy = pair, random: number | (() => number) = 0.5): Player {
  const one = player(rules, { random });
  one.take(start);
  one.failsAndRedials();
  if (linkIn(one.state, "connecting").candidate !== 1) throw new Error("not at the second");
  one.opens();
  return one;
}

/** Lets time pass while the open connection speaks each second. */
function lives(one: Player, ms: number): void {
  for (let passed = 0; passed < ms; passed += 1000) {
    one.pass(1000);
    if (one.state.link.phase === "open") one.hear(bytes, comment);
  }
}
const livesUntil = (one: Player, done: () => boolean) => {
  for (let s = 0; !done() && s < 3600; s++) lives(one, 1000);
  expect(done()).toBe(true);
};
const untilProbe = (one: Player) => livesUntil(one, () => one.state.probe !== null);
const probes = (one: Player) => one.dials.filter(({ type }) => type === "probe");
const alive: readonly Fate[] = [dialling, connected, opened];

/** A probe that comes and does well. */
function goesWell(one: Player): void {
  untilProbe(one);
  one.probe(...alive);
  livesUntil(one, () => one.state.probe === null);
}

/* ── the way back: when it is asked for ───────────────────────────────────────────────────────── */

it.each([
  [0, 24_000],
  [0.5, 30_000],
  [highest, 36_000],
])("asks the preferred one 30 s after opening elsewhere, a fifth more or less: chance %s, %s ms", (random, afterMs) => {
  const one = atSecond(pair, random);
  const openedAt = one.now;
  one.pass(afterMs - 1);
  expect(one.state.probe).toBeNull();
  one.pass(1);
  expect(one.state.probe).toMatchObject({
    why: "failback",
    candidate: 0,
    generation: 3,
    startedAt: openedAt + afterMs,
  });
  expect(one.effects.findLast(({ type }) => type === "probe")).toEqual({
    type: "probe",
    generation: 3,
    candidate: 0,
    withId: false,
  });
});
it.each([
  ["at the first candidate", group(["a", "b"]), 0],
  ["alone", policy, 0],
  ["at one of equals that are chosen by speed", group(["a", "b"], { balance: true }), 1],
  ["for a request that must not be repeated", group(["a", "b"], { repeatable: false }), 1],
] as const)("asks nobody %s", (_, rules, failures) => {
  const one = player(rules);
  one.take(start);
  for (let i = 0; i < failures; i++) one.failsAndRedials();
  one.opens();
  lives(one, 600_000);
  expect(probes(one)).toEqual([]);
});
it("does not ask for what is out", () => {
  const one = player(pair);
  one.take(start);
  one.failsAndRedials(status(410));
  one.opens();
  lives(one, 600_000);
  expect(probes(one)).toEqual([]);
});
it("asks for SSE from a WebSocket, even where equals are chosen by speed", () => {
  const one = player(group(["a", "ws:w"], { balance: true }));
  one.take(start);
  one.failsAndRedials();
  one.opens();
  untilProbe(one);
  expect(one.state.probe).toMatchObject({ candidate: 0 });
});
it("never probes while nothing is open", () => {
  const one = player(pair);
  one.take(start);
  for (let i = 0; i < 100; i++) one.failsAndRedials();
  expect(probes(one)).toEqual([]);
});

/* ── what a probe must show ───────────────────────────────────────────────────────────────────── */

it("takes 2 s open for good, and less only when something complete came", () => {
  const one = atSecond();
  untilProbe(one);
  one.probe(...alive);
  one.pass(1999);
  expect(one.state.probe).not.toBeNull();
  one.pass(1);
  expect(one.state.probe).toBeNull();
  expect(words(one.effects)).toMatch(/probe 3, disconnect 3$/);
  expect(one.state.standings[0]?.wayBack.goodSince).toBe(one.now);
});
it.each([
  ["an event", event],
  ["a comment", comment],
  ["a cursor", cursor],
  ["something settled", settled],
])("takes %s for good at once", (_, says) => {
  const one = atSecond();
  untilProbe(one);
  one.probe(...alive, bytes, says);
  expect(one.state.probe).toBeNull();
  expect(one.state.standings[0]?.wayBack.goodSince).toBe(one.now);
});
it("returns after good probes a minute apart, not after the first", () => {
  const one = atSecond();
  goesWell(one);
  const first = one.now;
  expect(linkIn(one.state, "open").candidate).toBe(1);
  goesWell(one);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  while (one.state.link.phase === "open") goesWell(one);
  expect(one.now - first).toBeGreaterThanOrEqual(60_000);
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
  expect(words(one.effects.slice(-5))).toMatch(/disconnect \d+, disconnect 2, connect \d+$/);
});
it.each([0, 0.25, 0.5, 0.75, highest])("asks for the last time when the minute is over: chance %s", (random) => {
  const one = atSecond(pair, random);
  goesWell(one);
  const first = one.now;
  while (one.state.link.phase === "open") goesWell(one);
  expect(one.now - first).toBeGreaterThanOrEqual(60_000);
  expect(one.now - first).toBeLessThanOrEqual(63_000);
  expect(probes(one)).toHaveLength(3);
});
it("begins the minute anew when a probe fails within it", () => {
  const one = atSecond();
  goesWell(one);
  untilProbe(one);
  one.probe(failing(refused));
  expect(one.state.standings[0]?.wayBack.goodSince).toBeNull();
  const failedAt = one.now;
  while (one.state.link.phase === "open") goesWell(one);
  expect(one.now - failedAt).toBeGreaterThanOrEqual(60_000);
});
it("doubles the time between probes with each that fails, up to ten minutes, and halves nothing by itself", () => {
  const one = atSecond();
  const at: number[] = [];
  for (let i = 0; i < 8; i++) {
    untilProbe(one);
    at.push(one.state.probe?.startedAt ?? 0);
    one.probe(failing(timedOut));
  }
  const gaps = at.slice(1).map((moment, i) => Math.round((moment - (at[i] ?? 0)) / 1000));
  expect(gaps).toEqual([60, 120, 240, 480, 600, 600, 600]);
});
it("asks each half minute again as soon as one succeeds", () => {
  const one = atSecond();
  for (let i = 0; i < 4; i++) {
    untilProbe(one);
    one.probe(failing(timedOut));
  }
  goesWell(one);
  expect(one.state.nextProbe?.at).toBe(one.now + 30_000);
});
it.each([
  ["a probe that gets no connection", [dialling], 10_000],
  ["a probe that gets no headers", [dialling, connected], 15_000],
] as const)("gives up %s after its deadline", (_, heard, dueMs) => {
  const one = atSecond();
  untilProbe(one);
  one.probe(...heard);
  const from = one.now;
  livesUntil(one, () => one.state.probe === null);
  expect(one.now - from).toBe(dueMs);
  expect(one.state.standings[0]?.wayBack.probeEveryMs).toBe(60_000);
  expect(linkIn(one.state, "open").candidate).toBe(1);
});
it("a mute path has to speak: being open proves nothing of it", () => {
  const one = player(group(["a", "ws:w"]), { worked: ["a"] });
  one.take(start);
  one.opens(false);
  one.pass(15_000);
  one.redial();
  one.opens();
  untilProbe(one);
  one.probe(...alive, bytes, comment);
  lives(one, 29_000);
  expect(one.state.probe).not.toBeNull();
  lives(one, 1000);
  expect(one.state).toMatchObject({ probe: null, standings: [{ wayBack: { goodSince: null }, mute: true }, {}] });
  untilProbe(one);
  one.probe(...alive);
  lives(one, 15_000);
  one.probe(bytes, comment);
  expect(one.state).toMatchObject({ probe: null, standings: [{ wayBack: { goodSince: one.now }, mute: false }, {}] });
});
it("a probe's refusals count, and the second rules the candidate out", () => {
  const one = atSecond();
  for (let i = 0; i < 2; i++) {
    untilProbe(one);
    one.probe(...alive.slice(0, 2), failing(status(401)));
  }
  expect(one.state.standings[0]?.out).toMatchObject({ kind: "unauthorized", final: true });
  lives(one, 900_000);
  expect(probes(one)).toHaveLength(2);
});
it("a probe goes without an id: what is too long for it is no id's fault", () => {
  const one = atSecond();
  untilProbe(one);
  one.probe(dialling, connected, failing(status(431)));
  expect(one.state.standings[0]?.out).toMatchObject({ kind: "headers-too-large", final: true });
});
it("a probe keeps the time that the server names", () => {
  const one = atSecond();
  untilProbe(one);
  const asked = one.now;
  one.probe(dialling, connected, failing(status(503, 1_800_000)));
  lives(one, 1_799_000);
  expect(probes(one)).toHaveLength(1);
  untilProbe(one);
  expect(one.now - asked).toBeGreaterThanOrEqual(1_800_000);
});
it("tells the server's other paths what it was told: the time, and that the credential is refused", () => {
  const at = (key: string) => candidate(key, { origin: "http://a" });
  const one = player(group([at("a1"), at("a2"), "b"]));
  one.take(start);
  one.failsAndRedials();
  one.failsAndRedials();
  one.opens();
  untilProbe(one);
  one.probe(failing(status(429, 900_000)));
  expect(one.state.standings.map(({ notBefore }) => notBefore)).toEqual([one.now + 900_000, one.now + 900_000, 0]);
  for (let i = 0; i < 4 && one.state.standings[0]?.out === null; i++) {
    untilProbe(one);
    one.probe(failing(status(401)));
  }
  expect(one.state.standings.map(({ out }) => out?.kind ?? null)).toEqual(["unauthorized", "unauthorized", null]);
});
it.each([503, 429])("keeps the time that a server names to the probe of a wake-up with a %s", (code) => {
  const one = doubted("wake");
  one.probe(dialling, connected, failing(status(code, 600_000)));
  const until = one.now + 600_000;
  one.hear(failing(ended));
  expect(linkIn(one.state, "waiting").until).toBeGreaterThanOrEqual(until);
});
it("asks the one of two that has been failing least: a dead first does not hide a good second", () => {
  const one = player(group(["a", "b", "c"]));
  one.take(start);
  one.failsAndRedials();
  one.failsAndRedials();
  one.opens();
  untilProbe(one);
  expect(one.state.probe?.candidate).toBe(0);
  one.probe(failing(refused));
  untilProbe(one);
  expect(one.state.probe?.candidate).toBe(1);
  while (one.state.link.phase === "open") {
    untilProbe(one);
    if (one.state.probe?.candidate === 0) one.probe(failing(refused));
    else goesWell(one);
  }
  expect(linkIn(one.state, "connecting").candidate).toBe(1);
});

/** Before the probe after which it would return: two have gone well within the last minute. */
function almost(rules = pair): Player {
  const one = atSecond(rules);
  goesWell(one);
  goesWell(one);
  untilProbe(one);
  one.probe(...alive);
  return one;
}

/* ── going back ───────────────────────────────────────────────────────────────────────────────── */

/** On the way back to the first candidate, which has proved itself. */
function returning(rules = pair): Player {
  const one = atSecond(rules);
  while (one.state.link.phase === "open") goesWell(one);
  return one;
}

it("goes back to what works at once when the returned one fails", () => {
  const one = returning();
  one.hear(dialling);
  expect(one.failsAndRedials(timedOut)).toMatchObject({ candidate: 1, rule: "next-candidate" });
});
it("goes back at once, too, when it opens and breaks before it brought anything", () => {
  const one = returning();
  one.opens(false);
  expect(one.failsAndRedials(broken("ECONNRESET", "body"))).toMatchObject({ candidate: 1, rule: "next-candidate" });
});
it("goes back, too, when it brings an event and breaks within a minute", () => {
  const one = returning();
  one.opens();
  lives(one, 59_000);
  expect(one.failsAndRedials(timedOut)).toMatchObject({ candidate: 1, rule: "next-candidate" });
});
it("is back for good when it has lasted a minute: its next failure is the first", () => {
  const one = returning();
  one.opens();
  lives(one, 60_000);
  expect(one.failsAndRedials(timedOut)).toMatchObject({ candidate: 0 });
});
it("asks later for one that had come back and failed again", () => {
  const one = returning();
  expect(one.state.standings[0]?.wayBack.probeEveryMs).toBe(60_000);
  one.failsAndRedials(timedOut);
  one.opens();
  expect(one.state.nextProbe?.at).toBe(one.now + 60_000);
});
it("never leaves in the middle of an event: it waits for its end", () => {
  const one = almost();
  one.hear(bytes);
  one.probe(event);
  expect(one.state).toMatchObject({ returnTo: 0, probe: null, link: { phase: "open", candidate: 1 } });
  one.pass(500);
  one.hear(bytes);
  expect(one.state.link.phase).toBe("open");
  one.hear(event);
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
});
it("leaves with the end of whatever was half there", () => {
  for (const end of [comment, cursor, settled, event]) {
    const one = almost();
    one.hear(bytes);
    one.probe(event);
    one.hear(end);
    expect(linkIn(one.state, "connecting").candidate).toBe(0);
  }
});
it("keeps its pace on the way back, too", () => {
  const one = almost();
  const full = Array.from({ length: 8 }, () => one.now);
  const standings = one.state.standings.map((standing, i) => (i === 0 ? { ...standing, dials: full } : standing));
  const at = one.now + 2000;
  const good = [at, event(one.state.probe?.generation ?? 0)] as const;
  const { state } = play([good], pair, 0.5, { ...one.state, standings, timerAt: null });
  expect(state).toMatchObject({ returnTo: 0, probe: null, link: { phase: "open" } });
  const due = one.now + 60_000;
  const speaks = [bytes(2), comment(2)].map((word) => [due - 5000, word] as const);
  const early = play([...speaks, [due - 1, timer]], pair, 0.5, state).state;
  expect(early).toMatchObject({ link: { phase: "open" }, timerAt: due });
  expect(linkIn(play([[due, timer]], pair, 0.5, early).state, "connecting").candidate).toBe(0);
});
it.each([
  ["the open connection fails", (one: Player) => one.hear(failing(refused))],
  ["the user stops", (one: Player) => one.take(stop)],
  ["the user wants a new connection", (one: Player) => one.take(retryNow)],
  ["the network goes", (one: Player) => one.take(network(false))],
])("ends the probe when %s", (_, happens) => {
  const one = atSecond();
  untilProbe(one);
  const { generation } = one.state.probe ?? { generation: 0 };
  happens(one);
  expect(one.state).toMatchObject({ probe: null, nextProbe: null, returnTo: null });
  expect(one.effects).toContainEqual({ type: "disconnect", generation });
});

/* ── waking up, and another network ───────────────────────────────────────────────────────────── */

/** Open for a while, and now something happened that may have cut it without a word. */
function doubted(happens: "wake" | "changed", rules: Policy = policy): Player {
  const one = player(rules);
  one.take(start);
  one.opens();
  lives(one, 70_000);
  if (happens === "wake") {
    one.take(suspend);
    one.take(wake(0));
  } else one.take(network(true, true));
  return one;
}

/** With a watchdog that does not end a silent connection before its probes do. */
const patient: Policy = { ...policy, idleTimeoutMs: 600_000 };

it.each(["wake", "changed"] as const)("asks at once whether the path still carries (%s)", (happens) => {
  const one = doubted(happens);
  expect(one.state.probe).toMatchObject({ why: "wake", candidate: 0, startedAt: one.now });
  expect(one.state.link).toMatchObject({ phase: "open", generation: 1 });
});
it.each(["wake", "changed"] as const)(
  "replaces the old connection 3 s after the answer when it said nothing (%s)",
  (happens) => {
    const one = doubted(happens);
    one.probe(...alive);
    one.pass(2999);
    expect(one.state.link.phase).toBe("open");
    one.pass(1);
    expect(one.state.link).toMatchObject({ phase: "connecting", candidate: 0 });
    expect(words(one.effects)).toMatch(/probe 2, disconnect 1, disconnect 2, connect 3$/);
  },
);
it.each([
  ["before the answer", []],
  ["after the answer", alive],
] as const)("keeps the old one when it speaks %s", (_, heard) => {
  const one = doubted("wake");
  one.probe(...heard);
  one.pass(2000);
  one.hear(bytes);
  expect(one.state.probe).toBeNull();
  one.hear(comment);
  lives(one, 60_000);
  expect(one.state.link).toMatchObject({ phase: "open", generation: 1 });
});
it("what the probe hears does not speak for the old connection", () => {
  const one = doubted("wake");
  one.probe(...alive, bytes, event, comment);
  one.pass(3000);
  expect(one.state.link.phase).toBe("connecting");
});
it.each([
  ["a 200 of the wrong type", status(200)],
  ["a 503", status(503)],
  ["a 429", status(429, 5000)],
  ["a redirect", { what: "redirect", why: "refused", location: "https://login.example/" }],
  ["a 401", status(401)],
  ["a credential that cannot be had", { what: "credential", message: "exit 1" }],
  ["trouble of our own", { what: "internal", message: "disk" }],
] as const)(
  "does not take %s for the loss of the old connection, and asks a minute later again",
  (_, evidence: Evidence) => {
    const one = doubted("wake", patient);
    for (let i = 0; i < 4; i++) {
      const from = one.now;
      one.probe(dialling, connected, failing(evidence));
      expect(one.state).toMatchObject({ probe: null, link: { phase: "open", generation: 1 } });
      expect(one.state.nextProbe).toMatchObject({ at: from + 60_000, why: "wake", tries: 0 });
      expect(one.state.standings[0]).toMatchObject({ failures: 0, out: null });
      one.pass(60_000);
      expect(one.state.probe).toMatchObject({ why: "wake", startedAt: from + 60_000 });
    }
  },
);
it("replaces the old connection after a doubt that an answer left, when a stream is there and it stays silent", () => {
  const one = doubted("wake", patient);
  one.probe(dialling, connected, failing(status(503)));
  one.pass(60_000);
  one.probe(...alive);
  one.pass(3000);
  expect(one.state.link).toMatchObject({ phase: "connecting", generation: 4 });
});
it("ends the doubt that an answer left with the old connection's next bytes", () => {
  const one = doubted("wake", patient);
  one.probe(dialling, connected, failing(status(503)));
  one.pass(30_000);
  one.hear(bytes, comment);
  expect(one.state).toMatchObject({ probe: null, nextProbe: null });
  lives(one, 120_000);
  expect(probes(one)).toHaveLength(1);
});
it("counts only paths that are not there: an answer between them neither counts nor forgives", () => {
  const one = doubted("wake", patient);
  one.probe(dialling, failing(broken("ENETUNREACH")));
  one.pass(1000);
  one.probe(dialling, connected, failing(status(503)));
  expect(one.state.nextProbe).toMatchObject({ at: one.now + 60_000, why: "wake", tries: 1 });
  one.pass(60_000);
  one.probe(dialling, failing(broken("ENETUNREACH")));
  expect(one.state.nextProbe).toMatchObject({ at: one.now + 2000, why: "wake", tries: 2 });
});
it.each([
  [999, true],
  [1000, false],
])("bytes %s ms after it began to ask may have waited in our own buffers: still in doubt %s", (afterMs, isDoubted) => {
  const one = doubted("wake");
  one.pass(afterMs);
  one.hear(bytes, comment);
  expect(one.state.probe !== null).toBe(isDoubted);
});
it("replaces an old connection of which only the buffered bytes were left", () => {
  const one = doubted("wake");
  one.pass(100);
  one.hear(bytes, comment, event);
  one.probe(...alive);
  one.pass(3000);
  expect(one.state.link).toMatchObject({ phase: "connecting", generation: 3 });
});
it("asks again after 1, 2 and 4 s where there is no path, and gives the old connection up then", () => {
  const one = doubted("wake");
  const from = one.now;
  for (let i = 0; i < 3; i++) {
    one.probe(dialling, failing(broken("ENETUNREACH")));
    one.pass([1000, 2000, 4000][i] ?? 0);
  }
  expect(probes(one).map(({ at }) => at - from)).toEqual([0, 1000, 3000, 7000]);
  expect(one.state.link.phase).toBe("open");
  one.probe(dialling, failing(broken("ENETUNREACH")));
  expect(linkIn(one.state, "waiting").failure).toMatchObject({ family: "NETWORK", kind: "offline" });
});
it.each([
  ["an error", broken("ECONNREFUSED")],
  ["a deadline", timedOut],
  ["an end without an answer", ended],
])("takes %s for a path that is not there", (_, evidence) => {
  const one = doubted("wake");
  one.probe(dialling, failing(evidence));
  expect(one.state.nextProbe).toMatchObject({ at: one.now + 1000, why: "wake", tries: 1 });
});
it("says how long the last of them waited", () => {
  const one = doubted("wake", patient);
  for (const pauseMs of [1000, 2000, 4000, 0]) {
    one.probe(dialling);
    one.pass(10_000 + pauseMs);
  }
  expect(one.state.link).toMatchObject({
    phase: "waiting",
    failure: { kind: "connect-timeout", params: { afterMs: 10_000 } },
  });
});
it("gives up a probe of a dead path after its own deadline", () => {
  const one = doubted("wake");
  one.probe(dialling);
  one.pass(10_000);
  expect(one.state).toMatchObject({ probe: null, nextProbe: { why: "wake", tries: 1 } });
});
it("a probe that never leaves says nothing against the old connection, nor does the time before it leaves", () => {
  const one = doubted("wake", patient);
  one.pass(69_999);
  expect(one.state.probe).toMatchObject({ dialled: false });
  one.pass(1);
  expect(one.state).toMatchObject({
    probe: null,
    nextProbe: { at: one.now + 60_000, why: "wake", tries: 0 },
    link: { phase: "open", generation: 1 },
  });
});
it("a probe has its whole time from the moment when it leaves, and is dated by that", () => {
  const one = doubted("wake", patient);
  one.pass(50_000);
  one.probe(dialling);
  expect(one.state.standings[0]?.dials.at(-1)).toBe(one.now);
  one.pass(9999);
  expect(one.state.probe).toMatchObject({ why: "wake", dialled: true });
  one.pass(1);
  expect(one.state).toMatchObject({ probe: null, nextProbe: { why: "wake", tries: 1 } });
});
it("a probe for the way back, too, may wait for its turn", () => {
  const one = atSecond();
  untilProbe(one);
  lives(one, 69_000);
  expect(one.state.probe).toMatchObject({ why: "failback", dialled: false });
  lives(one, 1000);
  expect(one.state.probe).toBeNull();
});
it("does not ask twice at once", () => {
  const one = doubted("wake");
  one.take(network(true, true));
  one.take(wake(60_000));
  expect(probes(one)).toHaveLength(1);
});
it("puts it before a question for the way back, and takes that up again when the old connection speaks", () => {
  const one = atSecond();
  untilProbe(one);
  one.take(network(true, true));
  expect(one.state.probe).toMatchObject({ why: "wake", candidate: 1 });
  expect(words(one.effects)).toMatch(/probe 3, disconnect 3, probe 4$/);
  one.pass(1000);
  one.hear(bytes, comment);
  expect(one.state).toMatchObject({ probe: null, nextProbe: { why: "failback" } });
});
it("the way back is open again as soon as the old connection speaks after the answer of a wake-up", () => {
  const one = atSecond();
  one.take(network(true, true));
  one.probe(failing(status(503)));
  expect(one.state.nextProbe).toMatchObject({ why: "wake" });
  one.pass(1000);
  one.hear(bytes, comment);
  expect(one.state.nextProbe).toMatchObject({ why: "failback" });
});
it("never asks twice for what must not be repeated", () => {
  const one = doubted("wake", { ...policy, repeatable: false });
  expect(one.state.probe).toBeNull();
});
it("a stall that was no sleep was our own silence, and nobody is asked", () => {
  const one = player();
  one.take(start);
  one.opens();
  one.pass(200_000);
  one.take(wake(60_000, false));
  expect(one.state.probe).toBeNull();
  expect(linkIn(one.state, "open").byteAt).toBe(one.now);
  one.take(wake(0, true));
  expect(one.state.probe).toMatchObject({ why: "wake" });
});
it.each([
  ["to the connection", [dialling], 9999],
  ["to the headers", [dialling, connected], 14_999],
  ["to the old one's word", alive, 2999],
] as const)("a stall of our own does not count against the time that a probe has %s", (_, heard, leftMs) => {
  const one = doubted("wake");
  one.probe(...heard);
  one.pass(leftMs);
  one.stall(5000);
  expect(one.state).toMatchObject({ probe: { generation: 2 }, link: { phase: "open" } });
  one.pass(1);
  expect(one.state.probe).toBeNull();
});
it("keeps the pace of eight connections a minute, whatever network comes or goes under an open connection", () => {
  for (const fate of [failing(broken("ENETUNREACH")), failing(status(503)), opened]) {
    const one = player();
    one.take(start);
    one.opens();
    for (let s = 0; s < 600; s++) {
      one.pass(1000);
      if (one.state.link.phase === "connecting") one.opens();
      one.take(network(true, true));
      if (one.state.probe !== null && one.state.probe.openedAt === null) one.probe(dialling, connected, fate);
    }
    for (const { at } of one.dials) {
      expect(one.dials.filter((dial) => dial.at >= at && dial.at < at + 60_000).length).toBeLessThanOrEqual(8);
    }
  }
});
it("a connection that ended by itself while it was doubted needs no probe any more", () => {
  const one = doubted("wake");
  one.hear(failing(ended));
  expect(one.state).toMatchObject({ probe: null, nextProbe: null, link: { phase: "waiting" } });
});

/* ── preferred addresses that may not be asked, that are dead, or that do not stay ────────────── */

/** Open at the third of a group, after these failures of the first two. */
function atThird(first: Evidence, second: Evidence): Player {
  const one = player(group(["a", "b", "c"]));
  one.take(start);
  one.failsAndRedials(first);
  one.failsAndRedials(second);
  one.opens();
  return one;
}
it("asks the others while the first of those preferred may not be asked", () => {
  const one = atThird(status(503, 3_600_000), refused);
  const from = one.now;
  while (one.state.link.phase === "open") goesWell(one);
  expect(linkIn(one.state, "connecting").candidate).toBe(1);
  expect(one.now - from).toBeLessThan(200_000);
});
it("asks a dead one no more often because another may not be asked at all", () => {
  const one = atThird(status(503, 3_600_000), refused);
  for (let i = 0; i < 6; i++) {
    untilProbe(one);
    one.probe(failing(timedOut));
  }
  const probed = one.dials.flatMap(({ type, at }) => (type === "probe" ? [at] : []));
  const gaps = probed.slice(1).map((at, i) => Math.round((at - (probed[i] ?? 0)) / 1000));
  expect(gaps).toEqual([60, 120, 240, 480, 600]);
});
it("asks two that have both been dead for long by turns", () => {
  const one = atThird(refused, refused);
  for (let i = 0; i < 16; i++) {
    untilProbe(one);
    one.probe(failing(timedOut));
  }
  const asked = one.dials.filter(({ type }) => type === "probe").map(({ candidate: index }) => index);
  expect(asked.slice(-4).toSorted()).toEqual([0, 0, 1, 1]);
});

/** A day with a first address that answers every probe and lives for about so long. @returns how often it was returned to */
function returnsADay(livesMs: number): number {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const one = atSecond(pair, random);
  let dieAt = Number.POSITIVE_INFINITY;
  let [returns, last] = [0, 1];
  for (const end = one.now + 86_400_000; one.now < end; ) {
    const { link, probe } = one.state;
    if (link.phase === "connecting") {
      returns += link.candidate === 0 && last === 1 ? 1 : 0;
      last = link.candidate;
      // Never at a regular age: that would be planned.
      dieAt = last === 0 ? one.now + livesMs * (0.5 + random()) : Number.POSITIVE_INFINITY;
      one.opens();
    } else if (link.phase === "open" && one.now >= dieAt) one.hear(failing(ended));
    else if (probe !== null && !probe.sent) one.probe(...alive, bytes, event);
    else {
      one.pass(5000);
      if (one.state.link.phase === "open") one.hear(bytes, comment);
    }
  }
  return returns;
}
it.each([5000, 59_000, 90_000])(
  "returns seldom to an address that does not stay: one that dies after about %s ms",
  (ms) => {
    const returns = returnsADay(ms);
    expect(returns).toBeGreaterThan(5);
    expect(returns).toBeLessThanOrEqual(32);
  },
);
it("returns after a minute again to one that has stayed for an hour", () => {
  const one = atSecond();
  for (const stays of [10_000, 3_600_000, 0]) {
    const from = one.now;
    while (one.state.link.phase === "open") goesWell(one);
    if (stays === 0) expect(one.now - from).toBeLessThan(120_000);
    one.opens();
    lives(one, stays);
    while (linkOr(one, 0)) one.failsAndRedials(timedOut);
    if (one.state.link.phase === "connecting") one.opens();
  }
});
const linkOr = (one: Player, at: number) => {
  const { link } = one.state;
  return (link.phase === "open" || link.phase === "connecting") && link.candidate === at;
};
it("does not ask one that was lost before its own retry: is over", () => {
  const one = player(pair);
  one.take(start);
  one.opens();
  one.hear((g) => retry(g, 60_000), failing(broken("ECONNRESET", "body")));
  const { candidate: again } = one.redial();
  one.hear(failing(refused));
  const lostAt = one.now;
  expect([again, one.redial().candidate]).toEqual([0, 1]);
  one.opens();
  untilProbe(one);
  expect(one.state.probe?.candidate).toBe(0);
  expect(one.now - lostAt).toBeGreaterThanOrEqual(60_000);
});
