/** A text with the words of a filter marked in it. Made of elements, never of HTML: the text is the network's. */
import type { ReactNode } from "react";
import { partsOf } from "../text/found-words.ts";

/** As it is where nothing is found. */
export function Found({ text, pattern }: { text: string; pattern: RegExp | null }) {
  if (pattern === null) return text;
  let at = 0;
  return partsOf(text, pattern).map((part): ReactNode => {
    const start = at;
    at += part.text.length;
    return part.found ? <mark key={start}>{part.text}</mark> : part.text;
  });
}
