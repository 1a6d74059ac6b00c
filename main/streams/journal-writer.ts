/**
 * Between one stream and the journal: collects records for a moment, appends them in order, and says when too much is waiting,
 * so that the stream stops reading instead of growing.
 */
import type { Mark, ReceivedEvent } from "../core/events/record.ts";
import type { Clock, Journal } from "../io/ports.ts";

/** Records that the journal took together, each with its number. `unsaved`: they are shown, but the journal could not write them. */
export type Recorded = {
  readonly records: readonly (ReceivedEvent | Mark)[];
  /** As many as records, in their order. */
  readonly seqs: readonly number[];
  readonly unsaved: boolean;
};

/** Of this run. Bytes are those of the records in memory. */
export type IntakeCounters = {
  readonly bytes: number;
  readonly mostBytes: number;
  readonly pauses: number;
  readonly unsaved: number;
};

/** As many are a batch when the journal has nothing to do. */
const batchRecords = 200;
/** While so many batches are being written, what comes meanwhile becomes the next one, whole. */
const batchesAtOnce = 32;
/** Above this much unwritten text, reading stops; below half of it, it goes on. */
export const backlogBytes = 16 * 1024 * 1024;
const recordOverheadBytes = 200;
/** No record of a journal has this number. */
const unnumbered = 0;

export class JournalWriter {
  readonly #stream: string;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #batchMs: number;
  readonly #done: (batch: Recorded) => void;
  readonly #given: (records: number) => void;
  #waiting: (ReceivedEvent | Mark)[] = [];
  #cursor: string | null = null;
  #bytes = 0;
  #timer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  /** Batches that the journal has not answered yet. */
  #open = 0;
  /** What waits has waited for long enough, and goes as soon as the journal has answered. */
  #isDue = false;
  #drained: (() => void) | null = null;
  #mostBytes = 0;
  #pauses = 0;
  #unsaved = 0;

  /**
   * @param batchMs what came first waits so long for what follows, ms; longer only while the journal is busy
   * @param done told of each batch, in order, after the journal has answered
   * @param given the journal has got a batch of so many and shows it, and has not answered yet
   */
  constructor(
    stream: string,
    journal: Journal,
    clock: Clock,
    batchMs: number,
    done: (batch: Recorded) => void,
    given: (records: number) => void = () => {},
  ) {
    this.#stream = stream;
    this.#journal = journal;
    this.#clock = clock;
    this.#batchMs = batchMs;
    this.#done = done;
    this.#given = given;
  }

  /** @param cursor what a reconnect after this record has to send, or null when the record says nothing of it */
  add(record: ReceivedEvent | Mark, cursor: string | null): void {
    this.#waiting.push(record);
    this.#bytes += sizeOf(record);
    if (this.#bytes > this.#mostBytes) this.#mostBytes = this.#bytes;
    this.moveCursor(cursor);
    this.#flushReady();
  }

  moveCursor(cursor: string | null): void {
    if (cursor !== null) this.#cursor = cursor;
    this.#timer ??= this.#clock.after(this.#batchMs, () => this.#due());
  }

  /** Too much waits for the disk. */
  get full(): boolean {
    return this.#bytes > backlogBytes;
  }

  /** What is not written yet, now and at most so far; how often reading stopped for it; and records that the journal did not take. */
  get counters(): IntakeCounters {
    return { bytes: this.#bytes, mostBytes: this.#mostBytes, pauses: this.#pauses, unsaved: this.#unsaved };
  }

  /** Reading stops. Calls back once, when it may go on. */
  whenDrained(wake: () => void): void {
    this.#pauses += 1;
    this.#drained = wake;
  }

  /** Resolves when everything added so far has been answered by the journal. Never rejects. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    this.#isDue = false;
    const [records, cursor] = [this.#waiting, this.#cursor];
    this.#waiting = [];
    this.#cursor = null;
    if (records.length > 0 || cursor !== null) {
      this.#open += 1;
      this.#writing = this.#write(records, cursor, this.#writing);
    }
    return this.#writing;
  }

  #due(): void {
    this.#timer = null;
    this.#isDue = true;
    this.#flushReady();
  }

  #flushReady(): void {
    const { length } = this.#waiting;
    // Where the journal keeps up, a moment's wait is all there is; where it does not, what waits grows, and each batch with it.
    const isFree = this.#open === 0 ? this.#isDue || length >= batchRecords : this.#isDue && this.#open < batchesAtOnce;
    if (isFree) void this.flush();
  }

  async #write(
    records: readonly (ReceivedEvent | Mark)[],
    cursor: string | null,
    before: Promise<void>,
  ): Promise<void> {
    // A journal that has ended for good takes nothing more; what comes is still shown, and says that it is not kept.
    const answer = this.#journal.append(this.#stream, records, cursor).catch(() => ({ seqs: [], unsaved: true }));
    this.#given(records.length);
    await before;
    const { seqs, unsaved } = await answer;
    for (const record of records) this.#bytes -= sizeOf(record);
    this.#open -= 1;
    if (unsaved) this.#unsaved += records.length;
    try {
      this.#done({ records, seqs: seqs.length === 0 ? records.map(() => unnumbered) : seqs, unsaved });
    } catch (error) {
      // Whoever listens must not stop the writing; the fault is told where faults are told, in a turn of its own.
      queueMicrotask(() => {
        throw error;
      });
    }
    this.#flushReady();
    if (this.#bytes > backlogBytes / 2) return;
    const wake = this.#drained;
    // Before it is called: who reads on may be full again at once, and ask anew.
    this.#drained = null;
    wake?.();
  }
}

function sizeOf(record: ReceivedEvent | Mark): number {
  return recordOverheadBytes + ("data" in record ? record.data.length * 2 : 0);
}
