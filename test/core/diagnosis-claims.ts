/** What the rules claim and the stages say of facts, as one line each, and tables of such lines. */
import { expect, it } from "vitest";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import { stagesOf } from "../../main/core/diagnosis/stages.ts";
import type { Finding, HopView, StageName } from "../../preload/contract.ts";
import { wellFacts } from "./diagnosis-facts.ts";

/** What differs from a healthy stream, and what is claimed of it where these hops are seen. */
export type Row = readonly [what: string, facts: Partial<Facts>, claim: string, ...hops: readonly HopView[]];

export function claims(code: string, rows: readonly Row[]): void {
  it.each(rows.map(([what, facts, claim, ...hops]) => ({ what, facts, claim, hops })))("$what", (row) => {
    expect(claimed(code, row.facts, ...row.hops)).toBe(row.claim);
  });
}

/**
 * What the rules for a cause claim, as one line: how sure, whose lines ("-": whoever is seen), and the evidence with its
 * figures; a severity in front where it is not the rule's usual one. "none" where no rule holds.
 */
export function claimed(code: string, facts: Partial<Facts>, ...hops: readonly HopView[]): string {
  const seen = { facts: { ...wellFacts, holds: [], ...facts }, hops };
  const mine = rules.filter((rule) => rule.code === code);
  const [claim] = mine.flatMap(({ when, severity }) => {
    const found = when(seen);
    return found === null ? [] : [{ severity, ...found, usual: severity }];
  });
  if (claim === undefined) return "none";
  const evidence = claim.evidence.map((each) => [each.code, ...Object.values(each.params)].join("="));
  const severity = claim.severity === claim.usual ? [] : [claim.severity];
  return [...severity, claim.confidence, claim.product ?? "-", ...evidence].join(" ");
}

/** What differs from a healthy stream, what the stage says of it, and the causes that were found. */
type Shown = readonly [what: string, facts: Partial<Facts>, line: string, ...found: readonly string[]];

/** What a stage says: state, code and figures; how long it took and what it would need, where it says so. */
export function shown(stage: StageName, more: Partial<Facts>, ...found: readonly string[]): string {
  const findings = found.map((code) => ({ code }) as Finding);
  const seen = stagesOf({ ...wellFacts, holds: [], ...more }, findings, { running: null, over: true }).find(
    (one) => one.stage === stage,
  );
  const { state, result, tookMs, needsMs } = seen ?? { state: "missing", result: null, tookMs: null, needsMs: null };
  const code = result === null ? [] : [[result.code, ...Object.values(result.params)].join("=")];
  const took = tookMs === null ? [] : [`took ${tookMs}`];
  const needs = needsMs === null ? [] : [`needs ${needsMs}`];
  return [state, ...code, ...took, ...needs].join(" ");
}

export const shows = (stage: StageName, rows: readonly Shown[]) =>
  it.each(rows.map(([what, facts, line, ...found]) => ({ what, facts, line, found })))(
    `${stage}: $what`,
    ({ facts, line, found }) => {
      expect(shown(stage, facts, ...found)).toBe(line);
    },
  );
