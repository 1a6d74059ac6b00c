/**
 * The index's file: for each stream a full-text table of groups of records, filed under our own terms. Derived data: whatever is
 * wrong with it, it is thrown away and made anew. It narrows and never decides.
 */
import * as fs from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import type { Need } from "../../../core/search/need.ts";
import { addTerms } from "../../../core/search/tokens.ts";
import { codeOf } from "../../stores/safe-file.ts";
import type { Block } from "../block.ts";
import type { SourceBlock } from "./block-source.ts";

/** A change of terms, groups or tables is another version: the old file is thrown away. */
const indexVersion = 2;
const fileName = "search.sqlite";

/**
 * Records of a document. One, so that frequent words that never meet in an event are told apart without reading a block: of 32 a
 * document nearly all have both. Rare terms, which make most of an index, cost the same in any size.
 */
export const groupRecords = 1;

/** A block whose records the index knows. Its times tell it from one of the same numbers in another file. */
export type Taken = Omit<SourceBlock, "kept">;

type Connection = InstanceType<typeof Database>;
type Version = { readonly user_version?: number };

/** EXCLUSIVE needs no shared memory file, which network homes do not have. What a power cut takes is indexed again. */
const settings = ["locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"];

const schema = `
  CREATE TABLE IF NOT EXISTS disk.streams (n INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS disk.taken (n INTEGER, first INTEGER, last INTEGER, count INTEGER, fromAt INTEGER, toAt INTEGER,
    PRIMARY KEY (n, first)) WITHOUT ROWID`;

export class SearchIndex {
  readonly #path: string;
  /** The file is its schema `disk`: unlike a connection's own, that can be given up while statements still stand. */
  readonly #db: Connection;
  readonly #tables = new Map<string, number>();

  /** @throws what SQLite says when even a new file cannot be made */
  constructor(dir: string) {
    this.#path = join(dir, fileName);
    this.#db = new Database(":memory:");
    this.#open();
  }

  /** Throws everything away and begins anew. */
  rebuild(): void {
    this.close();
    remove(this.#path);
    this.#open();
  }

  close(): void {
    try {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      this.#db.exec("DETACH disk");
    } catch {
      // It was given up before.
    }
  }

  streams(): string[] {
    return [...this.#tables.keys()];
  }

  taken(stream: string): Taken[] {
    const n = this.#tables.get(stream);
    if (n === undefined) return [];
    return this.#db
      .prepare("SELECT first, last, count, fromAt, toAt FROM disk.taken WHERE n = ? ORDER BY first")
      .all(n) as Taken[];
  }

  /** Takes blocks in, all or none. */
  take(stream: string, blocks: readonly (readonly [SourceBlock, Block])[]): void {
    this.#whole(() => {
      const n = this.#table(stream);
      const insert = this.#db.prepare(`INSERT INTO disk.words_${n} (rowid, terms) VALUES (?, ?)`);
      for (const [source, block] of blocks) {
        for (let from = 0; from < block.count; from += groupRecords) {
          const terms = termsOf(block, from);
          if (terms.size > 0) insert.run(block.seq(from), [...terms].join(" "));
        }
        this.#note(n, source);
      }
    });
  }

  /** What was taken as several is one block now; the groups in it are the same. */
  merge(stream: string, parts: readonly Taken[], into: Taken): void {
    this.#whole(() => {
      const n = this.#table(stream);
      for (const { first } of parts) this.#db.prepare("DELETE FROM disk.taken WHERE n = ? AND first = ?").run(n, first);
      this.#note(n, into);
    });
  }

  /** These records are no more. */
  drop(stream: string, gone: readonly Taken[]): void {
    const n = this.#tables.get(stream);
    if (n === undefined) return;
    this.#whole(() => {
      for (const { first, last } of gone) {
        this.#db.prepare(`DELETE FROM disk.words_${n} WHERE rowid BETWEEN ? AND ?`).run(first, last);
        this.#db.prepare("DELETE FROM disk.taken WHERE n = ? AND first = ?").run(n, first);
      }
    });
  }

  /** Nothing of the stream stays, neither in the file nor in its log. */
  clear(stream: string): void {
    const n = this.#tables.get(stream);
    if (n === undefined) return;
    this.#whole(() => {
      this.#db.exec(`DROP TABLE disk.words_${n}`);
      this.#db.prepare("DELETE FROM disk.taken WHERE n = ?").run(n);
      this.#db.prepare("DELETE FROM disk.streams WHERE n = ?").run(n);
    });
    this.#tables.delete(stream);
    this.#db.exec("PRAGMA disk.wal_checkpoint(TRUNCATE)");
  }

  /**
   * First numbers of the groups between two numbers that have what is needed, at most `limit`, in the order asked for. A group begins
   * at its number and has at most `groupRecords` records.
   */
  groups(stream: string, need: Need, from: number, to: number, order: "ASC" | "DESC", limit: number): number[] {
    const n = this.#tables.get(stream);
    if (n === undefined) return [];
    const sql = `SELECT rowid FROM disk.words_${n} WHERE words_${n} MATCH ? AND rowid BETWEEN ? AND ?
      ORDER BY rowid ${order} LIMIT ?`;
    const rows = this.#db.prepare(sql).raw(true).all(expression(need), from, to, limit) as number[][];
    return rows.map(([rowid]) => rowid as number);
  }

  #note(n: number, { first, last, count, fromAt, toAt }: Taken): void {
    const note = this.#db.prepare("INSERT OR REPLACE INTO disk.taken VALUES (?, ?, ?, ?, ?, ?)");
    note.run(n, first, last, count, fromAt, toAt);
  }

  #table(stream: string): number {
    const known = this.#tables.get(stream);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#db.prepare("INSERT INTO disk.streams (stream) VALUES (?)").run(stream);
    const n = Number(lastInsertRowid);
    // contentless_delete keeps a size for each document, so columnsize = 0 is refused beside it.
    this.#db.exec(
      `CREATE VIRTUAL TABLE disk.words_${n} USING fts5(terms, content='', contentless_delete=1, detail=none,
         tokenize="ascii tokenchars '='")`,
    );
    this.#tables.set(stream, n);
    return n;
  }

  #whole(work: () => void): void {
    const before = new Map(this.#tables);
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      this.#tables.clear();
      for (const [stream, n] of before) this.#tables.set(stream, n);
      throw error;
    }
  }

  /** Opens the file; one that is not ours or is broken is made anew. */
  #open(): void {
    try {
      this.#attach();
    } catch (error) {
      this.close();
      // Somebody else has it: theirs it stays.
      if (codeOf(error).startsWith("SQLITE_BUSY")) throw error;
      remove(this.#path);
      this.#attach();
    }
  }

  #attach(): void {
    this.#tables.clear();
    const stat = fs.lstatSync(this.#path, { throwIfNoEntry: false });
    if (stat?.isFile() === false) throw new Error("not a file");
    if (stat === undefined) fs.closeSync(fs.openSync(this.#path, "wx", 0o600));
    this.#db.exec(`ATTACH '${this.#path.replaceAll("'", "''")}' AS disk`);
    for (const setting of settings) this.#db.exec(`PRAGMA disk.${setting}`);
    const [{ user_version: version = 0 } = {}] = this.#db.prepare("PRAGMA disk.user_version").all() as Version[];
    if (version !== 0 && version !== indexVersion) throw new Error("another version");
    this.#db.exec(`BEGIN IMMEDIATE; ${schema}; PRAGMA disk.user_version = ${indexVersion}; COMMIT`);
    const rows = this.#db.prepare("SELECT n, stream FROM disk.streams").all() as { n: number; stream: string }[];
    for (const { n, stream } of rows) {
      this.#db.prepare(`SELECT rowid FROM disk.words_${n} WHERE words_${n} MATCH 'a' LIMIT 1`).all();
      this.#tables.set(stream, n);
    }
  }
}

function remove(path: string): void {
  for (const end of ["", "-wal", "-shm", "-journal"]) fs.rmSync(`${path}${end}`, { force: true, recursive: true });
}

function termsOf(block: Block, from: number): Set<string> {
  const terms = new Set<string>();
  for (let i = from; i < Math.min(block.count, from + groupRecords); i++) {
    if (!block.isMark(i)) addTerms({ type: block.type(i), id: block.id(i), data: block.data(i) }, terms);
  }
  return terms;
}

/** Terms have neither quotes nor blanks: they are letters, digits, marks, and "=" before a type's. */
function expression(need: Need): string {
  if ("term" in need) return need.isPrefix ? `"${need.term}" *` : `"${need.term}"`;
  const [parts, word] = "all" in need ? [need.all, " AND "] : [need.any, " OR "];
  return `(${parts.map(expression).join(word)})`;
}
