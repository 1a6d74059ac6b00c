/** Sums over the buckets of the quality history. Pure. */
import type { Bucket } from "../preload/contract.ts";
import { sharesOf } from "./text/format.ts";

/** How far back to look. */
export type Span = "1h" | "24h" | "7d" | "90d";

export type Summary = {
  /** Whole percentages of the known time, which sum to 100; all null when nothing is known at all. */
  readonly open: number | null;
  readonly down: number | null;
  readonly paused: number | null;
  /** Percentage of the whole span: asleep, offline or not running, neither good nor bad. */
  readonly unknown: number;
  readonly attempts: number;
  readonly failures: number;
  readonly events: number;
  readonly bytes: number;
  /** Median of the buckets' medians. */
  readonly headersMs: number | null;
};

type Times = Pick<Bucket, "spanMs" | "openMs" | "downMs" | "pausedMs">;
type Shares = Pick<Summary, "open" | "down" | "paused" | "unknown">;

/** What was known of a time, in percentages of what was known; and how much was not. */
export function sharesOfTime({ spanMs, openMs, downMs, pausedMs }: Times): Shares {
  const knownMs = openMs + downMs + pausedMs;
  const [unknown = 100] = knownMs <= 0 ? [] : sharesOf([Math.max(0, spanMs - knownMs), knownMs]);
  if (knownMs <= 0) return { open: null, down: null, paused: null, unknown };
  const [open = 0, down = 0, paused = 0] = sharesOf([openMs, downMs, pausedMs]);
  return { open, down, paused, unknown };
}

/** What a span amounts to. */
export function summaryOf(buckets: readonly Bucket[]): Summary {
  const sum = (pick: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + pick(bucket), 0);
  const { open, down, paused, unknown } = sharesOfTime({
    spanMs: sum((bucket) => bucket.spanMs),
    openMs: sum((bucket) => bucket.openMs),
    downMs: sum((bucket) => bucket.downMs),
    pausedMs: sum((bucket) => bucket.pausedMs),
  });
  const medians = buckets.flatMap(({ headersMs }) => headersMs ?? []).sort((a, b) => a - b);
  return {
    open,
    down,
    paused,
    unknown,
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
