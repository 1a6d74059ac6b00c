/**
 * The numbers of the journal. They come from a reserve that is written ahead, so that none is given twice, even when
 * nothing of what had it was kept and the app was killed. A clean end gives the rest of the reserve back.
 */
import type { Connection } from "./journal-statements.ts";

/** Written so far ahead; half of it must be left before the next transaction writes it on. */
const reserve = 10_000;

export class Sequence {
  readonly #db: Connection;
  #next: number;
  #reserved: number;

  /** @param fromSequence false for a newer file, whose bookkeeping may be another */
  constructor(db: Connection, fromSequence: boolean) {
    this.#db = db;
    const top = this.#read("SELECT max(CAST(last AS INTEGER)) AS n FROM disk.blocks");
    this.#next = Math.max(
      1,
      top + 1,
      fromSequence ? this.#read("SELECT CAST(reserved AS INTEGER) AS n FROM disk.sequence") : 0,
    );
    this.#reserved = this.#next;
  }

  /** These numbers were given up to this one. */
  given(last: number): void {
    this.#next = Math.max(this.#next, last + 1);
  }

  get last(): number {
    return this.#next - 1;
  }

  get runsLow(): boolean {
    return this.#next > this.#reserved - reserve / 2;
  }

  /** Within a transaction: the reserve from here on. */
  writeAhead(): void {
    this.reserve(this.#next + reserve);
  }

  /** Within a transaction: the reserve up to this number. */
  reserve(last: number): void {
    this.#write(Math.max(this.#reserved, last));
  }

  /** Within a transaction, as the last one: an ordinary restart leaves no hole. */
  giveBack(): void {
    this.#write(this.#next);
  }

  #write(reserved: number): void {
    this.#db.prepare("UPDATE disk.sequence SET reserved = ?").run(reserved);
    this.#reserved = reserved;
  }

  #read(sql: string): number {
    try {
      const [row] = this.#db.prepare(sql).all() as { n: number | null }[];
      return row?.n ?? 0;
    } catch {
      // A newer file may have other tables.
      return 0;
    }
  }
}
