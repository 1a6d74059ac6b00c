/**
 * How long to wait before the next attempt: one exponential, capped, jittered rule for every cause.
 * Its one caller knows the failure, so policies by class, quality and outage age can take its place there.
 */

export type Backoff = {
  /** Ceiling of the first delay, ms. */
  readonly firstMs: number;
  /** No ceiling grows past this, ms. */
  readonly capMs: number;
  readonly factor: number;
};

/** First ceiling 2 s, doubling to a minute: a lone blip is over in about a second, a long outage costs one request a minute. */
export const defaultBackoff: Backoff = { firstMs: 2000, capMs: 60_000, factor: 2 };

/** No delay is shorter, whatever the server or chance says: a server that closes at once must not be hammered. */
export const minDelayMs = 250;

/**
 * Delay before the next attempt, ms. Full jitter above a floor, drawn after the cap, so that clients that fell
 * together do not return together even when all of them have reached it.
 * @param failures attempts that failed since the connection last proved useful, ≥ 1
 * @param floorMs the server's own wish (`retry:` or Retry-After), always honoured, still spread by a quarter
 * @param random one uniform draw in [0, 1)
 */
export function backoffMs(backoff: Backoff, failures: number, floorMs: number, random: number): number {
  const ceiling = ceilingMs(backoff, failures);
  const low = Math.max(minDelayMs, floorMs);
  const high = Math.max(ceiling, low * 1.25);
  return Math.round(low + random * (high - low));
}

/** The longest delay that chance may draw after so many failures, ms. */
export function ceilingMs({ firstMs, capMs, factor }: Backoff, failures: number): number {
  return Math.min(capMs, firstMs * factor ** Math.min(failures - 1, 64));
}
