/**
 * Writes the journal: transactions of blocks with their cursor, streams that keep nothing, and what to do while the disk
 * refuses. It runs in the worker thread and is synchronous; reading is journal-view.ts, the file and its failures journal-disk.ts.
 */
import type { Code } from "../../../preload/contract.ts";
import type { Mark } from "../../core/events/record.ts";
import { numberBlock, packBlock } from "./block-pack.ts";
import { BlockReader, deleteStream, insertBlock, type Numbered, numbered } from "./journal-blocks.ts";
import { Directory, type Listed } from "./journal-directory.ts";
import { JournalDisk } from "./journal-disk.ts";
import type { KeptLimits } from "./journal-limits.ts";
import { dropMemory, keepInMemory, trim, unsavedBlocks } from "./journal-memory.ts";
import { Mending } from "./journal-mending.ts";
import { hasOpened, numberArrived } from "./journal-numbering.ts";
import type { Append, JournalStart, JournalState, Written } from "./journal-protocol.ts";
import { Sequence } from "./journal-sequence.ts";
import { JournalSource } from "./journal-source.ts";
import { type StreamState, StreamStates } from "./journal-streams.ts";
import { Tickets } from "./journal-tickets.ts";
import { keepUp } from "./journal-upkeep.ts";
import { JournalView } from "./journal-view.ts";

export class JournalStore {
  /** What can be asked of it. */
  readonly view: JournalView;
  /** Its blocks, for the search. */
  readonly source: JournalSource;
  /** How much is kept; null: nobody has said yet. */
  limits: KeptLimits | null;
  readonly #disk: JournalDisk;
  readonly #streams: StreamStates;
  readonly #reader: BlockReader;
  readonly #sequence: Sequence;
  readonly #tickets: Tickets;
  readonly #mending: Mending;
  #anyUnsaved = false;
  /** All that the disk had refused is on it now. */
  whenWritten: () => void = () => {};

  /** @throws JournalError when the place cannot be used */
  constructor(start: JournalStart) {
    this.limits = start.limits;
    this.#disk = new JournalDisk(start);
    const { db, state } = this.#disk;
    this.#sequence = new Sequence(db, state === "ok");
    this.#reader = new BlockReader(db);
    this.#streams = new StreamStates((stream) => this.#reader.list(stream));
    this.view = new JournalView(this.#streams, this.#reader);
    const mend = (error: unknown) => this.#mending.mend(error);
    this.source = new JournalSource(this.#streams, this.#reader, (error) => this.failed(error), mend);
    const [disk, streams, reader, source] = [this.#disk, this.#streams, this.#reader, this.source];
    this.#mending = new Mending({ disk, streams, reader, source });
    this.#tickets = new Tickets(db, start.session);
    this.#disk.whenReplaced = () => this.#startOver();
    for (const [stream, cursor] of start.volatile) {
      this.keepNothing(stream, true);
      if (cursor !== null) this.#streams.of(stream).cursor = cursor;
    }
    for (const { stream, from, to } of start.lost) {
      // As if memory had had no room for them: noted as a gap, and the cursor stays before them.
      const state = this.#streams.of(stream);
      if (state.keepsNothing) continue;
      Object.assign(state, { lost: { from, to }, frozen: true });
      this.#anyUnsaved = true;
    }
    this.#disk.transact(() => this.#tickets.forgetOthers());
  }

  get state(): JournalState {
    return this.#disk.state;
  }

  get problems(): readonly Code[] {
    return [...this.#disk.problems, ...this.#mending.problems];
  }

  /** Asks again after each damaged block that stood in the way of an answer. */
  past<T>(work: () => T): T {
    return this.#mending.past(work);
  }

  get lastSeq(): number {
    return this.#sequence.last;
  }

  /**
   * @param ticket of the same session: an append that was already written is only answered again
   * @param blocks without numbers; they are numbered in place
   */
  append(ticket: number, { stream, blocks, first, cursor }: Omit<Append, "op">): Written {
    if (!this.#disk.isReadOnly && this.#disk.read(() => this.#tickets.answered(ticket)) === true)
      return { unsaved: false };
    this.recover();
    const state = this.#streams.of(stream);
    let number = first;
    const arrived = blocks.map((bytes) => {
      const block = this.#number(state, stream, bytes, number);
      number += block.entry.count;
      return block;
    });
    this.#sequence.given(number - 1);
    // A connection that was opened asked from the cursor we told it: from here on there is no hole.
    if (state.frozen && arrived.some(({ block }) => hasOpened(block))) state.frozen = false;
    // While older records wait, newer ones do not overtake them, nor does their cursor.
    const saved = !state.keepsNothing && !this.#anyUnsaved && this.#save(ticket, stream, state, arrived, cursor);
    if (saved) {
      // The disk's is the newest now, whatever memory had from a time when the disk refused.
      if (cursor !== null && !state.frozen) state.cursor = undefined;
      this.#list(stream, state, arrived);
    } else this.#hold(stream, state, arrived, cursor);
    return { unsaved: !saved && !state.keepsNothing };
  }

  /** Takes records of a stream that keeps nothing, which have their numbers. */
  hold(stream: string, blocks: readonly Uint8Array[]): void {
    const state = this.#streams.of(stream);
    if (!state.keepsNothing) return;
    const arrived = blocks.map(numbered);
    this.#sequence.given(arrived.at(-1)?.entry.last ?? 0);
    this.#hold(stream, state, arrived, null);
  }

  /** Numbers up to this one are given to nobody in a later run. */
  reserve(last: number): void {
    this.#disk.transact(() => this.#sequence.reserve(last));
  }

  /** Writes what the disk refused before, if anything. Called before each append and now and then. */
  recover(): void {
    if (!this.#anyUnsaved) return;
    const waiting = this.#streams.unsaved();
    const losses: [StreamState, Numbered][] = [];
    const done = this.#disk.transact(() => {
      losses.length = 0;
      for (const [stream, state] of waiting) {
        for (const { body } of unsavedBlocks(state.directory))
          if (body !== null) insertBlock(this.#disk.db, stream, numbered(body));
        if (state.lost !== null) losses.push([state, this.#noteLoss(stream, state.lost)]);
        if (typeof state.cursor === "string" && !state.frozen) this.#writeCursor(stream, state.cursor);
      }
      this.#sequence.writeAhead();
    });
    if (!done) return;
    this.#anyUnsaved = false;
    for (const [stream, state] of waiting) {
      for (const [at, entry] of state.directory.entries.entries()) {
        if (!entry.unsaved) continue;
        state.directory.replace(at, { ...entry, body: null, unsaved: false });
        // It may now reach a file, and whoever knows it as one that must not believes no second word of it.
        this.source.removed(stream, [entry]);
        this.source.added(stream, { ...entry, body: null });
      }
      state.lost = null;
      state.cursor = undefined;
    }
    for (const [{ directory }, mark] of losses) directory.put(mark);
    this.whenWritten();
  }

  /** A little of what can wait. @returns whether there may be more */
  keepUp(among: readonly string[]): boolean {
    const [disk, streams, reader, source, limits] = [this.#disk, this.#streams, this.#reader, this.source, this.limits];
    if (disk.state !== "ok") return false;
    const step = () => keepUp({ disk, streams, reader, source, limits }, among, Date.now());
    return disk.read(() => this.past(step)) ?? false;
  }

  /** All streams there is anything of. */
  streams(): string[] {
    return [...new Set([...(this.#disk.read(() => this.#reader.streams()) ?? []), ...this.#streams.known()])];
  }

  cursor(stream: string): string | null {
    const state = this.#streams.of(stream);
    if (state.keepsNothing) return state.cursor ?? null;
    // While nothing was dropped, memory knows better than the disk: what it holds need not come again.
    if (state.cursor !== undefined && !state.frozen) return state.cursor;
    // Twice: the first look may set a broken file aside, and the cursors are taken over into the new one.
    return this.#disk.read(() => this.#diskCursor(stream)) ?? this.#disk.read(() => this.#diskCursor(stream));
  }

  #diskCursor(stream: string): string | null {
    const [row] = this.#disk.query("SELECT CAST(cursor AS BLOB) AS cursor FROM disk.cursors WHERE stream = ?", stream);
    return row === undefined ? null : Buffer.from(row["cursor"] as Uint8Array).toString();
  }

  setCursor(stream: string, cursor: string): void {
    const state = this.#streams.of(stream);
    state.frozen = false;
    const saved = !state.keepsNothing && this.#disk.transact(() => this.#writeCursor(stream, cursor));
    state.cursor = saved ? undefined : cursor;
    if (!saved && !state.keepsNothing) this.#anyUnsaved = true;
  }

  keepNothing(stream: string, on: boolean): void {
    const state = this.#streams.of(stream);
    if (on === state.keepsNothing) return;
    if (on) {
      state.cursor = this.cursor(stream);
      if (this.#disk.transact(() => this.#disk.run("DELETE FROM disk.cursors WHERE stream = ?", stream)))
        this.#disk.emptyLog();
      keepInMemory(state.directory);
      state.lost = null;
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
    if (this.#disk.isReadOnly) return false;
    const deleted = this.#disk.transact(() => {
      deleteStream(this.#disk.db, stream);
      if (withCursor) this.#disk.run("DELETE FROM disk.cursors WHERE stream = ?", stream);
      else if (typeof state.cursor === "string" && !state.keepsNothing) this.#writeCursor(stream, state.cursor);
    });
    if (!deleted) return false;
    if (!state.keepsNothing) state.cursor = undefined;
    if (withCursor) this.#streams.delete(stream);
    else Object.assign(state, { directory: new Directory(), isLoaded: false });
    this.view.forget();
    this.source.cleared(stream);
    return this.#disk.emptyLog();
  }

  /** @param last the highest number that was given */
  close(last = 0): void {
    this.#sequence.given(last);
    this.source.close();
    this.recover();
    this.#disk.transact(() => this.#sequence.giveBack());
    this.#disk.close();
  }

  /** A read failed that the caller tells of. @returns the code */
  failed(error: unknown): string {
    return this.#disk.failed(error);
  }

  /** One transaction: the blocks, their cursor, the numbers and the ticket. */
  #save(
    ticket: number,
    stream: string,
    state: StreamState,
    arrived: readonly Numbered[],
    cursor: string | null,
  ): boolean {
    return this.#disk.transact(() => {
      for (const one of arrived) insertBlock(this.#disk.db, stream, one);
      if (cursor !== null && !state.frozen) this.#writeCursor(stream, cursor);
      if (this.#sequence.runsLow) this.#sequence.writeAhead();
      const count = arrived.reduce((sum, { entry }) => sum + entry.count, 0);
      this.#tickets.remember(ticket, arrived[0]?.entry.first ?? 0, count);
    });
  }

  #list(stream: string, { directory }: StreamState, blocks: readonly Listed[]): void {
    for (const one of blocks) {
      directory.add(one);
      this.source.added(stream, one.entry);
    }
  }

  /** Keeps blocks in memory, as many as there is room for. */
  #hold(stream: string, state: StreamState, arrived: readonly Numbered[], cursor: string | null): void {
    const unsaved = !state.keepsNothing;
    const kept = arrived.map((one) => ({ ...one, entry: { ...one.entry, body: one.bytes, unsaved } }));
    this.#list(stream, state, kept);
    if (cursor !== null) state.cursor = cursor;
    if (unsaved) this.#anyUnsaved = true;
    const { gone, left } = trim(state.directory);
    const [oldest, newest] = [gone[0], gone.at(-1)];
    if (oldest === undefined || newest === undefined) return;
    this.source.removed(stream, gone);
    if (left !== null) this.source.added(stream, left);
    if (!unsaved) return;
    state.lost = { from: state.lost?.from ?? oldest.first, to: left === null ? newest.last : left.first - 1 };
    state.frozen = true;
  }

  #dropMemory(stream: string, state: StreamState): void {
    const memory = state.directory.entries.slice(state.directory.memoryFrom);
    dropMemory(state.directory);
    this.#reader.forget();
    this.source.removed(stream, memory);
    state.lost = null;
  }

  /** A gap in the list for what was shown once and could never be written. */
  #noteLoss(stream: string, lost: { from: number; to: number }): Numbered {
    const mark: Mark = { stream, at: Date.now(), mark: "gap", failure: null, params: { reason: "unsaved", ...lost } };
    const bytes = packBlock([mark]);
    // Nothing else has this number any more, and here it stands where they stood.
    numberBlock(bytes, lost.from, null);
    const noted = numbered(bytes);
    insertBlock(this.#disk.db, stream, noted);
    return noted;
  }

  /** The file is another one: all that was in it is gone from here too. */
  #startOver(): void {
    this.#streams.startOver();
    this.view.forget();
    this.source.reset();
    if (this.#disk.state === "ok") this.#disk.transact(() => this.#sequence.writeAhead());
  }

  #number(state: StreamState, stream: string, bytes: Uint8Array, number: number): Numbered {
    const ended = () => this.#disk.read(() => this.past(() => this.view.lastEventAt(stream)));
    const { block, lastMono } = numberArrived(bytes, number, state.lastMono, ended);
    state.lastMono = lastMono;
    return block;
  }

  #writeCursor(stream: string, cursor: string): void {
    const sql = "INSERT INTO disk.cursors VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor";
    this.#disk.run(sql, stream, cursor);
  }
}
