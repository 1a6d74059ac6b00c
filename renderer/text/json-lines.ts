/**
 * JSON laid out one value a line, to be compared by lines. Goes through the text and never through a value: numbers stay as they
 * were written, and depth costs nothing. Expects JSON; of anything else it makes lines that mean nothing. Pure.
 */

/** Deeper than this, lines are set in no further. */
const deepestIndent = 40;

/** The text with line breaks and spaces where a reader wants them, and nowhere else. */
export function layOut(text: string): string {
  let out = "";
  let depth = 0;
  let at = 0;
  const line = (): string => `\n${"  ".repeat(Math.min(depth, deepestIndent))}`;
  while (at < text.length) {
    const sign = text[at] as string;
    if (sign === '"') {
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end;
      continue;
    }
    at++;
    if (sign === "{" || sign === "[") {
      const closes = /\s*[}\]]/y;
      closes.lastIndex = at;
      if (closes.test(text)) {
        out += sign + (sign === "{" ? "}" : "]");
        at = closes.lastIndex;
        continue;
      }
      depth++;
      out += sign + line();
    } else if (sign === "}" || sign === "]") {
      depth--;
      out += line() + sign;
    } else if (sign === ",") out += sign + line();
    else if (sign === ":") out += ": ";
    else if (!/\s/.test(sign)) out += sign;
  }
  return out;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
