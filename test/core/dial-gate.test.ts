import fc from "fast-check";
import { expect, it } from "vitest";
import { emptyGate, type Gate, letThrough } from "../../main/core/connection/dial-gate.ts";

/** When dials leave that ask at these moments, in this order. */
function departures(asked: readonly number[]): number[] {
  let gate: Gate = emptyGate;
  return asked.map((now) => {
    const [next, at] = letThrough(gate, now);
    gate = next;
    return at;
  });
}

/** Moments that never go back: many at once, some apart. */
const moments = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3000 })), {
    maxLength: 60,
  })
  .map((gaps) => {
    let now = 1000;
    return gaps.map((gap) => {
      now += gap;
      return now;
    });
  });

it.each([
  ["four leave at once", [0, 0, 0, 0], [0, 0, 0, 0]],
  ["the fifth follows the first by more than a second", [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1001, 1001]],
  ["a full second is kept across its border", [0, 990, 990, 990, 1000, 1001], [0, 990, 990, 990, 1001, 1991]],
  ["nobody waits when few ask", [0, 300, 600, 900, 1200], [0, 300, 600, 900, 1200]],
  ["a rest makes all of it free again", [0, 0, 0, 0, 5000, 5000, 5000, 5000], [0, 0, 0, 0, 5000, 5000, 5000, 5000]],
])("%s", (_name, asked, left) => {
  expect(departures(asked)).toEqual(left);
});

it("lets never more than four leave within any second, whenever they ask", () => {
  fc.assert(
    fc.property(moments, (asked) => {
      const left = departures(asked);
      for (const from of left)
        expect(left.filter((at) => at >= from && at <= from + 1000).length).toBeLessThanOrEqual(4);
    }),
  );
});

it("keeps the order of asking, and nobody leaves before he asked or later than he must", () => {
  fc.assert(
    fc.property(moments, (asked) => {
      const left = departures(asked);
      for (const [n, at] of left.entries()) {
        const earliest = Math.max(asked[n] ?? 0, left[n - 1] ?? 0, n < 4 ? 0 : (left[n - 4] ?? 0) + 1001);
        expect(at).toBe(earliest);
      }
    }),
  );
});

it("remembers no more than it needs, however many have passed", () => {
  let gate: Gate = emptyGate;
  for (let n = 0; n < 1000; n++) [gate] = letThrough(gate, n);
  expect(gate).toHaveLength(4);
});

it("is not moved by who asks and does not leave", () => {
  const [gate] = letThrough(emptyGate, 0);
  expect([letThrough(gate, 10)[1], letThrough(gate, 10)[1]]).toEqual([10, 10]);
  expect(gate).toEqual([0]);
});
