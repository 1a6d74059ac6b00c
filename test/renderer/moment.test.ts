/** Moments as people type them. */
import { expect, it } from "vitest";
import { exampleOf, readMoment, writeMoment } from "../../renderer/text/moment.ts";

const day = new Date(2026, 10, 26, 9, 30).getTime();
const local = (...parts: [number, number, number, number, number, number?, number?]): number =>
  new Date(...parts).getTime();

it.each([
  ["14:22", local(2026, 10, 26, 14, 22)],
  ["14:22:05", local(2026, 10, 26, 14, 22, 5)],
  [" 4:22:05.5 ", local(2026, 10, 26, 4, 22, 5, 500)],
  ["１４：２２", local(2026, 10, 26, 14, 22)],
  ["2026-03-01", local(2026, 2, 1, 0, 0)],
  ["2026-03-01 23:59:59.999", local(2026, 2, 1, 23, 59, 59, 999)],
  ["2026/3/1 7:05", local(2026, 2, 1, 7, 5)],
  ["2026年3月1日 7:05", local(2026, 2, 1, 7, 5)],
  ["2026年3月1日7:05", local(2026, 2, 1, 7, 5)],
  ["2026-03-01T07:05", local(2026, 2, 1, 7, 5)],
  ["2026-03-01T07:05:00Z", Date.UTC(2026, 2, 1, 7, 5)],
  ["2026-03-01T07:05:00.250+08:00", Date.UTC(2026, 1, 28, 23, 5, 0, 250)],
  ["1782000000", 1_782_000_000_000],
  ["1782000000123", 1_782_000_000_123],
])("reads %j", (typed, at) => {
  expect(readMoment(typed, day)).toBe(at);
});

it.each([
  "",
  "noon",
  "24:00",
  "12:60",
  "12",
  "2026-02-31",
  "2026-13-01",
  "2026-03-01 25:00",
  "2026-03-01T99:00:00Z",
  "12:00 x",
])("does not guess at %j", (typed) => {
  expect(readMoment(typed, day)).toBeNull();
});

it("writes what it can read again, to the millisecond", () => {
  for (const at of [day, day + 1, day + 86_399_999]) expect(readMoment(writeMoment(at), 0)).toBe(at);
  expect(readMoment(exampleOf(day + 12_345), 0)).toBe(day);
});
