/**
 * Makes text from the network safe to look at: control, bidi and invisible characters become visible signs, so that content
 * can neither reorder the window nor hide in it. Not an HTML escape: React already writes text as text.
 */

/** Bidi controls, zero-width and other invisible characters, line separators, tags, and halves of a surrogate pair. */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const pictures = 0x2400;

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return "↵";
  if (code < 0x20) return String.fromCharCode(pictures + code);
  if (code === 0x7f) return "\u2421";
  return code > 0xffff
    ? `\\u{${code.toString(16).toUpperCase()}}`
    : `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** One line: line breaks and tabs are shown as signs, too. */
export function visibleLine(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(unseen, picture);
}

/** Many lines: line breaks and tabs keep their effect, everything else that is unseen shows. */
export function visibleBlock(text: string): string {
  return text.replace(unseen, (character) =>
    character === "\n" || character === "\t" ? character : picture(character),
  );
}
