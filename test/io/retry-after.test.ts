/** Retry-After in the forms of RFC 9110 and in those that servers make up. */
import { expect, it } from "vitest";
import { retryAfterMs } from "../../main/io/sse/retry-after.ts";

const now = Date.UTC(1994, 10, 6, 8, 49, 37);
const date = "Sun, 06 Nov 1994 08:49:37 GMT";

it.each([
  ["120", 120_000],
  [" 7 ", 7000],
  ["0", 0],
  ["99999999999", 99_999_999_999_000],
  ["9".repeat(400), Number.POSITIVE_INFINITY],
  ["Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
  ["Sunday, 06-Nov-94 08:50:37 GMT", 60_000],
  ["Sun Nov  6 08:50:37 1994", 60_000],
  ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799_000 - now],
  ["-5", null],
  ["1.5", null],
  ["1e3", null],
  ["120s", null],
  ["soon 5", null],
  ["", null],
  [null, null],
])("%s is %s ms", (value, ms) => {
  expect(retryAfterMs(value, date, 0)).toBe(ms);
});
it("takes a date against the server's clock where it tells it, else against ours", () => {
  const inAMinute = "Sun, 06 Nov 1994 08:50:37 GMT";
  expect(retryAfterMs(inAMinute, date, Date.UTC(2036, 0, 1))).toBe(60_000);
  expect(retryAfterMs(inAMinute, null, now)).toBe(60_000);
  expect(retryAfterMs(inAMinute, "yesterday", now)).toBe(60_000);
});
