/** What an open connection's silence is taken for, at the thresholds. What follows from it is suspicion and silent-paths. */
import { expect, it } from "vitest";
import { initialState, type State } from "../../main/core/connection/connection-state.ts";
import { freshStanding, type Standing } from "../../main/core/connection/standings.ts";
import { noteSilence, silenceVerdict, verdictAtEnd } from "../../main/core/connection/suspicion.ts";
import { replace } from "../../main/core/connection/wake.ts";
import type { Failure } from "../../main/core/failure/failure.ts";
import { group, linkIn, open, play } from "./play.ts";

const rules = group(["a", "b"]);
const opened = linkIn(play(open).state, "open");
const silent = { ...opened, openedAt: 0, byteAt: 0 };
const mute: Standing = { ...freshStanding, mute: true, vainAt: 0 };
const spoke: Standing = { ...freshStanding, spokeAt: 0 };

function listening(mine: Standing, other: Standing, link: Partial<typeof silent> = {}) {
  const state: State = { ...initialState(rules), standings: [mine, other], link: { ...silent, ...link } };
  return { state, link: linkIn(state, "open") };
}

it.each([
  ["a better one, after the watchdog's time", spoke, freshStanding, {}, 300_000, "mute"],
  ["a better one, before", spoke, freshStanding, {}, 299_999, "none"],
  ["a better one, when it never spoke and has lasted", freshStanding, spoke, { lasting: true }, 60_000, "mute"],
  ["a better one, when it never spoke and has not lasted", freshStanding, spoke, {}, 59_999, "none"],
  ["a mute one, after its turn", spoke, mute, {}, 300_000, "turn"],
  ["a mute one, before", spoke, mute, { lasting: true }, 299_999, "none"],
  ["one that is parked", spoke, { ...spoke, parked: true }, { lasting: true }, 9_000_000, "none"],
  ["a better one, after a greeting", spoke, freshStanding, { greeted: true }, 300_000, "mute"],
  ["a better one, after a word", spoke, freshStanding, { wordAt: 1 }, 9_000_000, "none"],
  ["a better one, over connections", { ...spoke, silentSince: -200_000 }, freshStanding, {}, 100_000, "mute"],
] as const)("beside %s", (_, mine, other, change, now, expected) => {
  const { state, link } = listening(mine, other, change);
  expect(silenceVerdict(rules, state, link, now)).toBe(expected);
});

const failure = (change: Partial<Failure>): Failure => ({
  ...{ family: "PROXY", kind: "ended", status: null, final: false, retryAfterMs: null, params: {} },
  ...change,
});

it.each([
  ["the end of its turn is no failure", failure({}), 300_000, "turn"],
  ["with a final word it is", failure({ final: true }), 300_000, "mute"],
  ["with a wish for time it is", failure({ retryAfterMs: 5000 }), 300_000, "mute"],
  ["an end before it says nothing", failure({}), 299_999, "none"],
  ["what was left for its silence is mute in any case", failure({ kind: "mute" }), 299_999, "mute"],
  ["what held half an event is mute, and has not had a turn", failure({ kind: "held" }), 300_000, "mute"],
] as const)("at the end of one among mute paths: %s", (_, why, now, expected) => {
  const { state, link } = listening(spoke, mute);
  expect(verdictAtEnd(rules, state, link, why, now)).toBe(expected);
});
it("has no verdict where nothing was open", () => {
  const { state } = listening(spoke, mute);
  expect(verdictAtEnd(rules, state, { phase: "idle" }, failure({ kind: "held" }), 300_000)).toBe("none");
});
it("writes a silence down when the world ends it only where it would have been left", () => {
  const [due, early] = [listening(spoke, freshStanding), listening(spoke, mute)];
  expect(noteSilence(rules, due.state, 300_000).standings[0]).toMatchObject({ mute: true, vainAt: 300_000 });
  expect(noteSilence(rules, due.state, 299_999)).toBe(due.state);
  expect(noteSilence(rules, early.state, 300_000)).toBe(early.state);
});

it.each([
  ["a mute one by another", mute, freshStanding, 1],
  ["one that is not mute by itself", spoke, freshStanding, 0],
  ["a mute one by itself, where the other is mute", mute, mute, 0],
  ["a mute one by itself, where the other may not be asked yet", mute, { ...spoke, retryUntil: 61_000 }, 0],
] as const)("after a sleep it replaces %s", (_, mine, other, expected) => {
  const [next] = replace(rules, listening(mine, other).state, 0, { now: 60_000, random: 0.5 });
  expect(linkIn(next, "connecting").candidate).toBe(expected);
});
