/**
 * The newest rows of a stream, made of its records when somebody asks for them: of a flood only those that are drawn cost anything. A row
 * has memory of its own; a record holds on to the text it came in.
 */
import type { Row } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { cut, previewChars } from "./block.ts";
import { pause } from "./block-pack.ts";

type Records = readonly (ReceivedEvent | Mark)[];

/** Records in order. `before`: monotonic time of the event before the first of them; null: of an earlier run, or there is none. */
type Batch = { readonly first: number; readonly records: Records; readonly before: number | null };

/** Above this much text they are made into rows at once. */
const heldBytes = 1024 * 1024;

export class NewestRows {
  readonly #limit: number;
  #rows: readonly Row[];
  #batches: Batch[] = [];
  #count = 0;
  #bytes = 0;

  /** @param rows those before what is taken */
  constructor(limit: number, rows: readonly Row[]) {
    this.#limit = limit;
    this.#rows = rows;
  }

  /** @param first number of the first record */
  take(first: number, records: Records, before: number | null): void {
    const from = Math.max(0, records.length - this.#limit);
    const newest = from === 0 ? records : records.slice(from);
    const last = from === 0 ? before : (lastMono(records, from) ?? before);
    if (newest.length >= this.#limit) {
      this.#rows = [];
      this.#batches = [];
      [this.#count, this.#bytes] = [0, 0];
    }
    this.#batches.push({ first: first + from, records: newest, before: last });
    this.#count += newest.length;
    for (const record of newest) this.#bytes += "type" in record ? record.bytes : 0;
    if (this.#count > this.#limit * 2 || this.#bytes > heldBytes) this.#settle();
  }

  /** Oldest first, at most as many as the limit. */
  get rows(): readonly Row[] {
    this.#settle();
    return this.#rows;
  }

  /** As if these had been there before all that was taken. */
  behind(rows: readonly Row[]): void {
    this.#settle();
    this.#rows = joined(rows, this.#rows).slice(-this.#limit);
  }

  #settle(): void {
    if (this.#batches.length === 0) return;
    const made = this.#batches.flatMap(rowsOf);
    this.#rows = joined(this.#rows, made).slice(-this.#limit);
    this.#batches = [];
    [this.#count, this.#bytes] = [0, 0];
  }
}

/** Monotonic time of the last event among the first `end` of them, or null. */
export function lastMono(records: Records, end = records.length): number | null {
  for (let at = end - 1; at >= 0; at--) {
    const record = records[at] as ReceivedEvent | Mark;
    if ("type" in record) return record.mono;
  }
  return null;
}

/** Both. The first event of a run does not know how long ago the one before it came; its row does. */
function joined(before: readonly Row[], after: readonly Row[]): Row[] {
  const last = before.findLast((row) => row.kind === "event");
  const first = after.findIndex((row) => row.kind === "event");
  const row = after[first];
  if (last === undefined || row?.kind !== "event" || row.gapMs !== null) return [...before, ...after];
  return [...before, ...after.with(first, { ...row, gapMs: pause(last.at, row.at) })];
}

function rowsOf({ first, records, before }: Batch): Row[] {
  let last = before;
  return records.map((record, i) => {
    const row = rowOf(record, first + i, last);
    if ("type" in record) last = record.mono;
    return row;
  });
}

/** A row as the worker makes it of a record (block.ts). @param before monotonic time of the event before it */
function rowOf(record: ReceivedEvent | Mark, seq: number, before: number | null): Row {
  if (!("type" in record)) {
    const { at, mark, failure, params } = record;
    return { kind: "mark", seq, at, mark, failure, params };
  }
  const { receivedAt: at, mono, type, bytes, generation, flags } = record;
  const id = record.id === null ? null : owned(record.id);
  const preview = owned(cut(record.data, previewChars));
  const gapMs = pause(before, mono);
  return { kind: "event", seq, at, gapMs, type, id, preview, bytes, generation, flags: [...flags] };
}

/** With memory of its own: a part of a string keeps the whole of it. */
const owned = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");
