/**
 * Which parts of a text a filter's words were found in, so that they can be marked: each word at the beginning of a word, ignoring
 * case; "in quotes" whole and side by side; Chinese, Japanese and Korean as they are written. Marks only: main decides what matches. Pure.
 */

/** A part of a text; `found` parts are marked. */
export type Part = { readonly text: string; readonly found: boolean };

/** Scripts that are written without gaps: each of their signs is found by itself. The same as main's search has. */
const names = ["Han", "Hira", "Kana", "Hang", "Bopo", "Yi", "Thai", "Lao", "Khmr", "Mymr", "Tibt"];
const signs = names.map((name) => `\\p{scx=${name}}`).join("");
const letters = `[[\\p{L}\\p{N}\\p{M}]--[${signs}]]`;
const runs = new RegExp(`[[${signs}]&&[\\p{L}\\p{N}]]+|${letters}+`, "gv");
const aWord = new RegExp(`^${letters}`, "v");
const gap = "[^\\p{L}\\p{N}]+";
/** Quotes of many keyboards. */
const terms = /["“”„«»「」『』]([^"“”„«»「」『』]*)(["“”„«»「」『』]?)|([^\s"“”„«»「」『』]+)/g;

/** What finds the words of a filter's text; null when there is nothing to find. */
export function patternOf(query: string): RegExp | null {
  const found = new Set<string>();
  for (const [, phrase, end, word] of query.normalize("NFKC").matchAll(terms)) {
    const source = sourceOf(phrase ?? word ?? "", phrase === undefined || end === "");
    if (source !== "") found.add(source);
  }
  if (found.size === 0) return null;
  // The longest first: of two words that begin alike, the whole of the longer one is marked.
  return new RegExp([...found].sort((a, b) => b.length - a.length).join("|"), "giv");
}

/** Words side by side, with any gap between them; what touches here touches there. `open`: the last word may go on. */
function sourceOf(term: string, open: boolean): string {
  let source = "";
  let before = -1;
  for (const { index, 0: run } of term.matchAll(runs)) {
    // Letters, digits and accents only: nothing of it means anything to a pattern.
    const starts = aWord.test(run) ? `(?<!${letters})` : "";
    source += (before === -1 || before === index ? "" : gap) + starts + run;
    before = index + run.length;
  }
  return open || source === "" ? source : `${source}(?!${letters})`;
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
