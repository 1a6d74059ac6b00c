/** Sums over the buckets of the quality history. Pure. */
import type { Bucket } from "../preload/contract.ts";
import { sharesOf } from "./text/format.ts";

/** How far back to look. */
export type Span = "1h" | "24h" | "7d" | "90d";

export type Summary = {
  /** Whole percentages that sum to 100; all 0 when nothing is known at all. */
  readonly open: number;
  readonly down: number;
  readonly paused: number;
  /** Asleep, offline or not running: neither good nor bad. */
  readonly unknown: number;
  readonly attempts: number;
  readonly failures: number;
  readonly events: number;
  readonly bytes: number;
  /** Median of the buckets' medians. */
  readonly headersMs: number | null;
};

/** What a span amounts to. */
export function summaryOf(buckets: readonly Bucket[]): Summary {
  const sum = (pick: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + pick(bucket), 0);
  const openMs = sum((bucket) => bucket.openMs);
  const downMs = sum((bucket) => bucket.downMs);
  const pausedMs = sum((bucket) => bucket.pausedMs);
  const unknownMs = Math.max(0, sum((bucket) => bucket.spanMs) - openMs - downMs - pausedMs);
  const [open = 0, down = 0, paused = 0, unknown = 0] = sharesOf([openMs, downMs, pausedMs, unknownMs]);
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

/** A round number at or above a value, for the top of an axis: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
