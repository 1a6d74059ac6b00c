/** What a stage says that it would need, and what it makes of the time that it had. */
import { expect, it } from "vitest";
import { diagnosisOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { aWatch, beats, silence, wellFacts } from "./diagnosis-facts.ts";

function stagesIn(more: Partial<Facts>) {
  const { stages } = diagnosisOf({ ...wellFacts, holds: [], ...more }, [], { running: null, over: true });
  return (name: string) => stages.find(({ stage }) => stage === name);
}

it("asks for a longer look where the budget was short, and for none where it was that long", () => {
  const plain = aWatch({ arrivals: silence(8500), bodyBytes: 0 });
  const short = stagesIn({ plain, budgetMs: 12_000 });
  expect(["first-byte", "buffering", "heartbeat"].map((name) => short(name)?.needsMs)).toEqual([
    60_000, 60_000, 60_000,
  ]);
  const long = stagesIn({ plain: aWatch({ arrivals: silence(45_000), bodyBytes: 0 }), budgetMs: 60_000 });
  expect(["first-byte", "buffering", "heartbeat"].map((name) => long(name)?.needsMs)).toEqual([null, null, null]);
  expect(long("first-byte")).toMatchObject({ state: "warning", result: { code: "none" } });
});

it("counts what was heard while it listened for the idle cut", () => {
  const plain = aWatch({ arrivals: silence(8500), bodyBytes: 0 });
  const nothing = stagesIn({ plain, listened: aWatch({ arrivals: silence(88_600) }), budgetMs: 12_000 });
  expect(nothing("first-byte")).toMatchObject({ state: "warning", result: { params: { ms: 88_600 } } });
  expect(nothing("buffering")).toMatchObject({ state: "undecided", needsMs: null });
  const some = stagesIn({ plain, listened: aWatch({ arrivals: beats(4, 20_000) }), budgetMs: 12_000 });
  expect([some("first-byte")?.state, some("buffering")?.state]).toEqual(["ok", "ok"]);
});

it("leaves a resume open only where more time would show it", () => {
  const unclear = { outcome: "unclear" } as const;
  expect(stagesIn({ resume: unclear })("resume")).toMatchObject({ state: "undecided", needsMs: 60_000 });
  expect(stagesIn({ resume: { ...unclear, settled: true } })("resume")).toMatchObject({
    state: "skipped",
    needsMs: null,
  });
});
