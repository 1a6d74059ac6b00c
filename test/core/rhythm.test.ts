/** What is learned of the gaps between bytes, and when nothing is. */
import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import {
  doubted,
  heardAfter,
  observeGap,
  p95GapMs,
  type Rhythm,
  undoubted,
  unknownRhythm,
} from "../../main/core/connection/rhythm.ts";

const learn = (gaps: readonly number[], from: Rhythm = unknownRhythm) => gaps.reduce(observeGap, from);
const repeat = (gap: number, n: number) => new Array<number>(n).fill(gap);

it.each([
  ["nothing", []],
  ["four gaps, however long", repeat(60_000, 4)],
  ["many gaps that fill less than 5 s", repeat(1, 4000)],
  ["pieces of one arrival", repeat(0, 1000)],
  ["four gaps, and pieces of one arrival", [...repeat(60_000, 4), ...repeat(0, 1000)]],
])("knows nothing after %s", (_, gaps) => expect(p95GapMs(learn(gaps))).toBeNull());

it.each([1, 10, 250, 1000, 5000, 20_000, 600_000])(
  "takes a steady gap of %s ms for what it is, at most 41 % too long",
  (gap) => {
    const p95 = p95GapMs(learn(repeat(gap, Math.max(5, Math.ceil(5000 / gap))))) ?? 0;
    expect(p95).toBeGreaterThanOrEqual(gap);
    expect(p95).toBeLessThanOrEqual(Math.ceil(gap * Math.SQRT2));
  },
);

it("does not let a burst of a thousand events drown the minute between bursts", () => {
  const bursts = Array.from({ length: 6 }, () => [...repeat(2, 1000), 60_000]).flat();
  expect(p95GapMs(learn(bursts))).toBeGreaterThanOrEqual(60_000);
});

it("lets a rhythm that is over fade", () => {
  expect(p95GapMs(learn(repeat(1000, 7200), learn(repeat(60_000, 20))))).toBeLessThan(2000);
});

it("stays finite, of one size and monotonic for any gaps", () => {
  assert(
    property(array(integer({ min: -5, max: 2 ** 31 }), { maxLength: 60 }), (gaps) => {
      const rhythm = learn(gaps);
      expect(rhythm.weights).toHaveLength(48);
      expect(rhythm.weights.every((w) => Number.isFinite(w) && w >= 0)).toBe(true);
      expect(rhythm.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(rhythm.totalMs, 3);
      expect(p95GapMs(rhythm) ?? 1).toBeGreaterThan(0);
    }),
  );
});

it("leaves the rhythm it was given as it was", () => {
  const before = JSON.stringify(unknownRhythm);
  learn(repeat(1000, 10));
  expect(JSON.stringify(unknownRhythm)).toBe(before);
});

it.each([
  ["a greeting says nothing of it", 14_999, true, 0],
  ["what comes first after 15 s is no greeting", 15_000, true, 1],
  ["what comes later counts however soon it does", 10, false, 1],
])("%s: %s ms after the headers, first: %s", (_, gapMs, isFirst, gaps) => {
  expect(heardAfter(unknownRhythm, 1000, isFirst, 1000 + gapMs).gaps).toBe(gaps);
});

it.each([
  [600_000, 600_000],
  [5 * 3_600_000, 4 * 3_600_000],
])(
  "a silence of %s ms that cost a connection and then ended by itself was the stream's own, up to four hours",
  (silenceMs, quietMs) => {
    const since = 7000;
    const doubting = doubted(unknownRhythm, since, since + 300_000);
    const heard = heardAfter(doubting, since + silenceMs - 100_000, true, since + silenceMs);
    expect(heard).toMatchObject({ quietMs, doubtSince: null, totalMs: silenceMs });
  },
);

it("has nothing to forget where no silence was in doubt", () => {
  expect(undoubted(unknownRhythm)).toBe(unknownRhythm);
});
