/**
 * How good a stream's connection is, from what happened to it: attempts, times to headers, lag, failures, recoveries.
 * Bounded, pure, told the time by its caller. The grade says a word; the numbers behind it go to the stats page. It knows
 * nothing of sleep, pause or missing networks: while those last nobody has a grade, which is its caller's word to say.
 */
import type { Grade } from "../../../preload/contract.ts";
import { type Lag, noteStamp } from "./lag.ts";

const keptHeaders = 10;
const keptRecoveries = 20;
const keptAttempts = 64;
/** Fewer times of one kind say nothing about it. */
const fewestSamples = 3;
/** The error rate looks back this far, ms. */
const windowMs = 300_000;

export type Quality = {
  /** Times from request to final headers, ms, newest last. */
  readonly headersMs: readonly number[];
  /** How late events are, where the server says when it made them; null before it said so on this connection. */
  readonly lag: Lag | null;
  /** The last grade that was made of enough samples. */
  readonly judged: Grade;
  /** Moments (mono ms) of the last attempts and of their failures; an open connection's later loss is the failure of its attempt. */
  readonly attempts: readonly { readonly at: number; readonly failedAt: number | null }[];
  readonly attemptsEver: number;
  readonly opensEver: number;
  /** Attempts that ended without ever being open. */
  readonly endedEver: number;
  /** Failures, those of open connections included. */
  readonly failedEver: number;
  /** First failure of the outage that lasts, mono ms. */
  readonly downSince: number | null;
  /** First failure → open again, ms, newest last. */
  readonly recoveriesMs: readonly number[];
};

export const emptyQuality: Quality = {
  headersMs: [],
  lag: null,
  judged: "GOOD",
  attempts: [],
  attemptsEver: 0,
  opensEver: 0,
  endedEver: 0,
  failedEver: 0,
  downSince: null,
  recoveriesMs: [],
};

export type QualityEvent =
  | { readonly type: "attempted" }
  | { readonly type: "opened"; readonly headersMs: number }
  /** An event came that says when it was made (UTC ms of the server's clock). */
  | { readonly type: "stamped"; readonly stampedAt: number }
  /**
   * `wasOpen`: what failed was an open connection, and not an attempt to have one. An end that the server had planned is no
   * failure, what follows it is no outage, and it is not told here.
   */
  | { readonly type: "failed"; readonly wasOpen: boolean }
  /** The user stopped it: an outage that he ended is no recovery. */
  | { readonly type: "stopped" };

/** What follows from one thing that happened. The same object when nothing does. @param now monotonic ms */
export function noteQuality(quality: Quality, event: QualityEvent, now: number): Quality {
  switch (event.type) {
    case "stamped": {
      const lag = noteStamp(quality.lag, event.stampedAt, now);
      return lag === quality.lag ? quality : { ...quality, lag };
    }
    case "attempted":
      return {
        ...quality,
        attempts: [...quality.attempts.slice(1 - keptAttempts), { at: now, failedAt: null }],
        attemptsEver: quality.attemptsEver + 1,
      };
    case "opened":
      return withOpening(quality, event.headersMs, now);
    case "failed": {
      const last = quality.attempts.at(-1);
      const attempts = last === undefined ? [] : [...quality.attempts.slice(0, -1), { ...last, failedAt: now }];
      const endedEver = quality.endedEver + (event.wasOpen ? 0 : 1);
      const failedEver = quality.failedEver + 1;
      const judged = judgedBy(quality, now);
      return { ...quality, judged, attempts, endedEver, failedEver, downSince: quality.downSince ?? now };
    }
    case "stopped":
      return { ...quality, downSince: null };
  }
}

function withOpening(quality: Quality, headersMs: number, now: number): Quality {
  const { downSince, recoveriesMs } = quality;
  return {
    ...quality,
    headersMs: [...quality.headersMs.slice(1 - keptHeaders), headersMs],
    judged: judgedBy(quality, now),
    // Another server may answer now, with another clock; and what it sends first may have been made during the outage.
    lag: null,
    opensEver: quality.opensEver + 1,
    downSince: null,
    recoveriesMs: downSince === null ? recoveriesMs : [...recoveriesMs, now - downSince].slice(-keptRecoveries),
  };
}

/** The grade to fall back on from now on. An outage does not judge the connection that it ended. */
function judgedBy(quality: Quality, now: number): Grade {
  return quality.downSince === null ? (judge(quality, now) ?? quality.judged) : quality.judged;
}

/** Thresholds by the plan: latency below, ms, and error rate below; what meets none is POOR. */
const grades: readonly (readonly [Grade, number, number])[] = [
  ["EXCELLENT", 100, 0.1],
  ["GOOD", 500, 0.3],
  ["FAIR", 2000, 0.5],
];

/** One word for the connection; unknown before its first success. @param now monotonic ms */
export function gradeOf(quality: Quality, now: number): Grade {
  return quality.opensEver === 0 ? "UNKNOWN" : (judge(quality, now) ?? quality.judged);
}

function judge(quality: Quality, now: number): Grade | null {
  const latency = latencyMs(quality);
  if (latency === null) return null;
  const rate = errorRate(quality, now);
  return grades.find(([, limitMs, limitRate]) => latency < limitMs && rate < limitRate)?.[0] ?? "POOR";
}

/**
 * The larger of the medians of times to headers and of lag: a connection that opens at once and is late with its events
 * is as bad as one that is slow to open, and neither makes up for the other. Null while neither has enough samples.
 */
function latencyMs({ headersMs, lag }: Quality): number | null {
  const lagMs = lag?.samplesMs ?? [];
  const medians = [headersMs, lagMs].flatMap((times) => (times.length < fewestSamples ? [] : (median(times) ?? [])));
  return medians.length === 0 ? null : Math.max(...medians);
}

/** What a grade makes of the first delays: a good connection is asked again sooner, a poor one later. */
const factors: Readonly<Record<Grade, number>> = { EXCELLENT: 0.5, GOOD: 1, FAIR: 1.5, POOR: 3, UNKNOWN: 1 };

/** The quality factor of a grade, as backoff.ts multiplies by it. */
export function factorOf(grade: Grade): number {
  return factors[grade];
}

/**
 * Failed ÷ made, of the attempts of the last five minutes; 0 when there were none. A connection that was lost within them
 * counts as lost, however long ago it was made.
 */
export function errorRate(quality: Quality, now: number): number {
  const isRecent = (at: number) => now - at <= windowMs;
  const failed = quality.attempts.filter(({ failedAt }) => failedAt !== null && isRecent(failedAt)).length;
  const others = quality.attempts.filter(({ at, failedAt }) => failedAt === null && isRecent(at)).length;
  return failed === 0 ? 0 : failed / (failed + others);
}

/** Opened ÷ ended since the start, or null before the first attempt has ended; one that is under way is not judged. */
export function successRate({ opensEver, endedEver }: Quality): number | null {
  return opensEver + endedEver === 0 ? null : opensEver / (opensEver + endedEver);
}

/** Mean time between the kept attempts, ms; null before the second. */
export function meanIntervalMs({ attempts }: Quality): number | null {
  const [first, last] = [attempts[0], attempts.at(-1)];
  if (first === undefined || last === undefined || attempts.length < 2) return null;
  return (last.at - first.at) / (attempts.length - 1);
}

/** The middle value; the lower of two. Null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
