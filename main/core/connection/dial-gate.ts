/**
 * How often this computer may dial at all, whichever stream asks: promise I4, at most four connections in any second. It
 * is no backoff: how long one stream waits is backoff.ts's; this only keeps many from leaving in one moment.
 *
 * Not a bucket that refills: a full one and what drips into it meanwhile let seven leave within a second. The moments of
 * the last four are remembered instead, and the fifth follows the first by more than the window.
 */

/** Connections that may begin in one window. */
export const dialsPerWindow = 4;
/** One second, ms. */
export const dialWindowMs = 1000;

/** Moments of the last dials, oldest first, monotonic ms. */
export type Gate = readonly number[];

export const emptyGate: Gate = [];

/**
 * Lets one dial through, in the order of asking.
 * @param now monotonic whole ms
 * @returns the gate after it, and the earliest moment at which it may leave: not before `now`, nor before those who asked
 *   earlier. Who is not ready to leave then should throw the new gate away and ask again, so that nobody waits for him.
 */
export function letThrough(gate: Gate, now: number): readonly [Gate, atMs: number] {
  const [first] = gate;
  // One more than the window: clocks are cut to whole milliseconds, and 1000 of them can be 999.1 in truth.
  const free = first === undefined || gate.length < dialsPerWindow ? now : first + dialWindowMs + 1;
  const atMs = Math.max(now, free);
  return [[...gate, atMs].slice(-dialsPerWindow), atMs];
}
