/**
 * Which appends of this run are written, and with which numbers: a worker that crashed between writing and answering
 * is asked again, and must answer, not write. Remembered in the transaction of the append itself.
 */
import type { Connection } from "./journal-file.ts";

/** The port has at most 256 questions open. */
const remembered = 512;

export class Tickets {
  readonly #db: Connection;
  readonly #session: string;

  constructor(db: Connection, session: string) {
    this.#db = db;
    this.#session = session;
  }

  /** Within a transaction: what other sessions left. */
  forgetOthers(): void {
    this.#db.prepare("DELETE FROM disk.recent WHERE session <> ?").run(this.#session);
  }

  /** The numbers a written append got, or null when it is new. */
  answered(ticket: number): number[] | null {
    const sql =
      "SELECT CAST(first AS INTEGER) AS first, CAST(count AS INTEGER) AS count FROM disk.recent WHERE ticket = ? AND session = ?";
    const [row] = this.#db.prepare(sql).all(ticket, this.#session) as { first: number; count: number }[];
    return row === undefined ? null : numbers(row.first, row.count);
  }

  /** Within the append's transaction. */
  remember(ticket: number, first: number, count: number): void {
    this.#db.prepare("INSERT OR REPLACE INTO disk.recent VALUES (?, ?, ?, ?)").run(ticket, this.#session, first, count);
    this.#db.prepare("DELETE FROM disk.recent WHERE ticket <= ?").run(ticket - remembered);
  }
}

export const numbers = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
