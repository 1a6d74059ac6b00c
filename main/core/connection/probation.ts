/**
 * How long a preferred candidate has to answer well before it is returned to, and how often it is asked meanwhile. The asking itself
 * is probes.ts.
 */
import { probeEvery, type Standing } from "./standings.ts";

/** Good probes must lie this far apart before the candidate is returned to: once is chance. Doubled by each return that failed. */
const probation = { firstMs: 60_000, longestMs: 3_600_000 } as const;

/** Between two probes of one that failed, ms. */
export function doubled(everyMs: number): number {
  return Math.min(2 * everyMs, probeEvery.longestMs);
}

/** How long a candidate has to answer well before it is returned to. @param returns those in a row after which it did not stay */
export function probationMs(returns: number): number {
  return Math.min(probation.firstMs * 2 ** returns, probation.longestMs);
}

/** Between two probes of one that answers well, ms: a longer probation needs no more of them. */
export function everyMs(returns: number): number {
  return Math.min(Math.max(probeEvery.firstMs, probationMs(returns) / 2), probeEvery.longestMs);
}

/** The next probe, or where that is near the end of the probation, its end: the last one decides and is not left to chance. */
export function atItsEnd(standing: Standing | undefined, now: number, afterMs: number): number {
  const at = now + afterMs;
  if (standing === undefined || standing.goodSince === null) return at;
  const { goodSince, returns, probeEveryMs } = standing;
  const overAt = goodSince + probationMs(returns);
  return overAt > now && at > overAt - probeEveryMs / 2 ? overAt : at;
}
