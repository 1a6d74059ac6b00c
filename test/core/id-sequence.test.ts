import { expect, it } from "vitest";
import { type IdGap, noteId, reconnected, unknownSequence } from "../../main/core/events/id-sequence.ts";

const cut = Symbol("a reconnect");

/** The gaps that a stream of ids shows. */
function gapsOf(...ids: (string | null | typeof cut)[]): IdGap[] {
  let sequence = unknownSequence;
  return ids.flatMap((id) => {
    if (id === cut) {
      sequence = reconnected(sequence);
      return [];
    }
    const [after, gap] = noteId(sequence, id);
    sequence = after;
    return gap === null ? [] : [gap];
  });
}

const counting = (from: number, steps: number) => Array.from({ length: steps + 1 }, (_, n) => String(from + n));

it("reports what is missing over a reconnect once five steps in a row were seen", () => {
  expect(gapsOf(...counting(1, 5), cut, "9")).toEqual([{ from: "6", to: "9", missing: 2 }]);
  expect(gapsOf(...counting(1, 4), cut, "9")).toEqual([]);
});

it("reports what is missing within a connection only after twenty", () => {
  expect(gapsOf(...counting(1, 20), "23")).toEqual([{ from: "21", to: "23", missing: 1 }]);
  expect(gapsOf(...counting(1, 19), "23")).toEqual([]);
});

it("holds only the first id after a reconnect to five steps", () => {
  expect(gapsOf(...counting(1, 5), cut, "7", "9")).toEqual([]);
});

it("counts on over a reconnect that lost nothing", () => {
  expect(gapsOf(...counting(1, 3), cut, ...counting(5, 2), cut, "10")).toEqual([{ from: "7", to: "10", missing: 2 }]);
});

it.each([
  ["a step back: the server begins again", ["3"]],
  ["the same id again: events may share one", ["6"]],
  ["a name", ["six"]],
  ["a number with zeros in front", ["010"]],
  ["a fraction", ["9.5"]],
  ["a negative number", ["-9"]],
  ["a number beyond what can be counted", ["9007199254740993"]],
  ["no id", [null]],
  ["an empty id", [""]],
])("takes for no gap %s", (_, ids) => {
  expect(gapsOf(...counting(1, 5), cut, ...ids)).toEqual([]);
});

it("does not lose its count to events without id, or with the same one", () => {
  expect(gapsOf("1", null, "2", "2", "3", null, "4", "5", "6", cut, null, "9")).toHaveLength(1);
});

it("has the count proved anew after a leap, a step back and a name", () => {
  expect(gapsOf(...counting(1, 5), cut, "9", cut, "12")).toHaveLength(1);
  expect(gapsOf(...counting(1, 25), "3", "4", cut, "9")).toEqual([]);
  expect(gapsOf(...counting(1, 25), "x", "27", cut, "40")).toEqual([]);
});
