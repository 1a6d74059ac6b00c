import fc from "fast-check";
import { expect, it } from "vitest";
import { Counters, maxTypes, otherTypes } from "../../main/io/journal/journal-counters.ts";

const sum = (counters: Counters): number => counters.types().reduce((all, { count }) => all + count, 0);

it("lets a type go from where it was counted, also when its name got a place later", () => {
  const counters = new Counters(0, new Map());
  for (let n = 0; n < maxTypes; n++) counters.count(`t${n}`, 1);
  counters.count("late", 5);
  expect(counters.sums).toEqual({ named: 500, limit: 500, beyond: 5 });
  // A name goes, and the late one takes its place with what comes from then on.
  counters.count("t0", -1);
  counters.count("late", 2);
  expect(counters.types()).toContainEqual({ type: "late", count: 2 });
  // The old five and one of the new ones go: one is left, whoever it is counted with.
  counters.count("late", -5);
  counters.count("late", -1);
  expect([sum(counters), counters.types().filter(({ type }) => ["late", otherTypes].includes(type))]).toEqual([
    500,
    [{ type: otherTypes, count: 1 }],
  ]);
});

it("never loses or makes up an event, whatever comes and goes in the order of coming", () => {
  const names = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 600, maxLength: 1500 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 600 }), (types, kept) => {
      const counters = new Counters(0, new Map());
      for (const [at, type] of types.entries()) {
        counters.count(`t${type}`, 1);
        if (at >= kept) counters.count(`t${types[at - kept]}`, -1);
      }
      expect(sum(counters)).toBe(Math.min(kept, types.length));
      expect(counters.types().every(({ count }) => count > 0)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
