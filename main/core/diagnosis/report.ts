/**
 * A diagnosis as text: Markdown for people, JSON for programs. It is handed the words; it decides nothing. What is to leave
 * this computer is masked before (masked-view.ts).
 * In the JSON the promised keys come first, further ones after them.
 */
import type { DiagnosisView, Fix } from "../../../preload/contract.ts";
import type { Coded } from "./rule.ts";

/** What of words.ts is needed here: sentences of codes. */
export type Speak = {
  readonly locale: string;
  sayCode(prefix: string, code: string, values: Record<string, string | number>, fallback: string): string;
};

type Params = Record<string, string | number>;

/** A product as it calls itself. */
export function productName(speak: Speak, product: string): string {
  return speak.sayCode("product", product, {}, "product.other");
}

/** One piece of evidence as a sentence. */
export function evidenceText(speak: Speak, { code, params }: Coded): string {
  const { product } = params;
  const values = typeof product === "string" ? { ...params, product: productName(speak, product) } : params;
  return speak.sayCode("evidence", code, values, "evidence.unknown");
}

/** The shape that `diagnose --json` promises. */
export function reportJson(view: DiagnosisView): Record<string, unknown> {
  const findings = view.findings.map(({ code, severity, confidence, evidence, fix, otherFixes }) => ({
    code,
    confidence,
    evidence,
    fix,
    severity,
    otherFixes,
  }));
  return {
    target: view.target,
    verdict: view.verdict ?? "undecided",
    hops: view.hops,
    findings,
    stages: view.stages,
    requests: view.requests,
    elapsedMs: view.elapsedMs,
    proxyLatency: view.proxyLatency,
    stopped: view.stopped,
  };
}

/** The same as text. */
export function json(view: DiagnosisView): string {
  return `${JSON.stringify(reportJson(view), null, 2)}\n`;
}

/** @param at when it was made, as the user reads it; "" leaves it out */
export function markdown(view: DiagnosisView, speak: Speak, at: string): string {
  const say = (code: string, values: Params = {}) => speak.sayCode("report", code, values, "evidence.unknown");
  const verdict = `**${speak.sayCode("verdict", view.verdict ?? "undecided", {}, "evidence.unknown")}**`;
  const { elapsedMs: ms, requests } = view;
  const head = [
    `# ${say("title")}`,
    "",
    `- ${pair(say, say("verdict"), aside(say, verdict, held(view, speak)))}`,
    `- ${pair(say, say("target"), `\`${view.target}\``)}`,
    ...(at === "" ? [] : [`- ${pair(say, say("when"), at)}`]),
    `- ${say("took", { ms, requests })}`,
    `- ${latency(view, say)}`,
    ...(view.stopped === null ? [] : [`- ${say(`stopped-${view.stopped.code}`)}`]),
  ];
  return `${[...head, ...path(view, speak, say), ...findings(view, speak, say), ...stages(view, speak, say), ...asked(view, say)].join("\n")}\n`;
}

/** Healthy is what was watched, and no more than that: how long it was belongs to the word. */
function held({ verdict, stages }: DiagnosisView, speak: Speak): string {
  const result = stages.find(({ stage }) => stage === "hold")?.result ?? null;
  if (verdict !== "healthy" || result === null) return "";
  return speak.sayCode("verdict", "held", result.params, "evidence.unknown");
}

/** A path that no route has is asked for after the first answer, or after none. */
function asked({ requests }: DiagnosisView, say: Say): string[] {
  return requests > 1 ? ["", say("asked-unrouted")] : [];
}

type Say = (code: string, values?: Params) => string;

/** A name and what it is: the colon is the language's. */
function pair(say: Say, name: string, value: string): string {
  return say("pair", { name, said: value });
}

/** What stands in brackets behind a text; "" leaves it out. */
function aside(say: Say, text: string, more: string): string {
  return more === "" ? text : say("aside", { name: text, said: more });
}

function latency({ proxyLatency }: DiagnosisView, say: Say): string {
  if (proxyLatency === null) return say("latency-unknown");
  return aside(say, say("latency", { ms: proxyLatency.ms }), say(`latency-${proxyLatency.by}`));
}

function path({ hops }: DiagnosisView, speak: Speak, say: Say): string[] {
  const named = hops.map(({ product, version, role, confidence, evidence }) => {
    const why = evidence.map((one) => evidenceText(speak, one)).join(say("semicolon"));
    const name = `${productName(speak, product)}${version === null ? "" : ` ${version}`}`;
    const about = [say(`role-${role}`), say("confidence", { value: confidence })].join(say("comma"));
    // What is known of it may be its place alone.
    return why === "" ? aside(say, name, about) : pair(say, aside(say, name, about), why);
  });
  const all = [say("you"), ...(named.length === 0 ? [say("nobody")] : named), say("origin")];
  return ["", `## ${say("path")}`, "", ...all.map((each, i) => `${i + 1}. ${each}`)];
}

function findings(view: DiagnosisView, speak: Speak, say: Say): string[] {
  const lines = ["", `## ${say("findings")}`, ""];
  if (view.findings.length === 0) return [...lines, say("nothing-found")];
  const each = view.findings.flatMap(({ code, confidence, evidence, fix }, i) => {
    const title = speak.sayCode("finding", `${code}.title`, {}, "finding.unknown");
    const why = speak.sayCode("finding", `${code}.why`, {}, "finding.unknown");
    const shown = evidence.map((one) => `- ${evidenceText(speak, one)}`);
    const about = [`\`${code}\``, say("confidence", { value: confidence })].join(say("comma"));
    const heading = `### ${i + 1}. ${aside(say, title, about)}`;
    return [heading, "", why, "", ...shown, "", ...change(fix, speak, say), ""];
  });
  return [...lines, ...each].slice(0, -1);
}

function change({ product, text }: Fix, speak: Speak, say: Say): string[] {
  return [say("change", { product: productName(speak, product) }), "", "```", text, "```"];
}

function stages(view: DiagnosisView, speak: Speak, say: Say): string[] {
  const rows = view.stages.map(({ stage, state, result, needsMs }) => {
    const name = speak.sayCode("stage", stage, {}, "stage.unknown");
    const mark = speak.sayCode("stage-state", state, {}, "stage.unknown");
    const said = stageText(view, result, stage, speak);
    const needs = needsMs === null ? "" : speak.sayCode("stage", "needs", { ms: needsMs }, "stage.unknown");
    const seen = [mark, said].filter((each) => each !== "").join(say("comma"));
    return `- ${pair(say, name, needs === "" ? seen : [seen, needs].join(say("semicolon")))}`;
  });
  return ["", `## ${say("stages")}`, "", ...rows];
}

function stageText(view: DiagnosisView, result: Coded | null, stage: string, speak: Speak): string {
  if (result === null) return "";
  const unlooked = result.code === "not-reached" ? unlookedBecause(view) : null;
  if (unlooked !== null) return speak.sayCode("stage", unlooked, {}, "stage.unknown");
  return speak.sayCode(`stage.${stage}`, result.code, result.params, "stage.unknown");
}

/**
 * Headers came, and by them there was nothing to look at behind them: that is not the same as never having got there. The
 * window says it likewise (renderer/text/diagnosis-words.ts). Null: nothing answered, or an event stream did.
 */
function unlookedBecause({ stages }: DiagnosisView): "error-answer" | "no-stream" | null {
  const of = (name: string) => stages.find(({ stage }) => stage === name);
  const status = of("status")?.result?.params["status"];
  if (typeof status === "number" && status >= 400) return "error-answer";
  return of("content-type")?.state === "failed" ? "no-stream" : null;
}
