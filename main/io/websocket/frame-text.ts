/**
 * What the text of one frame could be: JSON with named fields, SSE text, or nchan's message with its head. Pure; which of
 * them a connection speaks is decided in frame-reader.ts.
 */

/** Named fields of one frame. `id` null: it had none; `badId`: it had one that is no text and no number. */
export type Envelope = {
  readonly id: string | null;
  readonly badId: boolean;
  readonly type: string;
  readonly data: string;
};

/** The subprotocol by which nchan puts ids in front of its messages. */
export const nchanProtocol = "ws+meta.nchan";

/** A JSON object as the user says it is one of events: fields that are not ours are left out, without `data` all of it is. */
export function readJson(text: string): Envelope | null {
  const fields = parseObject(text);
  return fields === null ? null : envelopeOf(text, fields);
}

/**
 * The same where nobody said so: only an object in which nothing would be lost or guessed. It has `data`, at least one of
 * `id`, `event`, `type`, and no other field; names are texts, and `event` and `type` do not contradict each other.
 */
export function recogniseJson(text: string): Envelope | null {
  const fields = parseObject(text);
  return fields !== null && isEnvelope(fields) ? envelopeOf(text, fields) : null;
}

function isEnvelope({ id, event, type, data, ...others }: Fields): boolean {
  const names = [event, type].filter((value) => value !== undefined);
  if (Object.keys(others).length > 0 || data === undefined || (id === undefined && names.length === 0)) return false;
  if (names.some((name) => typeof name !== "string") || new Set(names).size > 1) return false;
  return id === undefined || id === null || typeof id === "string" || typeof id === "number";
}

function envelopeOf(text: string, { id, event, type, data }: Fields): Envelope {
  const isText = typeof data === "string" || data === undefined;
  // What was no text is told as it was written: ids of 64 bits do not fit a number. Looked up only then.
  const sources = isText && typeof id !== "number" ? none : fieldSources(text);
  const named = [event, type].find((value) => typeof value === "string");
  const ownId = typeof id === "number" ? sources.get("id") : id;
  return {
    id: typeof ownId === "string" ? ownId : null,
    badId: ownId !== undefined && ownId !== null && typeof ownId !== "string",
    type: named ?? "",
    data: data === undefined ? text : typeof data === "string" ? data : (sources.get("data") ?? ""),
  };
}

type Fields = { readonly [name: string]: unknown };
const none: ReadonlyMap<string, string> = new Map();

/** The fields of a JSON object; null when the text is no object. */
function parseObject(text: string): Fields | null {
  if (!/^\s*\{/.test(text)) return null;
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return null;
  }
}

/** The text of each value of an object, its key before it. Only for text that JSON.parse has taken. */
function fieldSources(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let [depth, from] = [0, 0];
  let key: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '"') i = endOfString(text, i);
    if (char === "}" || char === "]") depth -= 1;
    if (depth === 1 && char === ":") key = JSON.parse(text.slice(from, i)) as string;
    const ends = (depth === 1 && char === ",") || (depth === 0 && char === "}");
    if (ends && key !== null) found.set(key, text.slice(from, i).trim());
    if (ends) key = null;
    if (char === "{" || char === "[") depth += 1;
    if (depth === 1 && (char === ":" || char === "," || char === "{")) from = i + 1;
  }
  return found;
}

/** Index of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charAt(end - 1 - slashes) === "\\") slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}

const sseField = /^(?::|(?:id|event|data|retry)(?::|$))/;

/** The first line is one of SSE: a field or a comment. */
export function beginsAsSse(text: string): boolean {
  return sseField.test(/^[\r\n]*([^\r\n]{0,8})/.exec(text)?.[1] ?? "");
}

/**
 * SSE where nobody said so: every line is a known field, a comment or blank, and there is data. One lone `data:` line could
 * as well be somebody's text; a second field or the blank line at the end settles it.
 */
export function recogniseSse(text: string): boolean {
  if (!beginsAsSse(text)) return false;
  const lines = text.split(/\r\n|\n|\r/);
  if (!lines.every((line) => line === "" || sseField.test(line))) return false;
  const fields = new Set(
    lines.map((line) => line.slice(0, Math.max(0, line.indexOf(":")))).filter((name) => name !== ""),
  );
  return fields.has("data") && (fields.size > 1 || /(?:\n\n|\r\r|\r\n\r\n)$/.test(text));
}

/** nchan's `ws+meta.nchan`: `id:` and perhaps `content-type:` in lines, a blank one, then the message as it is. */
export function readNchan(text: string): Envelope | null {
  const head = /^id: ([^\n]{0,4096})\n(?:content-type: [^\n]{0,4096}\n)?\n/.exec(text);
  if (head === null) return null;
  return { id: head[1] ?? "", badId: false, type: "", data: text.slice(head[0].length) };
}
