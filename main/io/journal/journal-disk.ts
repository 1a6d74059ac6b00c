/**
 * The journal's file as one that can fail: transactions that become the state everybody sees, and a file that broke and is set
 * aside. What is written is journal-store.ts's; how a file is opened, journal-file.ts's.
 */
import type { Code } from "../../../preload/contract.ts";
import { codeOf } from "../stores/safe-file.ts";
import { detach, openFile, replaceFile } from "./journal-file.ts";
import type { JournalStart, JournalState } from "./journal-protocol.ts";
import { type Connection, prepared } from "./journal-statements.ts";
import { isDamage, isTrouble, trouble } from "./journal-trouble.ts";

/** Broken files set aside in one run; then the journal stays "failing". */
const maxSetAsides = 3;

export class JournalDisk {
  readonly db: Connection;
  /** The file was set aside and is another one; set before anything can go wrong. */
  whenReplaced: () => void = () => {};
  readonly #start: JournalStart;
  #state: JournalState;
  #problems: readonly Code[];
  /** The disk's present trouble; null when the last write succeeded. */
  #trouble: Code | null = null;
  #setAsides = 0;
  #isClosed = false;

  /** @throws JournalError when the place cannot be used */
  constructor(start: JournalStart) {
    this.#start = start;
    const file = openFile(start.dir, start.maxBytes);
    this.db = file.db;
    this.#state = file.state;
    this.#problems = file.problems;
  }

  get state(): JournalState {
    return this.#state === "ok" && this.#trouble !== null ? "failing" : this.#state;
  }

  get problems(): readonly Code[] {
    return this.#trouble === null ? this.#problems : [...this.#problems, this.#trouble];
  }

  /** Of a newer app: read, never written. */
  get isReadOnly(): boolean {
    return this.#state === "read-only";
  }

  /** Runs work in a transaction; a failure leaves the disk as it was. @returns whether it was done */
  transact(work: () => void): boolean {
    if (this.#state !== "ok") return false;
    try {
      prepared(this.db, "BEGIN IMMEDIATE").run();
      work();
      prepared(this.db, "COMMIT").run();
      this.#trouble = null;
      return true;
    } catch (error) {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
      this.#suffer(error);
      return false;
    }
  }

  /** A read whose failure is the disk's trouble and no reason to fail: null. */
  read<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      this.#suffer(error);
      return null;
    }
  }

  query(sql: string, ...values: unknown[]): { [name: string]: unknown }[] {
    return this.db.prepare(sql).all(...values) as { [name: string]: unknown }[];
  }

  run(sql: string, ...values: unknown[]): void {
    prepared(this.db, sql).run(...values);
  }

  /** What was deleted is overwritten in the file, but the log still holds it until it is folded in and cut. */
  emptyLog(): boolean {
    try {
      // All rows of it: a pragma that is not read to its end stays open, and what is open holds the log.
      const [row] = this.query("PRAGMA disk.wal_checkpoint(TRUNCATE)");
      return row?.["busy"] === 0;
    } catch (error) {
      this.#suffer(error);
      return false;
    }
  }

  /** Trouble of a read that somebody else tells of. @returns its code */
  failed(error: unknown): string {
    const code = codeOf(error);
    if (isDamage(code)) this.#distrust();
    return code;
  }

  close(): void {
    this.#isClosed = true;
    detach(this.db);
  }

  /** The file broke under us: it is set aside, and a new one goes on with the cursors and the numbers. */
  #distrust(): void {
    // Its tables are gone because it was let go, not because they broke.
    if (this.#isClosed) return;
    // A newer file's tables may well be strange to us. And a disk that breaks every file is not mended by one more.
    if (this.#state === "read-only" || ++this.#setAsides > maxSetAsides) return;
    try {
      const file = replaceFile(this.db, this.#start.dir, this.#start.maxBytes);
      [this.#state, this.#problems] = [file.state, [...this.#problems, ...file.problems]];
      this.#trouble = null;
    } catch (error) {
      this.#trouble = trouble(codeOf(error));
    }
    this.whenReplaced();
  }

  #suffer(error: unknown): void {
    const code = codeOf(error);
    if (!isTrouble(code)) throw error;
    this.#trouble = trouble(code);
    if (isDamage(code)) this.#distrust();
  }
}
