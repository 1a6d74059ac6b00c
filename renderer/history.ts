/** Sums over the buckets of the quality history. Pure. */
import type { Bucket, HistorySummary } from "../preload/contract.ts";
import { sharesOf } from "./text/format.ts";

/** How far back to look. */
export type Span = "1h" | "24h" | "7d" | "90d";

export type Summary = {
  readonly attempts: number;
  readonly failures: number;
  readonly events: number;
  readonly bytes: number;
  /** Median of the buckets' medians. */
  readonly headersMs: number | null;
};

/** Whole percentages of the covered time; all but `away` sum to 100. */
export type TimeShares = {
  readonly open: number;
  readonly down: number;
  readonly paused: number;
  readonly asleep: number;
  readonly offline: number;
  readonly notRunning: number;
  /** The last three together: neither good nor bad. */
  readonly away: number;
};

/** Where the time of a span went; null when nothing is known of it. */
export function timeShares(facts: HistorySummary): TimeShares | null {
  if (facts.coveredMs === 0) return null;
  const { openShare, downShare, pausedShare, asleepShare, offlineShare, notRunningShare } = facts;
  const shares = sharesOf([openShare, downShare, pausedShare, asleepShare, offlineShare, notRunningShare]);
  const [open = 0, down = 0, paused = 0, asleep = 0, offline = 0, notRunning = 0] = shares;
  return { open, down, paused, asleep, offline, notRunning, away: asleep + offline + notRunning };
}

type Times = Pick<
  Bucket,
  "at" | "spanMs" | "openMs" | "downMs" | "pausedMs" | "asleepMs" | "offlineMs" | "notRunningMs"
>;
export const timeKinds = ["open", "down", "paused", "asleep", "offline", "notRunning", "unknown"] as const;

/** Where a bucket's time went, in whole percentages of it that sum to 100; of one that still runs, of what is known so far. */
export function sharesOfTime(bucket: Times, now: number): Record<(typeof timeKinds)[number], number> {
  const { openMs, downMs, pausedMs, asleepMs, offlineMs, notRunningMs } = bucket;
  const known = [openMs, downMs, pausedMs, asleepMs, offlineMs, notRunningMs];
  const knownMs = known.reduce((sum, ms) => sum + ms, 0);
  const runs = knownMs > 0 && now < bucket.at + bucket.spanMs;
  const unknownMs = runs ? 0 : Math.max(0, bucket.spanMs - knownMs);
  const [open = 0, down = 0, paused = 0, asleep = 0, offline = 0, notRunning = 0, unknown = 0] = sharesOf([
    ...known,
    unknownMs,
  ]);
  return { open, down, paused, asleep, offline, notRunning, unknown };
}

/** What a span amounts to. */
export function summaryOf(buckets: readonly Bucket[]): Summary {
  const sum = (pick: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + pick(bucket), 0);
  const medians = buckets.flatMap(({ headersMs }) => headersMs ?? []).sort((a, b) => a - b);
  return {
    attempts: sum((bucket) => bucket.attempts),
    failures: sum((bucket) => bucket.failures),
    events: sum((bucket) => bucket.events),
    bytes: sum((bucket) => bucket.bytes),
    headersMs: medians[Math.floor((medians.length - 1) / 2)] ?? null,
  };
}

/** The top of an axis of milliseconds: its half is a round number too, in minutes where it is that long. */
export function axisTop(ms: number): number {
  const unit = ms > 120_000 ? 60_000 : 1;
  return 2 * unit * Math.max(1, roundUp(ms / unit / 2));
}

/** A round number at or above a value: 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
