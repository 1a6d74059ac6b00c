/**
 * Writes the journal: numbers, transactions with their cursor, streams that keep nothing, and what to do while the disk
 * refuses. It runs in the worker thread and is synchronous; reading is journal-rows.ts, opening journal-file.ts.
 */
import type { Code, EventDetail, Filter, Row, Tail } from "../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../core/record.ts";
import { Counters } from "./journal-counters.ts";
import { type Connection, detach, type OpenFile, openFile } from "./journal-file.ts";
import { type Held, MemoryWindow } from "./journal-memory.ts";
import type { JournalStart, JournalState } from "./journal-protocol.ts";
import { isUnfiltered, JournalRows } from "./journal-rows.ts";
import { columns } from "./journal-schema.ts";
import { insertDisk, insertMemory, type StoredRow, toStoredRow } from "./journal-write.ts";
import { codeOf } from "./safe-file.ts";

type Entry = ReceivedEvent | Mark;

/** Numbers are taken from a reserve on disk, so that none is given twice even if none of their records is kept. */
const reserve = 10_000;
/** Answers to the last appends of this session, for a port that asks again after a crash; it has at most 256 open. */
const rememberedTickets = 512;

/** What is known of one stream while the worker runs. */
type StreamState = {
  keepsNothing: boolean;
  /** Cursor of the newest record in memory; undefined: the disk's is the newest. */
  cursor: string | null | undefined;
  /** Unsaved records were dropped: the disk's cursor stays before them until a connection that began there. */
  lost: { from: number; to: number } | null;
  frozen: boolean;
  readonly memory: MemoryWindow;
  counters: Counters | null;
  last: { mono: number; at: number } | null;
};

export class JournalStore {
  readonly #start: JournalStart;
  readonly #streams = new Map<string, StreamState>();
  #db: Connection;
  #rows: JournalRows;
  #state: JournalState;
  #problems: Code[];
  /** The disk's present trouble; null when the last write succeeded. */
  #trouble: Code | null = null;
  #next: number;
  #reserved: number;
  #anyUnsaved = false;

  /** @throws JournalError when the place cannot be used */
  constructor(start: JournalStart) {
    this.#start = start;
    const file = openFile(start.dir, start.maxBytes);
    this.#db = file.db;
    this.#state = file.state;
    this.#problems = file.problems;
    this.#rows = new JournalRows(file.db);
    this.#next = this.#firstFree(file);
    this.#reserved = this.#next;
    for (const [stream, cursor] of start.volatile) Object.assign(this.#stream(stream), { keepsNothing: true, cursor });
    if (this.#state === "ok")
      this.#attempt(() => this.#run("DELETE FROM disk.recent WHERE session <> ?", start.session));
  }

  get state(): JournalState {
    return this.#state === "ok" && this.#trouble !== null ? "failing" : this.#state;
  }

  get problems(): readonly Code[] {
    return this.#trouble === null ? this.#problems : [...this.#problems, this.#trouble];
  }

  /** @param ticket of the same session: an append that was already written is only answered again */
  append(
    ticket: number,
    stream: string,
    records: readonly Entry[],
    cursor: string | null,
  ): { seqs: number[]; unsaved: boolean } {
    const before = this.#answered(ticket);
    if (before !== null) return { seqs: numbers(before.first, before.count), unsaved: false };
    if (this.#anyUnsaved) this.recover();
    const state = this.#stream(stream);
    const first = this.#next;
    const rows = records.map((record, index) => this.#toRow(state, first + index, stream, record));
    this.#next += rows.length;
    if (records.some((record) => "mark" in record && record.mark === "opened")) state.frozen = false;
    const saved = state.keepsNothing || this.#save(ticket, stream, state, rows, cursor);
    if (state.keepsNothing || !saved) this.#hold(stream, state, rows, cursor);
    if (state.keepsNothing) this.#reserveMore();
    for (const { row } of rows) state.counters?.count(row.kind === 0 ? row.type : null, 1);
    return { seqs: rows.map(({ row }) => row.seq), unsaved: !saved };
  }

  /** Writes what the disk refused before. Called before each append and now and then. */
  recover(): void {
    if (!this.#anyUnsaved || this.#state !== "ok") return;
    const back = [...this.#streams].filter(([, state]) => !state.keepsNothing && state.memory.size > 0);
    const done = this.#attempt(() => {
      this.#run(`INSERT INTO disk.entries (${columns}) SELECT ${columns} FROM main.entries WHERE unsaved = 1`);
      this.#run("DELETE FROM main.entries WHERE unsaved = 1");
      for (const [stream, state] of back) {
        if (state.lost !== null) this.#noteLoss(stream, state.lost);
        if (typeof state.cursor === "string" && !state.frozen) this.#writeCursor(stream, state.cursor);
      }
      this.#writeReserve();
    });
    if (!done) return;
    this.#anyUnsaved = false;
    this.#rows.forgetCounts();
    for (const [, state] of back) {
      state.memory.clear();
      if (state.lost !== null) state.counters?.count(null, 1);
      state.lost = null;
      state.cursor = undefined;
    }
  }

  cursor(stream: string): string | null {
    const state = this.#stream(stream);
    if (state.keepsNothing) return state.cursor ?? null;
    // While nothing was dropped, memory knows better than the disk: what it holds need not come again.
    if (state.cursor !== undefined && !state.frozen) return state.cursor;
    const [row] = this.#query("SELECT cursor FROM disk.cursors WHERE stream = ?", stream);
    return row === undefined ? null : String(row["cursor"]);
  }

  setCursor(stream: string, cursor: string): void {
    const state = this.#stream(stream);
    state.frozen = false;
    if (state.keepsNothing || !this.#attempt(() => this.#writeCursor(stream, cursor))) state.cursor = cursor;
    else state.cursor = undefined;
  }

  keepNothing(stream: string, on: boolean): void {
    const state = this.#stream(stream);
    if (on === state.keepsNothing) return;
    if (on) {
      state.cursor = this.cursor(stream);
      this.#attempt(() => this.#run("DELETE FROM disk.cursors WHERE stream = ?", stream));
      this.#emptyLog();
    } else {
      this.#drop(stream, state);
      if (typeof state.cursor === "string") this.setCursor(stream, state.cursor);
    }
    state.keepsNothing = on;
  }

  tail(stream: string, filter: Filter, limit: number): Omit<Tail, "version"> {
    const counters = this.#counters(stream);
    const matching = isUnfiltered(filter) ? counters.total : this.#rows.matching(stream, filter);
    return { total: counters.total, matching, types: counters.types(), rows: this.#rows.newest(stream, filter, limit) };
  }

  window(stream: string, filter: Filter, from: number, limit: number): { matching: number; from: number; rows: Row[] } {
    const matching = isUnfiltered(filter) ? this.#counters(stream).total : this.#rows.matching(stream, filter);
    return { matching, from, rows: this.#rows.at(stream, filter, from, limit, matching) };
  }

  get(seq: number): EventDetail | null {
    return this.#rows.detail(seq);
  }

  /** Deletes the stream's records for good: overwritten in the file, and the log that still held them emptied. */
  clear(stream: string): boolean {
    return this.#delete(stream, false);
  }

  /** The same, and its cursor. */
  forget(stream: string): boolean {
    const done = this.#delete(stream, true);
    if (done) this.#streams.delete(stream);
    return done;
  }

  close(): void {
    this.recover();
    // The unused part of the reserve goes back: an ordinary restart leaves no hole in the numbers.
    if (this.#state === "ok")
      this.#attempt(() => this.#run("UPDATE disk.sequence SET reserved = ?", this.#next), false);
    detach(this.#db);
  }

  #delete(stream: string, withCursor: boolean): boolean {
    const state = this.#stream(stream);
    this.#drop(stream, state);
    this.#rows.forgetCounts();
    state.counters = null;
    state.lost = null;
    if (this.#state === "read-only") return false;
    const done = this.#attempt(() => {
      this.#run("DELETE FROM disk.entries WHERE stream = ?", stream);
      if (withCursor) this.#run("DELETE FROM disk.cursors WHERE stream = ?", stream);
      else if (typeof state.cursor === "string" && !state.keepsNothing) this.#writeCursor(stream, state.cursor);
    });
    if (done && !state.keepsNothing) state.cursor = undefined;
    return done && this.#emptyLog();
  }

  /** What was deleted is overwritten in the file, but the log still holds it until it is folded in and cut. */
  #emptyLog(): boolean {
    return this.#attempt(() => {
      // All rows of it: a pragma that is not read to its end stays open, and what is open holds the log.
      const [row] = this.#query("PRAGMA disk.wal_checkpoint(TRUNCATE)");
      if (row?.["busy"] !== 0) throw Object.assign(new Error("the log is in use"), { code: "SQLITE_BUSY" });
    }, false);
  }

  #drop(stream: string, state: StreamState): void {
    this.#run("DELETE FROM main.entries WHERE stream = ?", stream);
    state.memory.clear();
    state.counters = null;
    this.#rows.forgetCounts();
  }

  /** One transaction: the records, their cursor, the numbers and the ticket. */
  #save(
    ticket: number,
    stream: string,
    state: StreamState,
    rows: readonly StoredRow[],
    cursor: string | null,
  ): boolean {
    if (this.#state !== "ok") return false;
    return this.#attempt(() => {
      insertDisk(this.#db, rows);
      if (cursor !== null && !state.frozen) this.#writeCursor(stream, cursor);
      if (this.#next > this.#reserved - reserve / 2) this.#writeReserve();
      const first = this.#next - rows.length;
      this.#run(
        "INSERT OR REPLACE INTO disk.recent VALUES (?, ?, ?, ?)",
        ticket,
        this.#start.session,
        first,
        rows.length,
      );
      this.#run("DELETE FROM disk.recent WHERE ticket <= ?", ticket - rememberedTickets);
    });
  }

  #hold(stream: string, state: StreamState, rows: readonly StoredRow[], cursor: string | null): void {
    const unsaved = !state.keepsNothing;
    insertMemory(this.#db, rows, unsaved);
    if (cursor !== null) state.cursor = cursor;
    if (unsaved) this.#anyUnsaved = true;
    const gone = state.memory.add(
      rows.map(({ row, size }): Held => ({ seq: row.seq, bytes: size, type: row.kind === 0 ? row.type : null })),
    );
    const [oldest, newest] = [gone[0], gone.at(-1)];
    if (oldest === undefined || newest === undefined) return;
    this.#run("DELETE FROM main.entries WHERE stream = ? AND seq <= ?", stream, newest.seq);
    for (const { type } of gone) state.counters?.count(type, -1);
    this.#rows.forgetCounts();
    if (!unsaved) return;
    state.lost = { from: state.lost?.from ?? oldest.seq, to: newest.seq };
    state.frozen = true;
  }

  /** Runs work in a transaction; a failure leaves the disk as it was and becomes the state everybody sees. */
  #attempt(work: () => void, transaction = true): boolean {
    if (this.#state !== "ok") return false;
    try {
      if (transaction) this.#db.exec("BEGIN IMMEDIATE");
      work();
      if (transaction) this.#db.exec("COMMIT");
      if (transaction) this.#trouble = null;
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (!code.startsWith("SQLITE_")) throw error;
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") this.#reopen(code);
      else
        this.#trouble = { code: code === "SQLITE_FULL" ? "journal-full" : "journal-failing", params: { reason: code } };
      return false;
    }
  }

  /** The file broke under us: it is looked at, set aside if it is bad, and a new one goes on with the numbers. */
  #reopen(code: string): void {
    this.#trouble = { code: "journal-failing", params: { reason: code } };
  }

  #stream(stream: string): StreamState {
    let state = this.#streams.get(stream);
    if (state === undefined) {
      const memory = new MemoryWindow();
      state = { keepsNothing: false, cursor: undefined, lost: null, frozen: false, memory, counters: null, last: null };
      this.#streams.set(stream, state);
    }
    return state;
  }

  #counters(stream: string): Counters {
    const state = this.#stream(stream);
    if (state.counters === null) {
      const { total, types } = this.#rows.counts(stream);
      state.counters = new Counters(total, types);
    }
    return state.counters;
  }

  #toRow(state: StreamState, seq: number, stream: string, record: Entry): StoredRow {
    if ("mark" in record) return toStoredRow(seq, stream, record, null);
    const before = state.last ?? this.#lastEvent(stream);
    // Monotonic time of an earlier run says nothing now; civil time may have jumped back.
    const gap =
      before === null ? null : state.last !== null ? record.mono - before.mono : record.receivedAt - before.at;
    state.last = { mono: record.mono, at: record.receivedAt };
    return toStoredRow(seq, stream, record, gap === null ? null : Math.max(0, Math.round(gap)));
  }

  #lastEvent(stream: string): { mono: number; at: number } | null {
    if (this.#state === "read-only") return null;
    const [row] = this.#query(
      "SELECT at FROM disk.entries WHERE stream = ? AND kind = 0 ORDER BY seq DESC LIMIT 1",
      stream,
    );
    return row === undefined ? null : { mono: 0, at: Number(row["at"]) };
  }

  #answered(ticket: number): { first: number; count: number } | null {
    if (this.#state === "read-only") return null;
    const [row] = this.#query(
      "SELECT first, count FROM disk.recent WHERE ticket = ? AND session = ?",
      ticket,
      this.#start.session,
    );
    return row === undefined ? null : { first: Number(row["first"]), count: Number(row["count"]) };
  }

  /** A gap in the list for what was shown once and could never be written. */
  #noteLoss(stream: string, lost: { from: number; to: number }): void {
    const params = { reason: "unsaved", from: lost.from, to: lost.to };
    const mark: Mark = { stream, at: Date.now(), mark: "gap", failure: null, params };
    insertDisk(this.#db, [toStoredRow(this.#next++, stream, mark, null)]);
  }

  #reserveMore(): void {
    if (this.#next > this.#reserved - reserve / 2) this.#attempt(() => this.#writeReserve());
  }

  #writeReserve(): void {
    this.#run("UPDATE disk.sequence SET reserved = ?", this.#next + reserve);
    this.#reserved = this.#next + reserve;
  }

  #writeCursor(stream: string, cursor: string): void {
    this.#run(
      "INSERT INTO disk.cursors VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor",
      stream,
      cursor,
    );
  }

  #firstFree({ state }: OpenFile): number {
    const read = (sql: string): number => {
      try {
        return Number(this.#query(sql)[0]?.["n"] ?? 0);
      } catch {
        // A newer file may have other tables.
        return 0;
      }
    };
    const top = read("SELECT max(seq) AS n FROM disk.entries");
    return Math.max(1, top + 1, state === "read-only" ? 0 : read("SELECT reserved AS n FROM disk.sequence"));
  }

  #query(sql: string, ...values: unknown[]): { [name: string]: unknown }[] {
    return this.#db.prepare(sql).all(...values) as { [name: string]: unknown }[];
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#db.prepare(sql).run(...values);
  }
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);
