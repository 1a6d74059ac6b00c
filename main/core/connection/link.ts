/**
 * The moves of the consuming connection: begin one, end one, wait for one. Each move keeps the books (numbers, dials,
 * quality) and says what has to be done; when to make which is connection.ts.
 */
import type { Evidence, Failure } from "../failure/failure.ts";
import { noteQuality } from "../quality/quality.ts";
import type { DelayRule } from "./backoff.ts";
import {
  consuming,
  type Effect,
  type Link,
  type Moment,
  type Policy,
  type State,
  type Via,
} from "./connection-state.ts";
import { stayed } from "./probation.ts";
import { undoubted } from "./rhythm.ts";
import { earliestDial, noteDial, noteRetry, withStanding } from "./standings.ts";

export type Step = readonly [State, readonly Effect[]];

/** What a probe's step may say beside its effects: the open connection is lost, for this reason. */
export type Probed = { readonly step: Step; readonly lost: Evidence | null };

export const done = (step: Step): Probed => ({ step, lost: null });

/** Begins the consuming connection; nothing else may be consuming. A plan for the way back waits until it is open. */
export function connect(state: State, candidate: number, { now }: Moment): Step {
  const generation = state.generation + 1;
  const link: Link = {
    phase: "connecting",
    generation,
    candidate,
    startedAt: now,
    dialled: false,
    sent: false,
    asked: false,
    via: null,
  };
  const standings = noteDial(state.standings, candidate, now);
  const quality = noteQuality(state.quality, { type: "attempted" }, now);
  const effect: Effect = { type: "connect", generation, candidate, withId: !state.withoutId };
  return [{ ...state, generation, link, standings, quality, returnTo: null }, [effect]];
}

/** Ends the consuming connection and what asks beside it, and puts `link` in its place. */
export function hangUp(state: State, link: Link, { now }: Pick<Moment, "now">): Step {
  const effects: Effect[] = [];
  const generation = consuming(state.link);
  if (generation !== null) effects.push({ type: "disconnect", generation });
  if (state.probe !== null) effects.push({ type: "disconnect", generation: state.probe.generation });
  const standings = noteOver(state, now);
  return [{ ...state, link, standings, probe: null, nextProbe: null, returnTo: null }, effects];
}

/** An open connection is over, whoever ended it. */
function noteOver({ link, standings }: State, now: number): State["standings"] {
  if (link.phase !== "open") return standings;
  const known = standings[link.candidate];
  if (known === undefined) return standings;
  const wayBack = stayed(known.wayBack, now - link.openedAt);
  if (wayBack === known.wayBack && link.wordAt === null) return standings;
  return withStanding(standings, link.candidate, { wayBack, spokeAt: link.wordAt ?? known.spokeAt });
}

/** A silence is listened to by one path: what another says afterwards does not tell whose it was. */
function onItsPath(state: State, candidate: number): State {
  const { link, rhythm, standings } = state;
  if ("candidate" in link && link.candidate === candidate) return state;
  const others = standings.map((one, i) =>
    i === candidate || one.silentSince === null ? one : { ...one, silentSince: null },
  );
  return { ...state, rhythm: undoubted(rhythm), standings: others };
}

/** Whom we leave for another by ourselves is not asked again either before its server wishes. */
function withWish(state: State, candidate: number, now: number): State {
  const { link, standings } = state;
  if (link.phase !== "open" || link.candidate === candidate) return state;
  return { ...state, standings: noteRetry(standings, link.candidate, now) };
}

/** Ends what is there and begins anew at once. */
export function redial(before: State, candidate: number, moment: Moment): Step {
  const state = withWish(onItsPath(before, candidate), candidate, moment.now);
  const [gone, ended] = hangUp(state, { phase: "idle" }, moment);
  const [dialled, begun] = connect(gone, candidate, moment);
  return [dialled, [...ended, ...begun]];
}

/**
 * Waits before the next attempt; longer than `delayMs` when the candidate's server or our own pace asks for it.
 * Without a network there is nothing to wait out: then the link is offline.
 */
export function wait(
  before: State,
  failure: Failure,
  candidate: number,
  delay: { readonly delayMs: number; readonly rule: DelayRule },
  { now, random }: Moment,
): Step {
  const state = onItsPath(before, candidate);
  if (!state.online) return hangUp(state, { phase: "offline" }, { now });
  const standing = state.standings[candidate];
  const earliest = earliestDial(standing);
  const asked = now + delay.delayMs;
  const held = standing !== undefined && standing.notBefore >= earliest ? "floor" : "pace";
  // Whoever was held back by the same limit must not come at the same moment either; a whole fleet has the server's.
  const spreadMs = held === "floor" ? Math.max(spreadAfterLimitMs, (earliest - now) / 4) : spreadAfterLimitMs;
  const until = asked >= earliest ? asked : Math.round(earliest + random * spreadMs);
  const rule = until === asked ? delay.rule : held;
  const next: Link = { phase: "waiting", failure, candidate, delayMs: until - now, until, rule };
  const [waiting, effects] = hangUp(state, next, { now });
  return [{ ...waiting, nextProbe: keptPlan(state, candidate) }, effects];
}

/** The way back is not put off by the present path's ends, however often they come. */
function keptPlan({ link, nextProbe }: State, candidate: number): State["nextProbe"] {
  const isSame = (link.phase === "open" || link.phase === "connecting") && link.candidate === candidate;
  return isSame && nextProbe?.why === "failback" ? nextProbe : null;
}

const spreadAfterLimitMs = 2000;

/** Whether the request may have arrived and must not be sent again. */
export function mustNotRepeat(policy: Policy, link: Link): boolean {
  return !policy.repeatable && (link.phase === "open" || (link.phase === "connecting" && link.sent));
}

export function unrepeatable(cause: Failure): Failure {
  return { ...cause, kind: "not-repeatable", final: true, params: { cause: cause.kind } };
}

/** Before a request leaves, what takes time is ours (the disk, the turn among many streams): it has this much more, ms. */
const ownTimeMs = 60_000;

/** When an attempt, or a probe, is over without final headers. */
export function attemptDue(
  { connectTimeoutMs, headersTimeoutMs }: Policy,
  { startedAt, sent, dialled }: { readonly startedAt: number; readonly sent: boolean; readonly dialled: boolean },
): number {
  const limitMs = sent ? headersTimeoutMs : Math.min(connectTimeoutMs, headersTimeoutMs);
  return startedAt + limitMs + (dialled ? 0 : ownTimeMs);
}

type Attempt = {
  readonly startedAt: number;
  readonly sent: boolean;
  readonly dialled: boolean;
  readonly via?: Via | null;
};

/** What a deadline without final headers says: of the server only when the request had left, and no proxy was to answer. */
export function lateEvidence(policy: Policy, { startedAt, sent, dialled, via }: Attempt, now: number): Evidence {
  const afterMs = now - startedAt;
  if (!dialled) return { what: "internal", message: "not-dialled" };
  const deadline = sent || afterMs >= policy.headersTimeoutMs ? "headers" : "connect";
  const proxy = via?.proxy ?? null;
  const waitsForProxy = proxy !== null && !(sent && via?.tunnel === true);
  return { what: "deadline", deadline, afterMs, ...(waitsForProxy ? { proxy } : {}) };
}

/** What stands in place of a failure where only the network is missing. */
export const wentOffline: Failure = ofNetwork("offline");
/** The network is another one: what was under way by the old one is begun anew. */
export const anotherNetwork: Failure = ofNetwork("network-changed");

function ofNetwork(kind: string): Failure {
  return { family: "NETWORK", kind, status: null, final: false, retryAfterMs: null, params: {} };
}
