/**
 * What an index must have filed of a group of events for one of them to be found: terms joined by "and" and "or". It may ask for
 * less than the matcher does, never for more.
 */
import { fold } from "./fold.ts";
import type { Query } from "./query.ts";
import { type Token, termChars, termOf, tokens, typeTerm } from "./tokens.ts";

/** `any` of none is never met, `all` of none always. */
export type Need =
  | { readonly term: string; readonly isPrefix: boolean }
  | { readonly all: readonly Need[] }
  | { readonly any: readonly Need[] };

export const nothingNeeded: Need = { all: [] };

export const allOf = (needs: readonly Need[]): Need => {
  const kept = needs.flatMap((need) => ("all" in need ? need.all : [need]));
  return kept.length === 1 ? (kept[0] as Need) : { all: kept };
};

/** One that needs nothing makes the choice need nothing. */
export function anyOf(needs: readonly Need[]): Need {
  if (needs.some((need) => "all" in need && need.all.length === 0)) return nothingNeeded;
  return needs.length === 1 ? (needs[0] as Need) : { any: needs };
}

export function needOfQuery(query: Query): Need {
  return allOf(query.map(({ tokens: some, isOpen }) => needOfTokens(some, isOpen)));
}

export const needOfTypes = (types: readonly string[]): Need =>
  types.length === 0 ? nothingNeeded : anyOf(types.map((type) => ({ term: typeTerm(type), isPrefix: false })));

/** What a text must leave in the index that is a whole string between gaps: a member's name, a string's value. */
export const needOfString = (text: string): Need => needOfTokens(tokens(fold(text)), false);

function needOfTokens(some: readonly Token[], isOpen: boolean): Need {
  const needs: Need[] = [];
  for (let i = 0; i < some.length; i++) {
    const { text, isSign, touches } = some[i] as Token;
    const next = some[i + 1];
    if (!isSign) {
      needs.push(filed(text, isOpen && next === undefined));
    } else if (next?.isSign === true && next.touches) {
      // The last sign of several may go on with marks, which belong to its term.
      needs.push(filed(text + next.text, isOpen && i + 2 === some.length));
    } else if (some[i - 1]?.isSign !== true || !touches) {
      needs.push(filed(text, true));
    }
  }
  return allOf(needs);
}

/** A term as long as terms can be stands for all words that begin with it: it is filed as itself. */
const filed = (text: string, isPrefix: boolean): Need => ({
  term: termOf(text),
  isPrefix: isPrefix && text.length < termChars,
});

/** Such terms are in about every event, and finding that out costs more than looking. */
const oneLetter = /^[a-z0-9]$/;

/** Leaves out what an index answers slowly and hardly narrows. */
export function cheaply(need: Need): Need {
  if ("all" in need) return allOf(need.all.map(cheaply));
  if ("any" in need) return anyOf(need.any.map(cheaply));
  return oneLetter.test(need.term) ? nothingNeeded : need;
}
