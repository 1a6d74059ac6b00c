/**
 * How long to wait before the next attempt: one formula for every family of failures, spread so that clients that fell
 * together do not return together. It counts nothing and remembers nothing; what it needs is passed in.
 *
 *     ceiling = min(2 × first × factorⁿ × q, cap, min(120 s, max(60 s, a fifth of the outage's age) × max(1, q)))
 */
import type { Grade, RetryRule } from "../../../preload/contract.ts";
import type { Failure } from "../failure/failure.ts";
import { isLocal, spreadsLikeServer } from "../failure/failure-traits.ts";
import { factorOf } from "../quality/quality.ts";
import type { Strategies } from "./strategy.ts";

/**
 * Which rule made a delay. `family`: the formula; `outage`: the formula, held down by the outage's age; `floor`: the server's
 * own wish; `next-candidate`: another address is tried; `planned`: the server ended what it had planned to end;
 * `certificate`: every 30 s to 10 min; `fresh-credential`, `without-id`: the same request, mended; `network-back`: the
 * network returned or we woke up; `pace`: no more than eight connections a minute to one candidate.
 */
export type DelayRule = RetryRule;

export type Delay = { readonly delayMs: number; readonly rule: DelayRule };

export type DelayInput = {
  readonly strategies: Strategies;
  readonly strict: boolean;
  readonly failure: Failure;
  /** Failures in a row of the candidate that is judged, this one included, ≥ 1. */
  readonly attempt: number;
  /** The connection's grade before the outage. */
  readonly grade: Grade;
  /** Since the first failure of the outage, ms. */
  readonly outageMs: number;
  /** The server's own wish (`retry:` or Retry-After), ms; 0: none. */
  readonly floorMs: number;
  /** One uniform draw in [0, 1). */
  readonly random: number;
};

/** No delay is shorter, whatever settings and chance say. */
const shortestMs = 100;
/** Of the ceiling: the first delay may be nearly nothing, so that its mean is `first`; later ones never are. */
const lowFirst = 0.02;
const lowLater = 1 / 3;
/** A server's wish is spread upwards by at least this share of it. */
const floorSpread = 1.25;
/** Less than this would be no spread at all. */
const leastSpread = 1.05;
/** A long outage is asked about at least this often, so that nobody waits a quarter of an hour for what is back. */
const outageShortMs = 60_000;
const outageLongMs = 120_000;
const outageShare = 5;
/** Without a route nothing is sent that could burden a server: looked at this often beside the network's own news, ms. */
const noRouteMs = 30_000;
const certificate = { firstMs: 30_000, capMs: 600_000, factor: 2 } as const;
const plannedLeastMs = 500;
const plannedSpreadMs = 2000;
const soonFromMs = 200;
const soonToMs = 2000;

/** The delay after a failure of a candidate that is tried again. */
export function delayAfter(input: DelayInput): Delay {
  const { failure, attempt, floorMs, random } = input;
  if (failure.kind === "certificate") return certificateDelay(attempt, floorMs, random);
  const { ceilingMs, capMs, rule } = ceilingOf(input);
  const low = Math.max(shortestMs, ceilingMs * (attempt === 1 ? lowFirst : lowLater));
  // Below the cap, unless the server's wish leaves no room there to spread it.
  const roomy = floorMs * leastSpread <= capMs;
  const high = roomy ? Math.min(capMs, floorMs * floorSpread) : floorMs * floorSpread;
  return floorMs > low
    ? { delayMs: spread(floorMs, Math.max(ceilingMs, high), random), rule: "floor" }
    : { delayMs: spread(low, Math.max(low, ceilingMs), random), rule };
}

/** The longest delay that chance may draw without a wish of the server, ms. */
export function ceilingOf(input: DelayInput): { ceilingMs: number; capMs: number; rule: DelayRule } {
  const { strategies, strict, failure, attempt, grade, outageMs } = input;
  const family = failure.family === "PLANNED" || spreadsLikeServer(failure) ? "SERVER" : failure.family;
  const { firstMs, capMs, factor } = strategies[family];
  const q = qualityFactor(failure, grade);
  const grown = Math.min(2 * firstMs * factor ** Math.min(attempt - 1, 64) * q, capMs);
  const noRoute = failure.kind === "offline" ? noRouteMs : Number.POSITIVE_INFINITY;
  const aged = Math.min(outageLongMs, Math.max(outageShortMs, outageMs / outageShare) * Math.max(1, q));
  const limit = Math.min(noRoute, strict ? Number.POSITIVE_INFINITY : aged);
  return grown <= limit ? { ceilingMs: grown, capMs, rule: "family" } : { ceilingMs: limit, capMs, rule: "outage" };
}

/** A good connection hastens only what went wrong on our side: a server that fell was good for everybody. */
function qualityFactor(failure: Failure, grade: Grade): number {
  const q = factorOf(grade);
  return q < 1 && !isLocal(failure) ? 1 : q;
}

function certificateDelay(attempt: number, floorMs: number, random: number): Delay {
  const { firstMs, capMs, factor } = certificate;
  const ceiling = Math.min(capMs, firstMs * factor ** Math.min(attempt, 64));
  const low = Math.max(firstMs, ceiling * lowLater, floorMs);
  return { delayMs: spread(low, Math.max(ceiling, floorMs * floorSpread), random), rule: "certificate" };
}

/** After an end that the server had planned: its `retry:`, at least half a second, spread over two. */
export function plannedDelay(retryMs: number | null, random: number): Delay {
  const low = Math.max(retryMs ?? 0, plannedLeastMs);
  return { delayMs: spread(low, low + plannedSpreadMs, random), rule: "planned" };
}

/**
 * Soon, but never at once and never all together: another candidate, a network that is back, a mended request.
 * @param floorMs what is left of the server's own wish, ms
 */
export function soon(rule: DelayRule, random: number, floorMs = 0): Delay {
  return floorMs > soonFromMs
    ? { delayMs: spread(floorMs, Math.max(soonToMs, floorMs * floorSpread), random), rule: "floor" }
    : { delayMs: spread(soonFromMs, soonToMs, random), rule };
}

function spread(low: number, high: number, random: number): number {
  return Math.round(low + random * (high - low));
}
