/** Broken in what tells a silent path from a silent stream. */
import type { State } from "../../main/core/connection/connection-state.ts";
import { unknownRhythm } from "../../main/core/connection/rhythm.ts";
import { noteWord, type Standing } from "../../main/core/connection/standings.ts";
import type { Mutant } from "./mutants.ts";
import { type Parts, realParts } from "./parts.ts";

const real = realParts.step;
type Step = Parts["step"];

const late = "delivers within twice the usual silence while some path carries";
const shut = "is open for nearly all of an hour in which some path carries";
const away = "is back on the preferred path within its longest probation";

function mutant(name: string, faults: readonly string[], breaks: readonly string[], step: Step): Mutant {
  return { name, faults, breaks, parts: { ...realParts, step } };
}

/** Of these paths something else is believed before each step. */
function believing(change: (standing: Standing, i: number, state: State) => Standing): Step {
  return (policy, state, event, moment) =>
    real(policy, { ...state, standings: state.standings.map((one, i) => change(one, i, state)) }, event, moment);
}

/** Whatever is complete, and be it the first thing a connection says, is a word. */
const greeted: Step = (policy, state, event, moment) => {
  const [next, effects] = real(policy, state, event, moment);
  const { link } = next;
  const isGreeting = event.type === "comment" || event.type === "settled";
  if (!isGreeting || link.phase !== "open" || link.generation !== event.generation || link.wordAt !== null)
    return [next, effects];
  const standings = noteWord(next.standings, link.candidate, moment.now);
  return [{ ...next, link: { ...link, wordAt: moment.now }, standings }, effects];
};

export const quietMutants: readonly Mutant[] = [
  mutant("a greeting taken for a word", ["Q08 the preferred path greets and is mute"], [late], greeted),
  mutant(
    "a mute path trusted because it opens",
    ["Q01 the preferred path is mute"],
    [late],
    believing((standing, i, { probe }) =>
      probe?.candidate === i && probe.openedAt !== null
        ? { ...standing, mute: false, vainAt: null, spokeAt: probe.openedAt }
        : standing,
    ),
  ),
  mutant(
    "a silence of one path taken for the stream's own because another speaks",
    ["Q01 the preferred path is mute", "Q06 a cut now and then"],
    [late],
    (policy, state, event, moment) => {
      const [next, effects] = real(policy, state, event, moment);
      const { silentSince = null } = state.link.phase === "open" ? (state.standings[state.link.candidate] ?? {}) : {};
      const isLeft = state.link.phase === "open" && next.link.phase === "waiting" && silentSince !== null;
      const quietMs = isLeft ? 4 * Math.max(next.rhythm.quietMs, moment.now - silentSince) : next.rhythm.quietMs;
      return [{ ...next, rhythm: { ...next.rhythm, quietMs } }, effects];
    },
  ),
  mutant(
    "a silent path left for one that was tried in vain",
    ["Q02 the WebSocket is dead"],
    [shut],
    believing((standing) => ({ ...standing, vainAt: null, parked: false, stumbles: 0 })),
  ),
  mutant(
    "a silent path left for one that keeps breaking",
    ["Q05 silence is cut everywhere"],
    [shut],
    believing((standing, i, { link }) =>
      "candidate" in link && link.candidate !== i ? { ...standing, mute: false, vainAt: null, stumbles: 0 } : standing,
    ),
  ),
  mutant("mute paths that take no turns", ["Q03 the WebSocket is mute"], [late], (policy, state, event, moment) => {
    const [next, effects] = real(policy, state, event, moment);
    const { link } = state;
    const isTurn = link.phase === "open" && next.link.phase === "waiting" && next.link.candidate !== link.candidate;
    if (!isTurn || next.link.phase !== "waiting" || next.link.failure.kind !== "idle-timeout") return [next, effects];
    return [{ ...next, link: { ...next.link, candidate: link.candidate } }, effects];
  }),
  mutant(
    "a probe that listens for no longer than a quarter of a minute",
    ["Q06 a cut now and then"],
    [away],
    (policy, state, event, moment) => {
      const isAsking = state.probe !== null && state.probe.openedAt !== null && state.probe.why === "failback";
      if (!isAsking) return real(policy, state, event, moment);
      const [next, effects] = real(policy, { ...state, rhythm: unknownRhythm }, event, moment);
      return [{ ...next, rhythm: state.rhythm }, effects];
    },
  ),
  mutant(
    "a word forgotten when another connection opens",
    ["Q07 naps"],
    ["does not take a path for mute because our own connection was another"],
    (policy, state, event, moment) => {
      const [next, effects] = real(policy, state, event, moment);
      if (event.type !== "opened" || next.link.phase !== "open") return [next, effects];
      const standings = next.standings.map((one) => ({ ...one, spokeAt: null }));
      return [{ ...next, standings, rhythm: unknownRhythm }, effects];
    },
  ),
];
