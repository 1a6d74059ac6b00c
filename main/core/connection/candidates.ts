/**
 * Which candidate next, and what its failures say of it. Pure look-ups and updates over the standings; when to dial is
 * connection.ts, and the way back to a preferred one is probes.ts.
 */
import type { Failure } from "../failure/failure.ts";
import { movesAtOnce } from "../failure/failure-traits.ts";
import { median } from "../quality/quality.ts";
import { type Policy, probeEvery, type Standing, type State } from "./connection-state.ts";
import { noIdleCut } from "./idle-cut.ts";

/** Failures of one candidate, or ends of connections that did not last, after which the next is tried. */
const failuresToMove = 2;
/**
 * Connections in a row that opened and did not last, after which the last resort need not wait any longer: such a path brings
 * an event now and then, so that its failures are forgotten each time, and it would never have had its attempts.
 */
const shortLivedToGiveUp = 3;
/** A limit that ends within this time is not worth another candidate, ms. */
const soonMs = 2000;
/** A server that asks for more than this has taken itself out of the way: the last resort need not wait for it, ms. */
const farMs = 60_000;
/** Connections to one candidate, probes included, within a minute. */
const dialsAMinute = 8;
const minuteMs = 60_000;
/** Failures that having been mute counts for when it is somebody's turn. */
const muteCounts = 1000;
const keptAges = 3;
const keptHeaders = 5;

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
  return inOrder.find((i) => isSoon(known.standings[i], now)) ?? soonest(inOrder, known.standings);
}

/**
 * Which candidate follows a failure of `failed`; null when all are out. While one is untried it is the next, after two
 * failures or at once where trying again cannot help; after one rotation the least tried, and when all have had their
 * attempts the one that was asked longest ago. Nobody waits for a server that asked to be left alone while another may be asked.
 */
export function nextCandidate(policy: Policy, state: Known, failed: number, failure: Failure, now: number) {
  const { standings } = state;
  const open = all(policy, state);
  const judged = standings[failed];
  const leaves = judged === undefined || isLeft(policy, state, judged, failure, now);
  if (!leaves) return { candidate: failed, moved: false };
  const fresh = open.filter((i) => i !== failed && isFresh(policy, state, i, now));
  const [next] = rank(policy, state, fresh);
  if (next !== undefined) return { candidate: next, moved: true };
  const turn = whoseTurn(policy, state, open, now);
  return turn === null ? null : { candidate: turn, moved: false };
}

/** Parked ones are asked again when all of them are: a stream is never given up. */
function whoseTurn(policy: Policy, state: Known, open: readonly number[], now: number): number | null {
  const { standings } = state;
  const unparked = open.filter((i) => standings[i]?.parked === false && hasTurn(policy, state, i, now));
  const isNear = (i: number) => isSoon(standings[i], now);
  const near = unparked.filter(isNear);
  if (near.length > 0) return fewestFailures(near, standings);
  const parked = open.filter((i) => standings[i]?.parked === true && isNear(i));
  if (unparked.length === 0 || unparked.every((i) => isFar(standings[i], now))) {
    return longestAgo(parked, standings) ?? soonest(open, standings);
  }
  return soonest(unparked, standings);
}

/** Whether another is tried, where there is one. */
function isLeft(policy: Policy, { pinned }: Known, judged: Standing, failure: Failure, now: number): boolean {
  const { out, mute, failures, stumbles } = judged;
  if (out !== null || mute || movesAtOnce(failure)) return true;
  // A guess that answers with anything but a stream is no stream's path, at least not now.
  if (policy.discover && pinned === null) return true;
  // Whoever may not be asked for a while need not be waited for.
  return failures >= failuresToMove || stumbles >= failuresToMove || !isSoon(judged, now);
}

/** Untried or healthy in this outage. */
function isFresh(policy: Policy, known: Known, candidate: number, now: number): boolean {
  const standing = known.standings[candidate];
  if (standing === undefined || standing.failures > 0 || standing.mute) return false;
  if (standing.stumbles >= failuresToMove || !isSoon(standing, now) || standing.retryUntil > now) return false;
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

function fewestFailures(candidates: readonly number[], standings: readonly Standing[]): number | null {
  // A mute one costs a quarter of a minute each time; whoever at least says no is asked first.
  const tried = (i: number) => (standings[i]?.failures ?? 0) + (standings[i]?.mute === true ? muteCounts : 0);
  return candidates.reduce<number | null>((best, i) => (best === null || tried(i) < tried(best) ? i : best), null);
}

function soonest(candidates: readonly number[], standings: readonly Standing[]): number | null {
  const at = (i: number) => earliestDial(standings[i]);
  const failures = (i: number) => standings[i]?.failures ?? 0;
  return candidates.toSorted((a, b) => at(a) - at(b) || failures(a) - failures(b))[0] ?? null;
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

/** The standings with one of them changed. */
export function withStanding(standings: readonly Standing[], at: number, change: Partial<Standing>): Standing[] {
  return standings.map((standing, i) => (i === at ? { ...standing, ...change } : standing));
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

/** A connection to this candidate begins. */
export function noteDial(standings: readonly Standing[], at: number, now: number): Standing[] {
  const dials = [...(standings[at]?.dials ?? []).slice(1 - dialsAMinute), now];
  return withStanding(standings, at, { dials });
}

/** The dial that was noted when it was decided leaves only now. */
export function redated(standings: readonly Standing[], at: number, now: number): Standing[] {
  return withStanding(standings, at, { dials: [...(standings[at]?.dials ?? []).slice(0, -1), now] });
}

/** The earliest moment at which this candidate may be dialled: its server's wish, and our own pace. */
export function earliestDial(standing: Standing | undefined): number {
  if (standing === undefined) return 0;
  const { dials, notBefore } = standing;
  const paced = dials.length < dialsAMinute ? 0 : (dials[0] ?? 0) + minuteMs;
  return Math.max(notBefore, paced);
}

/**
 * The earliest moment for the next dial of a path that ends again and again as planned: half of the minute's dials are free,
 * the rest is dealt out evenly over what is left of it, instead of eight at once and then none for a minute.
 */
export function evenDial({ dials }: Standing): number {
  const last = dials.at(-1) ?? 0;
  const recent = dials.filter((at) => last - at < minuteMs);
  const [first] = recent;
  if (first === undefined || recent.length < dialsAMinute / 2) return 0;
  return Math.ceil(last + (first + minuteMs - last) / (dialsAMinute + 1 - recent.length));
}

/**
 * The connection to this candidate opened.
 * @param headersMs from the request to the final headers
 * @param accepts the opening says that the credential was accepted; a WebSocket may be told later that it was not
 */
export function noteOpened(
  standings: readonly Standing[],
  at: number,
  headersMs: number,
  accepts: boolean,
): Standing[] {
  const known = standings[at];
  return withStanding(standings, at, {
    worked: true,
    refusals: accepts ? 0 : (known?.refusals ?? 0),
    notBefore: 0,
    idleCut: { ...(known?.idleCut ?? noIdleCut), survivedMs: 0 },
    headersMs: [...(known?.headersMs ?? []).slice(1 - keptHeaders), headersMs],
  });
}

/** Its connection ends, and nothing speaks against the path: what it has delivered stands for the next one too. */
export function noteSpoken(standings: readonly Standing[], at: number, progressAt: number | null): readonly Standing[] {
  return progressAt === null ? standings : withStanding(standings, at, { spokeAt: progressAt });
}

/** The connection has lasted, or was of use until its planned end: it neither stumbles, nor is its credential in doubt. */
export function noteUseful(standings: readonly Standing[], at: number): Standing[] {
  return withStanding(standings, at, { stumbles: 0, shortLived: 0, refusals: 0 });
}

/** The connection proved useful: what failed before is forgotten, everywhere. What is out stays out. */
export function forgiven(standings: readonly Standing[], at: number): Standing[] {
  return standings.map((standing, i) => ({
    ...standing,
    failures: 0,
    parked: false,
    mute: i === at ? false : standing.mute,
  }));
}

/** A network that is back, or waking up, gives every candidate a new beginning. What is out stays out. */
export function renewed(standings: readonly Standing[]): Standing[] {
  return standings.map((standing) => ({
    ...standing,
    failures: 0,
    stumbles: 0,
    shortLived: 0,
    parked: false,
    mute: false,
  }));
}

/** On another network nothing is known of how long a path stays. */
export function onAnotherNetwork(standings: readonly Standing[]): Standing[] {
  return renewed(standings).map((standing) => ({ ...standing, goodSince: null, spokeAt: null, ...trusted }));
}

/** The user's word: what was final is tried again, too, and what servers asked for does not bind him. */
export function asTheUserSays(standings: readonly Standing[]): Standing[] {
  const asked = { out: null, refusals: 0, notBefore: 0, retryUntil: 0, returns: 0 };
  return renewed(standings).map((standing) => ({ ...standing, ...asked }));
}

/** What dies sooner is broken, however regularly it does, ms. */
const regularFromMs = 10_000;

/** Whether the ages of a candidate's last ends, this one included, agree within a tenth: somebody cuts on purpose. */
export function endsRegularly(standing: Standing | undefined, ageMs: number): boolean {
  const ages = [...(standing?.ages ?? []).slice(1 - keptAges), ageMs];
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  return ages.length === keptAges && mean >= regularFromMs && ages.every((age) => Math.abs(age - mean) <= mean / 10);
}

/** What was open for this long has stayed: the next return to it needs no longer probation than the first, ms. */
const staysMs = 3_600_000;
const trusted = { returns: 0, probeEveryMs: probeEvery.firstMs } as const;

/** Remembers how old a connection became that somebody ended. */
export function noteEnd(standings: readonly Standing[], at: number, ageMs: number): Standing[] {
  const ages = [...(standings[at]?.ages ?? []).slice(1 - keptAges), ageMs];
  return withStanding(standings, at, { ages });
}

/** When an open connection, with those before it, has stayed for long enough; Infinity: it was not returned to. */
export function trustedAt(standing: Standing | undefined, openedAt: number): number {
  if (standing === undefined || standing.returns === 0) return Number.POSITIVE_INFINITY;
  return openedAt + staysMs - standing.stayedMs;
}

/** It has stayed. */
export function noteTrusted(standings: readonly Standing[], at: number): Standing[] {
  return withStanding(standings, at, trusted);
}

/** A connection is over, whoever ended it: for how long it was open counts towards staying. */
export function noteStay(standings: readonly Standing[], at: number, ageMs: number): readonly Standing[] {
  const standing = standings[at];
  if (standing === undefined || standing.returns === 0) return standings;
  const stayedMs = standing.stayedMs + ageMs;
  return withStanding(standings, at, { stayedMs, ...(stayedMs >= staysMs ? trusted : {}) });
}

/** What the server's `retry:` asks for counts from now. */
export function noteRetry(standings: readonly Standing[], at: number, now: number): readonly Standing[] {
  const retryMs = standings[at]?.retryMs ?? null;
  return retryMs === null ? standings : withStanding(standings, at, { retryUntil: now + retryMs });
}

/** What is left of it, ms. */
export function restOfRetryMs(standing: Standing | undefined, now: number): number {
  return Math.max(0, (standing?.retryUntil ?? 0) - now);
}
