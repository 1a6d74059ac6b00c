/**
 * Which appends of this run are written: a worker that crashed between writing and answering
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

  /** It is written already. */
  answered(ticket: number): boolean {
    const sql = "SELECT 1 FROM disk.recent WHERE ticket = ? AND session = ?";
    return prepared(this.#db, sql).raw().all(ticket, this.#session).length > 0;
  }

  /** Within the append's transaction. */
  remember(ticket: number, first: number, count: number): void {
    const insert = prepared(this.#db, "INSERT OR REPLACE INTO disk.recent VALUES (?, ?, ?, ?)");
    insert.run(ticket, this.#session, first, count);
    prepared(this.#db, "DELETE FROM disk.recent WHERE ticket <= ?").run(ticket - remembered);
  }
}
