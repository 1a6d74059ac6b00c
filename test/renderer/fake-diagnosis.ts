/**
 * Diagnoses for the fake bridge: each outcome that there is. The facts are invented (fake-facts.ts); stages, hops, causes and the
 * report are what the real core makes of them.
 */
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { maskedView } from "../../main/core/diagnosis/masked-view.ts";
import { createMasks } from "../../main/core/diagnosis/masks.ts";
import { json, markdown, type Speak } from "../../main/core/diagnosis/report.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import type { DiagnosisView, StageName } from "../../preload/contract.ts";
import { type Locale, words } from "../../preload/words.ts";
import { fakeFacts } from "./fake-facts.ts";

const second = 1000;

/** What a run knows beside its facts. */
type About = Pick<DiagnosisView, "stream" | "elapsedMs" | "requests"> & {
  readonly stopped?: NonNullable<DiagnosisView["stopped"]>["code"];
};

/** As main/io/probe/run.ts makes it. @param running what is being asked; null: it is over */
export function fakeView(now: number, facts: Facts, about: About, running: StageName | null = null): DiagnosisView {
  const { stream, elapsedMs, requests, stopped } = about;
  return {
    target: `https://${facts.host}${facts.path}`,
    stream,
    running: running !== null,
    startedAt: running === null ? now - 20 * second : now - elapsedMs,
    elapsedMs,
    requests,
    ...diagnosisOf(facts, hopsOf(observationsOf(facts)), { running, over: running === null }),
    stopped: stopped === undefined ? null : { code: stopped, params: {} },
  };
}

/** By name; `now` is when the picture is taken. */
export function fakeDiagnoses(now: number) {
  const { reached, opened, mute, noRoute, healthy, undecided, budget } = fakeFacts;
  const deploys = "deploys";
  return {
    mute: fakeView(now, mute, { stream: deploys, elapsedMs: 8910, requests: 4 }),
    noRoute: fakeView(now, noRoute, { stream: "edge", elapsedMs: 420, requests: 2 }),
    healthy: fakeView(now, healthy, { stream: "orders", elapsedMs: 11_800, requests: 8 }),
    undecided: fakeView(now, undecided, { stream: "stock", elapsedMs: 11_900, requests: 5 }),
    /** It waits for what shows a rhythm. */
    listening: fakeView(now, reached, { stream: deploys, elapsedMs: 1400, requests: 1 }, "buffering"),
    running: fakeView(now, opened, { stream: deploys, elapsedMs: 3000, requests: 3 }, "compression"),
    cancelled: fakeView(now, opened, { stream: deploys, elapsedMs: 4100, requests: 3, stopped: "cancelled" }),
    budget: fakeView(now, budget, { stream: deploys, elapsedMs: 12_000, requests: 4, stopped: "budget" }),
  } satisfies Record<string, DiagnosisView>;
}

export type FakeDiagnosis = keyof ReturnType<typeof fakeDiagnoses>;

/** The report as main writes it (main/diagnosis.ts): masked, in the language of the window. */
export function fakeReport(kind: "markdown" | "json", view: DiagnosisView, locale: Locale): string {
  const shown = maskedView(view, createMasks({ urls: [view.target], secrets: [] }));
  if (kind === "json") return json(shown);
  const speak = words(locale) as Speak;
  const at = `${new Date(view.startedAt).toISOString().slice(0, 16)}Z`;
  return `${markdown(shown, speak, at)}\n${speak.sayCode("report", "masked", {}, "evidence.unknown")}\n`;
}
