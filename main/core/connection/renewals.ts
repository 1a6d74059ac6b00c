/**
 * What the machine does about a path that cuts silent connections: it writes down how they end, and where a stream is still
 * silent shortly before the cut, it comes anew by itself, so that what the server says next does not meet a connection that
 * is dead already. When a cut is known is idle-cut.ts.
 */
import type { Moment, PathNews, Policy, State } from "./connection-state.ts";
import { doubted, type IdleCut, noIdleCut, noteCut, noteSurvived, renewalLeadMs } from "./idle-cut.ts";
import { redial, type Step } from "./link.ts";
import { earliestDial, noteUnheard, type Standing, withStanding } from "./standings.ts";
import { isUnplanned } from "./suspicion.ts";

/**
 * When the open connection is replaced by a new one although nothing is wrong; Infinity: not by itself. Never while half an
 * event is here, nor while something asks beside it.
 */
export function renewalDue(policy: Policy, state: State): number {
  const { link, probe, nextProbe, standings, failures } = state;
  if (link.phase !== "open" || !policy.repeatable || link.pendingSince !== null) return Number.POSITIVE_INFINITY;
  if (probe !== null || nextProbe?.why === "wake") return Number.POSITIVE_INFINITY;
  // What was hard to open is not given up as long as it lives.
  if (failures > 0) return Number.POSITIVE_INFINITY;
  const standing = standings[link.candidate];
  // What says nothing is left to be cut, and left for another.
  if (isUnplanned(policy, state, link, link.openedAt)) return Number.POSITIVE_INFINITY;
  // A draw that needs no chance: a whole fleet falls silent in the same moment, but did not open in the same millisecond.
  const leadMs = renewalLeadMs(standing?.idleCut ?? noIdleCut, (link.openedAt % 1000) / 1000);
  return leadMs === null ? Number.POSITIVE_INFINITY : Math.max(link.byteAt + leadMs, earliestRenewal(standing));
}

/** Our pace, and what the server asks for by `retry:`, from the last end and from the last dial. */
function earliestRenewal(standing: Standing | undefined): number {
  if (standing === undefined) return 0;
  const { dials, retryMs, retryUntil } = standing;
  return Math.max(earliestDial(standing), retryUntil, (dials.at(-1) ?? 0) + (retryMs ?? 0));
}

/**
 * Begins the next connection to the same candidate in place of the present one, unless it is too late for that, because
 * something asked beside it or the pace held us back. The way back to a better one is not put off.
 */
export function renew(state: State, moment: Moment): Step {
  const { link, nextProbe } = state;
  if (link.phase !== "open") return [state, []];
  const known = state.standings[link.candidate]?.idleCut ?? noIdleCut;
  if (known.cutMs === null || moment.now - link.byteAt >= known.cutMs)
    return [withIdleCut(state, link.candidate, doubted(known)), []];
  const noted = withIdleCut(state, link.candidate, { ...known, renewals: known.renewals + 1 });
  const standings = link.wordAt === null ? noteUnheard(noted.standings, link.candidate, moment.now) : noted.standings;
  const [begun, effects] = redial({ ...noted, standings }, link.candidate, moment);
  return [{ ...begun, nextProbe }, effects];
}

/** Another ended the open connection. */
export function cutAfterSilence(state: State, candidate: number, silenceMs: number): State {
  const elsewhere = state.standings.flatMap(({ idleCut: { cutMs } }, i) =>
    i === candidate || cutMs === null ? [] : [cutMs],
  );
  return changed(state, candidate, (known) => noteCut(known, silenceMs, elsewhere));
}

/** Bytes came after a silence. */
export function survivedSilence(state: State, candidate: number, silenceMs: number): State {
  return changed(state, candidate, (known) => noteSurvived(known, silenceMs));
}

/** Takes it over; what was learned here is worth more than what is remembered. */
export function whenPath(state: State, { candidate, idleDefaultMs, idleCutMs }: PathNews): State {
  return changed(state, candidate, (known) => ({
    ...known,
    defaultMs: idleDefaultMs,
    // What the connection has borne already is not what the path does any more.
    cutMs: known.cutMs ?? (idleCutMs !== null && known.survivedMs > idleCutMs ? null : idleCutMs),
  }));
}

/** Another network is another path. */
export function otherPaths(standings: readonly Standing[]): Standing[] {
  return standings.map((standing) => ({ ...standing, idleCut: noIdleCut }));
}

function changed(state: State, candidate: number, change: (known: IdleCut) => IdleCut): State {
  const known = state.standings[candidate]?.idleCut;
  return known === undefined ? state : withIdleCut(state, candidate, change(known));
}

function withIdleCut(state: State, candidate: number, idleCut: IdleCut): State {
  if (state.standings[candidate]?.idleCut === idleCut) return state;
  return { ...state, standings: withStanding(state.standings, candidate, { idleCut }) };
}
