/**
 * Reads the journal: rows for the list, one event in full, and counts. Disk and memory are read as one sequence;
 * text that may hold a NUL comes as bytes, because SQLite's bindings end a text there.
 */
import type { EventDetail, Filter, Row } from "../../preload/contract.ts";
import type { Connection } from "./journal-file.ts";
import { columns } from "./journal-schema.ts";

export const previewChars = 240;
const detailChars = 1024 * 1024;

type Raw = { [name: string]: unknown };
type Where = { readonly sql: string; readonly values: readonly unknown[] };

export const isUnfiltered = (filter: Filter): boolean => filter.types.length === 0 && filter.text === "";

export class JournalRows {
  readonly #db: Connection;
  /** Disk and memory together, or memory alone when a newer file has other columns. */
  readonly #sources: readonly string[];
  /** How many rows matched a filter up to a number, so that the next count only looks at what is new. */
  readonly #counted = new Map<string, { upTo: number; matching: number }>();

  constructor(db: Connection) {
    this.#db = db;
    let sources = [`SELECT ${columns}, 0 AS unsaved FROM disk.entries`, `SELECT ${columns}, unsaved FROM main.entries`];
    try {
      db.prepare(`${sources[0]} LIMIT 1`).all();
    } catch {
      sources = sources.slice(1);
    }
    this.#sources = sources;
  }

  /** Forgets counts: rows went away, or moved. */
  forgetCounts(): void {
    this.#counted.clear();
  }

  /** Events of a stream by type, and all its rows. */
  counts(stream: string): { total: number; types: Map<string, number> } {
    const types = new Map<string, number>();
    let total = 0;
    const sql = `SELECT kind, CAST(type AS BLOB) AS type, count(*) AS n FROM (${this.#union("stream = ?")}) GROUP BY kind, 2`;
    for (const raw of this.#all(sql, this.#twice([stream]))) {
      total += Number(raw["n"]);
      if (raw["kind"] === 0) types.set(text(raw["type"]) ?? "", Number(raw["n"]));
    }
    return { total, types };
  }

  matching(stream: string, filter: Filter): number {
    const key = JSON.stringify([stream, filter]);
    const before = this.#counted.get(key) ?? { upTo: 0, matching: 0 };
    const where = condition(stream, filter);
    const sql = `SELECT count(*) AS n, max(seq) AS top FROM (${this.#union(`${where.sql} AND seq > ?`)})`;
    const [raw] = this.#all(sql, this.#twice([...where.values, before.upTo]));
    const matching = before.matching + Number(raw?.["n"] ?? 0);
    if (this.#counted.size > 32) this.#counted.clear();
    this.#counted.set(key, { upTo: Number(raw?.["top"] ?? before.upTo), matching });
    return matching;
  }

  /** The newest rows, oldest first. */
  newest(stream: string, filter: Filter, limit: number): Row[] {
    return this.#rows(stream, filter, "DESC", limit, 0).reverse();
  }

  /** Rows by place, 0 = oldest; counted from the nearer end. */
  at(stream: string, filter: Filter, from: number, limit: number, matching: number): Row[] {
    if (from >= matching) return [];
    const wanted = Math.min(limit, matching - from);
    if (from <= matching / 2) return this.#rows(stream, filter, "ASC", wanted, from);
    return this.#rows(stream, filter, "DESC", wanted, matching - from - wanted).reverse();
  }

  detail(seq: number): EventDetail | null {
    const sql = `SELECT seq, stream, endpoint, transport, generation, bytes, at, flags, unsaved, CAST(type AS BLOB) AS type,
      CAST(id AS BLOB) AS id, CAST(last_id AS BLOB) AS last_id, CAST(data AS BLOB) AS data FROM (${this.#union("seq = ? AND kind = 0")})`;
    const [raw] = this.#all(sql, this.#twice([seq]));
    if (raw === undefined) return null;
    const data = text(raw["data"]) ?? "";
    return {
      seq: Number(raw["seq"]),
      stream: String(raw["stream"]),
      endpoint: String(raw["endpoint"]),
      transport: raw["transport"] === "websocket" ? "websocket" : "sse",
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
    const sql = `SELECT seq, kind, at, gap, CAST(type AS BLOB) AS type, CAST(id AS BLOB) AS id, generation, bytes, flags,
      mark, failure, params, unsaved, CAST(coalesce(preview, substr(data, 1, ${previewChars})) AS BLOB) AS preview
      FROM (${this.#union(where.sql)}) ORDER BY seq ${order} LIMIT ? OFFSET ?`;
    return this.#all(sql, [...this.#twice(where.values), limit, skip]).map(toRow);
  }

  #union(where: string): string {
    return this.#sources.map((source) => `${source} WHERE ${where}`).join(" UNION ALL ");
  }

  #twice(values: readonly unknown[]): unknown[] {
    return this.#sources.flatMap(() => values);
  }

  #all(sql: string, values: readonly unknown[]): Raw[] {
    return this.#db.prepare(sql).all(...values) as Raw[];
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
  return { sql: parts.join(" AND "), values };
}

function toRow(raw: Raw): Row {
  const seq = Number(raw["seq"]);
  const at = Number(raw["at"]);
  if (raw["kind"] === 1) {
    const failure = raw["failure"] === null ? null : JSON.parse(String(raw["failure"]));
    return {
      kind: "mark",
      seq,
      at,
      mark: String(raw["mark"]) as never,
      failure,
      params: JSON.parse(String(raw["params"])),
    };
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
  const flags = String(raw["flags"] ?? "")
    .split(" ")
    .filter((flag) => flag !== "");
  return raw["unsaved"] === 1 && !flags.includes("unsaved") ? [...flags, "unsaved"] : flags;
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
