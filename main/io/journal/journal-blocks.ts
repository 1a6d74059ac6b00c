/**
 * Blocks on the disk: put in, taken out, read, and listed without their contents. Whatever the file says is checked: numbers are
 * cast, texts are read as bytes (libsql aborts the whole process on a text that is not UTF-8), and a block whose checksum
 * is not right is not read.
 */
import { type Block, BlockError, isSound, openBlock, previewChars } from "./block.ts";
import { packBlock } from "./block-pack.ts";
import { type BlockEntry, held, type Listed, summarise, type TypeCounts } from "./journal-directory.ts";
import { type Connection, prepared } from "./journal-statements.ts";

/** A block with what is listed of it. */
export type Numbered = Listed & { readonly bytes: Uint8Array; readonly block: Block };

/** A bigger block of one event is kept a second time, with the beginning of its data only. */
const shortFromBytes = 32 * 1024;
/** Blocks held ready: what a list shows, and its surroundings. */
const cachedBlocks = 12;
const cachedBytes = 8 * 1024 * 1024;

/** @param bytes of a block that has its numbers */
export function numbered(bytes: Uint8Array): Numbered {
  const block = openBlock(bytes);
  return { ...summarise(block), bytes, block };
}

/** Within a transaction. */
export function insertBlock(db: Connection, stream: string, { entry, types, bytes, block }: Numbered): void {
  const { first, last, count, events, fromAt, toAt, size } = entry;
  const said = Buffer.from(JSON.stringify(types));
  const insert = prepared(db, "INSERT INTO disk.blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.run(first, stream, last, count, events, fromAt, toAt, size, said);
  prepared(db, "INSERT INTO disk.bodies VALUES (?, ?, ?)").run(first, shortOf(block), bytes);
}

/** Within a transaction. */
export function deleteBlock(db: Connection, first: number): void {
  prepared(db, "DELETE FROM disk.blocks WHERE first = ?").run(first);
  prepared(db, "DELETE FROM disk.bodies WHERE first = ?").run(first);
}

/** Within a transaction. */
export function deleteStream(db: Connection, stream: string): void {
  prepared(db, "DELETE FROM disk.bodies WHERE first IN (SELECT first FROM disk.blocks WHERE stream = ?)").run(stream);
  prepared(db, "DELETE FROM disk.blocks WHERE stream = ?").run(stream);
}

function shortOf(block: Block): Uint8Array | null {
  if (block.size < shortFromBytes || block.count > 1 || block.isMark(0)) return null;
  const event = block.event(0, "");
  const [seqs, gaps] = [[block.first], [block.gapMs(0)]];
  return packBlock([{ ...event, data: event.data.slice(0, previewChars + 1) }], { seqs, gaps });
}

/** null: damage made it unreadable, and the block itself has to say. */
function typesOf(said: Uint8Array, names: Map<string, string>): TypeCounts | null {
  try {
    const types = JSON.parse(Buffer.from(said).toString()) as [string, number][];
    return types.map(([type, count]) => {
      if (typeof type !== "string" || typeof count !== "number") throw new TypeError();
      // The same few names in thousands of blocks: one string each.
      const name = names.get(type) ?? type;
      names.set(name, name);
      return [name, count] as const;
    });
  } catch {
    return null;
  }
}

/** Whether the tables are there, as this version knows them. Prepared, not read. */
export function isReadable(db: Connection): boolean {
  try {
    db.prepare("SELECT first, stream, last, count, events, from_at, to_at, size, types FROM disk.blocks");
    db.prepare("SELECT first, short, body FROM disk.bodies");
    return true;
  } catch {
    return false;
  }
}

/** Reads blocks, and holds some of them ready. A newer file may have other tables: then there is nothing on the disk for it. */
export class BlockReader {
  readonly #db: Connection;
  readonly #cache = new Map<string, Block>();
  #cachedBytes = 0;
  #isReadable: boolean;

  constructor(db: Connection) {
    this.#db = db;
    this.#isReadable = isReadable(db);
  }

  /** All blocks of a stream that the disk has, oldest first. */
  list(stream: string): Listed[] {
    const numbers = ["first", "last", "count", "events", "from_at", "to_at", "size"];
    const wanted = numbers.map((name) => `CAST(${name} AS INTEGER)`).join(", ");
    const sql = `SELECT ${wanted}, CAST(types AS BLOB) FROM disk.blocks WHERE stream = ? ORDER BY blocks.first`;
    const names = new Map<string, string>();
    return this.#all(sql, stream).map((row) => {
      const [first = 0, last = 0, count = 0, events = 0, fromAt = 0, toAt = 0, size = 0] = row as number[];
      const types = typesOf(row[7] as Uint8Array, names);
      const shared = { first, last, count, events, fromAt, toAt, size, body: null, unsaved: false };
      return { entry: { ...shared, types: types === null ? null : held(types) }, types: types ?? [] };
    });
  }

  /** Streams that the disk has records of. */
  streams(): string[] {
    const rows = this.#all("SELECT CAST(stream AS BLOB) FROM disk.blocks GROUP BY blocks.stream");
    return rows.map(([stream]) => Buffer.from(stream as Uint8Array).toString());
  }

  /** The streams whose blocks may hold a number, the likeliest first. */
  streamsAround(seq: number): string[] {
    const sql =
      "SELECT CAST(stream AS BLOB) FROM disk.blocks WHERE first <= ? AND last >= ? ORDER BY blocks.first DESC LIMIT 64";
    return this.#all(sql, seq, seq).map(([stream]) => Buffer.from(stream as Uint8Array).toString());
  }

  /**
   * @param short only what a list shows of it
   * @throws BlockError when it is not what it was
   */
  read(entry: BlockEntry, short: boolean): Block {
    const key = `${short && entry.size >= shortFromBytes && entry.count === 1 ? "short" : "whole"} ${entry.first}`;
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known;
    }
    const block = openBlock(entry.body ?? this.#bytes(entry.first, key.startsWith("short")));
    if (block.count !== entry.count || block.first !== entry.first) throw new BlockError("block-damaged");
    this.#keep(key, block);
    return block;
  }

  /** The whole bytes as they are on the disk. @throws BlockError */
  bytes({ first }: BlockEntry): Uint8Array {
    return this.#bytes(first, false);
  }

  /** Blocks went away, or are others. */
  forget(): void {
    this.#cache.clear();
    this.#cachedBytes = 0;
    this.#isReadable = isReadable(this.#db);
  }

  #all(sql: string, ...values: unknown[]): unknown[][] {
    return this.#isReadable
      ? (prepared(this.#db, sql)
          .raw()
          .all(...values) as unknown[][])
      : [];
  }

  #bytes(first: number, short: boolean): Uint8Array {
    const sql = `SELECT CAST(${short ? "coalesce(short, body)" : "body"} AS BLOB) FROM disk.bodies WHERE first = ?`;
    const [row] = this.#all(sql, first) as [Uint8Array][];
    if (row === undefined || !isSound(row[0])) throw new BlockError("block-damaged");
    return row[0];
  }

  #keep(key: string, block: Block): void {
    this.#cache.set(key, block);
    this.#cachedBytes += block.size;
    for (const [oldest, { size }] of this.#cache) {
      const fits = this.#cache.size <= cachedBlocks && this.#cachedBytes <= cachedBytes;
      if (fits || this.#cache.size === 1) return;
      this.#cache.delete(oldest);
      this.#cachedBytes -= size;
    }
  }
}
