/**
 * Whether the text of an event meets a query. This alone decides: an index may only leave out events that would not be met
 * (need.ts), so that what is indexed and what is not are searched with the same words.
 */
import { after, fold, kind, kindAt, tokenEnd, tokenStart, unescaped } from "./fold.ts";
import type { Query, Term } from "./query.ts";
import type { Token } from "./tokens.ts";

export type Searched = { readonly type: string; readonly id: string | null; readonly data: string };

/** Each term is looked for in type, id and data, and in the data as its escapes read; a term never spans two of them. */
export function meets(query: Query, { type, id, data }: Searched): boolean {
  let folded: string | undefined;
  let read: string | undefined;
  // Almost every event fails at the first term, so nothing is made ready for the others.
  for (const term of query) {
    folded ??= fold(data);
    if (occurs(term, folded) || occurs(term, fold(type)) || (id !== null && occurs(term, fold(id)))) continue;
    read ??= fold(unescaped(data) ?? "");
    if (!occurs(term, read)) return false;
  }
  return true;
}

/** Looks for the first token as plain text, which is fast, and only then at what it is a part of. */
export function occurs({ tokens, isOpen }: Term, folded: string): boolean {
  const [first] = tokens;
  for (let at = folded.indexOf(first.text); at >= 0; at = folded.indexOf(first.text, at + 1)) {
    if (isStart(folded, at, first.isSign) && follows(tokens, isOpen, folded, at)) return true;
  }
  return false;
}

/** Whether a token begins at `at`: a sign wherever it stands, a word where no word goes on. */
function isStart(text: string, at: number, isSign: boolean): boolean {
  if (isSign || at === 0) return true;
  let before = at;
  // Marks belong to what is before them; those behind a gap are a part of it.
  do before = previous(text, before);
  while (before > 0 && kindAt(text, before) === kind.mark);
  return kindAt(text, before) !== kind.word;
}

function previous(text: string, at: number): number {
  return at >= 2 && after(text, at - 2) === at ? at - 2 : at - 1;
}

function follows(tokens: readonly Token[], isOpen: boolean, text: string, from: number): boolean {
  let at = from;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const start = tokenStart(text, at);
    if (token.isSign && tokens[i - 1]?.isSign === true && token.touches && start !== at) return false;
    if (!text.startsWith(token.text, start)) return false;
    at = tokenEnd(text, start);
    const mayGoOn = isOpen && i === tokens.length - 1;
    if (at !== start + token.text.length && !mayGoOn) return false;
  }
  return true;
}
