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

/**
 * Compatibility form (so that full-width and half-width forms are the common ones), lower case, one small sigma. What is not seen goes
 * first, since it may keep a letter from its mark; and a small letter may have a form with its mark that the capital has not (J̌, ǰ).
 */
export function fold(text: string): string {
  if (!unsettled.test(text)) return text.toLowerCase();
  return text.replace(unseen, "").normalize("NFKC").toLowerCase().normalize("NFKC").replaceAll("ς", "σ");
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

const isMark = /\p{M}/u;
const isText = /[\p{L}\p{N}]/u;
const isSign =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Yi}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;

/** Of every code point, as far as it was met; 0 = not yet. */
const known = new Uint8Array(0x110000);

/**
 * Before the text and behind it there is a gap. Loops stop at the edges all the same: where one looked beyond, V8 took half as long
 * again for every event that was cut.
 * @param at where a character begins, not inside of one
 */
export function kindAt(text: string, at: number): Kind {
  const point = text.codePointAt(at) ?? 0;
  known[point] ||= look(String.fromCodePoint(point));
  return known[point] as Kind;
}

function look(character: string): Kind {
  if (isMark.test(character)) return kind.mark;
  if (!isText.test(character)) return kind.gap;
  return isSign.test(character) ? kind.sign : kind.word;
}

/** Where the character after the one at `at` begins. */
export function after(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? at + 2 : at + 1;
}

/** Where the token that begins at `at` ends: a word goes on with words and marks, a sign with marks. */
export function tokenEnd(text: string, at: number): number {
  const first = kindAt(text, at);
  let end = after(text, at);
  while (end < text.length && goesOn(first, kindAt(text, end))) end = after(text, end);
  return end;
}

function goesOn(first: Kind, next: Kind): boolean {
  return next === kind.mark || (next === kind.word && first === kind.word);
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
