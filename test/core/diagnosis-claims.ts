/** What the rules claim of facts, as one line each, and tables of such lines. */
import { expect, it } from "vitest";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import type { HopView } from "../../preload/contract.ts";
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
