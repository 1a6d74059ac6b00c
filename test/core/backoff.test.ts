/** How long to wait: each term of the formula by itself, and its promises for every input that settings and chance can make. */
import { assert, constantFrom, double, integer, property, record } from "fast-check";
import { expect, it } from "vitest";
import {
  ceilingOf,
  type Delay,
  type DelayInput,
  delayAfter,
  plannedDelay,
  soon,
} from "../../main/core/connection/backoff.ts";
import { defaultStrategies, type RetryFamily } from "../../main/core/connection/strategy.ts";
import type { Failure } from "../../main/core/failure/failure.ts";
import type { Grade } from "../../preload/contract.ts";

const highest = 1 - Number.EPSILON;
const hour = 3_600_000;

const failure = (family: Failure["family"], kind: string): Failure => ({
  family,
  kind,
  status: null,
  final: false,
  retryAfterMs: null,
  params: {},
});
/** One of each family whose delays are nothing special. */
const plain = {
  NETWORK: failure("NETWORK", "connect-timeout"),
  AUTH: failure("AUTH", "unauthorized"),
  SERVER: failure("SERVER", "http-status"),
  PROXY: failure("PROXY", "bad-gateway"),
} as const;
const local = failure("NETWORK", "dns");

const usual: DelayInput = {
  strategies: defaultStrategies,
  strict: false,
  failure: plain.NETWORK,
  attempt: 1,
  grade: "GOOD",
  outageMs: 0,
  floorMs: 0,
  random: 0.5,
};
const delay = (change: Partial<DelayInput>) => delayAfter({ ...usual, ...change });
const ceiling = (change: Partial<DelayInput>) => ceilingOf({ ...usual, ...change }).ceilingMs;
const bounds = (change: Partial<DelayInput>) => [0, highest].map((random) => delay({ ...change, random }).delayMs);

it.each([
  ["NETWORK", 5000],
  ["AUTH", 30_000],
  ["SERVER", 10_000],
  ["PROXY", 15_000],
] as const)("the first delay after %s has a mean of %s ms", (family, first) => {
  const draws = Array.from({ length: 1001 }, (_, i) => delay({ failure: plain[family], random: i / 1001 }).delayMs);
  const mean = draws.reduce((sum, ms) => sum + ms, 0) / draws.length;
  expect(mean / first).toBeGreaterThan(0.98);
  expect(mean / first).toBeLessThan(1.03);
});

it.each([
  ["NETWORK", 1, [200, 10_000]],
  ["NETWORK", 2, [5000, 15_000]],
  ["NETWORK", 3, [7500, 22_500]],
  ["AUTH", 1, [1200, 60_000]],
  ["SERVER", 1, [400, 20_000]],
  ["SERVER", 2, [12_000, 36_000]],
  ["SERVER", 3, [21_600, 60_000]],
  ["PROXY", 1, [600, 30_000]],
  ["PROXY", 2, [20_000, 60_000]],
] as const)("after %s failure %s in a row chance draws between %s ms", (family, attempt, expected) => {
  const [low, high] = bounds({ failure: plain[family], attempt, outageMs: 0 });
  const [least, most] = expected;
  // Where the minute's limit holds, its third is the least.
  expect(low).toBe(Math.min(least, Math.round(most / 3)));
  expect(high).toBe(most);
});

it.each([
  ["NETWORK", 300_000],
  ["AUTH", 600_000],
  ["SERVER", 180_000],
  ["PROXY", 900_000],
] as const)("strict: %s reaches its cap of %s ms and stays there, whatever the outage's age", (family, cap) => {
  for (const attempt of [40, 1000, 1_000_000, Number.MAX_SAFE_INTEGER]) {
    for (const outageMs of [0, hour]) {
      expect(bounds({ failure: plain[family], attempt, outageMs, strict: true })).toEqual([cap / 3, cap]);
    }
  }
});

it.each([
  ["its beginning", 0, 60_000],
  ["five minutes", 300_000, 60_000],
  ["six minutes", 360_000, 72_000],
  ["ten minutes", 600_000, 120_000],
  ["a day", 24 * hour, 120_000],
])("at %s of an outage nobody waits longer than a fifth of it, within a minute and two", (_, outageMs, most) => {
  for (const family of ["NETWORK", "AUTH", "SERVER", "PROXY"] as const) {
    const held = { failure: plain[family], attempt: 30, outageMs };
    expect(bounds(held)).toEqual([Math.round(most / 3), most]);
    expect(delay(held).rule).toBe("outage");
  }
});

it("says `family` while the outage's age holds nothing down", () => {
  expect(delay({}).rule).toBe("family");
  expect(delay({ attempt: 30, strict: true }).rule).toBe("family");
});

/* ── quality ──────────────────────────────────────────────────────────────────────────────────── */

it.each([
  ["EXCELLENT", 5000],
  ["GOOD", 10_000],
  ["FAIR", 15_000],
  ["POOR", 30_000],
  ["UNKNOWN", 10_000],
] as const)("a connection that was %s has a first ceiling of %s ms after a local failure", (grade, expected) => {
  expect(ceiling({ failure: local, grade })).toBe(expected);
});

it.each([
  ["EXCELLENT", 10_000],
  ["GOOD", 10_000],
  ["FAIR", 15_000],
  ["POOR", 30_000],
] as const)(
  "a connection that was %s has a first ceiling of %s ms after any other: nobody is hastened",
  (grade, most) => {
    expect(ceiling({ failure: plain.NETWORK, grade })).toBe(most);
  },
);

it.each([
  ["EXCELLENT", 60_000, 120_000],
  ["FAIR", 90_000, 120_000],
  ["POOR", 120_000, 120_000],
] as const)("the age's limit of a connection that was %s is %s ms at first and %s ms at last", (grade, first, last) => {
  expect(ceiling({ failure: local, grade, attempt: 30 })).toBe(first);
  expect(ceiling({ failure: local, grade, attempt: 30, outageMs: 24 * hour })).toBe(last);
});

it("no quality lifts a ceiling above the cap", () => {
  for (const family of ["NETWORK", "AUTH", "SERVER", "PROXY"] as const) {
    expect(ceiling({ failure: plain[family], grade: "POOR", attempt: 50, strict: true })).toBe(
      defaultStrategies[family].capMs,
    );
  }
});

/* ── kinds with rules of their own ────────────────────────────────────────────────────────────── */

it.each(["refused", "reset", "server-error"])("%s spreads like SERVER, whatever family it has", (kind) => {
  for (const attempt of [1, 2, 9]) {
    expect(bounds({ failure: failure("NETWORK", kind), attempt, strict: true })).toEqual(
      bounds({ failure: plain.SERVER, attempt, strict: true }),
    );
  }
  expect(delay({ failure: failure("NETWORK", kind), grade: "EXCELLENT" })).toEqual(delay({ failure: plain.SERVER }));
});

it("looks at least every half a minute whether there is a route again", () => {
  const offline = failure("NETWORK", "offline");
  for (const strict of [false, true]) {
    for (const outageMs of [0, 24 * hour]) {
      expect(bounds({ failure: offline, attempt: 30, grade: "POOR", strict, outageMs })).toEqual([10_000, 30_000]);
    }
  }
  expect(bounds({ failure: offline, attempt: 1 })).toEqual([200, 10_000]);
});

it.each([
  [1, 30_000, 60_000],
  [2, 40_000, 120_000],
  [3, 80_000, 240_000],
  [4, 160_000, 480_000],
  [5, 200_000, 600_000],
  [900, 200_000, 600_000],
])("a certificate is looked at again, after failure %s, in %s to %s ms", (attempt, low, high) => {
  const certificate = failure("NETWORK", "certificate");
  for (const grade of ["EXCELLENT", "POOR"] as const) {
    expect(bounds({ failure: certificate, attempt, grade })).toEqual([low, high]);
  }
  expect(delay({ failure: certificate, attempt }).rule).toBe("certificate");
});
it("a server's wish holds for a certificate too, and is spread", () => {
  const certificate = failure("NETWORK", "certificate");
  expect(bounds({ failure: certificate, floorMs: 2_000_000 })).toEqual([2_000_000, 2_500_000]);
});

it.each([
  [null, 500, 2500],
  [0, 500, 2500],
  [3000, 3000, 5000],
  [60_000, 60_000, 62_000],
])("a planned end with retry: %s is followed in %s to %s ms", (retryMs, low, high) => {
  expect([0, highest].map((random) => plannedDelay(retryMs, random).delayMs)).toEqual([low, high]);
  expect(plannedDelay(retryMs, 0).rule).toBe("planned");
});

it.each(["next-candidate", "network-back", "without-id", "fresh-credential"] as const)(
  "%s is soon: 0.2 to 2 s",
  (rule) => {
    expect([0, highest].map((random) => soon(rule, random))).toEqual([
      { delayMs: 200, rule },
      { delayMs: 2000, rule },
    ]);
  },
);

it.each([
  [200, 200, 2000],
  [1000, 1000, 2000],
  [60_000, 60_000, 75_000],
])("what is soon keeps the server's floor of %s ms, too: %s to %s ms", (floorMs, low, high) => {
  const waits = [0, highest].map((random) => soon("network-back", random, floorMs));
  expect(waits.map(({ delayMs }) => delayMs)).toEqual([low, high]);
  expect(waits[0]?.rule).toBe(floorMs > 200 ? "floor" : "network-back");
});

/* ── the server's floor ───────────────────────────────────────────────────────────────────────── */

it.each([
  ["of half a second leaves the formula its room above", 500, 500, 10_000],
  ["between low and ceiling moves the low end", 7000, 7000, 10_000],
  ["near the ceiling is still spread by a quarter", 9000, 9000, 11_250],
  ["above the ceiling is spread by a quarter", 60_000, 60_000, 75_000],
  ["of an hour holds, caps or not", hour, hour, 1.25 * hour],
  ["that is nearly the cap is spread up to it", 250_000, 250_000, 300_000],
  ["that leaves no room under the cap is spread over it", 290_000, 290_000, 362_500],
])("a floor %s", (_, floorMs, low, high) => {
  expect(bounds({ floorMs })).toEqual([low, high]);
  expect(delay({ floorMs }).rule).toBe("floor");
});
it("a floor under what the formula would draw anyway says nothing", () => {
  expect(delay({ floorMs: 500, attempt: 3 })).toEqual(delay({ attempt: 3 }));
});

/* ── for all inputs ───────────────────────────────────────────────────────────────────────────── */

/** Settings go from 0.1 s to 24 h. */
const settingMs = integer({ min: 100, max: 24 * hour });
const strategy = record({
  firstMs: settingMs,
  capMs: settingMs,
  factor: double({ min: 1, max: 100, noNaN: true }),
  attempts: integer({ min: 1, max: 1000 }),
});
const anything = record<DelayInput>({
  strategies: record({ NETWORK: strategy, AUTH: strategy, SERVER: strategy, PROXY: strategy }),
  strict: constantFrom(true, false),
  failure: constantFrom<Failure>(
    ...Object.values(plain),
    local,
    failure("NETWORK", "refused"),
    failure("NETWORK", "offline"),
    failure("NETWORK", "certificate"),
  ),
  attempt: integer({ min: 1, max: 10_000 }),
  grade: constantFrom<Grade>("EXCELLENT", "GOOD", "FAIR", "POOR", "UNKNOWN"),
  outageMs: integer({ min: 0, max: 365 * 24 * hour }),
  floorMs: constantFrom(0, 500, 3000, 60_000, hour),
  random: double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
const capOf = ({ strategies, failure: { family, kind } }: DelayInput) => {
  if (kind === "certificate") return 600_000;
  return strategies[kind === "refused" || family === "PLANNED" ? "SERVER" : (family as RetryFamily)].capMs;
};
const forAll = (holds: (input: DelayInput, got: Delay) => void) =>
  assert(
    property(anything, (input) => holds(input, delayAfter(input))),
    { numRuns: 3000 },
  );

it("is a whole number of milliseconds that a timer can hold, and at least 100", () => {
  forAll((_, { delayMs }) => {
    expect(Number.isSafeInteger(delayMs)).toBe(true);
    expect(delayMs).toBeGreaterThanOrEqual(100);
    expect(delayMs).toBeLessThan(2 ** 31);
  });
});
it("never undercuts the server, and passes the cap only for a wish that leaves no room to be spread under it", () => {
  forAll((input, { delayMs }) => {
    expect(delayMs).toBeGreaterThanOrEqual(input.floorMs);
    const hasRoom = input.floorMs * 1.05 <= capOf(input) && input.failure.kind !== "certificate";
    expect(delayMs).toBeLessThanOrEqual(
      hasRoom ? capOf(input) : Math.max(capOf(input), Math.ceil(input.floorMs * 1.25)),
    );
  });
});
it("never exceeds two minutes by itself, unless it is strict or a certificate has to be changed", () => {
  forAll((input, { delayMs }) => {
    if (input.strict || input.failure.kind === "certificate") return;
    expect(delayMs).toBeLessThanOrEqual(Math.max(120_000, Math.ceil(input.floorMs * 1.25)));
  });
});
it("grows with chance, and never sends clients that fell together back together", () => {
  forAll((input, { delayMs }) => {
    const [low, high] = [0, highest].map((random) => delayAfter({ ...input, random }).delayMs) as [number, number];
    expect(delayMs).toBeGreaterThanOrEqual(low);
    expect(delayMs).toBeLessThanOrEqual(high);
    const isLeast = high <= 150;
    const share = input.floorMs > 0 && low === input.floorMs ? 0.047 : 1 / 6;
    if (!isLeast) expect(high - low).toBeGreaterThanOrEqual(Math.floor(high * share));
  });
});

it("spreads clients that fell together, also when all have reached the limit", () => {
  for (const attempt of [1, 50]) {
    const delays = Array.from(
      { length: 1000 },
      (_, i) => delay({ failure: plain.PROXY, attempt, random: i / 1000 }).delayMs,
    );
    const fullest = Array.from({ length: 60 }, (_, s) => delays.filter((ms) => Math.floor(ms / 1000) === s).length);
    expect(Math.max(...fullest)).toBeLessThanOrEqual(35);
  }
});
