/**
 * How late events are: arrival − stamp − the least such difference of the last ten minutes. The difference of two clocks
 * is in every one of them and falls out, so that a wrong clock is no latency. Arrival is on the monotonic clock; what is
 * left is a step of the server's clock, and that counts once. Constant size, whatever comes.
 */

export type Lag = {
  /** The present minute of the monotonic clock, and the least difference in it. */
  readonly minute: number;
  readonly minuteLeastMs: number;
  /** The least of each earlier minute that had a stamp, oldest first; nine at most. */
  readonly earlier: readonly (readonly [minute: number, leastMs: number])[];
  /** The least of all of them. */
  readonly leastMs: number;
  /** Arrival and stamp of what was last taken in. */
  readonly sampledAt: number;
  readonly stampedAt: number;
  /** Every stamp so far was a whole second: the server says no more than that. */
  readonly isCoarse: boolean;
  /** How late events were, ms, newest last. */
  readonly samplesMs: readonly number[];
};

const keptSamples = 10;
const keptMinutes = 10;
const minuteMs = 60_000;
const secondMs = 1000;
/** What comes closer together is one burst, for which its first event speaks: it has waited longest. */
const burstMs = 100;
/** Servers send a little out of order; a stamp this far behind the one before means a clock that was set back. */
const setBackMs = 60_000;

/**
 * Takes in one stamp; the same object when it says nothing new, which is most of the time on a busy stream.
 * @param stampedAt UTC ms of the server's clock
 * @param now monotonic ms
 */
export function noteStamp(before: Lag | null, stampedAt: number, now: number): Lag {
  const differenceMs = now - stampedAt;
  const minute = Math.floor(now / minuteMs);
  if (before === null || stampedAt < before.stampedAt - setBackMs) {
    const least = { minuteLeastMs: differenceMs, leastMs: differenceMs };
    const isCoarse = stampedAt % secondMs === 0;
    return { minute, ...least, earlier: [], sampledAt: now, stampedAt, isCoarse, samplesMs: [0] };
  }
  const burst = now - before.sampledAt < burstMs;
  if (burst && differenceMs >= before.minuteLeastMs) return before;
  const lag = minute === before.minute ? before : turned(before, minute);
  const minuteLeastMs = Math.min(lag.minuteLeastMs, differenceMs);
  const leastMs = Math.min(lag.leastMs, differenceMs);
  if (burst) return { ...lag, minuteLeastMs, leastMs, stampedAt };
  const isCoarse = lag.isCoarse && stampedAt % secondMs === 0;
  // Such a stamp is up to a second before the event, which is no latency.
  const coarseMs = isCoarse ? secondMs - 1 : 0;
  const samplesMs = [...lag.samplesMs.slice(1 - keptSamples), Math.max(0, differenceMs - leastMs - coarseMs)];
  return { ...lag, minuteLeastMs, leastMs, sampledAt: now, stampedAt, isCoarse, samplesMs };
}

/** A new minute has begun, and what is older than ten is forgotten. */
function turned(lag: Lag, minute: number): Lag {
  const known = [...lag.earlier, [lag.minute, lag.minuteLeastMs] as const];
  const earlier = known.filter(([at]) => at > minute - keptMinutes);
  const leastMs = earlier.reduce((least, [, ms]) => Math.min(least, ms), Number.POSITIVE_INFINITY);
  return { ...lag, minute, minuteLeastMs: Number.POSITIVE_INFINITY, earlier, leastMs };
}
