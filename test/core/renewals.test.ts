/** What the machine does about a path that cuts silent connections: when it comes anew, when it is too late, and what it writes down. */
import { expect, it } from "vitest";
import type { Event, State } from "../../main/core/connection/connection-state.ts";
import type { IdleCut } from "../../main/core/connection/idle-cut.ts";
import { cutAfterSilence, renew, renewalDue, survivedSilence, whenPath } from "../../main/core/connection/renewals.ts";
import { withStanding } from "../../main/core/connection/standings.ts";
import { aProbe, bytes, connected, dialling, event, group, opened, play, policy, start, words } from "./play.ts";

const cutMs = 60_000;
const at = (now: number) => ({ now, random: 0.5 });
const path = (candidate: number): Event => ({ type: "path", candidate, idleDefaultMs: null, idleCutMs: cutMs });
const rules = group(["a", "b"]);

/** Open since 1000 ms at an address that cuts after a minute; silent since then. */
const silent = play([
  [0, start],
  [0, path(0)],
  [0, dialling(1)],
  [0, connected(1)],
  [1000, opened(1)],
]).state;
/** The same, after an event at 2000 ms. */
const spoke = play(
  [
    [2000, bytes(1)],
    [2000, event(1)],
  ],
  policy,
  0.5,
  silent,
).state;
const known = (state: State) => state.standings[0]?.idleCut;
const knowing = (change: Partial<IdleCut>): State => {
  const idleCut = known(silent);
  if (idleCut === undefined) throw new Error("no candidate");
  return { ...silent, standings: withStanding(silent.standings, 0, { idleCut: { ...idleCut, ...change } }) };
};

/* ── when ─────────────────────────────────────────────────────────────────────────────────────── */

const planned = { at: 99_000, since: 0, tries: 0 };
const probe = aProbe(2);
const never = Number.POSITIVE_INFINITY;

it.each<[string, Partial<State>, number]>([
  ["nothing speaks against it", {}, 55_000],
  ["a way back is planned", { nextProbe: { ...planned, why: "failback" } }, 55_000],
  ["something asks beside it", { probe }, never],
  ["it has yet to be asked whether the path lives", { nextProbe: { ...planned, why: "wake" } }, never],
])("comes anew nine tenths into the silence when %s: %j → %s ms", (_, change, dueMs) => {
  expect(renewalDue(policy, { ...silent, ...change })).toBe(dueMs);
});

/* ── coming anew ──────────────────────────────────────────────────────────────────────────────── */

it("comes anew until the very moment of the cut, and counts it", () => {
  const [state, effects] = renew(knowing({ renewals: 4 }), at(1000 + cutMs - 1));
  expect(words(effects)).toBe("disconnect 1, connect 2");
  expect(known(state)).toMatchObject({ cutMs, renewals: 5 });
});
it("lets the silence go on when it is too late, and does not come anew before the next end", () => {
  const [state, effects] = renew(silent, at(1000 + cutMs));
  expect(effects).toEqual([]);
  expect(state.link).toEqual(silent.link);
  expect(known(state)?.cutMs).toBe(cutMs);
  expect(renewalDue(policy, state)).toBe(never);
});
it("has tried a path in vain whose connection it replaces before a word came", () => {
  const vainAt = (state: State) => renew(state, at(50_000))[0].standings[0]?.vainAt;
  expect(vainAt(silent)).toBe(50_000);
  expect(vainAt(spoke)).toBeNull();
  // The books of another network begin empty; the connection itself has brought a word all the same.
  expect(vainAt({ ...spoke, standings: withStanding(spoke.standings, 0, { spokeAt: null }) })).toBeNull();
});

/* ── what is written down ─────────────────────────────────────────────────────────────────────── */

it("believes one cut of a path when another of the stream is known to do it", () => {
  const beside = whenPath(play([[0, start]], rules).state, { candidate: 1, idleDefaultMs: null, idleCutMs: cutMs });
  expect(known(cutAfterSilence(beside, 0, 60_300))).toMatchObject({ cutMs: 60_300, ends: [60_300] });
  expect(known(cutAfterSilence(beside, 0, 45_000))).toMatchObject({ cutMs: null, ends: [45_000] });
});
it("writes nothing down where a silence says nothing new", () => {
  expect(survivedSilence(silent, 0, 100)).toBe(silent);
  expect(cutAfterSilence(silent, 0, 100)).toBe(silent);
});
