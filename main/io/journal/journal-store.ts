/**
 * Writes the journal: transactions of records with their cursor, streams that keep nothing, and what to do while the
 * disk refuses. It runs in the worker thread and is synchronous; reading is journal-rows.ts, opening journal-file.ts.
 */
import type { Code } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { codeOf } from "../stores/safe-file.ts";
import { type Connection, detach, openFile, replaceFile } from "./journal-file.ts";
import type { Held } from "./journal-memory.ts";
import type { JournalStart, JournalState } from "./journal-protocol.ts";
import { columns } from "./journal-schema.ts";
import { Sequence } from "./journal-sequence.ts";
import { type StreamState, StreamStates } from "./journal-streams.ts";
import { numbers, Tickets } from "./journal-tickets.ts";
import { isDamage, trouble } from "./journal-trouble.ts";
import { JournalView } from "./journal-view.ts";
import { insertDisk, insertMemory, type StoredRow, toStoredRow } from "./journal-write.ts";

type Entry = ReceivedEvent | Mark;

/** Broken files set aside in one run; then the journal stays "failing". */
const maxSetAsides = 3;

export class JournalStore {
  /** What can be asked of it. */
  readonly view: JournalView;
  readonly #start: JournalStart;
  readonly #streams = new StreamStates();
  readonly #db: Connection;
  readonly #sequence: Sequence;
  readonly #tickets: Tickets;
  #state: JournalState;
  #problems: readonly Code[];
  /** The disk's present trouble; null when the last write succeeded. */
  #trouble: Code | null = null;
  #anyUnsaved = false;
  #setAsides = 0;

  /** @throws JournalError when the place cannot be used */
  constructor(start: JournalStart) {
    this.#start = start;
    const file = openFile(start.dir, start.maxBytes);
    this.#db = file.db;
    this.#state = file.state;
    this.#problems = file.problems;
    this.#sequence = new Sequence(file.db, file.state === "ok");
    this.view = new JournalView(file.db, this.#streams, this.#sequence);
    this.#tickets = new Tickets(file.db, start.session);
    for (const [stream, cursor] of start.volatile)
      Object.assign(this.#streams.of(stream), { keepsNothing: true, cursor });
    this.#transact(() => this.#tickets.forgetOthers());
  }

  get state(): JournalState {
    return this.#state === "ok" && this.#trouble !== null ? "failing" : this.#state;
  }

  get problems(): readonly Code[] {
    return this.#trouble === null ? this.#problems : [...this.#problems, this.#trouble];
  }

  get lastSeq(): number {
    return this.#sequence.last;
  }

  /** @param ticket of the same session: an append that was already written is only answered again */
  append(
    ticket: number,
    stream: string,
    records: readonly Entry[],
    cursor: string | null,
  ): { seqs: number[]; unsaved: boolean } {
    const before = this.#state === "read-only" ? null : this.#read(() => this.#tickets.answered(ticket));
    if (before !== null) return { seqs: before, unsaved: false };
    this.recover();
    const state = this.#streams.of(stream);
    const first = this.#sequence.take(records.length);
    const rows = records.map((record, index) => this.#toRow(state, first + index, stream, record));
    // A connection that was opened asked from the cursor we told it: from here on there is no hole.
    if (records.some((record) => "mark" in record && record.mark === "opened")) state.frozen = false;
    // While older records wait, newer ones do not overtake them, nor does their cursor.
    const saved = !state.keepsNothing && !this.#anyUnsaved && this.#save(ticket, stream, state, rows, cursor);
    if (!saved) this.#hold(stream, state, rows, cursor);
    if (state.keepsNothing && this.#sequence.runsLow) this.#transact(() => this.#sequence.writeAhead());
    for (const { row } of rows) state.counters?.count(row.type, 1);
    return { seqs: numbers(first, rows.length), unsaved: !saved && !state.keepsNothing };
  }

  /** Writes what the disk refused before, if anything. Called before each append and now and then. */
  recover(): void {
    if (!this.#anyUnsaved) return;
    const waiting = this.#streams.unsaved();
    const done = this.#transact(() => {
      this.#run(`INSERT INTO disk.entries (${columns}) SELECT ${columns} FROM main.entries WHERE unsaved = 1`);
      this.#run("DELETE FROM main.entries WHERE unsaved = 1");
      for (const [stream, state] of waiting) {
        if (state.lost !== null) this.#noteLoss(stream, state.lost);
        if (typeof state.cursor === "string" && !state.frozen) this.#writeCursor(stream, state.cursor);
      }
      this.#sequence.writeAhead();
    });
    if (!done) return;
    this.#anyUnsaved = false;
    this.view.forgetCounts();
    for (const [, state] of waiting) {
      state.memory.clear();
      if (state.lost !== null) state.counters?.count(null, 1);
      state.lost = null;
      state.cursor = undefined;
    }
  }

  cursor(stream: string): string | null {
    const state = this.#streams.of(stream);
    if (state.keepsNothing) return state.cursor ?? null;
    // While nothing was dropped, memory knows better than the disk: what it holds need not come again.
    if (state.cursor !== undefined && !state.frozen) return state.cursor;
    // Twice: the first look may set a broken file aside, and the cursors are taken over into the new one.
    return this.#read(() => this.#diskCursor(stream)) ?? this.#read(() => this.#diskCursor(stream));
  }

  #diskCursor(stream: string): string | null {
    const [row] = this.#query("SELECT CAST(cursor AS BLOB) AS cursor FROM disk.cursors WHERE stream = ?", stream);
    return row === undefined ? null : Buffer.from(row["cursor"] as Uint8Array).toString();
  }

  setCursor(stream: string, cursor: string): void {
    const state = this.#streams.of(stream);
    state.frozen = false;
    const saved = !state.keepsNothing && this.#transact(() => this.#writeCursor(stream, cursor));
    state.cursor = saved ? undefined : cursor;
  }

  keepNothing(stream: string, on: boolean): void {
    const state = this.#streams.of(stream);
    if (on === state.keepsNothing) return;
    if (on) {
      state.cursor = this.cursor(stream);
      if (this.#transact(() => this.#run("DELETE FROM disk.cursors WHERE stream = ?", stream))) this.#emptyLog();
    } else this.#dropMemory(stream, state);
    state.keepsNothing = on;
    if (!on && typeof state.cursor === "string") this.setCursor(stream, state.cursor);
  }

  /**
   * Deletes the stream's records for good: overwritten in the file, and the log that still held them emptied.
   * @param withCursor the stream itself is gone
   * @returns whether it was done
   */
  clear(stream: string, withCursor: boolean): boolean {
    const state = this.#streams.of(stream);
    this.#dropMemory(stream, state);
    if (this.#state === "read-only") return false;
    const deleted = this.#transact(() => {
      this.#run("DELETE FROM disk.entries WHERE stream = ?", stream);
      if (withCursor) this.#run("DELETE FROM disk.cursors WHERE stream = ?", stream);
      else if (typeof state.cursor === "string" && !state.keepsNothing) this.#writeCursor(stream, state.cursor);
    });
    if (deleted && !state.keepsNothing) state.cursor = undefined;
    if (deleted && withCursor) this.#streams.delete(stream);
    return deleted && this.#emptyLog();
  }

  /** The file broke under us: it is set aside, and a new one goes on with the cursors and the numbers. */
  distrust(): void {
    // A newer file's tables may well be strange to us. And a disk that breaks every file is not mended by one more.
    if (this.#state === "read-only" || ++this.#setAsides > maxSetAsides) return;
    try {
      const file = replaceFile(this.#db, this.#start.dir, this.#start.maxBytes);
      [this.#state, this.#problems] = [file.state, [...this.#problems, ...file.problems]];
      this.#trouble = null;
    } catch (error) {
      this.#trouble = trouble(codeOf(error));
    }
    this.view.startOver();
    if (this.#trouble === null) this.#transact(() => this.#sequence.writeAhead());
  }

  close(): void {
    this.recover();
    this.#transact(() => this.#sequence.giveBack());
    detach(this.#db);
  }

  /** One transaction: the records, their cursor, the numbers and the ticket. */
  #save(
    ticket: number,
    stream: string,
    state: StreamState,
    rows: readonly StoredRow[],
    cursor: string | null,
  ): boolean {
    return this.#transact(() => {
      insertDisk(this.#db, rows);
      if (cursor !== null && !state.frozen) this.#writeCursor(stream, cursor);
      if (this.#sequence.runsLow) this.#sequence.writeAhead();
      this.#tickets.remember(ticket, rows[0]?.row.seq ?? 0, rows.length);
    });
  }

  /** Keeps records in memory, as many as there is room for. */
  #hold(stream: string, state: StreamState, rows: readonly StoredRow[], cursor: string | null): void {
    const unsaved = !state.keepsNothing;
    insertMemory(this.#db, rows, unsaved);
    if (cursor !== null) state.cursor = cursor;
    if (unsaved) this.#anyUnsaved = true;
    const gone = state.memory.add(rows.map(({ row, size }): Held => ({ seq: row.seq, bytes: size, type: row.type })));
    const [oldest, newest] = [gone[0], gone.at(-1)];
    if (oldest === undefined || newest === undefined) return;
    this.#run("DELETE FROM main.entries WHERE stream = ? AND seq <= ?", stream, newest.seq);
    for (const { type } of gone) state.counters?.count(type, -1);
    this.view.forgetCounts();
    if (!unsaved) return;
    state.lost = { from: state.lost?.from ?? oldest.seq, to: newest.seq };
    state.frozen = true;
  }

  #dropMemory(stream: string, state: StreamState): void {
    this.#run("DELETE FROM main.entries WHERE stream = ?", stream);
    state.memory.clear();
    state.lost = null;
    state.counters = null;
    this.view.forgetCounts();
  }

  /** A gap in the list for what was shown once and could never be written. */
  #noteLoss(stream: string, lost: { from: number; to: number }): void {
    const mark: Mark = { stream, at: Date.now(), mark: "gap", failure: null, params: { reason: "unsaved", ...lost } };
    insertDisk(this.#db, [toStoredRow(this.#sequence.take(1), stream, mark, null)]);
  }

  /** What was deleted is overwritten in the file, but the log still holds it until it is folded in and cut. */
  #emptyLog(): boolean {
    try {
      // All rows of it: a pragma that is not read to its end stays open, and what is open holds the log.
      const [row] = this.#query("PRAGMA disk.wal_checkpoint(TRUNCATE)");
      return row?.["busy"] === 0;
    } catch (error) {
      this.#suffer(error);
      return false;
    }
  }

  /** Runs work in a transaction; a failure leaves the disk as it was and becomes the state everybody sees. */
  #transact(work: () => void): boolean {
    if (this.#state !== "ok") return false;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      work();
      this.#db.exec("COMMIT");
      this.#trouble = null;
      return true;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      this.#suffer(error);
      return false;
    }
  }

  /** A read whose failure is the disk's trouble and no reason to fail: null. */
  #read<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      this.#suffer(error);
      return null;
    }
  }

  #suffer(error: unknown): void {
    const code = codeOf(error);
    if (!code.startsWith("SQLITE_")) throw error;
    this.#trouble = trouble(code);
    if (isDamage(code)) this.distrust();
  }

  #toRow(state: StreamState, seq: number, stream: string, record: Entry): StoredRow {
    if ("mark" in record) return toStoredRow(seq, stream, record, null);
    let gap: number | null = null;
    // Monotonic time of an earlier run says nothing now; civil time may have jumped back.
    const before = state.lastMono === null ? this.#read(() => this.view.lastEventAt(stream)) : null;
    if (state.lastMono !== null) gap = record.mono - state.lastMono;
    else if (before !== null) gap = record.receivedAt - before;
    state.lastMono = record.mono;
    return toStoredRow(seq, stream, record, gap === null ? null : Math.max(0, Math.round(gap)));
  }

  #writeCursor(stream: string, cursor: string): void {
    const sql = "INSERT INTO disk.cursors VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor";
    this.#run(sql, stream, cursor);
  }

  #query(sql: string, ...values: unknown[]): { [name: string]: unknown }[] {
    return this.#db.prepare(sql).all(...values) as { [name: string]: unknown }[];
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#db.prepare(sql).run(...values);
  }
}
