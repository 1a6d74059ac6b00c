/**
 * How an attempt or an open connection came to its end, and what follows: what is written into the books of the stream
 * and of its candidates, and whether it waits, moves on or halts. The delay itself is backoff.ts, the choice candidates.ts.
 */
import { classify, type Evidence, type Failure } from "../failure/failure.ts";
import { blamesId, isRefusal } from "../failure/failure-traits.ts";
import { gradeOf, noteQuality } from "../quality/quality.ts";
import { type Delay, delayAfter, plannedDelay, soon } from "./backoff.ts";
import { hasAlternative, hasBetter, isFar, nextCandidate, toldToServer } from "./candidates.ts";
import type { Link, Moment, Policy, State } from "./connection-state.ts";
import { isIdleCut } from "./idle-cut.ts";
import { hangUp, mustNotRepeat, type Step, unrepeatable, wait } from "./link.ts";
import { cutAfterSilence } from "./renewals.ts";
import { doubted, silentEverywhere, undoubted } from "./rhythm.ts";
import {
  endsRegularly,
  evenDial,
  noteEnd,
  noteRetry,
  noteUnheard,
  noteUseful,
  restOfRetryMs,
  type Standing,
} from "./standings.ts";
import { isUnplanned, type Verdict, verdictAtEnd } from "./suspicion.ts";

/** @param by who says so; what a probe met is its own path's, and no end that anybody gave to the open connection */
export function whenFailed(
  policy: Policy,
  before: State,
  evidence: Evidence,
  moment: Moment,
  by: "connection" | "probe" = "connection",
): Step {
  const { link } = before;
  if (link.phase !== "open" && link.phase !== "connecting") return [before, []];
  const { candidate } = link;
  const isOwn = by === "connection";
  const wasCut =
    isOwn && link.phase === "open" && isCut(evidence) && !isUsedUp(link, before.standings[candidate], evidence);
  const state = wasCut ? cutAfterSilence(before, candidate, moment.now - link.byteAt) : before;
  const standing = state.standings[candidate];
  if (standing === undefined) return [state, []];
  const failure = classify(evidence, {
    worked: standing.worked,
    alternatives: hasAlternative(policy, state, candidate),
    refusals: standing.refusals,
    freshCredential: policy.candidates[candidate]?.freshCredential ?? false,
    asked: link.phase === "connecting" && link.asked,
    planned: isOwn && isPlanned(policy, state, link, evidence, moment.now),
  });
  const ended = withEnd(state, link, moment.now);
  if (mustNotRepeat(policy, link)) {
    const why = failure.final ? failure : unrepeatable(failure);
    return hangUp(blamed(policy, ended, link, failure, moment), { phase: "halted", failure: why }, moment);
  }
  if (failure.family === "PLANNED")
    return whenPlanned(policy, afterUse(ended, link, moment.now), candidate, failure, moment);
  const blame = blamed(policy, ended, link, failure, moment);
  // The server's wish ends the stream, not only one of its addresses. What was only guessed is nobody's wish.
  const isGuessed = isGuess(policy, state, candidate);
  if (failure.kind === "no-content" && !isGuessed) return hangUp(blame, { phase: "halted", failure }, moment);
  return whatNext(policy, blame, candidate, isGuessed ? { ...failure, final: false } : failure, moment);
}

/** Somebody else ended it. That a dead path was found by our own keep-alive comes as regularly, and is nobody's doing. */
function isCut(evidence: Evidence): boolean {
  if (evidence.what === "error") return !evidence.codes.includes("ETIMEDOUT");
  return evidence.what === "end" || evidence.what === "closed";
}

/**
 * A clean end after use by a server that said when to come again, or ends as regular as a clock: by age, or by silence.
 */
function isPlanned(policy: Policy, state: State, link: Link, evidence: Evidence, now: number): boolean {
  if (link.phase !== "open") return false;
  const standing = state.standings[link.candidate];
  if (standing === undefined) return false;
  if (isUsedUp(link, standing, evidence)) return true;
  if (isUnplanned(policy, state, link, now)) return false;
  if (isIdleCut(standing.idleCut, now - link.byteAt)) return true;
  // What never lasts is nobody's plan where another path may.
  const isBorne = link.lasting || !hasBetter(policy, state, link.candidate, now);
  return isBorne && endsRegularly(standing, now - link.openedAt);
}

/** Half an event is no clean end: whoever cut it there would cut it there again. */
function isUsedUp(link: Link, standing: Standing | undefined, { what }: Evidence): boolean {
  if (link.phase !== "open" || link.events === 0 || link.pendingSince !== null) return false;
  return what === "end" && (standing?.retryMs ?? null) !== null;
}

/** The path is one that is guessed, and none has answered yet. */
function isGuess({ discover, candidates }: Policy, { pinned }: State, candidate: number): boolean {
  return discover && pinned === null && candidates[candidate]?.transport === "sse";
}

function withEnd(state: State, link: Link, now: number): State {
  if (link.phase !== "open" && link.phase !== "connecting") return state;
  const standings = noteRetry(state.standings, link.candidate, now);
  if (link.phase !== "open") return { ...state, standings };
  return { ...state, standings: noteEnd(standings, link.candidate, now - link.openedAt) };
}

/** What a connection that ended as planned leaves to the next one; where it was of use, it breaks the row of failures. */
function afterUse(state: State, link: Link, now: number): State {
  if (link.phase !== "open") return state;
  const standings = link.wordAt === null ? noteUnheard(state.standings, link.candidate, now) : state.standings;
  return { ...state, standings: link.events > 0 ? noteUseful(standings, link.candidate) : standings };
}

/** Whom the same pace holds back must not come at the same moment either, ms. */
const evenSpreadMs = 2000;

function whenPlanned(policy: Policy, before: State, candidate: number, failure: Failure, moment: Moment): Step {
  const state = { ...before, rhythm: undoubted(before.rhythm) };
  const standing = state.standings[candidate];
  // Another of its server's paths was told to stay away for long.
  if (isFar(standing, moment.now)) return whatNext(policy, state, candidate, failure, moment);
  const delay = evenly(standing, plannedDelay(standing?.retryMs ?? null, moment.random), moment);
  return wait(state, failure, candidate, delay, moment);
}

/** What ends again and again after it was of use fails no longer each time: only the pace is left, and is dealt out. */
function evenly(standing: Standing | undefined, delay: Delay, { now, random }: Moment): Delay {
  const evenMs = standing === undefined ? 0 : evenDial(standing) - now;
  if (evenMs <= delay.delayMs) return delay;
  return { delayMs: evenMs + Math.round(random * evenSpreadMs), rule: "pace" };
}

/** Writes a failure into the books: the stream's, the candidate's, and those of its server's other paths. */
function blamed(policy: Policy, state: State, link: Link, failure: Failure, { now }: Moment): State {
  if (link.phase !== "open" && link.phase !== "connecting") return state;
  const { candidate } = link;
  const wasOpen = link.phase === "open";
  const facts: Judged = {
    isGuess: isGuess(policy, state, candidate),
    freshCredential: policy.candidates[candidate]?.freshCredential ?? false,
    wasOpen,
    wasUseful: link.phase === "open" && link.events > 0,
    silence: verdictAtEnd(policy, state, link, failure, now),
    spoke: link.phase === "open" && link.wordAt !== null,
  };
  const others = toldToServer(policy, state.standings, candidate, failure, now);
  const standings = others.map((standing, i) =>
    i === candidate ? judged(policy, standing, failure, facts, now) : standing,
  );
  const pinned = pinnedAfter(policy, state, candidate, failure, standings[candidate]);
  const isLost = state.pinned !== null && pinned === null;
  const books = {
    failures: state.failures + 1,
    outageSince: state.outageSince ?? now,
    gradeBefore: state.outageSince === null ? gradeOf(state.quality, now) : state.gradeBefore,
    quality: noteQuality(state.quality, { type: "failed", wasOpen }, now),
  };
  return {
    ...state,
    // Where paths only take turns nothing has failed.
    ...(facts.silence === "turn" ? {} : books),
    standings: isLost ? standings.map(guessable) : standings,
    pinned,
    rhythm: rhythmAfter(state, link, failure, facts.silence, now),
    withoutId: blamesId(failure),
  };
}

/** What the end says of the stream's silence; where every path was silent for the watchdog's time, it is likely the stream's own. */
function rhythmAfter({ rhythm, standings }: State, link: Link, { kind }: Failure, silence: Verdict, now: number) {
  if (link.phase !== "open") return undoubted(rhythm);
  const { silentSince = null } = standings[link.candidate] ?? {};
  const after = kind === "idle-timeout" ? doubted(rhythm, link.byteAt, now) : undoubted(rhythm);
  return silence === "turn" && silentSince !== null ? silentEverywhere(after, now - silentSince) : after;
}

/** A path that wants a credential is the one; one that has had its attempts has perhaps moved, and is looked for again. */
function pinnedAfter(policy: Policy, { pinned }: State, candidate: number, { kind }: Failure, after?: Standing) {
  if (!policy.discover || policy.candidates[candidate]?.transport !== "sse") return pinned;
  if (pinned === null) return kind === "unauthorized" ? candidate : null;
  return pinned === candidate && after?.parked === true && missedGuess.has(kind) ? null : pinned;
}

/** Answers that say of a guessed path that it is not the stream's. A page or a ban may be gone when the network is another. */
const missedGuess = new Set(["not-found", "bad-request", "method-not-allowed", "not-acceptable", "gone", "no-content"]);

/** What was no stream's path may be one since the stream has moved. */
function guessable(standing: Standing): Standing {
  return standing.out !== null && missedGuess.has(standing.out.kind) ? { ...standing, out: null } : standing;
}

type Judged = {
  readonly isGuess: boolean;
  readonly freshCredential: boolean;
  readonly wasOpen: boolean;
  readonly wasUseful: boolean;
  /** What its silence is taken for. */
  readonly silence: Verdict;
  /** It brought a word: that it was silent then is no failure of the path. */
  readonly spoke: boolean;
};

function judged(
  policy: Policy,
  standing: Standing,
  failure: Failure,
  { isGuess, freshCredential, wasOpen, wasUseful, silence, spoke }: Judged,
  now: number,
): Standing {
  const { family, kind, retryAfterMs } = failure;
  const wayBack = { ...standing.wayBack, goodSince: null };
  const suspected = silence === "none" ? {} : { mute: true, heardOut: true, silentSince: null };
  if (silence === "turn") return { ...standing, ...suspected, turns: standing.turns + 1, vainAt: now, wayBack };
  const failures = standing.failures + 1;
  const attempts = family === "PLANNED" ? Number.POSITIVE_INFINITY : policy.strategies[family].attempts;
  // What brought events and ended otherwise had accepted the credential; a greeting before a refusal had not.
  const refusals = isRefusal(failure) ? standing.refusals + 1 : wasUseful ? 0 : standing.refusals;
  // Only where another credential, or the server's own wish, made it worth asking again; what else failed does not count.
  const refusedForGood = isRefusal(failure) && refusals >= attempts;
  const missed = isGuess && !standing.worked && missedGuess.has(kind);
  const isOut = failure.final || missed || refusedForGood;
  const params = refusedForGood
    ? { ...failure.params, advice: freshCredential ? "fresh-refused" : "refused-often" }
    : failure.params;
  return {
    ...standing,
    failures,
    stumbles: standing.stumbles + 1,
    shortLived: standing.shortLived + (wasOpen ? 1 : 0),
    parked: standing.parked || failures >= attempts,
    refusals,
    ...suspected,
    vainAt: spoke && kind === "idle-timeout" ? standing.vainAt : now,
    out: isOut ? { ...failure, params, final: true } : standing.out,
    notBefore: retryAfterMs === null ? standing.notBefore : now + retryAfterMs,
    wishes: standing.wishes + (retryAfterMs === null ? 0 : 1),
    wayBack,
  };
}

function whatNext(policy: Policy, state: State, failed: number, failure: Failure, moment: Moment): Step {
  const mended = mendedRequest(policy, state, failed, failure);
  if (mended !== null) {
    const delay = soon(mended, moment.random, state.standings[failed]?.retryMs ?? 0);
    return wait(state, failure, failed, delay, moment);
  }
  const next = nextCandidate(policy, state, failed, failure, moment.now);
  if (next === null) {
    const why = missedBy(policy, state, failed) ?? { ...failure, final: true };
    return hangUp(state, { phase: "halted", failure: why }, moment);
  }
  if (next.moved) return wait(state, failure, next.candidate, soon("next-candidate", moment.random), moment);
  const standing = state.standings[failed];
  // What one server asks for binds its own address only.
  const retryAfterMs = next.candidate === failed ? (failure.retryAfterMs ?? 0) : 0;
  const delay = delayAfter({
    strategies: policy.strategies,
    strict: policy.strict,
    failure,
    attempt: Math.max(1, standing?.failures ?? 1),
    grade: state.gradeBefore,
    outageMs: moment.now - (state.outageSince ?? moment.now),
    floorMs: Math.max(retryAfterMs, restOfRetryMs(state.standings[next.candidate], moment.now)),
    random: moment.random,
  });
  const wasUseful = state.link.phase === "open" && state.link.events > 0 && next.candidate === failed;
  return wait(state, failure, next.candidate, wasUseful ? evenly(standing, delay, moment) : delay, moment);
}

/** Why all are out: of guesses, what says more than that nothing is there. */
function missedBy({ discover }: Policy, { standings }: State, failed: number): Failure | null {
  const told = discover ? standings.find(({ out }) => out !== null && out.kind !== "not-found") : undefined;
  return told?.out ?? standings[failed]?.out ?? null;
}

/** Whether the same request, mended, is worth an attempt of its own: without the id, or with a fresh credential. */
function mendedRequest(policy: Policy, state: State, failed: number, failure: Failure) {
  if (state.withoutId) return "without-id" as const;
  const refused = failure.kind === "unauthorized" && state.standings[failed]?.refusals === 1;
  const fresh = policy.candidates[failed]?.freshCredential === true && failure.retryAfterMs === null;
  return refused && fresh && !failure.final ? ("fresh-credential" as const) : null;
}
