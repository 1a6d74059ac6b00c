import { expect, it } from "vitest";
import { contentPrint, idPrint, placeOf } from "../../main/core/events/fingerprint.ts";

it.each([
  ["", "ab"],
  ["a", "b"],
  ["ab", ""],
  ["b", "a"],
  ["a", "b\0"],
  ["a\0", "b"],
  ["a", "B"],
  ["a", "é"],
  ["a", "b".repeat(1000)],
])("tells type %j with data %j from all others", (type, data) => {
  const others: [type: string, data: string][] = [
    ["", "ab"],
    ["a", "b"],
    ["ab", ""],
    ["b", "a"],
    ["a", "b\0"],
    ["a\0", "b"],
    ["a", "B"],
    ["a", "é"],
    ["a", "b".repeat(1000)],
  ];
  expect(others.filter((other) => contentPrint(...other) === contentPrint(type, data))).toEqual([[type, data]]);
});

it("is a whole number of 53 bits, all of which are used", () => {
  const prints = Array.from({ length: 1000 }, (_, n) => idPrint(`order-${n}`));
  expect(prints.every((print) => Number.isSafeInteger(print) && print >= 0)).toBe(true);
  for (let bit = 0; bit < 53; bit++) {
    const set = prints.filter((print) => Math.floor(print / 2 ** bit) % 2 === 1).length;
    expect(set, `bit ${bit}`).toBeGreaterThan(400);
    expect(set, `bit ${bit}`).toBeLessThan(600);
  }
});

it.each([
  ["counted", (n: number) => String(n)],
  ["with a long common start", (n: number) => `urn:example:orders/europe/west/2026/partition-0/offset-${n}`],
  ["of a Redis stream", (n: number) => `${1_700_000_000_000 + (n >> 2)}-${n & 3}`],
])("gives 100,000 ids that are %s a number each, and spreads them over a table", (_, name) => {
  const prints = Array.from({ length: 100_000 }, (__, n) => idPrint(name(n)));
  expect(new Set(prints).size).toBe(100_000);
  const places = new Int32Array(1024);
  for (const print of prints) places[placeOf(print) & 1023] = (places[placeOf(print) & 1023] ?? 0) + 1;
  // About 98 each, by chance ± 10.
  expect(Math.min(...places)).toBeGreaterThan(48);
  expect(Math.max(...places)).toBeLessThan(148);
});
