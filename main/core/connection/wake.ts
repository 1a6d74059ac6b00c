/**
 * What follows from a probe that asked, after a sleep or on another network, whether the path of the open connection still carries
 * anything. The asking is probes.ts.
 */
import type { Evidence } from "../failure/failure.ts";
import { firstCandidate } from "./candidates.ts";
import type { Effect, Moment, Policy, Probe, State } from "./connection-state.ts";
import { type Probed, redial, type Step } from "./link.ts";
import { earliestAsked } from "./standings.ts";

const firstWakeTryMs = 1000;
/** The path works and the old connection may be dead all the same; or we have nothing to ask with. Asked again after, ms. */
const doubtMs = 60_000;
const wakeTries = 3;

/** The open connection is replaced: by one to the same candidate; or, where that is mute, to one that is not and may be asked at once. */
export function replace(policy: Policy, state: State, present: number, moment: Moment): Step {
  const isMute = (i: number) => state.standings[i]?.mute === true;
  const first = isMute(present) ? firstCandidate(policy, state, moment.now) : null;
  const isFree = first !== null && !isMute(first) && earliestAsked(state.standings[first]) <= moment.now;
  return redial(state, isFree ? first : present, moment);
}

/** Evidence that nothing carries anything; every other is an answer, which proves the path, or our own trouble. */
const lostPaths: ReadonlySet<Evidence["what"]> = new Set(["error", "deadline", "end"]);

/** Only a path that is not there speaks against the open connection; while in doubt it is asked about again. */
export function wakeFailed(
  state: State,
  effects: readonly Effect[],
  { tries, startedAt }: Probe,
  evidence: Evidence,
  moment: Moment,
): Probed {
  const isLost = lostPaths.has(evidence.what);
  if (isLost && tries >= wakeTries) return { step: [state, effects], lost: evidence };
  const afterMs = isLost ? firstWakeTryMs * 2 ** tries : doubtMs;
  const nextProbe = {
    at: moment.now + afterMs,
    since: startedAt,
    why: "wake" as const,
    tries: isLost ? tries + 1 : tries,
  };
  return { step: [{ ...state, nextProbe }, effects], lost: null };
}
