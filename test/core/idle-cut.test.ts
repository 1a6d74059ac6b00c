/** How a path's idle cut is learned, what is done about it, and when it is forgotten. */
import { expect, it } from "vitest";
import { initialState, type Policy } from "../../main/core/connection/connection-state.ts";
import {
  isAlike,
  isIdleCut,
  noIdleCut,
  noteCut,
  noteSurvived,
  renewalLeadMs,
} from "../../main/core/connection/idle-cut.ts";
import { whenPath } from "../../main/core/connection/renewals.ts";
import { freshStanding } from "../../main/core/connection/standings.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import {
  broken,
  bytes,
  ended,
  event,
  failing,
  group,
  linkIn,
  network,
  type Player,
  player,
  policy,
  start,
  words,
} from "./play.ts";

const begun = initialState(policy);
const learn = (silences: readonly number[], from = noIdleCut) =>
  silences.reduce((known, silence) => noteCut(known, silence), from);

it.each([
  [10_000, 11_500, true],
  [10_000, 11_501, false],
  // 3 % of the longer.
  [100_000, 103_050, true],
  [100_000, 103_100, false],
])("silences of %s and %s ms are the same to a proxy's clock: %s", (aMs, bMs, isSame) => {
  expect([isAlike(aMs, bMs), isAlike(bMs, aMs)]).toEqual([isSame, isSame]);
});

it.each([
  [[60_000], null],
  [[60_000, 60_000], null],
  [[60_000, 60_900, 60_200], 60_000],
  [[60_000, 31_000, 60_400, 60_200], null],
  [[7000, 7200, 6900], 6900],
  [[5000, 5000, 5000], 5000],
  [[4999, 4999, 4999], null],
  [[60_000, 70_000, 80_000], null],
  // The last is like both others, but they are not like each other.
  [[15_000, 17_800, 16_400], null],
])("learns from silences of %j ms a cut after %s ms", (silences, cutMs) => {
  expect(learn(silences).cutMs).toBe(cutMs);
});

it("takes over no remembered cut that the connection has borne already", () => {
  const news = { candidate: 0, idleDefaultMs: null, idleCutMs: 60_000 };
  const bearing = (survivedMs: number) =>
    whenPath({ ...begun, standings: [{ ...freshStanding, idleCut: { ...noIdleCut, survivedMs } }] }, news);
  expect(bearing(50_000).standings[0]?.idleCut.cutMs).toBe(60_000);
  expect(bearing(60_000).standings[0]?.idleCut.cutMs).toBe(60_000);
  expect(bearing(245_000).standings[0]?.idleCut.cutMs).toBeNull();
});

it("needs one silence less where somebody was seen whose default it is", () => {
  const seen = { ...noIdleCut, defaultMs: 60_000 };
  expect(learn([60_100], seen).cutMs).toBeNull();
  expect(learn([60_100, 60_300], seen).cutMs).toBe(60_100);
  expect(learn([45_000, 45_100], seen).cutMs).toBeNull();
  expect(learn([30_000, 60_300, 60_100], seen).cutMs).toBe(60_100);
});

it("needs one silence where another path of the stream is known to cut after as long", () => {
  expect(noteCut(noIdleCut, 60_300, [120_000, 60_000]).cutMs).toBe(60_300);
  expect(noteCut(noIdleCut, 45_000, [120_000, 60_000]).cutMs).toBeNull();
  expect(noteCut(noteSurvived(noIdleCut, 70_000), 60_000, [60_000]).cutMs).toBeNull();
});

it("does not take for a cut what the same connection has borne before", () => {
  const bore = noteSurvived(noIdleCut, 25_000);
  expect(learn([10_000, 10_000, 10_000], bore)).toEqual(bore);
  expect(learn([25_000, 25_000, 25_000], bore)).toEqual(bore);
});

it.each([
  ["keeps a cut that others after about as long only confirm", [61_000, 61_000, 61_000], 60_000],
  ["learns a shorter cut in place of the one it knew", [30_000, 30_100, 30_200], 30_000],
])("%s", (_, silences, cutMs) => {
  expect(learn(silences, { ...noIdleCut, cutMs: 60_000 }).cutMs).toBe(cutMs);
});

it("forgets a cut when a longer silence is survived, and not for a shorter one", () => {
  const known = learn([60_000, 60_000, 60_000]);
  expect(noteSurvived(known, 55_000).cutMs).toBe(60_000);
  expect(noteSurvived(known, 61_000).cutMs).toBe(60_000);
  expect(noteSurvived(known, 65_000)).toMatchObject({ cutMs: null, ends: [] });
});

it("has nothing to write down for a short silence, nor for one that was survived before", () => {
  const bore = noteSurvived(noIdleCut, 5000);
  expect(bore).toMatchObject({ survivedMs: 5000 });
  expect(noteSurvived(noIdleCut, 4999)).toBe(noIdleCut);
  expect(noteSurvived(bore, 5000)).toBe(bore);
});

it.each([
  [60_000, 60_900, true],
  [60_000, 45_000, false],
  [10_000, 10_000, true],
  [9999, 9999, false],
])("a path that cuts after %s ms has planned an end after %s ms of silence: %s", (cutMs, silenceMs, isPlanned) => {
  expect(isIdleCut({ ...noIdleCut, cutMs }, silenceMs)).toBe(isPlanned);
});

it.each([
  [60_000, 0, 54_000],
  [60_000, 0.999, 48_006],
  [12_000, 0, 10_000],
  [10_000, 0, 8000],
  [9000, 0, null],
])("comes anew before a cut of %s ms, by a draw of %s after %s ms", (cutMs, draw, leadMs) => {
  expect(renewalLeadMs({ ...noIdleCut, cutMs }, draw)).toBe(leadMs);
});

it("lets one silence pass after many reconnects: perhaps nobody cuts any more", () => {
  expect(renewalLeadMs({ ...noIdleCut, cutMs: 60_000, renewals: 20 }, 0)).toBeNull();
  expect(noteCut({ ...noIdleCut, cutMs: 60_000, renewals: 20 }, 60_000).renewals).toBe(0);
});

/* ── in the machine ───────────────────────────────────────────────────────────────────────────── */

const fin = broken("UND_ERR_SOCKET", "body");
/** A stream that was cut as often as this after a minute of silence, each time at another age, and is open again. */
function cutThreeTimes(rules: Policy = policy, times = 3, evidence: Evidence = fin): Player {
  const one = player(rules);
  one.take(start);
  one.opens();
  for (let i = 0; i < times; i++) {
    one.pass(20_000 * i);
    one.hear(bytes, event);
    one.pass(60_000);
    one.hear(failing(evidence));
    one.redial();
    one.opens();
  }
  return one;
}

const connects = (one: Player) => one.dials.filter(({ type }) => type === "connect").length;

it("counts a cut that it knows as planned, by whatever it is done", () => {
  const one = cutThreeTimes(policy, 2);
  one.pass(60_000);
  one.hear(failing(ended));
  expect(linkIn(one.state, "waiting").failure.family).toBe("PLANNED");
});

it("comes anew before the cut, without a failure and without a wait", () => {
  const one = cutThreeTimes();
  const { openedAt, generation } = linkIn(one.state, "open");
  const before = connects(one);
  one.pass(47_000);
  expect(linkIn(one.state, "open").openedAt).toBe(openedAt);
  one.pass(7500);
  expect(words(one.effects.slice(-3))).toBe(`disconnect ${generation}, connect ${generation + 1}`);
  expect(connects(one)).toBe(before + 1);
  expect(one.state.failures).toBe(0);
  one.opens(false);
  one.pass(54_500);
  expect(connects(one)).toBe(before + 2);
});

it("waits for the rest of an event that is half here", () => {
  const one = cutThreeTimes();
  one.pass(30_000);
  one.hear(bytes);
  one.pass(70_000);
  expect(one.state.link.phase).toBe("open");
});

it.each<[string, Partial<Policy>]>([["must not be repeated", { repeatable: false }]])(
  "does not by itself send again what %s",
  (_what, change) => {
    const one = player({ ...policy, ...change });
    one.take(start);
    one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 60_000 });
    one.opens();
    one.pass(120_000);
    expect(connects(one)).toBe(1);
  },
);

it("begins with what is remembered of the path, and forgets it on another network", () => {
  const one = player();
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 60_000 });
  one.opens();
  one.pass(55_000);
  expect(connects(one)).toBe(2);
  one.take(network(true, true));
  expect(one.state.standings[0]?.idleCut).toEqual(noIdleCut);
});

it("forgets the cut when a silence is survived that is longer", () => {
  const one = player();
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 9000 });
  one.opens();
  one.pass(20_000);
  one.hear(bytes, event);
  expect(one.state.standings[0]?.idleCut.cutMs).toBeNull();
});

it("does not learn from a dead path that our own keep-alive found", () => {
  const one = cutThreeTimes(policy, 3, broken("ETIMEDOUT", "body"));
  expect(one.state.standings[0]?.idleCut.cutMs).toBeNull();
});

it("does not put off the way back to a better candidate by coming anew", () => {
  const rules = group(["a", "b"]);
  const one = player(rules);
  one.take(start);
  for (let i = 0; one.state.link.phase !== "connecting" || linkIn(one.state, "connecting").candidate === 0; i++) {
    if (i > 4) throw new Error("does not move on");
    one.failsAndRedials();
  }
  one.take({ type: "path", candidate: 1, idleDefaultMs: null, idleCutMs: 12_000 });
  one.opens();
  const at = one.state.nextProbe?.at;
  one.pass(10_500);
  one.opens(false);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  expect(one.state.nextProbe?.at).toBe(at);
});
