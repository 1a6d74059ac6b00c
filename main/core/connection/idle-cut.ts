/**
 * Somebody on the path who ends what was silent for too long: learned from how connections end, forgotten when one bears more.
 * Only what is known of one path; what is done about it is renewals.ts.
 */

/** What is known of one candidate's path. */
export type IdleCut = {
  /** Silences at whose end it was cut, newest last, ms. */
  readonly ends: readonly number[];
  /** The longest silence that the present connection has survived, ms. */
  readonly survivedMs: number;
  /** Silence after which the path cuts, ms; null: none is known. */
  readonly cutMs: number | null;
  /** Reconnects in a row that came before it. */
  readonly renewals: number;
  /** What somebody who was seen on the path does by default, ms; null: nobody was, or does. */
  readonly defaultMs: number | null;
};

export const noIdleCut: IdleCut = { ends: [], survivedMs: 0, cutMs: null, renewals: 0, defaultMs: null };

/** Ends after a shorter silence are no idle cuts: something happens just then, ms. */
const shortestMs = 5000;
/** Below this we would come anew more often than the pace allows; knowing it is enough for an advice, ms. */
const plannedFromMs = 10_000;
/** Proxies look at their clocks every second or two. */
const looseMs = 1500;
const looseShare = 0.03;
/**
 * Alike so many times they are no chance; one less where somebody was seen whose default it is. Where another of the stream's paths
 * is known to do it, once is enough: both lead through the same network.
 */
const endsToLearn = 3;
/** At the latest so long before the cut, ms, and at the latest after this share of it; and spread, since a fleet falls silent together. */
const leastLeadMs = 2000;
const latestShare = 0.9;
const spreadShare = 0.1;
/** After so many reconnects before the cut one silence is let pass: perhaps nobody cuts any more. */
const renewalsToDoubt = 20;

/** Whether two silences are the same to the accuracy with which a proxy keeps time. */
export function isAlike(aMs: number, bMs: number): boolean {
  return Math.abs(aMs - bMs) <= Math.max(looseMs, Math.max(aMs, bMs) * looseShare);
}

/**
 * Another ended the connection.
 * @param silenceMs from the last byte to the end
 * @param elsewhere silences after which other paths of the same stream are known to cut, ms
 */
export function noteCut(known: IdleCut, silenceMs: number, elsewhere: readonly number[] = []): IdleCut {
  // What this connection bore before cannot be what ended it.
  if (silenceMs < shortestMs || known.survivedMs >= silenceMs) return known;
  const ends = [...known.ends.slice(1 - endsToLearn), silenceMs];
  const alike = ends.filter((one) => isAlike(one, silenceMs));
  const isDefault = known.defaultMs !== null && isAlike(silenceMs, known.defaultMs);
  const isConfirmed = known.cutMs !== null && isAlike(silenceMs, known.cutMs);
  const isTheirs = elsewhere.some((cutMs) => isAlike(silenceMs, cutMs));
  if (isConfirmed) return { ...known, ends, renewals: 0 };
  // Like each other, and not only like the last of them.
  const isTight = isAlike(Math.min(...alike), Math.max(...alike));
  const isLearned = isTheirs || (isTight && alike.length >= endsToLearn - (isDefault ? 1 : 0));
  const cutMs = isTight ? Math.min(...alike) : silenceMs;
  return { ...known, ends, cutMs: isLearned ? cutMs : known.cutMs, renewals: 0 };
}

/** A silence has passed and the connection lives. The same object where that says nothing new. */
export function noteSurvived(known: IdleCut, silenceMs: number): IdleCut {
  if (silenceMs < shortestMs || silenceMs <= known.survivedMs) return known;
  const isPossible = (cutMs: number) => silenceMs <= cutMs || isAlike(silenceMs, cutMs);
  const isOver = known.cutMs !== null && !isPossible(known.cutMs);
  const ends = known.ends.filter(isPossible);
  return { ...known, survivedMs: silenceMs, ends, ...(isOver ? { cutMs: null, renewals: 0 } : {}) };
}

/** It was silent for longer than that, and nobody has ended it: what comes next shows whether the cut is still there. */
export function doubted(known: IdleCut): IdleCut {
  return { ...known, renewals: renewalsToDoubt };
}

/** Whether an end after this silence is what the path is known to do; what dies within seconds is broken, however regularly. */
export function isIdleCut({ cutMs }: IdleCut, silenceMs: number): boolean {
  return cutMs !== null && cutMs >= plannedFromMs && isAlike(silenceMs, cutMs);
}

/**
 * Silence after which we come anew before the path cuts, ms; null: never.
 * @param draw in [0, 1), the same for as long as one connection is open
 */
export function renewalLeadMs({ cutMs, renewals }: IdleCut, draw: number): number | null {
  if (cutMs === null || cutMs < plannedFromMs || renewals >= renewalsToDoubt) return null;
  return Math.floor(Math.min(cutMs * (latestShare - spreadShare * draw), cutMs - leastLeadMs));
}
