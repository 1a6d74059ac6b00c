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
/**
 * What comes sooner after the headers and is no event is a greeting: it says how quick a server begins, not how often the stream
 * speaks, nor that a path brings what comes later, ms.
 */
export const greetingMs = 15_000;
/** A silence of which nothing but two connections speaks is taken for the stream's own up to this, ms. */
const longestUnprovenMs = 1_800_000;
/** And one that bytes have ended, up to this: as far as the histogram reaches, ms. */
const longestQuietMs = 4 * 3_600_000;

export type Rhythm = {
  /** Milliseconds spent in gaps, by size. */
  readonly weights: readonly number[];
  readonly totalMs: number;
  /** Gaps seen, for the question whether anything is known at all. */
  readonly gaps: number;
  /** The gap within which 95 % of the observed time passes, ms; asked far more often than it changes. */
  readonly p95Ms: number | null;
  /** The longest silence that turned out to be the stream's own, though the watchdog had ended a connection for it, ms. */
  readonly quietMs: number;
  /** Since when it has been silent, where the watchdog has ended a connection for that silence; null: it has not. */
  readonly doubtSince: number | null;
};

export const unknownRhythm: Rhythm = {
  weights: new Array<number>(bucketCount).fill(0),
  totalMs: 0,
  gaps: 0,
  p95Ms: null,
  quietMs: 0,
  doubtSince: null,
};

/** Adds one gap between two arrivals of bytes on the same connection. Gaps of 0 ms are one arrival in two pieces. */
export function observeGap(rhythm: Rhythm, gapMs: number): Rhythm {
  if (gapMs <= 0) return rhythm;
  const bucket = Math.min(bucketCount - 1, Math.max(0, Math.ceil(2 * Math.log2(gapMs))));
  const old = rhythm.totalMs > halfLifeMs ? rhythm.weights.map((weight) => weight / 2) : rhythm.weights;
  const totalMs = (rhythm.totalMs > halfLifeMs ? rhythm.totalMs / 2 : rhythm.totalMs) + gapMs;
  const { quietMs, doubtSince } = rhythm;
  // `with` on an array of doubles was half of the whole machine's time; a copy that is written to is not (test/bench/step).
  const weights = old.slice();
  weights[bucket] = (weights[bucket] ?? 0) + gapMs;
  const seen = { weights, totalMs, gaps: rhythm.gaps + 1, quietMs, doubtSince };
  return { ...seen, p95Ms: p95Of(seen) };
}

/**
 * The watchdog ended a connection. The rhythm is learned anew; and where the connection before it had ended in the same way,
 * with nothing said in between, that silence is likely the stream's own: it must not be wrong about it a second time.
 * @param byteAt of the connection's last byte, monotonic ms
 */
export function doubted(rhythm: Rhythm, byteAt: number, now: number): Rhythm {
  const { doubtSince } = rhythm;
  const borneMs = doubtSince === null ? 0 : Math.min(now - byteAt, longestUnprovenMs);
  return { ...unknownRhythm, quietMs: Math.max(rhythm.quietMs, borneMs), doubtSince: doubtSince ?? byteAt };
}

/** Each path in turn has said nothing for so long: that silence, too, is likely the stream's own. */
export function silentEverywhere(rhythm: Rhythm, silenceMs: number): Rhythm {
  return { ...rhythm, quietMs: Math.max(rhythm.quietMs, Math.min(silenceMs, longestUnprovenMs)) };
}

/**
 * Bytes end a silence on an open connection.
 * @param byteAt of the last byte before them, or of the headers
 * @param isFirst they are the first: those say how quick a server begins, and not how often it speaks
 * @param silentSince since when nothing came, where connections before it ended in the same silence
 */
export function heardAfter(
  rhythm: Rhythm,
  byteAt: number,
  isFirst: boolean,
  now: number,
  silentSince = byteAt,
): Rhythm {
  const gapMs = now - byteAt;
  // A greeting, or what had been missed: it comes at once.
  if (gapMs < greetingMs) return isFirst ? rhythm : observeGap(rhythm, gapMs);
  if (rhythm.doubtSince === null) return observeGap(rhythm, now - silentSince);
  // Nothing was missed since the connection before, so that it was silent for all of that time.
  const silenceMs = now - rhythm.doubtSince;
  const quietMs = Math.max(rhythm.quietMs, Math.min(silenceMs, longestQuietMs));
  return observeGap({ ...rhythm, quietMs, doubtSince: null }, silenceMs);
}

/**
 * An event came, or it was we who did not listen, or something else ended the connection, or another path is listened to now: nothing can
 * be said of that silence.
 */
export function undoubted(rhythm: Rhythm): Rhythm {
  return rhythm.doubtSince === null ? rhythm : { ...rhythm, doubtSince: null };
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
