/** The one seam where inner state becomes outer picture: a stream as the window, the tray and the stats page see it. */
import type { Beat, FailureView, StreamView } from "../../preload/contract.ts";
import type { Failure } from "../core/failure.ts";
import { idleTimeoutMs } from "../core/health.ts";
import { meanIntervalMs, median, successRate } from "../core/quality.ts";
import { address, origin } from "../core/redact.ts";
import { p95GapMs } from "../core/rhythm.ts";
import type { StreamStats } from "../io/stats/stats-format.ts";
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
  const waiting = link.phase === "waiting" ? link : null;
  return {
    id: spec.id,
    name,
    address: address(spec.url),
    origin: origin(spec.url),
    encrypted: spec.url.toLowerCase().startsWith("https:"),
    source: spec.source,
    phase: link.phase,
    health: link.phase === "open" ? link.health : null,
    transport: "sse",
    attempt: state.failures,
    failure: waiting !== null || link.phase === "halted" ? presentFailure(failureOf(stream)) : null,
    retryAt: waiting === null ? null : stream.utcOf(waiting.until),
    retryDelayMs: waiting?.delayMs ?? null,
    openedAt: facts.openedAt,
    lastByteAt: facts.lastByteAt,
    lastEventAt: facts.lastEventAt,
    downSince: facts.downSince,
    rhythmMs: p95GapMs(state.rhythm),
    idleTimeoutMs: idleTimeoutMs(spec.policy, state.rhythm),
    headersMs: quality.headersMs.at(-1) ?? null,
    server: facts.server,
    httpVersion: facts.httpVersion,
    lastEventId: facts.lastEventId,
    grade: stream.grade,
    events: facts.events,
    bytes: facts.bytes,
    beats: [...beats],
    journal,
  };
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
    origin: origin(spec.url),
    phase: state.link.phase,
    transport: "sse",
    quality: stream.grade,
    proxy: null,
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
  };
}

function briefFailure(failure: Failure | null): StreamStats["lastFailure"] {
  return failure === null ? null : { family: failure.family, kind: failure.kind, status: failure.status };
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1000;
}
