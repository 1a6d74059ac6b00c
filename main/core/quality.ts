/**
 * How good a stream's connection is, from what happened to it: attempts, times to headers, failures, recoveries.
 * Bounded, pure, told the time by its caller. The grade says a word; the numbers behind it go to the stats page.
 */
import type { Grade } from "../../preload/contract.ts";

const keptHeaders = 10;
const keptRecoveries = 20;
const keptAttempts = 64;
/** Fewer attempts say nothing about a rate: one stumble in two is no bad connection. */
const fewestAttempts = 3;
/** The error rate looks back this far, ms. */
const windowMs = 300_000;

export type Quality = {
  /** Times from request to final headers, ms, newest last. */
  readonly headersMs: readonly number[];
  /** Moments (mono ms) of the last attempts and whether each failed; an open connection's later end is a failure of it. */
  readonly attempts: readonly { readonly at: number; readonly failed: boolean }[];
  readonly attemptsEver: number;
  readonly opensEver: number;
  /** Attempts that ended without ever being open. */
  readonly endedEver: number;
  /** First failure of the outage that lasts, mono ms. */
  readonly downSince: number | null;
  /** First failure → open again, ms, newest last. */
  readonly recoveriesMs: readonly number[];
};

export const emptyQuality: Quality = {
  headersMs: [],
  attempts: [],
  attemptsEver: 0,
  opensEver: 0,
  endedEver: 0,
  downSince: null,
  recoveriesMs: [],
};

export type QualityEvent =
  | { readonly type: "attempted" }
  | { readonly type: "opened"; readonly headersMs: number }
  /** `wasOpen`: what failed was an open connection, and not an attempt to have one. */
  | { readonly type: "failed"; readonly wasOpen: boolean }
  /** The user stopped it: an outage that he ended is no recovery. */
  | { readonly type: "stopped" };

/** What follows from one thing that happened. @param now monotonic ms */
export function noteQuality(quality: Quality, event: QualityEvent, now: number): Quality {
  switch (event.type) {
    case "attempted":
      return {
        ...quality,
        attempts: [...quality.attempts.slice(1 - keptAttempts), { at: now, failed: false }],
        attemptsEver: quality.attemptsEver + 1,
      };
    case "opened": {
      const recovery = quality.downSince === null ? [] : [now - quality.downSince];
      return {
        ...quality,
        headersMs: [...quality.headersMs.slice(1 - keptHeaders), event.headersMs],
        opensEver: quality.opensEver + 1,
        downSince: null,
        recoveriesMs: [...quality.recoveriesMs, ...recovery].slice(-keptRecoveries),
      };
    }
    case "failed": {
      const last = quality.attempts.at(-1);
      const attempts = last === undefined ? [] : [...quality.attempts.slice(0, -1), { ...last, failed: true }];
      const endedEver = quality.endedEver + (event.wasOpen ? 0 : 1);
      return { ...quality, attempts, endedEver, downSince: quality.downSince ?? now };
    }
    case "stopped":
      return { ...quality, downSince: null };
  }
}

/** Thresholds: median time to headers below, and error rate below. Without a first success nothing is known. */
const grades: readonly (readonly [Grade, number, number])[] = [
  ["EXCELLENT", 100, 0.1],
  ["GOOD", 500, 0.3],
  ["FAIR", 2000, 0.5],
];

/** One word for the connection; needs one success. @param now monotonic ms */
export function gradeOf(quality: Quality, now: number): Grade {
  const typical = median(quality.headersMs);
  if (typical === null) return "UNKNOWN";
  const rate = errorRate(quality, now);
  return grades.find(([, limitMs, limitRate]) => typical < limitMs && rate < limitRate)?.[0] ?? "POOR";
}

/** Failed ÷ made, of the attempts of the last five minutes; 0 while there are fewer than three. */
export function errorRate(quality: Quality, now: number): number {
  const recent = quality.attempts.filter(({ at }) => now - at <= windowMs);
  return recent.length < fewestAttempts ? 0 : recent.filter(({ failed }) => failed).length / recent.length;
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
