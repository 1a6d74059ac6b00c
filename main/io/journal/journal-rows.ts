/**
 * Version 1 of the file had a row for each record; here they become blocks, once, when such a file is opened. Every column is cast,
 * text to bytes and numbers to integers: libsql ends a text at its first NUL, and it aborts the whole process, not only the
 * thread, on a text that is not UTF-8, which one flipped bit in the file can make.
 */
import type { EventFlag, Mark, ReceivedEvent } from "../../core/events/record.ts";
import { flagOrder } from "./block-layout.ts";
import { blockRecords, charsOf, packBlock, parted } from "./block-pack.ts";
import { insertBlock, numbered } from "./journal-blocks.ts";
import type { Connection } from "./journal-statements.ts";

type Raw = { [name: string]: unknown };
type Read = { readonly seq: number; readonly gap: number | null; readonly record: ReceivedEvent | Mark };

const numbers = ["seq", "kind", "at", "mono", "gap", "generation", "bytes"];
const texts = ["type", "id", "last_id", "endpoint", "transport", "flags", "mark", "failure", "params", "data"];
const wanted = [
  ...numbers.map((name) => `CAST(${name} AS INTEGER) AS ${name}`),
  ...texts.map((name) => `CAST(${name} AS BLOB) AS ${name}`),
].join(", ");

/** Within the transaction that makes version 2. */
export function rowsToBlocks(db: Connection): void {
  const streams = db
    .prepare("SELECT CAST(stream AS BLOB) AS stream FROM disk.entries GROUP BY disk.entries.stream")
    .all();
  for (const raw of streams as Raw[]) {
    const stream = text(raw["stream"]) ?? "";
    // One batch a query: the connection writes while no other statement is open.
    const statement = db.prepare(
      `SELECT ${wanted} FROM disk.entries WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ${blockRecords}`,
    );
    for (let after = -1; ; ) {
      const read = (statement.all(stream, after) as Raw[]).map((row) => toRead(row, stream));
      if (read.length === 0) break;
      for (const some of parted(read, ({ record }) => charsOf(record))) {
        const [seqs, gaps] = [some.map(({ seq }) => seq), some.map(({ gap }) => gap)];
        insertBlock(
          db,
          stream,
          numbered(
            packBlock(
              some.map(({ record }) => record),
              { seqs, gaps },
            ),
          ),
        );
      }
      after = read.at(-1)?.seq ?? 0;
    }
  }
}

function toRead(raw: Raw, stream: string): Read {
  const seq = Number(raw["seq"]);
  const at = Number(raw["at"]);
  if (raw["kind"] === 1) {
    const mark = text(raw["mark"]) as Mark["mark"];
    const record: Mark = { stream, at, mark, failure: parse(raw["failure"]), params: parse(raw["params"]) ?? {} };
    return { seq, gap: null, record };
  }
  const flags = (text(raw["flags"]) ?? "").split(" ");
  const record: ReceivedEvent = {
    stream,
    endpoint: text(raw["endpoint"]) ?? "",
    transport: text(raw["transport"]) === "websocket" ? "websocket" : "sse",
    generation: Number(raw["generation"]),
    id: text(raw["id"]),
    lastEventId: text(raw["last_id"]) ?? "",
    type: text(raw["type"]) ?? "",
    data: text(raw["data"]) ?? "",
    bytes: Number(raw["bytes"]),
    receivedAt: at,
    mono: Number(raw["mono"]),
    flags: flagOrder.filter((flag) => flags.includes(flag)) as EventFlag[],
  };
  return { seq, gap: raw["gap"] === null ? null : Number(raw["gap"]), record };
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
  return value === null || value === undefined ? null : Buffer.from(value as ArrayBuffer).toString();
}
