/**
 * What is said of a diagnosis: stages, evidence, causes and the verdict. The sentences of codes are in the catalogue `diagnosis`;
 * a code of another version is named instead of being lost. Pure.
 */
import type { DiagnosisView, Finding, HopView, Params, StageView } from "../../preload/contract.ts";
import type { Key } from "../../preload/words.ts";
import type { Language } from "./language.tsx";
import { visibleLine } from "./visible-text.ts";

type Coded = HopView["evidence"][number];

/** What a product is called; the origin's own code is a place and not a name. */
export function productName({ sayCode }: Language, product: string): string {
  return visibleLine(sayCode("product", product, {}, "product.other"));
}

/** "nginx 1.22.1". */
export function hopName(language: Language, { product, version }: HopView): string {
  const name = productName(language, product);
  return version === null || version === "" ? name : `${name} ${visibleLine(version)}`;
}

/** What a stage looks at. */
export function stageName({ sayCode }: Language, stage: StageView["stage"]): string {
  return sayCode("stage", stage, {}, "stage.unknown");
}

/** What a stage measured, as a sentence; null before there is anything. `all`: the stages beside it. */
export function stageSentence(
  language: Language,
  { stage, result }: StageView,
  all: readonly StageView[],
): string | null {
  if (result === null) return null;
  const { code, params } = result;
  const unlooked = code === "not-reached" ? unlookedBecause(all) : null;
  if (unlooked !== null) return language.say(unlooked);
  return visibleLine(language.sayCode(`stage.${stage}`, code, said(language, params), "evidence.unknown"));
}

/**
 * Headers came, and by them there was nothing to look at behind them: that is not the same as never having got there. The report
 * says it likewise (main/core/diagnosis/report.ts). Null: nothing answered, or an event stream did.
 */
function unlookedBecause(all: readonly StageView[]): Key | null {
  const of = (name: StageView["stage"]) => all.find(({ stage }) => stage === name);
  const status = of("status")?.result?.params["status"];
  if (typeof status === "number" && status >= 400) return "stage.error-answer";
  return of("content-type")?.state === "failed" ? "stage.no-stream" : null;
}

/** Stages whose duration is what they measure; of the others it is only how long was looked. */
const timed: ReadonlySet<StageView["stage"]> = new Set(["dns", "proxy", "tcp", "tls", "headers-time", "first-byte"]);

/** The figure beside a stage: what it took, or what it would need. */
export function stageFigure(language: Language, view: StageView): string {
  const { say, format } = language;
  const { stage, state, tookMs, needsMs, result } = view;
  if (state === "undecided") return needsMs === null ? "" : say("diagnose.needs", { time: format.duration(needsMs) });
  const status = result?.params["status"];
  if (stage === "status" && status !== undefined) return String(status);
  if (tookMs === null || !timed.has(stage)) return "";
  if (state !== "ok" && state !== "warning" && state !== "failed") return "";
  return measured(language, tookMs);
}

/** A duration that may be short: on one's own computer things take less than a millisecond. */
export function measured({ say, format }: Language, ms: number): string {
  return ms < 10 ? say("unit.ms", { n: format.number(ms, 1) }) : format.duration(ms);
}

/** One piece of evidence. */
export function evidenceSentence(language: Language, { code, params }: Coded): string {
  return visibleLine(language.sayCode("evidence", code, said(language, params), "evidence.unknown"));
}

/** Parameters as the sentences want them: a product by its name. */
function said(language: Language, params: Params): Params {
  const { product } = params;
  return typeof product === "string" ? { ...params, product: productName(language, product) } : params;
}

/** The name of a cause. */
export function findingTitle({ sayCode }: Language, { code }: Finding): string {
  return visibleLine(sayCode("finding", `${code}.title`, { kind: code }, "diagnose.finding.unknown"));
}

/** What it is, and how it comes about. */
export function findingWhy({ sayCode }: Language, { code }: Finding): string {
  return visibleLine(sayCode("finding", `${code}.why`, { kind: code }, "diagnose.finding.whyUnknown"));
}

/** What ends it, in a few words. */
export function findingFix({ sayCode }: Language, { code }: Finding): string {
  return visibleLine(sayCode("finding", `${code}.fix`, { kind: code }, "diagnose.finding.fixUnknown"));
}

export type VerdictWords = { readonly word: string; readonly cause: string; readonly todo: string };

/** State, then cause, then what to do. It never says that nothing is wrong: only what was checked, and what was not. */
export function verdictWords(language: Language, view: DiagnosisView): VerdictWords {
  const { say } = language;
  const { verdict, stopped, findings, stages } = view;
  const [first] = findings;
  const word = say(verdict === null ? "diagnose.verdict.stopped" : `verdict.${verdict}`);
  const good = stages.filter(({ state }) => state === "ok").length;
  const facts: string[] = [];
  if (stopped !== null) facts.push(say(stoppedKey(stopped.code)));
  if (first !== undefined) {
    const product = productName(language, first.fix.product);
    facts.push(say("diagnose.todo.lines", { fix: findingFix(language, first), product }));
    if (findings.length > 1) facts.push(say("diagnose.todo.more", { count: findings.length - 1 }));
  } else {
    const open = undecidedWords(language, view);
    if (open !== null) facts.push(open);
    if (verdict === "healthy") facts.push(...heldWords(language, stages), say("diagnose.todo.healthy"));
    else facts.push(say(stopped === null && waitsForIdle(stages) ? "diagnose.todo.idle" : "diagnose.todo.again"));
  }
  return {
    word,
    cause: first === undefined ? noCause(language, view, good) : findingTitle(language, first),
    todo: facts.join(say("diagnose.between")),
  };
}

/** For how long a stream was watched belongs to the word that it is healthy. */
function heldWords({ say, format }: Language, stages: readonly StageView[]): string[] {
  const ms = stages.find(({ stage }) => stage === "hold")?.result?.params["ms"];
  return ms === undefined ? [] : [say("diagnose.todo.held", { time: format.duration(Number(ms)) })];
}

function noCause({ say }: Language, { verdict }: DiagnosisView, good: number): string {
  if (verdict === "healthy") return say("diagnose.cause.healthy", { count: good });
  return say("diagnose.cause.none", { count: good });
}

const stoppedKeys: Readonly<Record<NonNullable<DiagnosisView["stopped"]>["code"], Key>> = {
  cancelled: "diagnose.stopped.cancelled",
  budget: "diagnose.stopped.budget",
  requests: "diagnose.stopped.requests",
};
function stoppedKey(code: NonNullable<DiagnosisView["stopped"]>["code"]): Key {
  return stoppedKeys[code];
}

/** Of a stream that is never silent, no silence is to be measured. */
function waitsForIdle(stages: readonly StageView[]): boolean {
  return stages.some(
    ({ stage, state, result }) =>
      stage === "idle-cut" && (state === "undecided" || state === "skipped") && result?.code !== "never-silent",
  );
}

/** How many checks could not be told, and what they need; null when all could. */
function undecidedWords({ say, format }: Language, { stages }: DiagnosisView): string | null {
  const open = stages.filter(({ state }) => state === "undecided");
  if (open.length === 0) return null;
  const needsMs = Math.max(0, ...open.map((stage) => stage.needsMs ?? 0));
  const count = open.length;
  return needsMs === 0
    ? say("diagnose.undecided", { count })
    : say("diagnose.undecided.needs", { count, time: format.duration(needsMs) });
}
