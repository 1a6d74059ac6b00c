/**
 * The journal as a model: a disk that outlives the app, and the writer that brings records to it in transactions with the
 * resume cursor. What the real journal does on a real disk is tested in test/io; here only its promises are played.
 */
import type { Parts } from "./parts.ts";
import { cancel, type Entry, type Timeline } from "./timeline.ts";

/** A line of the journal. `started`: the app began to run; what it had not written by then is gone. */
export type Row =
  | {
      readonly row: "event";
      readonly generation: number;
      readonly fromProbe: boolean;
      readonly id: string | null;
      readonly type: string;
      readonly data: string;
      readonly marked: boolean;
    }
  | { readonly row: "gap"; readonly reason: string }
  | { readonly row: "started" };

/** What one stream has on disk. */
export type Disk = { readonly rows: Row[]; cursor: string | null };

/** What the disk is like at the moment; shared by all streams. */
export type DiskState = { full: boolean; writeMs: number };

const batchMs = 100;
const batchRows = 200;
/** So many unwritten rows, and reading stops; at half of it, it goes on. */
const backlogRows = 40;

type Batch = { readonly rows: readonly Row[]; readonly cursor: string | null };

export class Writer {
  readonly #disk: Disk;
  readonly #state: DiskState;
  readonly #parts: Parts;
  readonly #timeline: Timeline;
  #rows: Row[] = [];
  #cursor: string | null = null;
  #queue: Batch[] = [];
  /** What the disk had no room for, in order; still whole in memory. */
  #unsaved: Batch[] = [];
  #timer: Entry | null = null;
  #writing: Entry | null = null;
  #flushed: (() => void)[] = [];
  #drained: (() => void) | null = null;

  constructor(disk: Disk, state: DiskState, parts: Parts, timeline: Timeline) {
    this.#disk = disk;
    this.#state = state;
    this.#parts = parts;
    this.#timeline = timeline;
  }

  add(row: Row, cursor: string | null): void {
    this.#rows.push(row);
    this.moveCursor(cursor);
    if (this.#rows.length >= batchRows) this.#flush();
  }

  moveCursor(cursor: string | null): void {
    if (cursor !== null) this.#cursor = cursor;
    if (cursor !== null && !this.#parts.transactional) this.#disk.cursor = cursor;
    this.#timer ??= this.#timeline.after(batchMs, () => this.#flush());
  }

  /** Calls back when the disk has answered for everything added so far. */
  flush(done: () => void): void {
    this.#flush();
    if (this.#writing === null) done();
    else this.#flushed.push(done);
  }

  get full(): boolean {
    return this.#rows.length + this.#queue.reduce((sum, { rows }) => sum + rows.length, 0) > backlogRows;
  }

  whenDrained(wake: () => void): void {
    this.#drained = wake;
  }

  /** What a reconnect has to send: of the last batch that is on disk, or whole in memory. */
  cursor(): string | null {
    return this.#unsaved.findLast(({ cursor }) => cursor !== null)?.cursor ?? this.#disk.cursor;
  }

  /** The app is gone, and with it what was not written. */
  kill(): void {
    this.#timer = cancel(this.#timer);
    this.#writing = cancel(this.#writing);
  }

  /** Whatever is in memory goes to the disk as far as there is room; for the end of a run. */
  settle(): void {
    this.#flush();
    this.#writing = cancel(this.#writing);
    for (const batch of [...this.#queue.splice(0), { rows: [], cursor: null }]) this.#write(batch);
    this.#done();
  }

  #flush(): void {
    this.#timer = cancel(this.#timer);
    if (this.#rows.length > 0 || this.#cursor !== null) {
      this.#queue.push({ rows: this.#rows, cursor: this.#cursor });
      this.#rows = [];
      this.#cursor = null;
    }
    this.#next();
  }

  #next(): void {
    while (this.#writing === null && this.#queue.length > 0) {
      if (this.#state.writeMs > 0) {
        this.#writing = this.#timeline.after(this.#state.writeMs, () => {
          this.#writing = null;
          this.#writeFirst();
          this.#next();
        });
        return;
      }
      this.#writeFirst();
    }
    if (this.#writing === null) this.#done();
  }

  #writeFirst(): void {
    const batch = this.#queue.shift();
    if (batch !== undefined) this.#write(batch);
    if (this.#drained === null || this.full) return;
    const wake = this.#drained;
    this.#drained = null;
    wake();
  }

  #write(batch: Batch): void {
    this.#unsaved.push(batch);
    if (this.#state.full) {
      if (!this.#parts.cursorWaits && batch.cursor !== null) this.#disk.cursor = batch.cursor;
      return;
    }
    for (const { rows, cursor } of this.#unsaved) {
      this.#disk.rows.push(...rows);
      if (cursor !== null) this.#disk.cursor = cursor;
    }
    this.#unsaved = [];
  }

  #done(): void {
    for (const done of this.#flushed.splice(0)) done();
  }
}
