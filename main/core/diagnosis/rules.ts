/**
 * The table of causes: what the facts may mean, each with how sure that is, what shows it and whose lines change it. Every
 * rule looks at the facts alone; which of several that hold is the likeliest, their confidence says. The words are in the
 * catalogues, the lines in fixes.ts, and docs/troubleshooting.md is made from all three.
 */
import type { Finding } from "../../../preload/contract.ts";
import { heartbeatS } from "./fix-blocks.ts";
import { fixesOf, hasLines } from "./fixes.ts";
import { speakerOf } from "./own-words.ts";
import { type Case, namedFrom, type Rule } from "./rule.ts";
import { alteredRules } from "./rules-altered.ts";
import { answerRules } from "./rules-answer.ts";
import { deliveryRules } from "./rules-delivery.ts";
import { endingRules } from "./rules-ending.ts";
import { gatewayRules } from "./rules-gateway.ts";
import { reachRules } from "./rules-reach.ts";
import { refusalRules } from "./rules-refusal.ts";
import { resumeRules } from "./rules-resume.ts";
import { silenceRules } from "./rules-silence.ts";
import { unsteadyRules } from "./rules-unsteady.ts";

export const rules: readonly Rule[] = [
  ...reachRules,
  ...gatewayRules,
  ...refusalRules,
  ...answerRules,
  ...alteredRules,
  ...deliveryRules,
  ...silenceRules,
  ...endingRules,
  ...resumeRules,
  ...unsteadyRules,
];

/** Less sure than this is not worth a line. */
const leastSure = 0.25;
const maxFindings = 5;

/** What is wrong, the likeliest first. The same cause is named once, as the surest rule has it. */
export function findingsOf(seen: Case): Finding[] {
  const { host, port, path, encrypted } = seen.facts;
  const usual = {
    host,
    port,
    path,
    scheme: encrypted ? "http" : "https",
    heartbeat: heartbeatS,
  };
  const found = new Map<string, Finding>();
  for (const rule of rules) {
    const claim = rule.when(seen);
    if (claim === null || claim.confidence < leastSure) continue;
    const { confidence, evidence, product = null, severity = rule.severity, values = {} } = claim;
    if ((found.get(rule.code)?.confidence ?? 0) >= confidence) continue;
    const [fix, ...otherFixes] = fixesOf(rule.code, product ?? whoIsMeant(seen, rule.code), { ...usual, ...values });
    if (fix === undefined) continue;
    const plain = evidence.map(({ code, params }) => ({ code, params: { ...params } }));
    found.set(rule.code, { code: rule.code, severity, confidence, evidence: plain, fix, otherFixes });
  }
  return [...found.values()].sort((a, b) => b.confidence - a.confidence || rank(b) - rank(a)).slice(0, maxFindings);
}

/**
 * Whose configuration it is where a rule names nobody: who gave the answer, else the surest that is seen on the path and has
 * lines for this cause, else the surest of all. null: nobody is seen.
 */
function whoIsMeant({ facts, hops }: Case, code: string): string | null {
  const speaker = speakerOf(facts.plain?.answer ?? null);
  if (speaker !== null) return speaker.product;
  const seen = hops
    .filter(({ product, confidence }) => product !== "unknown" && confidence >= namedFrom)
    .toSorted((a, b) => b.confidence - a.confidence)
    .map(({ product }) => product);
  return seen.find((product) => hasLines(code, product)) ?? seen[0] ?? null;
}

function rank({ severity }: Finding): number {
  return severity === "broken" ? 1 : 0;
}
