/** What the direct path tells of a silence: only after a rhythm is anything missing, and only after where it fell silent here. */
import { expect, it } from "vitest";
import { diagnosisOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import { aWatch, silence, wellFacts } from "./diagnosis-facts.ts";

const burst = (atMs: number) => ({ atMs, bytes: 20, events: 1, comments: 0, lagMs: null });
const came = (watchedMs: number, ...atMs: readonly number[]): Watch =>
  aWatch({
    bodyBytes: 20 * atMs.length,
    arrivals: { what: "arrivals", firstByteMs: atMs[0] ?? null, watchedMs, bursts: atMs.map(burst) },
  });
const nothing = (watchedMs: number) => aWatch({ bodyBytes: 0, arrivals: silence(watchedMs) });
const halfSeconds = came(2600, 2, 502, 1002, 1502, 2002, 2502);

function diagnosed(plain: Watch, direct: Watch, brief: Watch) {
  const facts: Facts = { ...wellFacts, plain, direct, compressed: brief, repeat: null, holds: [], resume: null };
  return diagnosisOf(facts, [], { running: null, over: true });
}
const codes = (plain: Watch, direct: Watch, brief = nothing(1200)) =>
  diagnosed(plain, direct, brief).findings.map(({ code }) => code);

it("a proxy that lets the first bytes through and keeps the rest is found", () => {
  const { verdict, findings, stages } = diagnosed(came(7500, 2), halfSeconds, came(1200, 2));
  expect([verdict, findings[0]?.code, findings[0]?.fix.product]).toEqual(["broken", "buffering", "proxy"]);
  expect(findings[0]?.evidence.map(({ code }) => code)).toEqual(["nothing-after", "direct-events"]);
  expect(stages.find(({ stage }) => stage === "buffering")).toMatchObject({ result: { code: "rest" } });
});

it.each<[string, Watch]>([
  ["two events that meet the direct watch", came(2600, 1000, 1400)],
  ["three of them", came(5000, 1000, 1300, 1600)],
  ["three of them, unevenly, until the watch ends", came(2300, 400, 600, 1900)],
  ["a comment that all streams share", came(2600, 1000)],
])("a busy moment is no rhythm: %s", (_, direct) => {
  expect(codes(nothing(7500), direct)).toEqual([]);
});

it("a greeting that comes directly as well shows nothing of what follows it", () => {
  const parts = [2, 152, 302, 452];
  expect(codes(came(7500, 2, 152, 302), came(2600, ...parts), came(1200, 2, 152, 302))).toEqual([]);
  expect(codes(came(7500, 2), came(2600, 2), came(1200, 2))).toEqual([]);
});

it("what comes through on another connection is not kept", () => {
  expect(codes(came(7500, 2), halfSeconds, came(1200, 2, 900))).toEqual([]);
  expect(codes(nothing(7500), halfSeconds, came(1200, 2))).toEqual([]);
});

it("the head of a compressed body is nothing that came through", () => {
  const [head, more] = [
    { ...burst(3), events: 0 },
    { ...burst(500), events: 0 },
  ];
  const zipped: Watch = { ...came(1200, 3), encoding: "gzip", bodyBytes: 15 };
  const arrivals = { ...silence(1200), firstByteMs: 3, bursts: [head, more] };
  expect(codes(nothing(7500), halfSeconds, { ...zipped, arrivals })).toEqual(["buffering"]);
});

it("a silence is as long as the direct path makes it: a stream that speaks each 3 s may be silent for 7 s", () => {
  const slow = came(12_000, 3000, 6000, 9000);
  expect(codes(nothing(7000), slow)).toEqual([]);
  expect(codes(nothing(8000), slow)).toEqual(["buffering"]);
});
