import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Condition,
  type Delta,
  emptyHistory,
  type History,
  lastBeats,
  levels,
  note,
  query,
} from "../../main/core/history.ts";
import { pack, unpack } from "../../main/core/history-pack.ts";
import { addSample, type Sketch, sketchMedian } from "../../main/core/sketch.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A whole day of UTC, so that what is noted "now" begins new buckets at all levels. */
const start = Date.UTC(2026, 10, 23);
const conditions: readonly Condition[] = ["open", "down", "paused", "asleep", "offline"];

const during = (state: Condition, fromUtc: number, toUtc: number): Delta => ({ type: "time", state, fromUtc, toUtc });
function of(...notes: [utcMs: number, delta: Delta][]): History {
  const history = emptyHistory();
  for (const [utcMs, delta] of notes) note(history, utcMs, delta);
  return history;
}
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
  for (let ms = 1; ms < 100_000; ms *= 1.3) addSample(sketch, ms);
  expect(sketch).toHaveLength(5);
  expect(sketchMedian([])).toBeNull();
  addSample(sketch, Number.MAX_VALUE);
  expect(sketchMedian(sketch)).toBeLessThan(100_000_000);
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
      expect(pack(of(...shuffled))).toEqual(pack(of(...notes)));
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
      expect(unpack(pack(history))).toEqual({ history, damaged: false });
    }),
  );
});

describe("packed", () => {
  /** Every bucket of every ring with as much in it as the rules of reconnecting and 10,000 events a second allow. */
  function full(): History {
    const history = emptyHistory();
    for (const { slots, widthMs } of history.rings) {
      const newest = Math.floor(start / widthMs);
      for (let index = newest - slots.length + 1; index <= newest; index++) {
        const fifth = Math.floor(widthMs / 5) - 1;
        const attempts = (8 * widthMs) / minute;
        const events = 10 * widthMs;
        const each = Math.min(1023, Math.ceil(attempts / 5));
        slots[index % slots.length] = {
          index,
          sums: {
            open: fifth,
            down: fifth,
            paused: fifth,
            asleep: fifth,
            offline: fifth,
            attempts,
            failures: attempts,
            events,
            bytes: events * 200,
            poor: 1,
          },
          headers: [
            [20, each],
            [40, each],
            [80, each],
            [120, each],
            [190, each],
          ],
        };
      }
    }
    return history;
  }

  it("and unpacked it is the same, and under 25 kB however full", () => {
    const history = full();
    const snapshot = pack(history);
    expect(JSON.stringify(snapshot).length).toBeLessThan(25_000);
    expect(JSON.stringify(snapshot).length).toBeGreaterThan(15_000);
    expect(unpack(JSON.parse(JSON.stringify(snapshot)))).toEqual({ history, damaged: false });
    expect(unpack(pack(emptyHistory()))).toEqual({ history: emptyHistory(), damaged: false });
  });

  const [ring = ""] = pack(of([start, during("open", start - minute, start)])).rings;
  const rings = (first: unknown) => ({ version: 1, rings: [first, "", "", ""] });
  it.each<[string, unknown]>([
    ["null", null],
    ["text", "x"],
    ["no rings", { version: 1 }],
    ["another version", { ...pack(emptyHistory()), version: 2 }],
    ["a ring too few", { version: 1, rings: ["", "", ""] }],
    ["a ring of another kind", rings(7)],
    ["letters that are none", rings("A*")],
    ["a text cut short", rings(ring.slice(0, -1))],
    ["a number without end", rings("z".repeat(99))],
    ["a bucket twice", rings(ring + ring.replace(/^\S/, "A"))],
    ["more time than a minute has", rings(`BB${"ggggB"}`)],
    ["a flood", rings("BA".repeat(30_000))],
  ])("it is refused when it holds %s", (_, snapshot) => {
    expect(unpack(snapshot)).toEqual({ history: emptyHistory(), damaged: true });
  });

  it("it never throws and never holds too much, whatever the text", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."ABCDgh-_019"), maxLength: 200 });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 4, maxLength: 4 }), (texts) => {
        const { history } = unpack({ version: 1, rings: texts });
        for (const { slots, widthMs } of history.rings) {
          for (const cell of slots)
            expect(sum(conditions.map((condition) => cell?.sums[condition] ?? 0))).toBeLessThanOrEqual(widthMs);
        }
        expect(() => query(history, "90d", start)).not.toThrow();
      }),
    );
  });
});
