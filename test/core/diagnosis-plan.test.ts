/** How long each request of a diagnosis is watched, by what the ones before showed: each promise with the figure it rests on. */
import { describe, expect, it } from "vitest";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { compressedMs, directMs, firstMs, owedMs, showsWhose, stopsShort } from "../../main/core/diagnosis/plan.ts";
import { answered, beats, ending, mute, opened, silence } from "./diagnosis-facts.ts";

const openedIn = (headersMs: number, more: Partial<Watch> = {}) => opened([], more, { headersMs });
const quiet = (watchedMs: number) => ({ arrivals: { ...beats(1, 100), watchedMs: 2 + watchedMs } });

describe("the direct request has", () => {
  it.each<[string, Watch | null, number]>([
    ["some time where nothing is known", null, 2600],
    ["no more for an error that was long in coming", answered(504, { headersMs: 8000 }), 2600],
    ["no more where the path is mute", mute(), 2600],
    ["as long as late headers took, and somewhat more", openedIn(6000), 7500],
    ["long enough for its end, and for timers that differ", openedIn(5, { ending: ending("reset", 4000, 9) }), 6100],
    [
      "long enough for headers as late, where it ended at once",
      openedIn(6000, { ending: ending("reset", 9, 9) }),
      7500,
    ],
    ["long enough for something to come, where nothing did", openedIn(5, { arrivals: silence(600) }), 5000],
    ["long enough for something to come, where it fell silent", openedIn(5, quiet(3000)), 5000],
    ["no longer where it was silent for less", openedIn(5, quiet(2999)), 2600],
    ["long enough for headers as late, where nothing came behind", openedIn(6000, { arrivals: silence(600) }), 7500],
    ["long enough for two gulps", openedIn(5, { arrivals: beats(4, 2000, { events: 2 }) }), 4700],
    ["no longer for single events", openedIn(5, { arrivals: beats(4, 2000) }), 2600],
  ])("%s", (_what, plain, ms) => {
    expect(directMs(plain)).toBe(ms);
  });
});

it.each<[string, Watch | null, number]>([
  ["late headers", openedIn(2000), 3500],
  ["headers in time", openedIn(1999), 0],
  ["an error, however late", answered(504, { headersMs: 8000 }), 0],
  ["a path that is mute", mute(), 0],
  ["a path that is unknown", null, 0],
])("of the time, so much is kept back for it after %s", (_what, plain, ms) => {
  expect(owedMs(plain)).toBe(ms);
});

it("it is asked first where the stream ended or fell silent, and only there", () => {
  const watches = [
    openedIn(5, { ending: ending("clean", 9, 9) }),
    openedIn(5, quiet(3000)),
    openedIn(5, quiet(2999)),
    mute(),
  ];
  expect(watches.map(stopsShort)).toEqual([true, true, false, false]);
});

it.each([
  ["what is left less what has to follow", 12_000, false, 8500],
  ["less of it, where a direct one is to follow", 12_000, true, 7500],
  ["the same share of a small budget", 3000, false, 2125],
  ["no more than heartbeats need", 90_000, false, 45_000],
])("the first watch has %s", (_what, leftMs, compares, ms) => {
  expect(firstMs(leftMs, compares)).toBe(ms);
});

it.each<[string, Watch, number, boolean]>([
  ["a moment at least", openedIn(5), 1200, false],
  ["three of its longest silences", openedIn(5, { arrivals: beats(4, 1000) }), 3300, false],
  ["no more than the most", openedIn(5, { arrivals: beats(4, 2000) }), 4500, false],
  ["until it ends again", openedIn(5, { ending: ending("clean", 2000, 9) }), 2800, true],
  ["not until an end that is too late", openedIn(5, { ending: ending("clean", 4500, 9) }), 1200, false],
])("the compressed one has %s", (_what, plain, limitMs, byRhythm) => {
  expect(compressedMs(plain, 9000, 4500)).toEqual({ limitMs, byRhythm });
  expect(compressedMs(plain, 700, 4500).limitMs).toBe(700);
});

it("a direct watch shows whose an end is when it has outlived it, and at once where there is none", () => {
  const ended = openedIn(5, { ending: ending("clean", 2000, 9) });
  const watched = (watchedMs: number) => openedIn(5, { arrivals: { ...beats(20, 100), watchedMs } });
  expect([showsWhose(watched(2400), ended), showsWhose(watched(2401), ended)]).toEqual([false, true]);
  expect([showsWhose(watched(1), openedIn(5)), showsWhose(watched(1), null)]).toEqual([true, true]);
});
