import * as fc from "fast-check";
import { expect, it } from "vitest";
import { packBlock } from "../../main/io/journal/block-pack.ts";
import { numbered } from "../../main/io/journal/journal-blocks.ts";
import { countBySummary, predicate } from "../../main/io/journal/journal-filter.ts";
import type { Filter } from "../../preload/contract.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";

const types = ["message", "price"];
const records = fc.array(
  fc
    .tuple(fc.constantFrom(...types), fc.nat(4), fc.nat(9))
    .map(([type, receivedAt, kind]) => (kind === 0 ? aMark({ at: receivedAt }) : anEvent({ type, receivedAt }))),
  { minLength: 1, maxLength: 8 },
);
const filter = fc.record({
  types: fc.subarray(types),
  text: fc.constantFrom("", "", "hello", "nothing"),
  path: fc.constant(""),
  from: fc.option(fc.nat(5)),
  to: fc.option(fc.nat(5)),
});

it("says by a block's summary only what a look into it says too", () => {
  fc.assert(
    fc.property(records, filter, (given, wanted) => {
      const { entry, block } = numbered(packBlock(given));
      const isMatch = predicate(wanted);
      const matching = given.filter((_, i) => isMatch(block, i)).length;
      expect([null, matching]).toContain(countBySummary(entry, wanted));
    }),
    { numRuns: 500 },
  );
});

it("knows it without a look for types, and for times that hold all of it or nothing", () => {
  const { entry } = numbered(
    packBlock([aMark({ at: 5 }), anEvent({ receivedAt: 5 }), anEvent({ type: "price", receivedAt: 7 })]),
  );
  const told = (change: Partial<Filter>) => countBySummary(entry, { ...everything, ...change });
  expect([told({}), told({ types: ["price"] }), told({ types: ["trade"] })]).toEqual([3, 1, 0]);
  expect([told({ from: 5, to: 8 }), told({ from: 8 }), told({ to: 5 })]).toEqual([2, 0, 0]);
  expect([told({ from: 6 }), told({ to: 7 }), told({ text: "hello" })]).toEqual([null, null, null]);
});
