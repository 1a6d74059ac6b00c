/** One record as one row, and rows into their table, some at a time. */
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import type { Connection } from "./journal-file.ts";
import { cut, previewChars } from "./journal-rows.ts";
import { columns } from "./journal-schema.ts";

type Row = { readonly seq: number; readonly kind: 0 | 1; readonly type: string | null };
/** `values` in the order of `columns`; `size`: roughly what it holds of memory, in bytes. */
export type StoredRow = { readonly row: Row; readonly values: readonly unknown[]; readonly size: number };

/** Longer data is not read for the list; below it, reading is cheaper than a second copy of its start. */
const inlineChars = 2000;
/** Rows of one statement: half the time of one by one, and far from SQLite's limit of parameters. */
const rowsAtOnce = 8;

/** mono, gap, type, id, last_id, endpoint, transport, generation, bytes, flags: a mark has none of them. */
const onlyEvents: readonly null[] = [null, null, null, null, null, null, null, null, null, null];

/** @param gapMs since the event before, null for the first of a stream and for marks */
export function toStoredRow(
  seq: number,
  stream: string,
  record: ReceivedEvent | Mark,
  gapMs: number | null,
): StoredRow {
  if ("mark" in record) {
    const failure = record.failure === null ? null : JSON.stringify(record.failure);
    const params = JSON.stringify(record.params);
    const values = [seq, stream, 1, record.at, ...onlyEvents, record.mark, failure, params, null, null];
    return { row: { seq, kind: 1, type: null }, values, size: 200 + params.length };
  }
  const { type, id, lastEventId, endpoint, transport, generation, bytes, data } = record;
  const preview = data.length > inlineChars || data.includes("\0") ? cut(data, previewChars) : null;
  const flags = record.flags.filter((flag) => flag !== "unsaved").join(" ");
  const head = [seq, stream, 0, record.receivedAt, record.mono, gapMs, type, id, lastEventId, endpoint, transport];
  const values = [...head, generation, bytes, flags, null, null, null, preview, data];
  return { row: { seq, kind: 0, type }, values, size: 300 + bytes };
}

export function insertDisk(db: Connection, rows: readonly StoredRow[]): void {
  insert(
    db,
    `disk.entries (${columns})`,
    rows.map((row) => row.values),
  );
}

/** @param unsaved the disk refused them; else their stream keeps nothing */
export function insertMemory(db: Connection, rows: readonly StoredRow[], unsaved: boolean): void {
  const values = rows.map((row) => [...row.values, unsaved ? 1 : 0]);
  insert(db, `main.entries (${columns}, unsaved)`, values);
}

function insert(db: Connection, into: string, rows: readonly (readonly unknown[])[]): void {
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce);
    const one = `(${some[0]?.map(() => "?").join(", ")})`;
    statement(db, `INSERT INTO ${into} VALUES ${some.map(() => one).join(", ")}`).run(...some.flat());
  }
}

type Statement = { run(...values: readonly unknown[]): unknown };
const prepared = new WeakMap<Connection, Map<string, Statement>>();

/** Preparing costs as much as the eight rows; SQLite prepares again by itself when the file was replaced. */
function statement(db: Connection, sql: string): Statement {
  const known = prepared.get(db) ?? new Map<string, Statement>();
  prepared.set(db, known);
  const found = known.get(sql) ?? db.prepare(sql);
  known.set(sql, found);
  return found;
}
