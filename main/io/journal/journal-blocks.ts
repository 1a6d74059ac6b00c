/**
 * Blocks on the disk: put in, taken out, read, and listed without their contents. Whatever the file says is checked: numbers are
 * cast, texts are read as bytes (libsql aborts the whole process on a text that is not UTF-8), and a block whose checksum
 * is not right is not read.
 */
import { type Block, BlockError, isSound, openBlock, previewChars } from "./block.ts";
import { packBlock } from "./block-pack.ts";
import { type BlockEntry, held, type Listed, summarise, type TypeCounts } from "./journal-directory.ts";
import { type Connection, prepared } from "./journal-statements.ts";

/** A block that the disk has and that is not what it was. */
export class DamagedBlock extends BlockError {
  /** Number of its first record, as it is listed. */
  readonly first: number;
  constructor(first: number) {
    super("block-damaged");
    this.first = first;
  }
}

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

/**
 * Another block in the place of one. Within a transaction.
 * @param damaged bytes that cannot be read: they stay in the file, beside what stands for them, as long as that does
 */
export function mendBlock(
  db: Connection,
  stream: string,
  first: number,
  instead: Numbered,
  damaged: Uint8Array | null,
): void {
  deleteBlock(db, first);
  insertBlock(db, stream, instead);
  // Nobody reads the short form of a small block.
  if (damaged !== null)
    prepared(db, "UPDATE disk.bodies SET short = ? WHERE first = ?").run(damaged, instead.entry.first);
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

/**
 * null: damage made it unreadable, and the block itself has to say.
 * @param said JSON, its bytes in hexadecimal
 * @param known what was said before: thousands of blocks say the same
 */
function typesOf(said: string, known: Map<string, TypeCounts | null>): TypeCounts | null {
  let types = known.get(said);
  if (types === undefined) {
    types = parseTypes(Buffer.from(said, "hex").toString());
    known.set(said, types);
  }
  return types;
}

function parseTypes(text: string): TypeCounts | null {
  try {
    const types = JSON.parse(text) as [string, number][];
    return types.every(([type, count]) => typeof type === "string" && typeof count === "number") ? types : null;
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
  /** Blocks that are read instead of those on a disk that cannot be written now, by their first number. */
  readonly #instead = new Map<number, Block>();

  constructor(db: Connection) {
    this.#db = db;
    this.#isReadable = isReadable(db);
  }

  /**
   * All blocks of a stream that the disk has, oldest first. As one JSON text: 5,000 blocks are 8 ms of processor, where each value
   * fetched on its own makes them 20 (measured), and a start waits for it.
   */
  list(stream: string): Listed[] {
    const numbers = ["first", "last", "count", "events", "from_at", "to_at", "size"];
    const wanted = numbers.map((name) => `CAST(${name} AS INTEGER)`).join(", ");
    const sql = `SELECT CAST(json_group_array(json_array(${wanted}, hex(types))) AS BLOB) FROM disk.blocks WHERE stream = ?`;
    const [row] = this.#all(sql, stream) as [Buffer][];
    if (row === undefined) return [];
    const rows = JSON.parse(row[0].toString()) as [number, number, number, number, number, number, number, string][];
    const known = new Map<string, TypeCounts | null>();
    const listed = rows.map(([first, last, count, events, fromAt, toAt, size, said]) => {
      const types = typesOf(said, known);
      const shared = { first, last, count, events, fromAt, toAt, size, body: null, unsaved: false };
      return { entry: { ...shared, types: types === null ? null : held(types) }, types: types ?? [] };
    });
    return listed.sort((a, b) => a.entry.first - b.entry.first);
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
   * @throws DamagedBlock when it is not what it was
   */
  read(entry: BlockEntry, short: boolean): Block {
    const instead = this.#instead.get(entry.first);
    if (instead !== undefined && instead.count === entry.count) return instead;
    const key = `${short && entry.size >= shortFromBytes && entry.count === 1 ? "short" : "whole"} ${entry.first}`;
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known;
    }
    const block = this.#open(entry, key.startsWith("short"));
    this.#keep(key, block);
    return block;
  }

  /** The whole bytes as they are on the disk. @throws DamagedBlock */
  bytes({ first }: BlockEntry): Uint8Array {
    return this.#bytes(first, false);
  }

  /** Whatever stands there, sound or not; null: nothing does. */
  rawBytes(first: number): Uint8Array | null {
    const [row] = this.#all("SELECT CAST(body AS BLOB) FROM disk.bodies WHERE first = ?", first) as [
      Uint8Array | null,
    ][];
    return row?.[0] ?? null;
  }

  /** The types of a block as they are listed; none where that cannot be read either. */
  types({ first, types }: BlockEntry): TypeCounts {
    if (types !== null) return types;
    const [row] = this.#all("SELECT CAST(hex(types) AS BLOB) FROM disk.blocks WHERE first = ?", first) as [
      Uint8Array,
    ][];
    return row === undefined ? [] : (typesOf(Buffer.from(row[0]).toString(), new Map()) ?? []);
  }

  /** Reads this one from now on, until the file is another one. */
  readInstead({ entry, block }: Numbered): void {
    this.#instead.set(entry.first, block);
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
    if (row === undefined || !isSound(row[0])) throw new DamagedBlock(first);
    return row[0];
  }

  #open(entry: BlockEntry, short: boolean): Block {
    const block = openBlock(entry.body ?? this.#bytes(entry.first, short));
    if (block.count !== entry.count || block.first !== entry.first) throw new DamagedBlock(entry.first);
    return block;
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
