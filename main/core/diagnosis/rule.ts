/** The shape of a rule, and what all rules say their evidence with. */
import type { Finding, HopView } from "../../../preload/contract.ts";
import type { Facts } from "./facts.ts";

export type Coded = { readonly code: string; readonly params: Record<string, string | number> };

/** What a rule sees: the facts, and who stands on the path. */
export type Case = { readonly facts: Facts; readonly hops: readonly HopView[] };

/** A rule that holds. */
export type Claim = {
  /** 0 to 1: how likely this is the cause of what is wrong. */
  readonly confidence: number;
  readonly evidence: readonly Coded[];
  /** Whose configuration is meant; null: whoever answered or is seen on the path (rules.ts). */
  readonly product?: string | null;
  /** Where it is not the rule's usual one. */
  readonly severity?: Finding["severity"];
  /** Figures for the lines to change. */
  readonly values?: Readonly<Record<string, string | number>>;
};

export type Rule = {
  readonly code: string;
  readonly severity: Finding["severity"];
  readonly when: (seen: Case) => Claim | null;
};

/** Times and counts are said to a tenth; a confidence is a share, and stays as it is. */
export function said(code: string, params: Record<string, string | number> = {}): Coded {
  const whole = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === "number" && name !== "confidence" ? Math.round(value * 10) / 10 : value,
  ]);
  return { code, params: Object.fromEntries(whole) };
}

/** What is worth saying of those that hold. */
export function those(...evidence: readonly (Coded | false | null)[]): Coded[] {
  return evidence.filter((each) => each !== false && each !== null);
}

/**
 * Who is less sure than this is a hint: it may make a cause likelier, and is blamed for none. The lines to change are those of
 * somebody who was seen, and what helps whoever that is where nobody was.
 */
export const namedFrom = 0.5;

/** The surest hop of these products that may be blamed, or null. @param atLeast 0: hints count as well */
export function hopAmong(hops: readonly HopView[], products: readonly string[], atLeast = namedFrom): HopView | null {
  const [best] = hops
    .filter(({ product, confidence }) => products.includes(product) && confidence >= atLeast)
    .toSorted((a, b) => b.confidence - a.confidence);
  return best ?? null;
}

export function hopSaid(hop: HopView | null): Coded | null {
  return hop === null ? null : said("product", { product: hop.product, confidence: hop.confidence });
}

/** What is sooner needs no figure, ms. */
const atOnceMs = 50;

/** How late an answer or its lack was. */
export function answeredSaid(ms: number): Coded {
  return ms < atOnceMs ? said("answered-at-once") : said("answered-after", { ms });
}
