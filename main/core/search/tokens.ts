/**
 * A text cut into what can be found in it: words (of letters and digits, so that order.created, node_down and user@host are two
 * each) and the signs of scripts written without gaps. And the terms under which an index files it.
 */
import { fold, kind, kindAt, tokenEnd, tokenStart, unescaped } from "./fold.ts";

/** `touches`: stands right behind the token before it. */
export type Token = { readonly text: string; readonly isSign: boolean; readonly touches: boolean };

/** Of a folded text. */
export function tokens(folded: string): Token[] {
  const found: Token[] = [];
  let before = -1;
  for (let at = tokenStart(folded, 0); at < folded.length; ) {
    const end = tokenEnd(folded, at);
    found.push({ text: folded.slice(at, end), isSign: kindAt(folded, at) === kind.sign, touches: at === before });
    before = end;
    at = tokenStart(folded, end);
  }
  return found;
}

/** UTF-16 units of a term; what is longer is filed by its beginning, and the matcher looks at the rest. */
export const termChars = 32;

export const termOf = (word: string): string => word.slice(0, termChars);

/**
 * Adds the terms of an event to those of its group: its words, each two signs that touch, and each sign that touches none after
 * it, so that a single sign is found as the beginning of a term. Escaped text is filed both ways.
 */
export function addTerms(event: { type: string; id: string | null; data: string }, into: Set<string>): void {
  into.add(typeTerm(event.type));
  add(fold(event.type), into);
  if (event.id !== null) add(fold(event.id), into);
  add(fold(event.data), into);
  const read = unescaped(event.data);
  if (read !== null) add(fold(read), into);
}

function add(folded: string, into: Set<string>): void {
  let sign = "";
  let signEnd = 0;
  for (let at = tokenStart(folded, 0); at < folded.length; ) {
    const end = tokenEnd(folded, at);
    const text = folded.slice(at, end);
    const isSign = kindAt(folded, at) === kind.sign;
    if (sign !== "") into.add(termOf(isSign && at === signEnd ? sign + text : sign));
    if (!isSign) into.add(termOf(text));
    sign = isSign ? text : "";
    signEnd = end;
    at = tokenStart(folded, end);
  }
  if (sign !== "") into.add(termOf(sign));
}

/** Files a type's exact name; two may share a term, which only costs a look. FNV-1a over UTF-16 units. */
export function typeTerm(type: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < type.length; i++) hash = Math.imul(hash ^ type.charCodeAt(i), 0x01000193) >>> 0;
  return `=${hash.toString(36)}`;
}
