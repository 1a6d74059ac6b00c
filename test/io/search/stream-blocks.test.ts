/** Which blocks the index has, after a start: found again by their numbers and times, whole or in parts, whatever else is left in it. */
import { expect, it } from "vitest";
import type { SourceBlock } from "../../../main/io/journal/search/block-source.ts";
import { StreamBlocks } from "../../../main/io/journal/search/stream-blocks.ts";

/** Records `first` to `last`, a millisecond apart. */
const block = (first: number, last: number): SourceBlock => ({
  first,
  last,
  count: last - first + 1,
  fromAt: 1000 + first,
  toAt: 1000 + last,
  kept: true,
});

it("finds again what it has, as it is or in parts, and gives up the rest", () => {
  const [a, merged, c, unknown] = [block(1, 4), block(5, 12), block(20, 24), block(30, 34)];
  const parts = [block(5, 8), block(9, 12)];
  const other = { ...block(20, 24), toAt: 9999 };
  const known = new StreamBlocks([a, merged, c, unknown], [block(1, 4), ...parts, other, block(40, 44)]);
  expect(known.recall()).toEqual([{ parts, into: merged }]);
  expect([a, merged, c, unknown].map((one) => known.isIndexed(one))).toEqual([true, true, false, false]);
  expect(known.takeGone()).toEqual([other, block(40, 44)]);
});

it("finds the parts of a merged block however they went", () => {
  const parts = [block(1, 4), block(5, 8), block(9, 12)];
  const known = new StreamBlocks(parts, []);
  for (const part of parts) known.markIndexed(part);
  known.remove([9]);
  known.remove([1, 5]);
  const whole = block(1, 12);
  expect(known.add(whole)).toEqual([{ parts, into: whole }]);
  expect(known.isIndexed(whole)).toBe(true);
  expect(known.takeGone()).toEqual([]);
});

it("looks at each of many blocks once, not at all of them for each", () => {
  let looked = 0;
  const taken = Array.from({ length: 4000 }, (_, n) => {
    const { first, ...rest } = block(n * 10, n * 10 + 9);
    return Object.defineProperty({ ...rest, first }, "first", {
      get: () => {
        looked++;
        return first;
      },
    });
  });
  const blocks = taken.map((_, n) => block(n * 10, n * 10 + 9));
  const known = new StreamBlocks(blocks, taken);
  expect(known.recall()).toEqual([]);
  expect(known.behind).toBe(0);
  expect(looked).toBeLessThan(blocks.length * 40);
});
