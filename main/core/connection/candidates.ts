/**
 * Which candidate next, and what one's failure says of the others. What is known of each is standings.ts; when to dial is
 * connection.ts, and the way back to a preferred one is probes.ts.
 */
import type { Failure } from "../failure/failure.ts";
import { movesAtOnce } from "../failure/failure-traits.ts";
import { median } from "../quality/quality.ts";
import type { Policy, State } from "./connection-state.ts";
import { earliestDial, failuresToMove, freshStanding, type Standing } from "./standings.ts";

/**
 * Connections in a row that opened and did not last, after which the last resort need not wait any longer: such a path brings
 * an event now and then, so that its failures are forgotten each time, and it would never have had its attempts.
 */
const shortLivedToGiveUp = 3;
/** A limit that ends within this time is not worth another candidate, ms. */
const soonMs = 2000;
/** A server that asks for more than this has taken itself out of the way: the last resort need not wait for it, ms. */
const farMs = 60_000;
/** Failures that being mute counts for when it is somebody's turn, and having failed without ever having said a word. */
const [muteCounts, unheardCounts] = [4, 2];
/** Who was tried in vain, or kept breaking, is no better than a path that is only silent, for this long, ms. */
const vainMs = 3_600_000;

export type Choice = { readonly candidate: number; readonly moved: boolean };

/** What must be known to choose: a part of the state. */
type Known = Pick<State, "standings" | "pinned" | "first">;

/** Whether a candidate may be tried at all. */
export function isAvailable(policy: Policy, { standings, pinned }: Known, candidate: number): boolean {
  if (standings[candidate]?.out !== null) return false;
  return pinned === null || pinned === candidate || policy.candidates[candidate]?.transport === "websocket";
}

/**
 * The candidate to begin with, or null when none is left. Where the quickest is wanted, order says nothing among SSE; who
 * may not be asked for a while comes after those who may.
 */
export function firstCandidate(policy: Policy, known: Known, now: number): number | null {
  const byOrder = !policy.balance || isWebSocket(policy, known.first);
  const preferred = byOrder && isAvailable(policy, known, known.first) ? [known.first] : [];
  const others = rank(policy, known, all(policy, known)).filter((i) => hasTurn(policy, known, i, now));
  const inOrder = [...preferred, ...others];
  const near = inOrder.filter((i) => isSoon(known.standings[i], now));
  const [first] = near;
  if (first === undefined) return soonest(policy, inOrder, known.standings);
  if (known.standings[first]?.mute !== true) return first;
  return near.find((i) => isBetter(known.standings[i], now)) ?? first;
}

/**
 * Which candidate follows a failure of `failed`; null when all are out. While one is untried it is the next, after two
 * failures or at once where trying again cannot help; after one rotation the least tried, and when all have had their
 * attempts the one that was asked longest ago. Nobody waits for a server that asked to be left alone while another may be asked.
 */
export function nextCandidate(policy: Policy, state: Known, failed: number, failure: Failure, now: number) {
  const open = all(policy, state);
  if (!isLeft(policy, state, failed, failure, now)) return { candidate: failed, moved: false };
  const fresh = open.filter((i) => i !== failed && isFresh(policy, state, i, now));
  const [next] = rank(policy, state, fresh);
  if (next !== undefined) return { candidate: next, moved: true };
  const mate = nextOfMute(policy, state, open, failed, now);
  if (mate !== null) return { candidate: mate, moved: true };
  const turn = whoseTurn(policy, state, open, failed, now);
  return turn === null ? null : { candidate: turn, moved: false };
}

/** Where one has had its turn, and none is there that nothing is known against: whoever was asked longest ago. */
function nextOfMute(policy: Policy, state: Known, open: readonly number[], failed: number, now: number): number | null {
  const standing = (i: number) => state.standings[i] ?? freshStanding;
  const { mute, heardOut, failures } = standing(failed);
  if (!mute || !heardOut || failures > 1) return null;
  const others = open.filter((i) => i !== failed && isSoon(standing(i), now) && hasTurn(policy, state, i, now));
  if (others.some((i) => !standing(i).mute && standing(i).failures === 0)) return null;
  const at = (i: number) => standing(i).vainAt ?? 0;
  // Who has failed and has attempts left is among them: otherwise the last resort would wait for him for ever.
  const mates = others.filter((i) => (standing(i).mute || !standing(i).parked) && standing(i).retryUntil <= now);
  return mates.toSorted((a, b) => at(a) - at(b))[0] ?? null;
}

/** Parked ones are asked again when all of them are: a stream is never given up. */
function whoseTurn(policy: Policy, state: Known, open: readonly number[], failed: number, now: number): number | null {
  const { standings } = state;
  const unparked = open.filter((i) => standings[i]?.parked === false && hasTurn(policy, state, i, now));
  const isNear = (i: number) => isSoon(standings[i], now);
  const near = unparked.filter(isNear);
  if (near.length > 0) return fewestFailures(near, standings, failed);
  const parked = open.filter((i) => standings[i]?.parked === true && isNear(i));
  if (unparked.length === 0 || unparked.every((i) => isFar(standings[i], now))) {
    return longestAgo(parked, standings) ?? soonest(policy, open, standings);
  }
  return soonest(policy, unparked, standings);
}

/** Whether another is tried, where there is one. */
function isLeft(policy: Policy, known: Known, failed: number, failure: Failure, now: number): boolean {
  const judged = known.standings[failed];
  if (judged === undefined || judged.out !== null || movesAtOnce(failure)) return true;
  const { mute, failures, stumbles, heardOut } = judged;
  if (mute && hasBetter(policy, known, failed, now)) return true;
  // Among those that are all mute each has its turn, and this one's is over.
  if (mute && heardOut && hasSilent(policy, known, failed)) return true;
  // A guess that answers with anything but a stream is no stream's path, at least not now.
  if (policy.discover && known.pinned === null) return true;
  // Whoever may not be asked for a while need not be waited for.
  return failures >= failuresToMove || stumbles >= failuresToMove || !isSoon(judged, now);
}

/** Untried or healthy in this outage. */
function isFresh(policy: Policy, known: Known, candidate: number, now: number): boolean {
  const standing = known.standings[candidate];
  if (standing === undefined || standing.failures > 0 || standing.mute) return false;
  if (isBreaking(standing, now) || !isSoon(standing, now) || standing.retryUntil > now) return false;
  return hasTurn(policy, known, candidate, now);
}

/** Whether it may be dialled now, or nearly so. */
function isSoon(standing: Standing | undefined, now: number): boolean {
  return earliestDial(standing) <= now + soonMs;
}

/** Whether its server asked for so much time that nobody should wait for it who has another way. */
export function isFar(standing: Standing | undefined, now: number): boolean {
  return standing !== undefined && standing.notBefore > now + farMs;
}

/** A WebSocket is the last resort: every SSE path must have been given up. */
function hasTurn(policy: Policy, known: Known, candidate: number, now: number): boolean {
  if (!isWebSocket(policy, candidate)) return true;
  return all(policy, known).every((i) => isWebSocket(policy, i) || isGivenUp(known.standings[i], now));
}

function isWebSocket(policy: Policy, candidate: number): boolean {
  return policy.candidates[candidate]?.transport === "websocket";
}

/** A path that has worked is given all its attempts; one that never has, or that greets and dies, is not waited for. */
function isGivenUp(standing: Standing | undefined, now: number): boolean {
  if (standing === undefined || isFar(standing, now)) return true;
  const { out, parked, mute, worked, failures, shortLived } = standing;
  return out !== null || parked || mute || shortLived >= shortLivedToGiveUp || (!worked && failures > 0);
}

function all(policy: Policy, known: Known): number[] {
  return policy.candidates.map((_, i) => i).filter((i) => isAvailable(policy, known, i));
}

/** By order; with `balance` SSE first, and within one transport whoever is not measured yet, then by time to headers. */
function rank(policy: Policy, { standings }: Known, candidates: readonly number[]): readonly number[] {
  if (!policy.balance) return candidates;
  const headersMs = (i: number) => median(standings[i]?.headersMs ?? []) ?? -1;
  const rung = (i: number) => (isWebSocket(policy, i) ? 1 : 0);
  return candidates.toSorted((a, b) => rung(a) - rung(b) || headersMs(a) - headersMs(b));
}

/**
 * @param failed the one that failed just now: of two that were tried as often the other is asked, and of mute ones whoever has waited
 *   longest for its turn
 */
function fewestFailures(candidates: readonly number[], standings: readonly Standing[], failed: number): number | null {
  // A mute one costs a quarter of a minute each time, or more; whoever at least says no is asked first, though not for long.
  const tried = (i: number) => {
    const { failures = 0, mute = false, spokeAt = null } = standings[i] ?? {};
    return failures + (mute ? muteCounts : failures > 0 && spokeAt === null ? unheardCounts : 0);
  };
  const isFailed = (i: number) => (i === failed ? 1 : 0);
  const mutedAt = (i: number) => (standings[i]?.mute === true ? (standings[i]?.vainAt ?? 0) : 0);
  const order = (a: number, b: number) => tried(a) - tried(b) || isFailed(a) - isFailed(b) || mutedAt(a) - mutedAt(b);
  return candidates.toSorted(order)[0] ?? null;
}

/**
 * Who may be asked first. Where one server's wish holds all of them alike, whoever has had his attempts is behind those who have
 * not, and the WebSocket behind SSE, as long as that was not asked again for nothing.
 */
function soonest(policy: Policy, candidates: readonly number[], standings: readonly Standing[]): number | null {
  const at = (i: number) => earliestDial(standings[i]);
  const isTired = (i: number) => (standings[i]?.wishes ?? 0) >= failuresToMove;
  const rung = (i: number) => (standings[i]?.parked ? 2 : 0) + (isWebSocket(policy, i) || isTired(i) ? 1 : 0);
  const failures = (i: number) => standings[i]?.failures ?? 0;
  return candidates.toSorted((a, b) => at(a) - at(b) || rung(a) - rung(b) || failures(a) - failures(b))[0] ?? null;
}

function longestAgo(candidates: readonly number[], standings: readonly Standing[]): number | null {
  const at = (i: number) => standings[i]?.dials.at(-1) ?? 0;
  return candidates.reduce<number | null>((best, i) => (best === null || at(i) < at(best) ? i : best), null);
}

/** Candidates that are preferred to this one, best first: with `balance` only SSE to WebSocket. */
export function preferredTo(policy: Policy, known: Known, candidate: number): number[] {
  const present = policy.candidates[candidate];
  return all(policy, known).filter((i) => {
    if (present?.transport === "websocket") return policy.candidates[i]?.transport === "sse";
    return !policy.balance && i < candidate;
  });
}

/** Whether something else could be tried in place of this candidate. */
export function hasAlternative(policy: Policy, known: Known, candidate: number): boolean {
  return policy.candidates.some((_, i) => i !== candidate && isAvailable(policy, known, i));
}

/** Whether another is worth leaving a path for that says nothing but has not failed. */
export function hasBetter(policy: Policy, known: Known, candidate: number, now: number): boolean {
  return policy.candidates.some(
    (_, i) => i !== candidate && isAvailable(policy, known, i) && isBetter(known.standings[i], now),
  );
}

/** Not mute, and not out of its attempts; and if it has never spoken, or keeps breaking, it was not tried in vain lately. */
export function isBetter(standing: Standing | undefined, now: number): boolean {
  if (standing === undefined || standing.mute || standing.parked || isBreaking(standing, now)) return false;
  return standing.spokeAt !== null || !wasVain(standing, now);
}

function isBreaking(standing: Standing, now: number): boolean {
  return standing.stumbles >= failuresToMove && wasVain(standing, now);
}

function wasVain({ vainAt }: Standing, now: number): boolean {
  return vainAt !== null && now - vainAt < vainMs;
}

/** Whether another is as silent: who of them carries is found out by turns. */
export function hasSilent(policy: Policy, known: Known, candidate: number): boolean {
  return policy.candidates.some(
    (_, i) => i !== candidate && isAvailable(policy, known, i) && isSilent(known.standings[i]),
  );
}

/** Mute, or open once and in vain, so that nothing is known of what it carries. */
function isSilent(standing: Standing | undefined): boolean {
  if (standing === undefined || standing.mute) return standing !== undefined;
  const { parked, spokeAt, vainAt, headersMs } = standing;
  return !parked && spokeAt === null && vainAt !== null && headersMs.length > 0;
}

/**
 * What the other paths of a server learn from one of them: the wish to be left alone, and that a credential which they send,
 * too, is not accepted. What is forbidden may be this path's alone.
 * @param from the candidate that the failure is of; its own standing is left as it is
 */
export function toldToServer(
  policy: Policy,
  standings: readonly Standing[],
  from: number,
  failure: Failure,
  now: number,
) {
  const theirs = policy.candidates[from];
  const { retryAfterMs } = failure;
  const refused = failure.final && failure.kind === "unauthorized";
  if (retryAfterMs === null && !refused) return standings;
  return standings.map((standing, i) => {
    const mine = policy.candidates[i];
    if (i === from || mine === undefined || mine.origin !== theirs?.origin) return standing;
    return {
      ...standing,
      notBefore: retryAfterMs === null ? standing.notBefore : Math.max(standing.notBefore, now + retryAfterMs),
      out: refused && mine.credential === theirs.credential ? failure : standing.out,
    };
  });
}
