/** Reads a Retry-After header (RFC 9110 §10.2.3): seconds, or a date, which is taken against the server's own clock. */

/** Milliseconds to wait, ≥ 0, or null when the header is missing or unreadable. Clamping is the core's. */
export function retryAfterMs(value: string | null, dateHeader: string | null, nowUtc: number): number | null {
  if (value === null) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  // All three forms of an HTTP date hold a time of day, and all mean GMT; without either, Date.parse guesses.
  if (!/\d\d:\d\d:\d\d/.test(value)) return null;
  const at = Date.parse(/gmt|utc/i.test(value) ? value : `${value} GMT`);
  if (Number.isNaN(at)) return null;
  // A wrong clock here must not turn "in a minute" into "in a year".
  const serverNow = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  return Math.max(0, at - (Number.isNaN(serverNow) ? nowUtc : serverNow));
}
