/**
 * The way back to a preferred candidate: how often it is asked, how long it has to answer well before it is returned to, and when it
 * is trusted again. The books of that and their rules; the asking itself is probes.ts.
 */

/** The shortest and longest time between two probes of a better candidate, ms. */
const probeEvery = { firstMs: 30_000, longestMs: 600_000 } as const;
/** Good probes must lie this far apart before the candidate is returned to: once is chance. Doubled by each return that failed. */
const probation = { firstMs: 60_000, longestMs: 3_600_000 } as const;
/** What was open for this long has stayed: the next return to it needs no longer probation than the first, ms. */
const staysMs = 3_600_000;

/** What is known of the way back to one candidate. */
export type WayBack = {
  /** The first probe of the present run of good ones; null: the last one was not good. */
  readonly goodSince: number | null;
  /** Between two probes, ms. */
  readonly probeEveryMs: number;
  /** How often in a row it was returned to and did not stay. */
  readonly returns: number;
  /** How long it has been open since, over its connections that have ended, ms. */
  readonly stayedMs: number;
};

export const freshWayBack: WayBack = { goodSince: null, probeEveryMs: probeEvery.firstMs, returns: 0, stayedMs: 0 };

/** How long a candidate has to answer well before it is returned to. @param returns those in a row after which it did not stay */
function probationMs(returns: number): number {
  return Math.min(probation.firstMs * 2 ** returns, probation.longestMs);
}

/** Between two probes of one that answers well, ms: a longer probation needs no more of them. */
function everyMs(returns: number): number {
  return Math.min(Math.max(probeEvery.firstMs, probationMs(returns) / 2), probeEvery.longestMs);
}

/** A probe of it failed. */
export function askedInVain(way: WayBack): WayBack {
  return { ...way, goodSince: null, probeEveryMs: Math.min(2 * way.probeEveryMs, probeEvery.longestMs) };
}

/** A probe of it was answered well. */
export function answeredWell(way: WayBack, now: number): WayBack {
  return { ...way, goodSince: way.goodSince ?? now, probeEveryMs: everyMs(way.returns) };
}

/** Whether it has answered well for long enough. */
export function isProbationOver({ goodSince, returns }: WayBack, now: number): boolean {
  return goodSince !== null && now - goodSince >= probationMs(returns);
}

/** It is returned to, and on probation until it has stayed. */
export function returnedTo(way: WayBack): WayBack {
  const returns = way.returns + 1;
  return { goodSince: null, probeEveryMs: everyMs(returns), returns, stayedMs: 0 };
}

/**
 * When it is asked next, or where that is near the end of the probation, its end: the last one decides and is not left to chance.
 * @param atMostMs from now, however seldom it is asked otherwise
 * @param random in [0, 1)
 */
export function nextProbeAt(way: WayBack, now: number, atMostMs: number, random: number): number {
  const { goodSince, returns, probeEveryMs } = way;
  const at = now + Math.round(Math.min(probeEveryMs, atMostMs) * (0.8 + 0.4 * random));
  if (goodSince === null) return at;
  const overAt = goodSince + probationMs(returns);
  return overAt > now && at > overAt - probeEveryMs / 2 ? overAt : at;
}

/** When an open connection, with those before it, has stayed for long enough; Infinity: it was not returned to. */
export function trustedAt(way: WayBack | undefined, openedAt: number): number {
  if (way === undefined || way.returns === 0) return Number.POSITIVE_INFINITY;
  return openedAt + staysMs - way.stayedMs;
}

/** It has stayed. */
export function trusted(way: WayBack): WayBack {
  return { ...way, returns: 0, probeEveryMs: probeEvery.firstMs };
}

/** A connection to it is over, whoever ended it: for how long it was open counts towards staying. */
export function stayed(way: WayBack, ageMs: number): WayBack {
  if (way.returns === 0) return way;
  const longer = { ...way, stayedMs: way.stayedMs + ageMs };
  return longer.stayedMs >= staysMs ? trusted(longer) : longer;
}
