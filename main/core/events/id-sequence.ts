/**
 * Gaps that ids can show: a stream that has counted one by one and then leaves numbers out has lost what stands between.
 * It only tells; nothing is asked for again. Ids that are no plain whole numbers say nothing.
 */
import { wholeNumber } from "./fingerprint.ts";

export type IdSequence = {
  /** The last id, when it was a whole number. */
  readonly last: number | null;
  /** Steps of exactly one in a row up to it. */
  readonly steps: number;
  /** A connection was opened since the last id. */
  readonly reconnected: boolean;
};

export const unknownSequence: IdSequence = { last: null, steps: 0, reconnected: false };

/** Ids between `from` and `to` that never came: `missing` of them. */
export type IdGap = { readonly from: string; readonly to: string; readonly missing: number };

/** Steps in a row after which the first id after a reconnect is held to the count. */
const stepsOverReconnect = 5;
/** Within a connection nothing was cut, so that it takes more to call a leap a loss. */
const stepsWithin = 20;

/** The next id is the first one after a (re)connect. */
export function reconnected(sequence: IdSequence): IdSequence {
  return sequence.reconnected ? sequence : { ...sequence, reconnected: true };
}

/**
 * Takes the id of an event that was not dropped as a duplicate. A leap, reported or not, has the count proved anew: a
 * stream of which we get only a part must not be called full of gaps. A step back is a server that begins again, no gap.
 * @param id of the event's own block; null says nothing
 */
export function noteId(sequence: IdSequence, id: string | null): readonly [IdSequence, IdGap | null] {
  if (id === null) return [sequence, null];
  const next = wholeNumber(id);
  const { last, steps } = sequence;
  if (next === null || last === null) return [{ last: next, steps: 0, reconnected: false }, null];
  if (next === last) return [sequence, null];
  if (next === last + 1) return [{ last: next, steps: steps + 1, reconnected: false }, null];
  const enough = sequence.reconnected ? stepsOverReconnect : stepsWithin;
  const isGap = next > last && steps >= enough;
  const gap = isGap ? { from: String(last), to: id, missing: next - last - 1 } : null;
  return [{ last: next, steps: 0, reconnected: false }, gap];
}
