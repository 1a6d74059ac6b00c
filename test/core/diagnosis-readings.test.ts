/** What a watch amounts to in figures, and what two watches say of each other: the leaves that the rules stand on. */
import { describe, expect, it } from "vitest";
import type { ArrivalsSeen } from "../../main/core/detection/observation.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import {
  buffererAmong,
  directSooner,
  isGathered,
  isImpatient,
  isMute,
  keptBehindHeaders,
  speaksDirectly,
} from "../../main/core/diagnosis/held-back.ts";
import { header, isOpenStream, median, read } from "../../main/core/diagnosis/reading.ts";
import { answeredSaid, hopAmong, hopSaid, said, those } from "../../main/core/diagnosis/rule.ts";
import {
  aHop,
  anAnswer,
  answered,
  aWatch,
  beats,
  ending,
  mute,
  opened,
  silence,
  wellFacts,
} from "./diagnosis-facts.ts";

const factsOf = (more: Partial<Facts>): Facts => ({ ...wellFacts, holds: [], ...more });

it("reads the first value of a header, by its name in any case", () => {
  const answer = anAnswer(200, {
    headers: [
      ["AGE", "3"],
      ["age", "4"],
    ],
  });
  expect([header(answer, "age"), header(answer, "via"), header(null, "age")]).toEqual(["3", "", ""]);
});

it.each<[readonly number[], number | null]>([
  [[], null],
  [[7], 7],
  [[100, 9, 20], 20],
  [[100, 9], 54.5],
  [[4, 1, 3, 2], 2.5],
])("the middle of %j is %s", (values, middle) => {
  expect(median(values)).toBe(middle);
});

describe("a watch", () => {
  const burst = (atMs: number, lagMs: number | null, bytes: number, events: number, comments = 0) => ({
    atMs,
    lagMs,
    bytes,
    events,
    comments,
  });
  const bursts = [burst(50, 150, 1000, 9), burst(150, null, 60, 1, 1), burst(450, 7, 80, 3), burst(550, 5, 60, 1, 2)];
  const arrivals: ArrivalsSeen = { what: "arrivals", firstByteMs: 50, watchedMs: 800, bursts };
  const figures = {
    bursts: 4,
    events: 14,
    comments: 3,
    gapsMs: [100, 300, 100],
    medianGapMs: 100,
    silentMs: 250,
    longestMs: 300,
    firstLagMs: 150,
    laterLagMs: 6,
    burstBytes: 70,
    burstEvents: 2,
    first: bursts[0],
  };
  const nothing = {
    ...figures,
    ...{ bursts: 0, events: 0, comments: 0, gapsMs: [], medianGapMs: null, silentMs: 0, longestMs: 0 },
    ...{ firstLagMs: null, laterLagMs: null, burstBytes: 0, burstEvents: 0, first: null },
  };
  /** Two bursts, 50 and 350 ms behind headers that took 5 ms, so old. */
  const lagging = (first: number, later: number | null = null) =>
    aWatch({ arrivals: { ...arrivals, watchedMs: 400, bursts: [burst(50, first, 60, 1), burst(350, later, 60, 1)] } });
  const lagged = {
    ...{ bursts: 2, events: 2, comments: 0, gapsMs: [300], medianGapMs: 300, silentMs: 50, longestMs: 300 },
    ...{ laterLagMs: null, burstBytes: 60, burstEvents: 1, first: expect.objectContaining({ atMs: 50 }) },
  };
  it.each<[string, Watch | null, object]>([
    ["is read until it was let go", aWatch({ arrivals }), figures],
    [
      "is read until it ended",
      aWatch({ arrivals, ending: ending("clean", 950, 400) }),
      { ...figures, silentMs: 400, longestMs: 400 },
    ],
    [
      "is never silent for less than no time",
      aWatch({ arrivals, ending: ending("clean", 540, 0) }),
      { ...figures, silentMs: 0 },
    ],
    [
      "waits longest for its first burst",
      aWatch({
        arrivals: { ...arrivals, bursts: bursts.map((each) => ({ ...each, atMs: each.atMs + 400 })), watchedMs: 1000 },
      }),
      { ...figures, silentMs: 50, longestMs: 450, first: { ...bursts[0], atMs: 450 } },
    ],
    ["begins with events that are as old as its connection", lagging(155), { ...lagged, firstLagMs: 155 }],
    ["is not late by what was made before it", lagging(156), { ...lagged, firstLagMs: null }],
    ["is late by what comes later", lagging(1, 455), { ...lagged, firstLagMs: 1, laterLagMs: 455 }],
    ["is not late by what is repeated later", lagging(1, 456), { ...lagged, firstLagMs: 1, laterLagMs: null }],
    [
      "in which nothing came is one silence",
      aWatch({ arrivals: silence(900) }),
      { ...nothing, silentMs: 900, longestMs: 900 },
    ],
    ["without arrivals is nothing", aWatch({ arrivals: null }), nothing],
    ["that was not made is nothing", null, nothing],
  ])("%s", (_what, watch, reading) => {
    expect(read(watch)).toEqual(reading);
  });

  it("is of an open stream by its status and its type", () => {
    const watches = [aWatch(), opened([], {}, { status: 201 }), aWatch({ isStream: false }), mute(), null];
    expect(watches.map(isOpenStream)).toEqual([true, false, false, false, false]);
  });
});

describe("what is said", () => {
  it("is a code with its figures to a tenth, and a confidence as it is", () => {
    expect(said("x")).toEqual({ code: "x", params: {} });
    const params = { ms: 1.26, confidence: 0.777, name: "1.26" };
    expect(said("x", params)).toEqual({ code: "x", params: { ms: 1.3, confidence: 0.777, name: "1.26" } });
  });
  it("is only what holds", () => {
    expect(those(said("a"), false, null, said("b"))).toEqual([said("a"), said("b")]);
  });
  it("of a hop is its name, and how sure that is", () => {
    expect([hopSaid(null), hopSaid(aHop("nginx", 0.7))]).toEqual([
      null,
      said("product", { product: "nginx", confidence: 0.7 }),
    ]);
  });
  it.each([
    [49, said("answered-at-once")],
    [50, said("answered-after", { ms: 50 })],
  ])("of %s ms needs a figure from 50 ms on", (ms, coded) => {
    expect(answeredSaid(ms)).toEqual(coded);
  });
});

it("the surest of some hops is meant, if it is sure enough", () => {
  const hops = [aHop("nginx", 0.5), aHop("caddy", 0.9), aHop("varnish", 0.7)];
  const among = (products: readonly string[], atLeast?: number) => hopAmong(hops, products, atLeast)?.product ?? null;
  expect(among(["varnish", "nginx"])).toBe("varnish");
  expect(among(["nginx"], 0.5)).toBe("nginx");
  expect(among(["nginx"], 0.51)).toBeNull();
  expect(among(["squid"])).toBeNull();
});

it.each([
  "haproxy",
  "caddy",
  "apache",
  "varnish",
  "squid",
  "pingora",
  "holdfast-gateway",
  "http-proxy",
  "envoy",
  "traefik",
  "go-reverse-proxy",
  "unknown",
])("%s passes headers on at once", (product) => {
  expect(buffererAmong([aHop(product)])).toBeNull();
});

it("nginx and its kin keep headers back before anybody who may, unless they are only a hint", () => {
  for (const product of ["nginx", "openresty", "tengine"]) {
    expect(buffererAmong([aHop("cloudflare"), aHop(product, 0.5)])?.product).toBe(product);
    expect(buffererAmong([aHop("cloudflare"), aHop(product, 0.49)])?.product).toBe("cloudflare");
  }
  expect(buffererAmong([aHop("cloudflare", 0.6)])?.product).toBe("cloudflare");
});

describe("a header is sooner directly", () => {
  const direct = opened([], {}, { headersMs: 100 });
  const at = (headersMs: number) => opened([], {}, { headersMs });
  it.each<[string, Partial<Facts>, boolean]>([
    ["four times, and a second more", { plain: at(1401), direct }, true],
    ["not where it is less", { plain: at(1400), direct }, false],
    ["than none at all", { plain: mute(1401), direct }, true],
    ["not than none that was hardly waited for", { plain: mute(1400), direct }, false],
    ["not where it opens no stream", { plain: at(9000), direct: answered(404) }, false],
    ["not where there is none", { plain: at(9000), direct: mute() }, false],
    ["not where it was not asked", { plain: at(9000) }, false],
    ["not where nothing else was asked", { plain: null, direct }, false],
  ])("%s", (_what, facts, isSooner) => {
    expect(directSooner(factsOf(facts))).toBe(isSooner);
  });
});

describe("something is kept behind the headers", () => {
  const silent = (watchedMs: number, more: Partial<Watch> = {}) =>
    aWatch({ arrivals: silence(watchedMs), bodyBytes: 0, ...more });
  const direct = aWatch({ arrivals: beats(3, 500) });
  const kept = { plain: silent(3000), direct, compressed: null, repeat: null };
  const at = (watchedMs: number, ...times: readonly number[]) => {
    const bursts = beats(times.length, 500).bursts.map((burst, i) => ({ ...burst, atMs: times[i] ?? 0 }));
    return aWatch({ arrivals: { ...beats(1, 500), watchedMs, bursts } });
  };
  const passed = (count: number) => ({ plain: aWatch({ arrivals: { ...beats(count, 100), watchedMs: 9000 } }) });
  const slow = aWatch({ arrivals: beats(3, 2000) });
  const four = aWatch({ arrivals: beats(4, 600) });
  const uneven = at(4000, 2, 502, 1002, 1502, 2002, 3602);
  const alike = at(2100, 2, 502, 1502);
  const busy = at(2100, 2, 502, 1503);
  const comment = aWatch({ arrivals: beats(1, 100, { events: 0, comments: 1 }) });
  it.each<[string, Partial<Facts>, number]>([
    ["for three seconds", kept, 3],
    ["not for less", { ...kept, plain: silent(2999) }, 0],
    ["for two and a half times its longest silence, the last one", { ...kept, plain: silent(5245), direct: slow }, 3],
    ["not for less than that", { ...kept, plain: silent(5244), direct: slow }, 0],
    ["for two and a half times its longest silence between", { ...kept, plain: silent(4000), direct: uneven }, 6],
    ["not for less than that one", { ...kept, plain: silent(3999), direct: uneven }, 0],
    ["of three that are apart alike", { ...kept, direct: alike }, 3],
    ["not of three that are not", { ...kept, plain: silent(9000), direct: busy }, 0],
    ["not of two", { ...kept, plain: silent(9000), direct: aWatch({ arrivals: beats(2, 2000) }) }, 0],
    ["not where it was not asked directly", { ...kept, direct: null }, 0],
    ["not of an error", { ...kept, plain: { ...silent(3000), isStream: false } }, 0],
    ["where it ended", { ...kept, plain: silent(3000, { ending: ending("clean", 3000, 3000) }) }, 3],
    ["where a byte came", { ...kept, plain: silent(3000, { bodyBytes: 1 }) }, 3],
    ["not where a burst came, and two behind it directly", { ...kept, ...passed(1) }, 0],
    ["where a burst came, and three behind it directly", { ...kept, ...passed(1), direct: four }, 3],
    ["where three bursts came", { ...kept, ...passed(3), direct: four }, 3],
    ["not where four came", { ...kept, ...passed(4), direct: four }, 0],
    ["where as many came compressed", { ...kept, ...passed(1), direct: four, compressed: comment }, 3],
    ["not where more came compressed", { ...kept, ...passed(1), direct: four, compressed: slow }, 0],
    ["not where it is compressed", { ...kept, plain: silent(3000, { encoding: "gzip" }) }, 0],
    ["where it says that it is not", { ...kept, plain: silent(3000, { encoding: "identity" }) }, 3],
    ["not where an event came compressed", { ...kept, compressed: aWatch() }, 0],
    ["not where a comment came again", { ...kept, repeat: { watch: comment, seenBefore: 0 } }, 0],
    ["not where something came while one was held", { ...kept, holds: [aWatch()] }, 0],
    ["not where nothing was measured", { ...kept, plain: null }, 0],
  ])("%s", (_what, facts, times) => {
    expect(keptBehindHeaders(factsOf(facts))).toBe(times);
  });
});

describe("it speaks directly, where it is silent", () => {
  const silent = (ms: number) => aWatch({ arrivals: silence(ms), bodyBytes: 0 });
  const plain = silent(10_001);
  const heard = (count: number, more: Partial<Watch> = {}) =>
    aWatch({ arrivals: { ...beats(count, 4000), watchedMs: 2 + 4000 * (count - 1) }, ...more });
  it.each<[string, Partial<Facts>, boolean]>([
    ["for more than two and a half times as long", { plain, direct: heard(3) }, true],
    ["not for less", { plain: silent(10_000), direct: heard(3) }, false],
    ["not where twice is all", { plain, direct: heard(2) }, false],
    ["not in an error", { plain, direct: heard(3, { isStream: false }) }, false],
    ["not where it was not asked", { plain }, false],
  ])("%s", (_what, facts, speaks) => {
    expect(speaksDirectly(factsOf(facts))).toBe(speaks);
  });
});

describe("it is gathered on the way", () => {
  const come = (count: number, everyMs: number, events: number, more: Partial<Watch> = {}) =>
    aWatch({ arrivals: beats(count, everyMs, { events }), ...more });
  it.each<[string, Watch | null, Watch | null, boolean]>([
    ["two and two", come(3, 400, 2), come(2, 200, 1), true],
    ["not fewer than two", come(3, 400, 1), come(2, 400, 1), false],
    ["not where they come in twos directly", come(3, 400, 2), come(2, 400, 2), false],
    ["not where they come almost in twos directly", come(3, 400, 3), come(2, 200, 2), false],
    ["not where it is less than twice as slow", come(3, 399, 2), come(2, 200, 1), false],
    ["not in two bursts", come(2, 400, 2), come(2, 200, 1), false],
    ["not where one came directly", come(3, 400, 2), come(1, 200, 1), false],
    ["not where half as many come", come(3, 800, 2), come(2, 200, 1), false],
    ["where a few more come", come(3, 799, 2), come(2, 200, 1), true],
    ["not where twice as many come", come(3, 400, 4), come(2, 200, 1), false],
    ["where almost twice as many come", come(3, 401, 4), come(2, 200, 1), true],
    ["not where directly all come at once", come(3, 400, 2), come(2, 0, 1), false],
    ["not in an error", come(3, 400, 2, { isStream: false }), come(2, 200, 1), false],
    ["not in an error directly", come(3, 400, 2), come(2, 200, 1, { isStream: false }), false],
  ])("%s", (_what, plain, direct, gathered) => {
    expect(isGathered(factsOf({ plain, direct }))).toBe(gathered);
  });
});

it.each<[string, Watch | null, boolean, boolean]>([
  ["five seconds without headers are mute", mute(5000), true, false],
  ["less was let go too soon", mute(4999), false, true],
  ["another failure is neither", answered(404), false, false],
  ["an answer is neither", aWatch(), false, false],
  ["nothing is neither", null, false, false],
])("%s", (_what, watch, isSilent, isSoon) => {
  expect([isMute(watch), isImpatient(watch)]).toEqual([isSilent, isSoon]);
});
