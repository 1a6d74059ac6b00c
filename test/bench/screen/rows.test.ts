/** What the rows of the bench say, and that what they are made from is what it should be. The measuring itself is screen.e2e.test.ts. */
import { expect, it } from "vitest";
import { cities, keptRecord, word } from "./kept-records.ts";
import { eventText } from "./origin.ts";
import { judged, quantile, ratios, table, told, unmeasured } from "./rows.ts";
import { questions, rightAnswer } from "./search-questions.ts";
import { latencies } from "./steady.ts";
import { readWish } from "./wish.ts";

const shape = { name: "a", unit: "ms" };

it("says the median, its ends, the bar, and whether the median keeps it", () => {
  expect(judged(shape, [30, 10, 50, 20, 40], { atMost: 30 })).toEqual({
    ...shape,
    value: 30,
    best: 10,
    worst: 50,
    runs: 5,
    bar: "≤ 30 ms",
    holds: true,
  });
  expect(judged(shape, [30, 10, 50, 20, 40], { atMost: 29 })).toMatchObject({ holds: false });
  expect(judged(shape, [30, 10, 50, 20, 40], { atLeast: 31 })).toMatchObject({ holds: false, best: 50, worst: 10 });
});

it("promises nothing of a rival, and does not let a promise hold that nobody could measure", () => {
  expect(told(shape, [1, 2, 3])).toMatchObject({ value: 2, bar: null, holds: null });
  expect(judged(shape, [], { atMost: 1 })).toMatchObject({ value: null, holds: false, runs: 0 });
  expect(judged(shape, [Number.NaN], { atMost: 1 })).toMatchObject({ value: null, holds: false });
  expect(unmeasured("a", "why")).toMatchObject({ value: null, holds: false, note: "why" });
});

it("shows a missed bar in the table", () => {
  const lines = table([judged(shape, [2], { atMost: 1 }), told(shape, [1234.5])]).split("\n");
  expect(lines[2]).toBe("| a | 2 ms | 2 | 2 | ≤ 1 ms | **no** |");
  expect(lines[3]).toContain("| a | 1,235 ms |");
});

it("compares run by run", () => {
  expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});

it("lets every event wait from its own write to the first paint that shows it or a later one", () => {
  const writes = [
    [0, 1000],
    [2, 1010],
  ] as const;
  // 0 and 1 wait 20 ms for the first paint, 2 waits 10 ms for it, 3 waits 30 ms for the second.
  const paints = [
    [2, 1020],
    [3, 1040],
  ] as const;
  expect(latencies({ writes }, paints)).toEqual({ p50: 20, p99: 30 });
});

it("floods with events of 180 bytes, whatever their number", () => {
  for (const n of [0, 9, 10, 499_999, 1_999_999]) expect(Buffer.byteLength(eventText(n))).toBe(180);
});

it("keeps words of which none begins another, each in one record of two thousand", () => {
  const words = new Set(Array.from({ length: 2000 }, (_, k) => word(k)));
  expect(words.size).toBe(2000);
  expect(new Set([...words].map((each) => each.length)).size).toBe(1);
  const holders = Array.from({ length: 4000 }, (_, n) => keptRecord(n, 0)).filter(({ data }) => data.includes(word(5)));
  expect(holders).toHaveLength(2);
});

it.each(questions)("knows whether $name finds anything", (question) => {
  const kept = { dataDir: "", count: 60_000, firstAt: 0 };
  const found = rightAnswer(question, 1, kept, 40);
  expect(found.length > 0).toBe(!question.name.startsWith("search-none"));
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  expect(cities).toHaveLength(7);
});

it.each([
  [["--json", "--qick"], '"--qick" is not known here'],
  [["--json", "flood"], '"flood" is not known here'],
  [["--json", "--runs", "no"], "--runs takes a whole number"],
  [["--json", "--only"], "--only takes names"],
])("refuses %j in words", (args, words) => {
  expect(() => readWish(args)).toThrow(words);
});

it("reads what is asked for", () => {
  const wish = { quick: false, table: true, only: ["flood", "idle"], seconds: 5, runs: null };
  expect(readWish(["--table", "--only", "flood,idle", "--seconds", "5"])).toEqual(wish);
});
