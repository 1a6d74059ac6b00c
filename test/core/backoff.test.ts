/** Delays: their floors and ceilings, for every draw that chance can make. */
import { assert, double, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { backoffMs, ceilingMs, defaultBackoff, minDelayMs } from "../../main/core/backoff.ts";

const highest = 0.999_999_999;

it.each([
  [1, 2000],
  [2, 4000],
  [5, 32_000],
  [6, 60_000],
  [7, 60_000],
  [1_000_000, 60_000],
  [Number.MAX_SAFE_INTEGER, 60_000],
])("after %s failures the delay is at most %s ms", (failures, ceiling) => {
  expect(ceilingMs(defaultBackoff, failures)).toBe(ceiling);
  expect(backoffMs(defaultBackoff, failures, 0, highest)).toBe(ceiling);
  expect(backoffMs(defaultBackoff, failures, 0, 0)).toBe(minDelayMs);
});

it.each([
  [500, 2000],
  [7000, 8750],
  [60_000, 75_000],
  [3_600_000, 4_500_000],
])("with a floor of %s ms the first delay lies between it and %s ms", (floor, high) => {
  expect(backoffMs(defaultBackoff, 1, floor, 0)).toBe(floor);
  expect(backoffMs(defaultBackoff, 1, floor, highest)).toBe(high);
});

it("stays between floor and cap, and above the cap only for a floor that is", () => {
  const anything = [
    integer({ min: 1, max: 5000 }),
    integer({ min: 0, max: 3_600_000 }),
    double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  ] as const;
  assert(
    property(...anything, (failures, floor, random) => {
      const delay = backoffMs(defaultBackoff, failures, floor, random);
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(Math.max(minDelayMs, floor));
      expect(delay).toBeLessThanOrEqual(Math.max(defaultBackoff.capMs, Math.round(floor * 1.25)));
    }),
    { numRuns: 2000 },
  );
});

it("spreads clients that fell together, also when all have reached the cap", () => {
  const delays = Array.from({ length: 1000 }, (_, i) => backoffMs(defaultBackoff, 50, 0, i / 1000));
  const fullest = Array.from({ length: 60 }, (_, s) => delays.filter((ms) => Math.floor(ms / 1000) === s).length);
  expect(Math.max(...fullest)).toBeLessThan(25);
});
