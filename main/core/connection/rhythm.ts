/**
 * The rhythm of a stream: how long it usually is between two arrivals of bytes. Decides when silence means something.
 *
 * Gaps are weighed by their own length, so the p95 is the gap within which 95 % of the *time* passes: a burst of a
 * thousand events does not drown the minute of quiet between bursts. Kept as a histogram of constant size.
 */

/** Bucket k holds gaps up to 2^(k/2) ms: 48 of them reach 4.6 hours. */
const bucketCount = 48;
/** Old gaps count half after this much observed time, ms. */
const halfLifeMs = 600_000;
const learnedGaps = 5;
const learnedMs = 5000;

export type Rhythm = {
  /** Milliseconds spent in gaps, by size. */
  readonly weights: readonly number[];
  readonly totalMs: number;
  /** Gaps seen, for the question whether anything is known at all. */
  readonly gaps: number;
  /** The gap within which 95 % of the observed time passes, ms; asked far more often than it changes. */
  readonly p95Ms: number | null;
};

export const unknownRhythm: Rhythm = {
  weights: new Array<number>(bucketCount).fill(0),
  totalMs: 0,
  gaps: 0,
  p95Ms: null,
};

/** Adds one gap between two arrivals of bytes on the same connection. Gaps of 0 ms are one arrival in two pieces. */
export function observeGap(rhythm: Rhythm, gapMs: number): Rhythm {
  if (gapMs <= 0) return rhythm;
  const bucket = Math.min(bucketCount - 1, Math.max(0, Math.ceil(2 * Math.log2(gapMs))));
  const old = rhythm.totalMs > halfLifeMs ? rhythm.weights.map((weight) => weight / 2) : rhythm.weights;
  const totalMs = (rhythm.totalMs > halfLifeMs ? rhythm.totalMs / 2 : rhythm.totalMs) + gapMs;
  const seen = { weights: old.with(bucket, (old[bucket] ?? 0) + gapMs), totalMs, gaps: rhythm.gaps + 1 };
  return { ...seen, p95Ms: p95Of(seen) };
}

/** The gap within which 95 % of the observed time passes, rounded up to a bucket (≤ 41 % too long); null = not learned. */
export function p95GapMs(rhythm: Rhythm): number | null {
  return rhythm.p95Ms;
}

function p95Of(rhythm: Omit<Rhythm, "p95Ms">): number | null {
  if (rhythm.gaps < learnedGaps || rhythm.totalMs < learnedMs) return null;
  let seen = 0;
  // Asked at every gap: an iterator here costs a third of a whole step of the machine.
  for (let k = 0; k < bucketCount; k++) {
    seen += rhythm.weights[k] ?? 0;
    if (seen >= rhythm.totalMs * 0.95) return Math.round(2 ** (k / 2));
  }
  return Math.round(2 ** ((bucketCount - 1) / 2));
}
