/**
 * Which parts of a text a filter's words were found in, so that they can be marked: each word at the beginning of a word, ignoring
 * case; "in quotes" side by side; Chinese, Japanese and Korean as they are written. Marks only: what matches is decided in main. Pure.
 */

/** A part of a text; `found` parts are marked. */
export type Part = { readonly text: string; readonly found: boolean };

const scripts = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}";
const runs = new RegExp(`[${scripts}]+|[[\\p{L}\\p{N}\\p{M}]--[${scripts}]]+`, "gv");
const written = new RegExp(`^[${scripts}]`, "v");
const begins = `(?<![[\\p{L}\\p{N}\\p{M}]--[${scripts}]])`;

/** What finds the words of a filter's text; null when there is nothing to find. */
export function patternOf(query: string): RegExp | null {
  const found = new Set<string>();
  for (const [, quoted, bare] of query.matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    const words = (quoted ?? bare ?? "").match(runs) ?? [];
    if (words.length === 0) continue;
    if (quoted === undefined) for (const word of words) found.add(sourceOf(word));
    else found.add(words.map(sourceOf).join("[^\\p{L}\\p{N}]*"));
  }
  if (found.size === 0) return null;
  // The longest first: of two words that begin alike, the whole of the longer one is marked.
  const sources = [...found].sort((a, b) => b.length - a.length);
  return new RegExp(sources.join("|"), "giv");
}

/** Letters, digits and accents only: nothing of it means anything to a pattern. */
function sourceOf(word: string): string {
  return written.test(word) ? word : `${begins}${word}`;
}

/** The text in parts, in order, with at most `most` marks. */
export function partsOf(text: string, pattern: RegExp | null, most = 100): readonly Part[] {
  if (pattern === null) return [{ text, found: false }];
  const parts: Part[] = [];
  let end = 0;
  let marks = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "") continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), found: false });
    parts.push({ text: match[0], found: true });
    end = match.index + match[0].length;
    if (++marks === most) break;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end), found: false });
  return parts;
}
