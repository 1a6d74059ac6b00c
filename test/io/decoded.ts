/** What SseDecoder makes of bytes, as plain values; and WHATWG's own algorithm, slow and literal, to hold it against. */
import type { ParsedEvent } from "../../main/core/connection/connection-state.ts";
import { defaultLimits, type Limits, SseDecoder } from "../../main/io/sse/sse-decoder.ts";

export type Told =
  | { readonly event: ParsedEvent }
  | { readonly comment: string }
  | { readonly retry: number }
  | { readonly cursor: string }
  | { readonly skipped: true };

/** How often the decoder said that nothing is left open, beside what it told. */
export function settledTimes(input: string, cuts: readonly number[] = []): number {
  let times = 0;
  const nothing = { events() {}, comment() {}, retry() {}, cursor() {}, skipped() {} };
  const decoder = new SseDecoder("", { ...nothing, settled: () => void times++ });
  let start = 0;
  for (const end of [...cuts, input.length]) {
    decoder.feed(Buffer.from(input.slice(start, end)));
    start = end;
  }
  return times;
}

/** @param cuts where the bytes are cut into chunks */
export function decode(
  input: string | Uint8Array,
  cuts: readonly number[] = [],
  limits: Limits = defaultLimits,
  from = "",
) {
  const bytes = typeof input === "string" ? Buffer.from(input) : Buffer.from(input);
  const told: Told[] = [];
  const decoder = new SseDecoder(
    from,
    {
      events: (events) => void told.push(...events.map((event) => ({ event }))),
      comment: (comment) => void told.push({ comment }),
      retry: (retry) => void told.push({ retry }),
      cursor: (cursor) => void told.push({ cursor }),
      skipped: () => void told.push({ skipped: true }),
      settled: () => {},
    },
    limits,
  );
  const ends = [...new Set([...cuts, bytes.length])].filter((n) => n <= bytes.length).sort((a, b) => a - b);
  let alive = true;
  let start = 0;
  for (const end of ends) {
    if (alive) alive = decoder.feed(bytes.subarray(start, end));
    start = end;
  }
  return { told, alive };
}

/** `type id lastEventId data` of each event. */
export function events(input: string | Uint8Array, cuts: readonly number[] = [], limits?: Limits, from?: string) {
  return decode(input, cuts, limits, from).told.flatMap((one) =>
    "event" in one ? [[one.event.type, one.event.id, one.event.lastEventId, one.event.data]] : [],
  );
}

/** HTML §9.2.6, line by line: [type, id, last event id, data] of each event of a whole stream. */
export function byTheBook(bytes: Uint8Array): (string | null)[][] {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r\n|\n|\r/);
  lines.pop();
  const found: (string | null)[][] = [];
  let [data, type, lastId] = ["", "", ""];
  let id: string | null = null;
  for (const line of lines) {
    if (line === "") {
      if (id !== null) lastId = id;
      if (data !== "") found.push([type === "" ? "message" : type, id, lastId, data.slice(0, -1)]);
      [data, type, id] = ["", "", null];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data += `${value}\n`;
    if (field === "event") type = value;
    if (field === "id" && !value.includes("\0")) id = value;
  }
  return found;
}
