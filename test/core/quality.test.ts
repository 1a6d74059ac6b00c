/** Grades and rates from attempts, times to headers and recoveries. */
import { expect, it } from "vitest";
import {
  emptyQuality,
  errorRate,
  gradeOf,
  meanIntervalMs,
  median,
  noteQuality,
  type Quality,
  type QualityEvent,
  successRate,
} from "../../main/core/quality.ts";

const note = (script: readonly (readonly [number, QualityEvent])[], from: Quality = emptyQuality) =>
  script.reduce((quality, [at, one]) => noteQuality(quality, one, at), from);
const attempted: QualityEvent = { type: "attempted" };
const failed: QualityEvent = { type: "failed", wasOpen: false };
const lost: QualityEvent = { type: "failed", wasOpen: true };
const opened = (headersMs: number): QualityEvent => ({ type: "opened", headersMs });
/** `good` attempts that opened in `ms`, and `bad` that failed, one a second. */
const mix = (ms: number, good: number, bad: number) =>
  note(
    Array.from({ length: good + bad }, (_, i) => i).flatMap(
      (i) =>
        [
          [i * 1000, attempted],
          [i * 1000 + ms, i < bad ? failed : opened(ms)],
        ] as const,
    ),
  );

it.each([
  [99, 10, 0, "EXCELLENT"],
  [100, 10, 0, "GOOD"],
  [99, 9, 1, "GOOD"],
  [499, 8, 2, "GOOD"],
  [500, 8, 2, "FAIR"],
  [99, 7, 3, "FAIR"],
  [1999, 6, 4, "FAIR"],
  [2000, 10, 0, "POOR"],
  [50, 5, 5, "POOR"],
])("headers in %s ms, %s opened and %s failed: %s", (ms, good, bad, grade) => {
  expect(gradeOf(mix(ms, good, bad), 20_000)).toBe(grade);
});

it("knows nothing before the first success", () => {
  expect(gradeOf(mix(50, 0, 5), 10_000)).toBe("UNKNOWN");
  expect(gradeOf(emptyQuality, 0)).toBe("UNKNOWN");
});
it("takes the end of an open connection for a failure of its attempt", () => {
  const round = (at: number) =>
    [
      [at, attempted],
      [at + 10, opened(10)],
      [at + 500, lost],
    ] as const;
  expect(errorRate(note([...round(0), ...round(1000), ...round(2000)]), 2600)).toBe(1);
});
it("makes no rate of fewer than three attempts: one stumble is no bad connection", () => {
  const stumble = note([
    [0, attempted],
    [5, failed],
    [900, attempted],
    [920, opened(20)],
  ]);
  expect([errorRate(stumble, 1000), gradeOf(stumble, 1000)]).toEqual([0, "EXCELLENT"]);
});
it("judges no attempt that is still under way", () => {
  expect(successRate(note([[0, attempted]]))).toBeNull();
  expect(
    successRate(
      note([
        [0, attempted],
        [9, failed],
        [50, attempted],
        [60, opened(10)],
        [99, lost],
      ]),
    ),
  ).toBe(0.5);
});
it("looks back five minutes", () => {
  const bad = mix(10, 0, 4);
  expect(errorRate(bad, 10_000)).toBe(1);
  expect(errorRate(bad, 400_000)).toBe(0);
});
it("measures a recovery from the first failure to the next opening", () => {
  const quality = note([
    [0, attempted],
    [5, failed],
    [2000, attempted],
    [2010, failed],
    [9000, attempted],
    [9005, opened(5)],
    [9100, failed],
    [9200, attempted],
    [9300, opened(9)],
  ]);
  expect(quality.recoveriesMs).toEqual([9000, 200]);
});
it("does not take an outage that the user ended for a recovery", () => {
  expect(
    note([
      [0, attempted],
      [5, failed],
      [6, { type: "stopped" }],
      [9000, attempted],
      [9005, opened(5)],
    ]).recoveriesMs,
  ).toEqual([]);
});
it("keeps a bounded past", () => {
  const quality = mix(10, 500, 500);
  const recovered = note(
    Array.from(
      { length: 200 },
      (_, i) =>
        [
          [i, failed],
          [i, opened(1)],
        ] as const,
    ).flat(),
    quality,
  );
  expect([quality.attempts.length, quality.headersMs.length, recovered.recoveriesMs.length]).toEqual([64, 10, 20]);
});
it("counts success and the mean interval since the start", () => {
  expect(successRate(emptyQuality)).toBeNull();
  expect(successRate(mix(10, 3, 1))).toBe(0.75);
  expect(meanIntervalMs(emptyQuality)).toBeNull();
  expect(meanIntervalMs(mix(10, 1, 0))).toBeNull();
  expect(meanIntervalMs(mix(10, 5, 0))).toBe(1000);
});
it.each([
  [[], null],
  [[7], 7],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2],
])("the middle of %j is %s", (values, middle) => {
  expect(median(values)).toBe(middle);
});
it("a failure without an attempt is no attempt", () => {
  expect(note([[0, failed]]).attempts).toEqual([]);
});
