/**
 * How text is made alike before it is compared: one form for what looks the same, in lower case. What a folded text's characters
 * are to the search stands here too; nothing of words and queries does.
 */

/** Marks that are not seen: soft hyphens, variation selectors, zero-width characters. They never part a word. */
const unseen = /\u00AD|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/g;
/**
 * Whatever is not its own compatibility form, or may not be beside others. Not in here: ASCII, the common signs of Chinese, Japanese
 * and Korean, and their punctuation (gaps in either form). Most events have only those, and are folded in a fifth of the time.
 */
const unsettled =
  /[^\0-\x7f\u201c\u201d\u2026\u3000-\u3002\u3008-\u3011\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]/;

/** Compatibility form (so that full-width and half-width forms are the common ones), lower case, one small sigma. */
export function fold(text: string): string {
  if (!unsettled.test(text)) return text.toLowerCase();
  return text.normalize("NFKC").replace(unseen, "").toLowerCase().replaceAll("ς", "σ");
}

const escapes = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g;
const escaped: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * Text with JSON's escapes read, or null when it has none. Many servers write 发货 as \u53d1\u8d27, and a line break as \n
 * right before a word: whoever searches means the characters.
 */
export function unescaped(text: string): string | null {
  if (!text.includes("\\")) return null;
  const read = text.replace(escapes, (_, hex: string | undefined, letter: string | undefined) =>
    hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (escaped[letter ?? ""] ?? letter ?? ""),
  );
  return read === text ? null : read;
}

/**
 * What a character is: a gap between words, a part of a word, a mark that goes on with whatever is before it, or a sign of a script
 * that is written without gaps (Chinese, Japanese, Korean, Thai and their like), where each sign is found by itself.
 */
export const kind = { gap: 1, word: 2, mark: 3, sign: 4 } as const;
export type Kind = (typeof kind)[keyof typeof kind];

const isMark = /^\p{M}/u;
const isText = /^[\p{L}\p{N}]/u;
const isSign =
  /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Yi}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;

/** Of the characters of one UTF-16 unit, as far as they were met; 0 = not yet. */
const known = new Uint8Array(0x10000);

/** @param at where a character begins, not inside of one */
export function kindAt(text: string, at: number): Kind {
  const unit = text.charCodeAt(at);
  const before = known[unit];
  if (before !== undefined && before !== 0) return before as Kind;
  const point = text.codePointAt(at) ?? 0;
  const found = look(String.fromCodePoint(point));
  if (point < 0x10000 && !(unit >= 0xd800 && unit <= 0xdbff)) known[unit] = found;
  return found;
}

function look(character: string): Kind {
  if (isMark.test(character)) return kind.mark;
  if (!isText.test(character)) return kind.gap;
  return isSign.test(character) ? kind.sign : kind.word;
}

/** Where the character after the one at `at` begins. */
export function after(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return at + 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff ? at + 2 : at + 1;
}

/** Where the token that begins at `at` ends: a word goes on with words and marks, a sign with marks. */
export function tokenEnd(text: string, at: number): number {
  const isWord = kindAt(text, at) === kind.word;
  let end = after(text, at);
  while (end < text.length) {
    const next = kindAt(text, end);
    if (next !== kind.mark && !(isWord && next === kind.word)) break;
    end = after(text, end);
  }
  return end;
}

/** Where the next token begins, at `at` or after it; the text's length when none does. Marks that lean on a gap are gaps. */
export function tokenStart(text: string, at: number): number {
  let start = at;
  while (start < text.length) {
    const found = kindAt(text, start);
    if (found === kind.word || found === kind.sign) break;
    start = after(text, start);
  }
  return start;
}
