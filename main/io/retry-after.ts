/** Reads a Retry-After header (RFC 9110 §10.2.3): seconds, or a date, which is taken against the server's own clock. */

/** Milliseconds to wait, ≥ 0, or null when the header is missing or unreadable. Clamping is the core's. */
export function retryAfterMs(value: string | null, dateHeader: string | null, nowUtc: number): number | null {
  if (value === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  if (!/[a-z]/i.test(value)) return null;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return null;
  // A wrong clock here must not turn "in a minute" into "in a year".
  const serverNow = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  return Math.max(0, at - (Number.isNaN(serverNow) ? nowUtc : serverNow));
}
