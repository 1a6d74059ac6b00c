/**
 * Reads the journal: rows for the list, one event in full, and counts. Disk and memory are read as one sequence.
 *
 * Every column is cast, text to bytes and numbers to integers: libsql ends a text at its first NUL, and it aborts the
 * whole process, not only the thread, on a text that is not UTF-8, which one flipped bit in the file can make.
 */
import type { EventDetail, Filter, Row } from "../../../preload/contract.ts";
import type { EventFlag, EventRecord, Mark } from "../../core/events/record.ts";
import type { Connection } from "./journal-file.ts";
import { columns } from "./journal-schema.ts";

export const previewChars = 240;
const detailChars = 1024 * 1024;
/** Text of one page of events in full, bytes. */
const pageBytes = 4 * 1024 * 1024;

type Raw = { [name: string]: unknown };
/** `unsaved`: where to read whether the disk has the row. */
type Table = { readonly name: string; readonly unsaved: string };
type Where = { readonly sql: string; readonly values: readonly unknown[] };

const rowTexts = ["type", "id", "flags", "mark", "failure", "params"];
const detailTexts = ["stream", "endpoint", "transport", "type", "id", "last_id", "flags", "data"];

const cast = (numbers: readonly string[], texts: readonly string[]): string =>
  [
    ...numbers.map((name) => `CAST(${name} AS INTEGER) AS ${name}`),
    ...texts.map((name) => `CAST(${name} AS BLOB) AS ${name}`),
  ].join(", ");

export const isUnfiltered = ({ types, text: words, path, from, to }: Filter): boolean =>
  types.length === 0 && words === "" && path === "" && from === null && to === null;

export class JournalRows {
  readonly #db: Connection;
  readonly #tables: readonly Table[];
  /** How many rows matched a filter up to a number, so that the next count only looks at what is new. */
  readonly #counted = new Map<string, { upTo: number; matching: number }>();

  constructor(db: Connection) {
    this.#db = db;
    this.#tables = readableTables(db);
  }

  /** Forgets counts: rows went away, or moved. */
  forgetCounts(): void {
    this.#counted.clear();
  }

  /** Events of a stream by type, and all its rows. */
  counts(stream: string): { total: number; types: Map<string, number> } {
    const types = new Map<string, number>();
    let total = 0;
    const grouped = this.#each(
      ({ name }) => `SELECT kind, type, count(*) AS n FROM ${name} WHERE stream = ? GROUP BY 1, 2`,
    );
    const sql = `SELECT CAST(kind AS INTEGER) AS kind, CAST(type AS BLOB) AS type, n FROM (${grouped})`;
    for (const raw of this.#all(sql, this.#twice([stream]))) {
      total += Number(raw["n"]);
      const type = text(raw["type"]) ?? "";
      if (raw["kind"] === 0) types.set(type, (types.get(type) ?? 0) + Number(raw["n"]));
    }
    return { total, types };
  }

  /** @param last the highest number given so far: up to there the count holds the next time */
  matching(stream: string, filter: Filter, last: number): number {
    const key = JSON.stringify([stream, filter]);
    const before = this.#counted.get(key) ?? { upTo: 0, matching: 0 };
    const where = condition(stream, filter);
    const counted = this.#each(({ name }) => `SELECT count(*) AS n FROM ${name} WHERE ${where.sql} AND seq > ?`);
    const found = this.#all(counted, this.#twice([...where.values, before.upTo]));
    const matching = found.reduce((sum, raw) => sum + Number(raw["n"]), before.matching);
    if (this.#counted.size > 32) this.#counted.clear();
    this.#counted.set(key, { upTo: last, matching });
    return matching;
  }

  /** The newest rows, oldest first. Of a known number of matches no more are looked for. */
  newest(stream: string, filter: Filter, limit: number, matching: number): Row[] {
    return matching === 0 ? [] : this.#rows(stream, filter, "DESC", Math.min(limit, matching), 0).reverse();
  }

  /** Rows by place, 0 = oldest; counted from the nearer end. */
  at(stream: string, filter: Filter, from: number, limit: number, matching: number): Row[] {
    if (from >= matching) return [];
    const wanted = Math.min(limit, matching - from);
    if (from <= matching / 2) return this.#rows(stream, filter, "ASC", wanted, from);
    return this.#rows(stream, filter, "DESC", wanted, matching - from - wanted).reverse();
  }

  /** How many matching rows were received before `at`. */
  before(stream: string, filter: Filter, at: number): number {
    const where = condition(stream, filter);
    const counted = this.#each(({ name }) => `SELECT count(*) AS n FROM ${name} WHERE ${where.sql} AND at < ?`);
    return this.#all(counted, this.#twice([...where.values, at])).reduce((sum, raw) => sum + Number(raw["n"]), 0);
  }

  /** Events in full with numbers above `after`, oldest first. */
  read(stream: string, filter: Filter, after: number, limit: number): EventRecord[] {
    const where = condition(stream, filter);
    const wanted = cast(["mono", "at", "generation", "bytes"], detailTexts);
    const sql = this.#each(
      ({ name, unsaved }) =>
        `SELECT seq, ${unsaved} AS unsaved, ${wanted} FROM ${name} WHERE ${where.sql} AND kind = 0 AND seq > ?`,
    );
    const statement = this.#db.prepare(`${sql} ORDER BY seq LIMIT ?`);
    const found: EventRecord[] = [];
    let bytes = 0;
    for (const raw of statement.iterate(...this.#twice([...where.values, after]), limit) as Iterable<Raw>) {
      const event = toEvent(raw);
      bytes += event.bytes;
      found.push(event);
      if (bytes > pageBytes) break;
    }
    return found;
  }

  /** When the stream's newest event was received (UTC ms), or null. */
  lastEventAt(stream: string): number | null {
    const events = this.#each(
      ({ name }) => `SELECT seq, CAST(at AS INTEGER) AS at FROM ${name} WHERE stream = ? AND kind = 0`,
    );
    const [raw] = this.#all(`${events} ORDER BY seq DESC LIMIT 1`, this.#twice([stream]));
    return raw === undefined ? null : Number(raw["at"]);
  }

  detail(seq: number): EventDetail | null {
    const wanted = cast(["at", "generation", "bytes"], detailTexts);
    const sql = this.#each(
      ({ name, unsaved }) => `SELECT seq, ${unsaved} AS unsaved, ${wanted} FROM ${name} WHERE seq = ? AND kind = 0`,
    );
    const [raw] = this.#all(sql, this.#twice([seq]));
    if (raw === undefined) return null;
    const data = text(raw["data"]) ?? "";
    return {
      seq: Number(raw["seq"]),
      stream: text(raw["stream"]) ?? "",
      endpoint: text(raw["endpoint"]) ?? "",
      transport: text(raw["transport"]) === "websocket" ? "websocket" : "sse",
      generation: Number(raw["generation"]),
      id: text(raw["id"]),
      lastEventId: text(raw["last_id"]) ?? "",
      type: text(raw["type"]) ?? "",
      data: cut(data, detailChars),
      cut: data.length > detailChars,
      bytes: Number(raw["bytes"]),
      receivedAt: Number(raw["at"]),
      flags: flagsOf(raw),
    };
  }

  #rows(stream: string, filter: Filter, order: "ASC" | "DESC", limit: number, skip: number): Row[] {
    const where = condition(stream, filter);
    // First the numbers of the page, which for the whole list is a walk along the index; then only its rows are read.
    const numbers = this.#each(({ name }) => `SELECT seq FROM ${name} WHERE ${where.sql}`);
    const page = `WITH page AS MATERIALIZED (${numbers} ORDER BY seq ${order} LIMIT ? OFFSET ?)`;
    const wanted = cast(["kind", "at", "gap", "generation", "bytes"], rowTexts);
    const preview = `CAST(coalesce(preview, substr(data, 1, ${previewChars})) AS BLOB) AS preview`;
    const rows = this.#each(
      ({ name, unsaved }) =>
        `SELECT seq, ${unsaved} AS unsaved, ${wanted}, ${preview} FROM ${name} WHERE seq IN (SELECT seq FROM page)`,
    );
    const sql = `${page} ${rows} ORDER BY seq ${order}`;
    return this.#all(sql, [...this.#twice(where.values), limit, skip]).map(toRow);
  }

  /** One query over all tables. */
  #each(select: (table: Table) => string): string {
    return this.#tables.map(select).join(" UNION ALL ");
  }

  #twice(values: readonly unknown[]): unknown[] {
    return this.#tables.flatMap(() => values);
  }

  #all(sql: string, values: readonly unknown[]): Raw[] {
    return this.#db.prepare(sql).all(...values) as Raw[];
  }
}

/** Disk and memory together, or memory alone when a newer file has other columns. */
export function readableTables(db: Connection): readonly Table[] {
  const tables: Table[] = [
    { name: "disk.entries", unsaved: "0" },
    { name: "main.entries", unsaved: "unsaved" },
  ];
  try {
    db.prepare(`SELECT ${columns} FROM disk.entries`);
    return tables;
  } catch {
    return tables.slice(1);
  }
}

/** Marks are shown only in the whole list: between filtered events they would say what did not happen there. */
function condition(stream: string, filter: Filter): Where {
  const parts = ["stream = ?"];
  const values: unknown[] = [stream];
  if (!isUnfiltered(filter)) parts.push("kind = 0");
  if (filter.types.length > 0) {
    parts.push(`type IN (${filter.types.map(() => "?").join(", ")})`);
    values.push(...filter.types);
  }
  if (filter.text !== "") {
    const pattern = `%${filter.text.replace(/[\\%_]/g, "\\$&")}%`;
    parts.push("(type LIKE ? ESCAPE '\\' OR id LIKE ? ESCAPE '\\' OR data LIKE ? ESCAPE '\\')");
    values.push(pattern, pattern, pattern);
  }
  if (filter.from !== null) {
    parts.push("at >= ?");
    values.push(filter.from);
  }
  if (filter.to !== null) {
    parts.push("at < ?");
    values.push(filter.to);
  }
  return { sql: parts.join(" AND "), values };
}

function toEvent(raw: Raw): EventRecord {
  return {
    seq: Number(raw["seq"]),
    stream: text(raw["stream"]) ?? "",
    endpoint: text(raw["endpoint"]) ?? "",
    transport: text(raw["transport"]) === "websocket" ? "websocket" : "sse",
    generation: Number(raw["generation"]),
    id: text(raw["id"]),
    lastEventId: text(raw["last_id"]) ?? "",
    type: text(raw["type"]) ?? "",
    data: text(raw["data"]) ?? "",
    bytes: Number(raw["bytes"]),
    receivedAt: Number(raw["at"]),
    mono: Number(raw["mono"]),
    flags: flagsOf(raw) as EventFlag[],
  };
}

function toRow(raw: Raw): Row {
  const seq = Number(raw["seq"]);
  const at = Number(raw["at"]);
  if (raw["kind"] === 1) {
    const mark = text(raw["mark"]) as Mark["mark"];
    return { kind: "mark", seq, at, mark, failure: parse(raw["failure"]), params: parse(raw["params"]) ?? {} };
  }
  return {
    kind: "event",
    seq,
    at,
    gapMs: raw["gap"] === null ? null : Number(raw["gap"]),
    type: text(raw["type"]) ?? "",
    id: text(raw["id"]),
    preview: cut(text(raw["preview"]) ?? "", previewChars),
    bytes: Number(raw["bytes"]),
    generation: Number(raw["generation"]),
    flags: flagsOf(raw) as never,
  };
}

function flagsOf(raw: Raw): string[] {
  const flags = (text(raw["flags"]) ?? "").split(" ").filter((flag) => flag !== "");
  return raw["unsaved"] === 1 && !flags.includes("unsaved") ? [...flags, "unsaved"] : flags;
}

/** What a mark says; null when damage made it unreadable. */
function parse<T>(value: unknown): T | null {
  try {
    return JSON.parse(text(value) ?? "null");
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : Buffer.from(value as Uint8Array).toString();
}

/** The first `max` UTF-16 units, without half a character at the end. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  const last = value.charCodeAt(max - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
