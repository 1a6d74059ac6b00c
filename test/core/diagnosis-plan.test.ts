/** How long the probe looks again and directly, by what the first watch showed: each promise with the figure it rests on. */
import { describe, expect, it } from "vitest";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { directMs, owedMs, stopsShort } from "../../main/core/diagnosis/plan.ts";
import { answered, beats, ending, mute, opened, silence } from "../core/diagnosis-facts.ts";

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
