/**
 * What an open connection that says nothing is suspected of: that its path carries nothing, while the stream speaks by another. When
 * that is, and for whom it would be left. What a word proves is written in standings.ts, who is better is candidates.ts.
 */
import type { Failure } from "../failure/failure.ts";
import { hasBetter, hasSilent, isAvailable, isBetter } from "./candidates.ts";
import type { Link, Policy, State } from "./connection-state.ts";
import { heldAfterMs, idleTimeoutMs, muteAt } from "./health.ts";
import { p95GapMs, type Rhythm } from "./rhythm.ts";
import { hasDelivered, withStanding } from "./standings.ts";

/** How much longer each turn is than the one before it in which nobody has spoken; the watchdog ends what would be too long. */
const turnGrowth = 1.5;

type OpenLink = Extract<Link, { phase: "open" }>;

/** When an open connection counts as mute, or as holding back; Infinity: never, since there is none that is better. */
export function muteDue(policy: Policy, state: State, link: OpenLink): number {
  if (!policy.repeatable || policy.candidates.length === 1) return Number.POSITIVE_INFINITY;
  const hasTurns = !hasBetter(policy, state, link.candidate, link.byteAt);
  if (hasTurns) {
    // A stream that is known to speak more often may do so by another that was mute once.
    if (link.pendingSince !== null || p95GapMs(state.rhythm) === null) return Number.POSITIVE_INFINITY;
    if (!hasSilent(policy, state, link.candidate)) return Number.POSITIVE_INFINITY;
  }
  // Without a rhythm nothing is unusual; but where not even a greeting came a WebSocket is there to look by.
  const isSuspicious = p95GapMs(state.rhythm) !== null || (!link.greeted && toWebSocket(policy, state, link));
  const at = muteAt(link, state.rhythm, isSuspicious ? suspectAt(policy, state, link) : Number.POSITIVE_INFINITY);
  if (!hasTurns) return at;
  const from = Math.max(link.openedAt, state.standings[link.candidate]?.silentSince ?? 0);
  return Math.max(at, from + turnMs(policy, state, link.candidate));
}

function toWebSocket(policy: Policy, state: State, { candidate, byteAt }: OpenLink): boolean {
  const isWebSocket = (i: number) => policy.candidates[i]?.transport === "websocket";
  if (isWebSocket(candidate)) return false;
  return policy.candidates.some(
    (_, i) => isWebSocket(i) && isAvailable(policy, state, i) && isBetter(state.standings[i], byteAt),
  );
}

/** Longer than a stream is usually silent, ms; 0: nothing is known of it. */
export function unusualMs(rhythm: Rhythm): number {
  return Math.round(1.2 * (p95GapMs(rhythm) ?? 0));
}

/**
 * Not before it has been silent for longer than the stream usually is; and a path that has delivered and did not fail since has the
 * watchdog's time from then on: we came anew, and the stream may be as silent as it was before. Where the watchdog has ended the
 * connection before, it decides about the next one, too.
 */
function suspectAt(policy: Policy, { standings, rhythm }: State, { candidate, byteAt }: OpenLink): number {
  const standing = standings[candidate];
  const unusualAt = byteAt + unusualMs(rhythm);
  if (standing === undefined || !hasDelivered(standing)) return unusualAt;
  if (rhythm.doubtSince !== null) return Number.POSITIVE_INFINITY;
  return Math.max(unusualAt, (standing.spokeAt ?? 0) + idleTimeoutMs(policy, rhythm));
}

/** What an open connection's silence is taken for: nothing; the end of its turn among paths that are all silent; or its path's own. */
export type Verdict = "none" | "turn" | "mute";

/**
 * What would be said of an open connection's silence if it ended now: it has been without a word for as long as is borne, over its path's
 * connections, where there is a better one, or where others are as silent as it: then they take turns. A path that has never spoken on
 * this network is left for a better one at its first end after a minute.
 */
export function silenceVerdict(policy: Policy, state: State, link: OpenLink, now: number): Verdict {
  if (link.wordAt !== null) return "none";
  const { spokeAt = null, silentSince = null } = state.standings[link.candidate] ?? {};
  const silentMs = now - (silentSince ?? link.openedAt);
  if (hasBetter(policy, state, link.candidate, now)) {
    return silentMs >= patienceMs(policy, state.rhythm) || (spokeAt === null && link.lasting) ? "mute" : "none";
  }
  return silentMs >= turnMs(policy, state, link.candidate) && hasSilent(policy, state, link.candidate)
    ? "turn"
    : "none";
}

/** What the end of a connection says of its silence. Who failed by its server's clear word has not only had its turn. */
export function verdictAtEnd(policy: Policy, state: State, link: Link, failure: Failure, now: number): Verdict {
  const { kind, final, retryAfterMs } = failure;
  if (link.phase !== "open") return "none";
  if (kind === "held") return "mute";
  const verdict = silenceVerdict(policy, state, link, now);
  if (verdict === "none") return kind === "mute" ? "mute" : "none";
  return final || retryAfterMs !== null ? "mute" : verdict;
}

/** The books, where the world takes an open connection away that would have been left for its silence. */
export function noteSilence(policy: Policy, state: State, now: number): State {
  const { link } = state;
  if (link.phase !== "open" || silenceVerdict(policy, state, link, now) !== "mute") return state;
  return { ...state, standings: withStanding(state.standings, link.candidate, { mute: true, vainAt: now }) };
}

/** How long one path is listened to without a word, where another may be asked: the watchdog's time, or what is unusual, ms. */
function patienceMs(policy: Policy, rhythm: Rhythm): number {
  return p95GapMs(rhythm) === null ? idleTimeoutMs(policy, rhythm) : Math.max(heldAfterMs, unusualMs(rhythm));
}

/**
 * How long one's turn among mute paths is, ms. When nobody has said a word in a whole round the stream is likelier to be silent than
 * everybody's path, and the next round takes half as long again: whoever speaks is still found within the silence that went before.
 */
function turnMs(policy: Policy, { standings, rhythm }: State, candidate: number): number {
  const patience = patienceMs(policy, rhythm);
  // Without a rhythm what every path has borne makes it longer already.
  if (p95GapMs(rhythm) === null) return patience;
  return Math.round(patience * turnGrowth ** (standings[candidate]?.turns ?? 0));
}

/** Whether its ends are nobody's plan: it would be stayed with for ever, and who knows what goes by another. */
export function isUnplanned(policy: Policy, state: State, link: OpenLink, now: number): boolean {
  const hasSpoken = link.wordAt !== null || (state.standings[link.candidate]?.spokeAt ?? null) !== null;
  if (!hasSpoken && hasBetter(policy, state, link.candidate, now)) return true;
  return silenceVerdict(policy, state, link, now) !== "none";
}
