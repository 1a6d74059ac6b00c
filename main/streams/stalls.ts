/** What it means that we did not run: the one place where a stall is told from a sleep. It measures nothing. */

/** Monotonic time that passes while we do not run, from which on that is worth a word, ms. */
export const stallMs = 5000;
/** Longer than this, connections may have died without a word, ms. */
const sleepMs = 10_000;

/**
 * Whether not having run was a sleep. Less than a stall on the monotonic clock means that this clock slept with us.
 * @param stalledMs what passed on the monotonic clock meanwhile
 */
export function sleptFor(stalledMs: number): boolean {
  return stalledMs < stallMs || stalledMs >= sleepMs;
}
