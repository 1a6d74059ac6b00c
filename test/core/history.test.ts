import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Cell,
  type Condition,
  conditions,
  type Delta,
  emptyHistory,
  type History,
  lastBeats,
  levels,
  note,
  query,
} from "../../main/core/quality/history.ts";
import { pack, unpack } from "../../main/core/quality/history-pack.ts";
import { summarize } from "../../main/core/quality/history-summary.ts";
import {
  addSample,
  coarse,
  fine,
  rangeOf,
  type Scale,
  type Sketch,
  sketchMedian,
} from "../../main/core/quality/sketch.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A whole day of UTC, so that what is noted "now" begins new buckets at all levels. */
const start = Date.UTC(2026, 10, 23);

const during = (state: Condition, fromUtc: number, toUtc: number): Delta => ({ type: "time", state, fromUtc, toUtc });
function of(...notes: [utcMs: number, delta: Delta][]): History {
  const history = emptyHistory();
  for (const [utcMs, delta] of notes) note(history, utcMs, delta);
  return history;
}
/** "step:count step:count" */
const sketchOf = (text: string): Sketch =>
  text.split(" ").map((pair) => {
    const [step = 0, count = 0] = pair.split(":").map(Number);
    return [step, count];
  });
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

it.each([
  ["1h", 60, minute],
  ["24h", 96, 15 * minute],
  ["7d", 168, hour],
  ["90d", 90, day],
] as const)("always gives all buckets of %s: %s of %s ms, the newest last", (span, count, spanMs) => {
  const buckets = query(emptyHistory(), span, start + 5 * hour + 7);
  expect(buckets).toHaveLength(count);
  expect(buckets.at(-1)?.at).toBe(Math.floor((start + 5 * hour + 7) / spanMs) * spanMs);
  expect(new Set(buckets.map((bucket) => bucket.spanMs))).toEqual(new Set([spanMs]));
  expect(new Set(buckets.map((bucket) => bucket.beat))).toEqual(new Set(["none"]));
});

it("splits time where buckets meet", () => {
  const history = of([start + 3 * minute, during("open", start + 30_000, start + 2 * minute + 10_000)]);
  const minutes = query(history, "1h", start + 3 * minute);
  expect(minutes.slice(-4).map(({ openMs }) => openMs)).toEqual([30_000, minute, 10_000, 0]);
  for (const { span } of levels)
    expect(sum(query(history, span, start + 3 * minute).map(({ openMs }) => openMs))).toBe(100_000);
});

it("counts what happens in the bucket of its moment", () => {
  const history = of(
    [start, { type: "attempt" }],
    [start, { type: "failure" }],
    [start + minute, { type: "attempt" }],
    [start + minute, { type: "opened", headersMs: 100 }],
    [start + minute, { type: "events", count: 3, bytes: 300 }],
    [start + minute, { type: "events", count: 1, bytes: 2 ** 40 }],
  );
  const [before, now] = query(history, "1h", start + minute).slice(-2);
  expect(before).toMatchObject({ attempts: 1, failures: 1, events: 0, headersMs: null, beat: "poor" });
  expect(now).toMatchObject({ attempts: 1, failures: 0, events: 4, bytes: 300 + 2 ** 40 });
  expect(query(history, "90d", start + minute).at(-1)).toMatchObject({ attempts: 2, failures: 1, events: 4 });
});

it("forgets what its rings have no room for, and no sooner", () => {
  const history = of([start, during("open", start - day, start)]);
  expect(sum(query(history, "1h", start).map(({ openMs }) => openMs))).toBe(59 * minute);
  expect(sum(query(history, "90d", start).map(({ openMs }) => openMs))).toBe(day);
  const later = start + 2 * hour;
  note(history, later, { type: "attempt" });
  expect(sum(query(history, "1h", later).map(({ openMs }) => openMs))).toBe(0);
  expect(sum(query(history, "24h", later).map(({ openMs }) => openMs))).toBe(day - 2 * hour - 15 * minute);
});

describe("when the clock jumps", () => {
  it("back, a minute that comes twice still has sixty seconds", () => {
    const history = of(
      [start + minute, during("open", start, start + minute)],
      [start + 40_000, during("down", start + 10_000, start + 40_000)],
    );
    const [bucket] = query(history, "1h", start + 59_999).slice(-1);
    expect([bucket?.openMs, bucket?.downMs]).toEqual([minute, 0]);
  });

  it("far ahead and back again, the mistake goes and the rest stays", () => {
    const history = of([start, during("open", start - minute, start)]);
    const wrong = start + 3650 * day + 30 * minute;
    note(history, wrong, during("down", wrong - 5 * minute, wrong));
    note(history, start + minute, during("open", start, start + minute));
    expect(lastBeats(history, start + minute, 3)).toEqual(["good", "good", "none"]);
    expect(query(history, "1h", start + minute).some(({ downMs }) => downMs > 0)).toBe(false);
    // Buckets of the future do not stand in the way when their slot's own time comes.
    for (let at = start + minute; at < start + hour; at += minute)
      note(history, at + minute, during("open", at, at + minute));
    expect(sum(query(history, "1h", start + hour).map(({ openMs }) => openMs))).toBe(59 * minute);
  });

  it("back by years, what is older than the rings is left out", () => {
    const history = of([start, during("open", start - minute, start)]);
    note(history, start, during("down", start - 400 * day, start - 399 * day));
    expect(sum(query(history, "90d", start).map(({ downMs }) => downMs))).toBe(0);
  });
});

it.each<[string, [state: Condition, seconds: number][], Delta[], string]>([
  ["nothing known", [], [], "none"],
  ["open", [["open", 60]], [], "good"],
  [
    "a tenth down",
    [
      ["open", 54],
      ["down", 6],
    ],
    [],
    "down",
  ],
  [
    "down for a moment",
    [
      ["open", 59],
      ["down", 1],
    ],
    [],
    "poor",
  ],
  ["a failure in no time", [["open", 60]], [{ type: "failure" }], "poor"],
  ["open but not good", [["open", 60]], [{ type: "poor" }], "poor"],
  [
    "mostly asleep",
    [
      ["open", 10],
      ["asleep", 50],
    ],
    [],
    "asleep",
  ],
  [
    "shortly asleep",
    [
      ["open", 50],
      ["asleep", 10],
    ],
    [],
    "good",
  ],
  [
    "mostly offline",
    [
      ["open", 20],
      ["offline", 40],
    ],
    [],
    "offline",
  ],
  [
    "mostly paused",
    [
      ["open", 20],
      ["paused", 40],
    ],
    [],
    "paused",
  ],
  [
    "mostly without the app",
    [
      ["open", 20],
      ["notRunning", 40],
    ],
    [],
    "none",
  ],
  [
    "shortly without the app",
    [
      ["open", 50],
      ["notRunning", 10],
    ],
    [],
    "good",
  ],
  [
    "down while it could, then asleep",
    [
      ["down", 5],
      ["asleep", 55],
    ],
    [],
    "down",
  ],
])("calls a minute with %s (%j): %s", (_, parts, more, beat) => {
  const history = emptyHistory();
  let at = start;
  for (const [state, seconds] of parts) {
    note(history, at + seconds * 1000, during(state, at, at + seconds * 1000));
    at += seconds * 1000;
  }
  for (const delta of more) note(history, start, delta);
  expect(lastBeats(history, start, 1)).toEqual([beat]);
});

it("knows the median time to headers within 5 %", () => {
  const history = emptyHistory();
  for (const headersMs of [80, 95, 100, 2000, 90]) note(history, start, { type: "opened", headersMs });
  const found = query(history, "1h", start).at(-1)?.headersMs ?? 0;
  expect(found / 95).toBeGreaterThan(0.95);
  expect(found / 95).toBeLessThan(1.05);
  const sketch: Sketch = [];
  for (let ms = 1; ms < 100_000; ms *= 1.3) addSample(sketch, coarse, ms);
  expect(sketch).toHaveLength(5);
  expect(sketchMedian([], coarse)).toBeNull();
  addSample(sketch, coarse, Number.MAX_VALUE);
  expect(sketch.at(-1)).toEqual([191, 1]);
  expect(sketchMedian(sketch, coarse)).toBeLessThan(100_000_000);
});

describe("a sketch", () => {
  const steps = (scale: Scale, from: string, ...added: number[]) => {
    const sketch = sketchOf(from);
    for (const step of added) addSample(sketch, scale, scale.firstMs * scale.factor ** step);
    return sketch.map(([step, count]) => `${step}:${count}`).join(" ");
  };
  it.each([
    ["10:1 20:1 34:1 40:1 60:1", [63], "10:1 20:1 34:1 40:1 60:2"],
    ["10:1 20:1 34:1 40:1 60:1", [50, 50, 63], "10:1 20:1 34:2 50:2 60:2"],
    ["10:1 20:1 34:1 57:1 60:3", [80], "10:1 20:1 34:1 60:4 80:1"],
    ["5:1022", [5, 5], "5:1023"],
  ])("of %s and steps %j joins the closest two, the fewer to the more: %s", (from, added, to) => {
    expect(steps(coarse, from, ...added)).toBe(to);
  });
  it.each([
    ["1:5 2:5 3:5 4:2 5:5 6:5 7:5 8:5", [0, 1], "0:3 1:6 2:5 3:5 5:5 6:5 7:5 8:5"],
    ["1:5 2:5 3:5 4:2 5:5 6:5 7:5 8:5", [0, 4], "1:5 2:5 3:5 4:4 5:5 6:5 7:5 8:5"],
  ])("of session lengths, %s and steps %j, gives the place of the rarest to what is new: %s", (from, added, to) => {
    expect(steps(fine, from, ...added)).toBe(to);
  });
  it("has the lower of two as its median", () => {
    expect(sketchMedian(sketchOf("0:1 50:1"), coarse)).toBe(1);
  });
});

/** Consecutive times in states, from `start` on, none overlapping. */
const days = fc.array(fc.record({ state: fc.constantFrom(...conditions), ms: fc.integer({ min: 1, max: 5 * hour }) }), {
  minLength: 1,
  maxLength: 40,
});
function timesOf(parts: readonly { state: Condition; ms: number }[]): { deltas: Delta[]; end: number } {
  let at = start + 12_345;
  const deltas = parts.map(({ state, ms }) => {
    at += ms;
    return during(state, at - ms, at);
  });
  return { deltas, end: at };
}
const total = (history: History, level: number) => {
  const cells = history.rings[level]?.slots.filter((cell) => cell !== undefined) ?? [];
  return sum(cells.flatMap((cell) => conditions.map((condition) => cell.sums[condition])));
};

it("loses no millisecond that its rings have room for, and invents none", () => {
  fc.assert(
    fc.property(days, (parts) => {
      const { deltas, end } = timesOf(parts);
      const history = of(...deltas.map((delta): [number, Delta] => [end, delta]));
      expect(total(history, 3)).toBe(sum(parts.map(({ ms }) => ms)));
      for (const [level, { widthMs, size }] of levels.entries()) {
        const oldest = (Math.floor(end / widthMs) - size + 1) * widthMs;
        expect(total(history, level)).toBe(end - Math.max(oldest, start + 12_345));
      }
    }),
  );
});

it("is the same whatever the order of what is noted", () => {
  const counts = fc.record({
    at: fc.integer({ min: 0, max: 58 * minute }),
    delta: fc.constantFrom<Delta>(
      { type: "attempt" },
      { type: "failure" },
      { type: "events", count: 2, bytes: 9 },
      { type: "poor" },
      { type: "opened", headersMs: 50 },
    ),
  });
  fc.assert(
    fc.property(days, fc.array(counts, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (parts, some, chance) => {
      const { deltas, end } = timesOf(parts);
      const notes = [
        ...deltas.map((delta): [number, Delta] => [end, delta]),
        ...some.map(({ at, delta }): [number, Delta] => [end - at, delta]),
      ];
      const shuffled = notes
        .map((one) => ({ one, key: chance.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
      expect(pack(of(...shuffled), end)).toEqual(pack(of(...notes), end));
    }),
  );
});

it("never holds more than a bucket's span, nor more buckets than its rings, whatever the clock does", () => {
  const anyTime = fc.integer({ min: start - 200 * day, max: start + 200 * day });
  const anyNote = fc.record({
    now: anyTime,
    from: anyTime,
    ms: fc.integer({ min: -hour, max: 3 * day }),
    state: fc.constantFrom(...conditions),
  });
  fc.assert(
    fc.property(fc.array(anyNote, { maxLength: 40 }), (notes) => {
      const history = of(
        ...notes.map(({ now, from, ms, state }): [number, Delta] => [now, during(state, from, from + ms)]),
      );
      for (const [level, { widthMs, size }] of levels.entries()) {
        const slots = history.rings[level]?.slots ?? [];
        expect(slots).toHaveLength(size);
        for (const cell of slots) {
          const ms = conditions.map((condition) => cell?.sums[condition] ?? 0);
          expect(Math.min(...ms)).toBeGreaterThanOrEqual(0);
          expect(sum(ms)).toBeLessThanOrEqual(widthMs);
        }
      }
      expect(unpack(pack(history, start))).toEqual({ history, countedTo: start, damaged: false });
    }),
  );
});

describe("packed", () => {
  /** Every bucket of every ring with as much in it as the rules of reconnecting and 10,000 events a second allow. */
  function full(): History {
    const history = emptyHistory();
    for (const { slots, widthMs } of history.rings) {
      const newest = Math.floor(start / widthMs);
      for (let index = newest - slots.length + 1; index <= newest; index++)
        slots[index % slots.length] = fullCell(index, widthMs);
    }
    return history;
  }
  function fullCell(index: number, widthMs: number): Cell {
    const ms = Math.floor(widthMs / 6) - 1;
    const attempts = (8 * widthMs) / minute;
    const events = 10_000 * (widthMs / 1000);
    const times = { open: ms, down: ms, paused: ms, asleep: ms, offline: ms, notRunning: ms };
    const counts = { attempts, failures: attempts, opens: attempts, unopened: attempts, gaps: attempts };
    const sums = { ...times, ...counts, events, bytes: events * 200, poor: 1, slowest: widthMs };
    const each = (steps: number[]): Sketch => steps.map((step) => [step, Math.min(1023, Math.ceil(attempts / 5))]);
    const five = [20, 40, 80, 120, 190];
    const eight = [100, 120, 130, 140, 150, 160, 180, 200];
    return { index, sums, headers: each(five), recoveries: each(five), sessions: each(eight) };
  }

  it("and unpacked it is the same, and under 52 kB however full", () => {
    const history = full();
    const snapshot = pack(history, start);
    expect(JSON.stringify(snapshot).length).toBeLessThan(52_000);
    expect(JSON.stringify(snapshot).length).toBeGreaterThan(40_000);
    expect(unpack(JSON.parse(JSON.stringify(snapshot)))).toEqual({ history, countedTo: start, damaged: false });
    const empty = emptyHistory();
    expect(unpack(pack(empty, 7))).toEqual({ history: empty, countedTo: 7, damaged: false });
  });

  it("by version 1 it is read with all that was in it", () => {
    const { history, countedTo, damaged } = unpack(version1);
    expect([countedTo, damaged]).toEqual([null, false]);
    expect(query(history, "24h", start + 45 * minute).slice(-4)).toMatchObject([
      { beat: "good", openMs: 900_000, attempts: 1, failures: 0, headersMs: 97 },
      {
        beat: "poor",
        openMs: 893_000,
        downMs: 7000,
        attempts: 1,
        failures: 1,
        events: 70,
        bytes: 123_456,
        headersMs: 405,
      },
      { beat: "asleep", asleepMs: 600_000, offlineMs: 60_000, pausedMs: 240_000, attempts: 0, headersMs: null },
      { beat: "none" },
    ]);
    expect(query(history, "90d", start).at(-1)).toMatchObject({ openMs: 1_793_000, notRunningMs: 0, gaps: 0 });
    const { sessions, successRate, coveredMs } = summarize(history, "7d", start + 45 * minute);
    expect([sessions, successRate, coveredMs]).toEqual([[], null, 45 * minute]);
  });

  const { rings: some } = pack(of([start, during("open", start - minute, start)]), start);
  const [ring = ""] = some;
  const rings = (first: unknown, version = 2) => ({ version, countedTo: start, rings: [first, "", "", ""] });
  it.each<[string, unknown]>([
    ["null", null],
    ["text", "x"],
    ["no rings", { version: 2, countedTo: start }],
    ["another version", { ...pack(emptyHistory(), start), version: 3 }],
    ["no moment", { version: 2, rings: some }],
    ["a moment that is none", { version: 2, countedTo: Number.NaN, rings: some }],
    ["a ring too few", { version: 2, countedTo: start, rings: ["", "", ""] }],
    ["a ring of another kind", rings(7)],
    ["letters that are none", rings("A*")],
    ["a text cut short", rings(ring.slice(0, -1))],
    ["a number without end", rings("z".repeat(99))],
    ["a bucket twice", rings(ring + ring.replace(/^\S/, "A"))],
    ["more time than a minute has", rings(`BB${"ggggB"}`)],
    ["what its version did not know", rings("BgggBB", 1)],
    ["a flood", rings("BA".repeat(30_000))],
  ])("it is refused when it holds %s", (_, snapshot) => {
    expect(unpack(snapshot)).toEqual({ history: emptyHistory(), countedTo: null, damaged: true });
  });

  it.each<[string, Partial<Cell>]>([
    ["headers beyond the scale", { headers: [[192, 1]] }],
    ["recoveries beyond the scale", { recoveries: [[192, 1]] }],
    ["sessions beyond the scale", { sessions: [[325, 1]] }],
    ["a count beyond the limit", { sessions: [[5, 1024]] }],
    ["more steps than fit", { sessions: Array.from({ length: 9 }, (_, step) => [step, 1]) }],
    ["steps out of order", { headers: sketchOf("9:1 8:1") }],
  ])("it is refused when a bucket holds %s", (_, change) => {
    const history = of([start, { type: "attempt" }]);
    const { slots } = history.rings[3] ?? { slots: [] };
    const at = slots.findIndex((cell) => cell !== undefined);
    const cell = slots[at];
    if (cell !== undefined) slots[at] = { ...cell, ...change };
    expect(unpack(pack(history, start)).damaged).toBe(true);
  });

  it("it never throws and never holds too much, whatever the text", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."ABCDgh-_019"), maxLength: 200 });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 4, maxLength: 4 }), fc.constantFrom(1, 2), (texts, version) => {
        const { history } = unpack({ version, countedTo: start, rings: texts });
        for (const { slots, widthMs } of history.rings) {
          for (const cell of slots)
            expect(sum(conditions.map((condition) => cell?.sums[condition] ?? 0))).toBeLessThanOrEqual(widthMs);
        }
        expect(() => query(history, "90d", start)).not.toThrow();
        expect(() => summarize(history, "90d", start)).not.toThrow();
      }),
    );
  });
});

describe("lengths of sessions", () => {
  const lengths = (...ms: number[]) => {
    const history = emptyHistory();
    for (const lengthMs of ms) note(history, start, { type: "session", lengthMs });
    return summarize(history, "24h", start).sessions;
  };

  it("of 55, 60 and 65 seconds are told apart", () => {
    expect(lengths(55_000, 60_000, 60_100, 65_000).map(({ count }) => count)).toEqual([1, 2, 1]);
  });

  it.each([5, 10, 15, 20, 30, 45, 60, 90, 100, 120, 300, 600, 900, 3600])(
    "around %s s do not fall into two",
    (seconds) => {
      expect(lengths(seconds * 990, seconds * 1000, seconds * 1010)).toMatchObject([{ count: 3 }]);
    },
  );

  it("lie between the ends of their step, which meet", () => {
    for (const ms of [0, 70, 4000, 60_000, 86_400_000]) {
      const [found] = lengths(ms);
      expect(found?.fromMs).toBeLessThanOrEqual(ms);
      expect(found?.toMs).toBeGreaterThan(ms);
    }
    expect(rangeOf(fine, 100).toMs).toBe(rangeOf(fine, 101).fromMs);
  });

  it("keep their peaks however many others there are", () => {
    const random = Array.from({ length: 60 }, (_, i) => 500 * 1.13 ** i);
    const found = lengths(...random, ...Array.from({ length: 40 }, () => 60_000));
    expect(found).toHaveLength(8);
    const [peak] = found.sort((a, b) => b.count - a.count);
    expect([peak?.fromMs, peak?.toMs].map((ms) => Math.round((ms ?? 0) / 1000))).toEqual([58, 62]);
    expect(sum(found.map(({ count }) => count))).toBe(100);
  });
});

describe("a summary", () => {
  it("of nothing knows nothing", () => {
    expect(summarize(emptyHistory(), "7d", start)).toEqual({
      coveredMs: 0,
      openShare: 0,
      downShare: 0,
      asleepShare: 0,
      offlineShare: 0,
      pausedShare: 0,
      notRunningShare: 0,
      successRate: null,
      meanIntervalMs: null,
      recoveryP50Ms: null,
      recoveryMaxMs: null,
      sessions: [],
      gaps: 0,
    });
  });

  it("sums its shares to the whole of the time it covers", () => {
    fc.assert(
      fc.property(days, (parts) => {
        const { deltas, end } = timesOf(parts);
        const history = of(...deltas.map((delta): [number, Delta] => [end, delta]));
        for (const { span } of levels) {
          const found = summarize(history, span, end);
          const { openShare, downShare, asleepShare, offlineShare, pausedShare, notRunningShare } = found;
          expect(openShare + downShare + asleepShare + offlineShare + pausedShare + notRunningShare).toBeCloseTo(1, 9);
        }
        expect(summarize(history, "90d", end).coveredMs).toBe(sum(parts.map(({ ms }) => ms)));
      }),
    );
  });

  it("counts over all buckets of its span, and only those", () => {
    const long = start + 5 * hour;
    const history = of(
      [start, { type: "attempt" }],
      [start, { type: "unopened" }],
      [start, { type: "failure" }],
      [start, during("down", start - 10_000, start)],
      [start + hour, { type: "attempt" }],
      [start + hour, { type: "opened", headersMs: 30 }],
      [start + hour, { type: "recovered", recoveryMs: 10_000 }],
      [start + 3 * hour, during("open", start, start + 3 * hour)],
      [start + 3 * hour, { type: "failure" }],
      [start + 3 * hour, { type: "attempt" }],
      [start + 3 * hour, { type: "opened", headersMs: 30 }],
      [start + 3 * hour, { type: "recovered", recoveryMs: 400_000 }],
      [start + 3 * hour, { type: "gap" }],
      [start + 3 * hour, { type: "attempt" }],
      [start + 3 * hour, { type: "opened", headersMs: 30 }],
      [start + 3 * hour, { type: "recovered", recoveryMs: 9000 }],
      [long, during("asleep", start + 3 * hour, long)],
    );
    const found = summarize(history, "24h", long);
    expect(found).toMatchObject({ successRate: 0.75, recoveryMaxMs: 400_000, gaps: 1 });
    // A night asleep does not make a storm rare.
    expect(found.meanIntervalMs).toBe((3 * hour + 10_000) / 4);
    expect((found.recoveryP50Ms ?? 0) / 10_000).toBeCloseTo(1, 1);
    expect(summarize(history, "1h", long)).toMatchObject({ successRate: null, meanIntervalMs: null, asleepShare: 1 });
  });

  it("has no interval of one attempt, and no median recovery above the longest", () => {
    const history = of([start, { type: "attempt" }], [start, { type: "recovered", recoveryMs: 9000 }]);
    const { meanIntervalMs, recoveryP50Ms, recoveryMaxMs } = summarize(history, "1h", start);
    expect([meanIntervalMs, recoveryMaxMs]).toEqual([null, 9000]);
    expect(recoveryP50Ms).toBeLessThanOrEqual(9000);
  });
});

/** Forty-five minutes as version 1 wrote them: open, an outage of 7 s, asleep, offline, paused. */
const version1 = {
  version: 1,
  rings: [
    "g8lxcpgBgz6BBBwBBBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BBBgz6BB5xBo4zBB46GBBB_BBBBgz6BBBgz6BBBgz6BBBgz6BBHgz6BmCgy4DBBgz6BBBgz6BBBgz6BBBgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgEgz6BBgCgz6BBgIgz6BBgIgz6BBgIgz6BBgIgz6B",
    "gk88BpgBg9ubBBwBBB_xBoiobmCgy4DB46GBBB_BBBgOgz6Bg-pSgsqH",
    "ghnP__Bo_22BmCgy4DC46GBgz6Bg-pSgsqHBCwBB_BB",
    "spU__Bo_22BmCgy4DC46GBgz6Bg-pSgsqHBCwBB_BB",
  ],
};
