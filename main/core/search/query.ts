/**
 * What the user wrote into the search field, read: terms that must all be found. Every text is a query; nothing in it is a
 * mistake. Whether an event meets it, matcher.ts says.
 */
import { fold } from "./fold.ts";
import { type Token, tokens } from "./tokens.ts";

/**
 * Tokens that stand side by side in the text, whatever gaps are between them; signs that touch here touch there. `isOpen`: the last
 * word may go on. Outside of quotes it may, as in quotes that are not closed yet.
 */
export type Term = { readonly tokens: readonly [first: Token, ...rest: Token[]]; readonly isOpen: boolean };

export type Query = readonly Term[];

/** Characters that are written for quotes, also by Chinese and German keyboards. */
const quoted = /["“”„«»「」『』]([^"“”„«»「」『』]*)(["“”„«»「」『』]?)|([^\s"“”„«»「」『』]+)/g;

/** Empty when the text holds nothing that could be found: it then asks for nothing. */
export function parseQuery(text: string): Query {
  const query: Term[] = [];
  for (const [, phrase, end, word] of text.matchAll(quoted)) {
    const [first, ...rest] = tokens(fold(phrase ?? word ?? ""));
    if (first !== undefined) query.push({ tokens: [first, ...rest], isOpen: phrase === undefined || end === "" });
  }
  return query;
}
