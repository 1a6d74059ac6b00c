/** The one seam where inner state becomes outer picture: a stream as the window, the tray and the stats page see it. */
import type { Beat, FailureView, Keeping, StreamView } from "../../preload/contract.ts";
import type { Link, State } from "../core/connection/connection-state.ts";
import { idleTimeoutMs } from "../core/connection/health.ts";
import { renewalLeadMs } from "../core/connection/idle-cut.ts";
import { p95GapMs } from "../core/connection/rhythm.ts";
import { likely } from "../core/detection/known-path.ts";
import { nameOf } from "../core/detection/signatures.ts";
import type { Failure } from "../core/failure/failure.ts";
import { meanIntervalMs, median, successRate } from "../core/quality/quality.ts";
import { address, origin } from "../core/redact.ts";
import { isEncrypted } from "../io/addresses.ts";
import type { StreamStats } from "../io/stats/stats-format.ts";
import { backlogBytes } from "./journal-writer.ts";
import type { Stream } from "./stream.ts";

/**
 * @param name as the user calls it
 * @param beats newest last, one a minute
 */
export function presentStream(
  name: string,
  stream: Stream,
  beats: readonly Beat[],
  journal: StreamView["journal"],
): StreamView {
  const { spec, facts, state, quality } = stream;
  const { link } = state;
  const { policy, routes } = spec.plan;
  const url = routes[0]?.url ?? "";
  const used = routes[facts.candidate]?.url ?? url;
  const waiting = link.phase === "waiting" ? link : null;
  return {
    id: spec.id,
    name,
    address: address(url),
    origin: origin(url),
    endpoint: facts.endpoint,
    encrypted: isEncrypted(used),
    proxy: facts.proxy,
    source: spec.source,
    phase: link.phase,
    health: link.phase === "open" ? link.health : null,
    transport: stream.transport,
    candidates: routes.map((route, i) => ({
      address: address(route.url),
      transport: route.candidate.transport,
      standing: standingWord(stream, i),
    })),
    ordered: !policy.balance,
    attempt: state.failures,
    failure: waiting !== null || link.phase === "halted" ? presentFailure(failureOf(stream)) : null,
    retryAt: waiting === null ? null : stream.utcOf(waiting.until),
    retryDelayMs: waiting?.delayMs ?? null,
    retryRule: waiting?.rule ?? null,
    retryAskedMs: waiting === null ? null : askedMs(waiting, state),
    openedAt: facts.openedAt,
    lastByteAt: facts.lastByteAt,
    lastEventAt: facts.lastEventAt,
    downSince: facts.downSince,
    rhythmMs: p95GapMs(state.rhythm),
    idleTimeoutMs: idleTimeoutMs(policy, state.rhythm),
    headersMs: quality.headersMs.at(-1) ?? null,
    server: facts.server,
    httpVersion: facts.httpVersion,
    path: presentPath(stream),
    lastEventId: facts.lastEventId,
    grade: stream.grade,
    events: facts.events,
    duplicates: facts.duplicates,
    bytes: facts.bytes,
    beats: [...beats],
    journal,
  };
}

function presentPath({ path, spec, state, facts }: Stream): StreamView["path"] {
  const idleCut = state.standings[facts.candidate]?.idleCut;
  const renews = spec.plan.policy.repeatable && idleCut !== undefined && renewalLeadMs(idleCut, 0) !== null;
  const hops = path.hops
    .filter(({ confidence }) => confidence >= likely)
    .map(({ product, confidence }) => ({ product, name: nameOf(product), confidence }));
  return { hops, idleCutMs: idleCut?.cutMs ?? null, renews };
}

/** What the server asked for, where its wish made the wait; null where the wish came by another of its paths. */
function askedMs(waiting: Extract<Link, { phase: "waiting" }>, { standings }: State): number | null {
  const { rule, failure, candidate, until, delayMs } = waiting;
  if (rule !== "floor") return null;
  if (failure.retryAfterMs !== null) return failure.retryAfterMs;
  const standing = standings[candidate];
  return standing === undefined || standing.notBefore > until - delayMs ? null : standing.retryMs;
}

/** What one of the stream's ways is good for at the moment. */
function standingWord({ state, facts }: Stream, candidate: number): StreamView["candidates"][number]["standing"] {
  const standing = state.standings[candidate];
  if (standing === undefined || standing.out !== null) return "out";
  if (state.pinned !== null && state.pinned !== candidate && !standing.worked) return "out";
  if (facts.candidate === candidate) return "used";
  if (standing.mute) return "mute";
  if (standing.parked) return "parked";
  return standing.failures > 0 ? "failing" : "ready";
}

function failureOf({ state: { link }, facts }: Stream): Failure | null {
  return link.phase === "waiting" || link.phase === "halted" ? link.failure : facts.lastFailure;
}

function presentFailure(failure: Failure | null): FailureView | null {
  if (failure === null) return null;
  const { retryAfterMs, ...shown } = failure;
  return shown;
}

/** Numbers only: no contents, no headers, no path. */
export function presentStats(stream: Stream): StreamStats {
  const { spec, facts, state, quality } = stream;
  const interval = meanIntervalMs(quality);
  const { recoveriesMs } = quality;
  return {
    id: spec.id,
    origin: origin(spec.plan.routes[facts.candidate]?.url ?? ""),
    phase: state.link.phase,
    transport: stream.transport,
    quality: stream.grade,
    proxy: facts.proxy,
    events: facts.events,
    bytes: facts.bytes,
    attempts: quality.attemptsEver,
    successRate: successRate(quality),
    meanIntervalS: interval === null ? null : interval / 1000,
    recoveryS: {
      last: seconds(recoveriesMs.at(-1)),
      p50: seconds(median(recoveriesMs)),
      max: seconds(recoveriesMs.length === 0 ? null : Math.max(...recoveriesMs)),
    },
    lastFailure: briefFailure(facts.lastFailure),
    unknownFailures: facts.unknownFailures,
    duplicates: facts.duplicates,
    oversized: facts.oversized,
    unsaved: stream.intake.unsaved,
    waiting: presentWaiting(stream),
  };
}

/** What waits to be written, and what is done about it. */
export function presentWaiting({ intake }: Pick<Stream, "intake">): Keeping["waiting"] {
  const { bytes, mostBytes, pauses } = intake;
  return { bytes, mostBytes, pauses, limitBytes: backlogBytes };
}

function briefFailure(failure: Failure | null): StreamStats["lastFailure"] {
  return failure === null ? null : { family: failure.family, kind: failure.kind, status: failure.status };
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1000;
}
