/** Grades and rates from attempts, times to headers, lag and recoveries. */
import { describe, expect, it } from "vitest";
import {
  emptyQuality,
  errorRate,
  factorOf,
  gradeOf,
  meanIntervalMs,
  median,
  noteQuality,
  type Quality,
  type QualityEvent,
  successRate,
} from "../../main/core/quality/quality.ts";

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

it.each([
  ["EXCELLENT", 0.5],
  ["GOOD", 1],
  ["FAIR", 1.5],
  ["POOR", 3],
  ["UNKNOWN", 1],
] as const)("a connection that was %s has its first delays multiplied by %s", (grade, factor) => {
  expect(factorOf(grade)).toBe(factor);
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
it.each([1, 2])("is good at first: %s times to headers, however long, say nothing yet", (opens) => {
  expect(gradeOf(mix(5000, opens, 0), 20_000)).toBe("GOOD");
  expect(gradeOf(mix(5000, 3, 0), 20_000)).toBe("POOR");
});
it("counts every failure into the rate, and an open connection without a recent attempt as faultless", () => {
  const stumble = note([
    [0, attempted],
    [5, failed],
    [900, attempted],
    [920, opened(20)],
  ]);
  expect([1000, 300_005, 300_006, 300_901].map((now) => errorRate(stumble, now))).toEqual([0.5, 0.5, 0, 0]);
});
it("dates a failure by when it happened, however long the connection had been open", () => {
  const old = note([
    [0, attempted],
    [10, opened(10)],
    [3_600_000, lost],
    [3_601_000, attempted],
    [3_601_010, opened(10)],
  ]);
  expect([3_601_100, 3_900_000, 3_900_001].map((now) => errorRate(old, now))).toEqual([0.5, 0.5, 0]);
  expect(meanIntervalMs(old)).toBe(3_601_000);
});
it("takes a planned end for no failure and for no outage", () => {
  const planned = note(
    [
      [20_500, attempted],
      [20_520, opened(20)],
    ],
    mix(20, 3, 0),
  );
  expect([errorRate(planned, 21_000), planned.failedEver, planned.recoveriesMs]).toEqual([0, 0, []]);
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

describe("lag", () => {
  const minute = 60_000;
  /** The server's clock is a day behind ours and has nothing to do with the monotonic one. */
  const stamp = (madeAt: number): QualityEvent => ({ type: "stamped", stampedAt: madeAt + 1_700_000_000_001 });
  /** An event a second from `from` on, each `lateMs` late. */
  const events = (from: number, count: number, lateMs: number) =>
    Array.from({ length: count }, (_, i) => [from + i * 1000, stamp(from + i * 1000 - lateMs)] as const);
  const open = note([
    [0, attempted],
    [20, opened(20)],
  ]);
  const samples = (quality: Quality) => quality.lag?.samplesMs ?? [];

  it("is how much later than at best an event is, so that a wrong clock is none", () => {
    const quality = note([...events(0, 2, 30), ...events(2000, 5, 30), ...events(7000, 5, 330)], open);
    expect(samples(quality)).toEqual([0, 0, 0, 0, 0, 300, 300, 300, 300, 300]);
    expect(gradeOf(note(events(1000, 5, -86_400_000), open), 7000)).toBe("EXCELLENT");
  });

  it("takes the part of a second that a server leaves out of its stamps for no latency", () => {
    const whole = (at: number) => Math.floor(at / 1000) * 1000;
    const arrivals = Array.from({ length: 10 }, (_, i) => 1000 + i * 1370);
    const stamped = (second: (at: number) => number) =>
      arrivals.map((at) => [at, { type: "stamped", stampedAt: second(at) + 1_700_000_000_000 }] as const);
    expect(samples(note(stamped(whole), open))).toEqual(arrivals.map(() => 0));
    expect(Math.max(...samples(note([[900, stamp(895)], ...stamped(whole)], open)))).toBeGreaterThan(500);
  });

  it.each([
    [99, "EXCELLENT"],
    [100, "GOOD"],
    [500, "FAIR"],
    [2000, "POOR"],
  ])("of %s ms makes a connection %s, however fast it opened", (lateMs, grade) => {
    const fast = mix(20, 5, 0);
    expect(gradeOf(note([...events(20_000, 1, 0), ...events(21_000, 10, lateMs)], fast), 31_000)).toBe(grade);
  });

  it("does not make up for slow openings", () => {
    expect(gradeOf(note(events(20_000, 10, 0), mix(1000, 5, 0)), 31_000)).toBe("FAIR");
  });

  it("is measured against the best of the last ten minutes, and not of longer ago", () => {
    const late = (from: number, minutes: number) => events(from, minutes * 60, 700);
    const held = note([...events(1000, 1, 0), ...late(2000, 8)], open);
    expect(samples(held).at(-1)).toBe(700);
    expect(held.lag?.earlier.length).toBeLessThanOrEqual(9);
    const longer = note(late(2000 + 8 * minute, 4), held);
    expect(samples(longer).at(-1)).toBe(0);
    expect(longer.lag?.earlier.length).toBe(9);
  });

  it("of a burst is that of its first event", () => {
    const burst = Array.from({ length: 50 }, (_, i) => [5000 + i, stamp(4000 + 20 * i)] as const);
    const quality = note([...events(1000, 3, 0), ...burst, [6000, stamp(6000)]], open);
    expect(samples(quality)).toEqual([0, 0, 0, 1000, 0]);
  });

  it("is never below none: what comes earlier than anything before it is the new best, in a burst too", () => {
    const sooner = Array.from({ length: 30 }, (_, i) => [5000 + i, stamp(4000 + 40 * i)] as const);
    const quality = note([...events(1000, 2, 500), ...events(3000, 2, 200), ...sooner, [6000, stamp(6000)]], open);
    expect(samples(quality)).toEqual([0, 0, 0, 0, 800, 131]);
  });

  it("keeps its grade where the user asks for another connection in the place of an open one", () => {
    const before = note([...events(1000, 1, 0), ...events(2000, 9, 600)], open);
    const again = [
      [11_500, attempted],
      [11_520, opened(20)],
    ] as const;
    expect(gradeOf(note(again, before), 11_520)).toBe("FAIR");
  });

  it("costs nothing where an event says nothing new", () => {
    const quality = note(events(1000, 3, 0), open);
    expect(noteQuality(quality, stamp(3049), 3050)).toBe(quality);
    expect(noteQuality(quality, stamp(3049), 3101)).not.toBe(quality);
  });

  it.each([
    ["back", -3_600_000],
    ["forward", 3_600_000],
  ])("does not grow when the server's clock is set %s", (_, byMs) => {
    const steady = note(events(1000, 20, 40), open);
    const set = Array.from(
      { length: 10 },
      (__, i) => [21_000 + i * 1000, stamp(21_000 + i * 1000 - 40 + byMs)] as const,
    );
    expect(gradeOf(note(set, steady), 31_000)).toBe("EXCELLENT");
  });

  it("is begun anew when a connection opens: what comes first was made while there was none", () => {
    const before = note([...events(1000, 1, 0), ...events(2000, 9, 600)], open);
    expect(gradeOf(before, 11_000)).toBe("FAIR");
    const after = note(
      [
        [11_500, attempted],
        [11_520, opened(20)],
      ],
      before,
    );
    expect(gradeOf(after, 11_520), "the last grade stays until there is a new one").toBe("FAIR");
    const caughtUp = Array.from({ length: 40 }, (_, i) => [12_000 + 110 * i, stamp(2000 + 360 * i)] as const);
    expect(gradeOf(note(caughtUp, after), 17_000)).toBe("EXCELLENT");
  });
});

it("an outage does not judge the connection that it ended", () => {
  const good = mix(20, 3, 0);
  const stamps = [1, 2, 3].map((n) => [n * 1000 + 3000, { type: "stamped", stampedAt: n * 1000 }] as const);
  const before = note([[3000, attempted], [3020, opened(5000)], ...stamps], { ...good, headersMs: [] });
  expect(gradeOf(before, 7000)).toBe("EXCELLENT");
  const outage = Array.from({ length: 9 }, (_, i) => [8000 + 2 * i, i % 2 === 0 ? failed : attempted] as const);
  const again = note([...outage, [9000, attempted], [9050, opened(50)]], before);
  expect([gradeOf(again, 9050), errorRate(again, 9050)]).toEqual(["EXCELLENT", 5 / 9]);
});
