/**
 * Shapes of streams that are well, however odd they look: nothing may be found in them, neither alone nor where the direct path
 * shows the same. Beside each stands what is ill and looks alike, which has to be found still.
 */
import { describe, expect, it } from "vitest";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { aWatch, beats, mute, opened, silence, wellFacts } from "./diagnosis-facts.ts";

const over = { running: null, over: true };
const diagnosed = (more: Partial<Facts>) => {
  const facts: Facts = { ...wellFacts, ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), over);
};
const codes = (more: Partial<Facts>) => diagnosed(more).findings.map(({ code }) => code);

type Burst = NonNullable<Watch["arrivals"]>["bursts"][number];
type At = Partial<Burst> & { readonly atMs: number };

/** A stream that was watched so long, and what came of it when. */
function arrivals(watchedMs: number, ...bursts: readonly At[]): NonNullable<Watch["arrivals"]> {
  const all = bursts.map((burst) => ({ bytes: 60, events: 1, comments: 0, lagMs: null, ...burst }));
  return { what: "arrivals", firstByteMs: all[0]?.atMs ?? null, watchedMs, bursts: all };
}

const watch = (watchedMs: number, ...bursts: readonly At[]): Watch =>
  aWatch({ bodyBytes: 60 * bursts.length, arrivals: arrivals(watchedMs, ...bursts) });

/** The head of a gzip body, flushed with the headers, then what the stream says. */
const zipped = (watchedMs: number, ...bursts: readonly At[]): Watch =>
  opened([["Content-Encoding", "gzip"]], {
    encoding: "gzip",
    bodyBytes: 15 + 60 * bursts.length,
    arrivals: arrivals(watchedMs, { atMs: 3, bytes: 15, events: 0 }, ...bursts),
  });

/** The same on every connection that was opened, as long as each was watched. */
const each = (plain: Watch, brief: Watch, compressed = brief): Partial<Facts> => ({
  plain,
  compressed,
  repeat: { watch: brief, seenBefore: 0 },
  holds: [plain],
});

const quiet = aWatch({ bodyBytes: 0, arrivals: silence(1200) });
/** Events that are an hour old, ten at a time, and live ones behind them. */
const pages: At[] = [0, 1, 2, 3, 4, 5].map((page) => ({
  atMs: 2 + page * 62,
  bytes: 490,
  events: 10,
  lagMs: 3_600_000 - page * 10_000,
}));
const live = [3000, 6000].map((atMs) => ({ atMs, lagMs: 0 }));
const history: At = { atMs: 2, bytes: 350, events: 10, lagMs: 9000 };
const everySecond = [1, 2, 3, 4, 5].map((n) => ({ atMs: n * 1000, lagMs: 1 }));
const portions = (everyMs: number, count: number, lagMs: number | null) =>
  aWatch({ arrivals: beats(count, everyMs, { events: 5, bytes: 175, lagMs, comments: 0 }) });
const lowerCase = [
  ["cache-control", "no-cache"],
  ["date", "Thu, 26 Nov 2026 18:00:00 GMT"],
] as const;
const slowAndLastKnown = opened(
  [],
  { waitedMs: 2600, arrivals: arrivals(4000, { atMs: 1, lagMs: 60_000 }, ...everySecond.slice(0, 3)) },
  { headersMs: 2600 },
);

const shapes: readonly (readonly [string, Partial<Facts>])[] = [
  ["a broadcast each 10 s, gzip flushed", each(watch(8500, { atMs: 6100 }), quiet, zipped(1212))],
  ["a busy moment in it", each(watch(8500, { atMs: 6000 }, { atMs: 6300 }, { atMs: 6600 }), quiet, zipped(1500))],
  ["gzip for everybody, an event each 9 s", each(zipped(8500), zipped(900), zipped(1200))],
  [
    "a history with stamps, and gzip flushed",
    each(watch(6000, history, ...everySecond), watch(300, history), zipped(608, { ...history, atMs: 4 })),
  ],
  ["a history in pages, then what is new", each(watch(8500, ...pages, ...live), watch(300, ...pages.slice(0, 5)))],
  [
    "a history in pages, gzip flushed",
    each(watch(9000, ...pages, ...everySecond), watch(300, ...pages.slice(0, 5)), zipped(608, ...pages)),
  ],
  ["batches of the origin each 2 s", each(portions(2000, 5, 1600), portions(2000, 1, 1600))],
  ["batches of the origin each 250 ms", each(portions(250, 20, 160), portions(250, 3, 160))],
  [
    "batches of the origin, gzip flushed",
    each(portions(2000, 5, 1600), portions(2000, 1, 1600), zipped(4500, gulp(2000), gulp(4000))),
  ],
  ["batches of the origin without stamps", each(portions(2000, 5, null), portions(2000, 1, null))],
  ["names in lower case, a value each 600 ms", each(opened(lowerCase, { arrivals: beats(12, 600) }), quiet)],
  ["a comment each second and no event", each(watch(5000, ...everySecond.map(commented)), quiet)],
  ["one event and then nothing yet", each(watch(8500, { atMs: 2 }), watch(300, { atMs: 2 }))],
];

function gulp(atMs: number): At {
  return { atMs, events: 5, bytes: 90, lagMs: 1600 };
}

function commented({ atMs }: At): At {
  return { atMs, bytes: 3, events: 0, comments: 1 };
}

describe("nothing is found in", () => {
  it.each(shapes)("%s", (_, facts) => {
    expect(codes(facts)).toEqual([]);
  });

  it.each(shapes)("%s, compared with itself", (_, facts) => {
    expect(codes({ ...facts, direct: facts.plain ?? null })).toEqual([]);
  });

  it.each(shapes)("%s, compared with a shorter look at itself", (_, facts) => {
    const whole = facts.plain?.arrivals ?? silence(0);
    const short = { ...whole, watchedMs: 2600, bursts: whole.bursts.filter(({ atMs }) => atMs < 2600) };
    const direct = { ...(facts.plain ?? quiet), arrivals: short };
    expect(codes({ ...facts, direct })).toEqual([]);
  });
});

it("a slow origin that begins with the last known value is slow, and holds nothing back", () => {
  const facts = each(slowAndLastKnown, slowAndLastKnown);
  for (const direct of [null, slowAndLastKnown]) {
    const found = diagnosed({ ...facts, holds: [], direct });
    expect([found.verdict, found.findings[0]?.code]).toEqual(["degraded", "slow-header"]);
    expect(found.findings.map(({ code }) => code)).not.toContain("buffering");
  }
});

it("a slow origin that begins with a page of what was is slow, where it is so directly as well", () => {
  const page = { atMs: 1, bytes: 4104, events: 80, lagMs: 1900 };
  const plain = opened([], { waitedMs: 2600, arrivals: arrivals(4000, page, ...everySecond) }, { headersMs: 2600 });
  const facts = { ...each(plain, plain), holds: [] };
  expect(codes(facts)[0]).toBe("buffering");
  expect(codes({ ...facts, direct: plain })).not.toContain("buffering");
});

it("a direct request that was let go before its headers might have come says nothing against a slow origin", () => {
  const facts = { ...each(slowAndLastKnown, slowAndLastKnown), holds: [] };
  expect(codes({ ...facts, direct: mute(1800) })[0]).toBe("slow-header");
  const [first] = diagnosed({ ...facts, direct: mute(4100) }).findings;
  expect([first?.code, first?.confidence]).toEqual(["slow-header", 0.93]);
});

describe("compression is found", () => {
  it("where the stream's rhythm is known, and missing", () => {
    expect(codes({ compressed: zipped(1200) })).toEqual(["compression"]);
    const slow = watch(6000, ...everySecond);
    expect(codes({ ...each(slow, quiet, zipped(4000)) })).toEqual(["compression"]);
    // Not yet: twice the usual silence is none.
    expect(codes({ ...each(slow, quiet, zipped(2000)) })).toEqual([]);
  });

  it("where each connection is greeted, and the compressed one is not", () => {
    const greeted = watch(8500, { atMs: 2 });
    const facts = each(greeted, watch(300, { atMs: 3 }), zipped(1200));
    expect(codes(facts)).toEqual(["compression"]);
    expect(codes({ ...facts, compressed: zipped(1200, { atMs: 5 }) })).toEqual([]);
  });

  it("where it comes although nobody wants it, only as far as the direct path tells what is due", () => {
    const facts = each(zipped(8500), zipped(900), zipped(1200));
    const direct = watch(5000, ...everySecond);
    expect(diagnosed({ ...facts, direct })).toMatchObject({ verdict: "broken", findings: [{ code: "compression" }] });
    expect(codes({ ...facts, direct: watch(5000, { atMs: 2000 }, { atMs: 2400 }) })).toEqual([]);
  });

  it("where what is fresh uncompressed is old compressed", () => {
    const late = [1000, 2000].map((atMs) => ({ atMs, events: 10, lagMs: 900 }));
    expect(codes({ compressed: zipped(3000, ...late) })).toEqual(["compression"]);
  });
});

describe("gulps are somebody's", () => {
  const gulps = portions(2000, 5, 1600);
  it("where directly they are fresh", () => {
    const [first] = diagnosed({ plain: gulps, direct: aWatch({ arrivals: beats(7, 400) }) }).findings;
    expect([first?.code, first?.confidence]).toEqual(["buffering", 0.93]);
    expect(first?.evidence.map(({ code }) => code)).toContain("direct-fresh");
  });

  it("where they are pages of memory", () => {
    const found = codes({ plain: aWatch({ arrivals: beats(5, 900, { bytes: 4104, events: 80, lagMs: 850 }) }) });
    expect(found).toEqual(["buffering"]);
  });

  it("but not where pages come the same directly, or are as old there in other portions", () => {
    const plain = aWatch({ arrivals: beats(5, 900, { bytes: 4104, events: 80, lagMs: 850 }) });
    expect(codes({ plain, direct: plain })).toEqual([]);
    const direct = aWatch({ arrivals: beats(6, 450, { bytes: 2052, events: 40, lagMs: 850 }) });
    expect(codes({ plain, direct })).toEqual([]);
  });
});

describe("batches are somebody's", () => {
  const batches = (headersMs: number) =>
    opened([], { arrivals: beats(11, 203, { events: 2, lagMs: 101 }) }, { headersMs });
  it("where headers wait as long, on most connections", () => {
    const found = codes({ plain: batches(205), headersMs: { path: [205, 203, 206, 5], direct: [] } });
    expect(found).toEqual(["batching"]);
    expect(codes({ plain: batches(205), headersMs: { path: [205, 4, 5], direct: [] } })).toEqual([]);
  });

  it("where directly half of them come alone, by far not as many together", () => {
    const plain = opened([], { arrivals: beats(11, 203, { events: 1.5, lagMs: 101 }) });
    expect(codes({ plain, direct: aWatch({ arrivals: beats(22, 135) }) })).toEqual(["batching"]);
  });

  it("but not where they come the same directly, headers and all", () => {
    const headersMs = { path: [205, 203, 206], direct: [204] };
    expect(codes({ plain: batches(205), direct: batches(204), headersMs })).toEqual([]);
  });

  it("where directly each comes alone", () => {
    const direct = aWatch({ arrivals: beats(22, 100) });
    const [first] = diagnosed({ plain: batches(5), direct }).findings;
    expect([first?.code, first?.confidence]).toEqual(["batching", 0.93]);
  });
});
