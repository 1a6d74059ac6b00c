/**
 * Which appends of this run are written, and with which numbers: a worker that crashed between writing and answering
 * is asked again, and must answer, not write. Remembered in the transaction of the append itself.
 */
import { type Connection, prepared } from "./journal-statements.ts";

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

  /** The first number a written append got, or null when it is new. */
  answered(ticket: number): number | null {
    const sql = "SELECT CAST(first AS INTEGER) AS first FROM disk.recent WHERE ticket = ? AND session = ?";
    const [row] = prepared(this.#db, sql).raw().all(ticket, this.#session) as [number][];
    return row === undefined ? null : row[0];
  }

  /** Within the append's transaction. */
  remember(ticket: number, first: number, count: number): void {
    const insert = prepared(this.#db, "INSERT OR REPLACE INTO disk.recent VALUES (?, ?, ?, ?)");
    insert.run(ticket, this.#session, first, count);
    prepared(this.#db, "DELETE FROM disk.recent WHERE ticket <= ?").run(ticket - remembered);
  }
}
