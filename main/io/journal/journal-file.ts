/**
 * Opens the journal's file as the schema `disk` of a connection, which outlives a file that has to be replaced. It decides what
 * to do with a file that is locked, newer or broken; what is in the tables is for journal-store.ts.
 */
import * as fs from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import type { Code } from "../../../preload/contract.ts";
import { codeOf, privateFolder } from "../stores/safe-file.ts";
import { isReadable } from "./journal-blocks.ts";
import { JournalError, type JournalState } from "./journal-protocol.ts";
import { journalVersion, steps } from "./journal-schema.ts";
import type { Connection } from "./journal-statements.ts";

export type OpenFile = {
  readonly db: Connection;
  readonly path: string;
  readonly state: Extract<JournalState, "ok" | "read-only">;
  readonly problems: Code[];
};

const fileName = "events.sqlite";
const pageBytes = 4096;

/**
 * Opens the file, or sets it aside and makes a new one.
 * @param maxBytes upper bound of the file; null = as much as the disk has
 * @throws JournalError "journal-locked" when another process has it, "journal-unavailable" when the place cannot be used
 */
export function openFile(dir: string, maxBytes: number | null): OpenFile {
  const db = new Database(":memory:");
  // Spilled sorts and statement journals must not become files.
  db.exec("PRAGMA temp_store = MEMORY");
  return attachTo(db, dir, maxBytes);
}

/** Sets aside a file that showed damage while it was open, and makes a new one. */
export function replaceFile(db: Connection, dir: string, maxBytes: number | null): OpenFile {
  const saved = salvage(db);
  detach(db);
  const problem = { code: "journal-set-aside", params: { path: setAside(join(dir, fileName)) } };
  const file = attachTo(db, dir, maxBytes);
  restore(db, saved);
  return { ...file, problems: [problem, ...file.problems] };
}

function attachTo(db: Connection, dir: string, maxBytes: number | null): OpenFile {
  const problems: Code[] = [];
  let saved: Salvage | null = null;
  for (let attempt = 1; ; attempt++) {
    const path = prepare(dir);
    try {
      const state = attach(db, path, maxBytes);
      if (saved !== null) restore(db, saved);
      return { db, path, state, problems: [...problems, ...newer(db)] };
    } catch (error) {
      saved = salvage(db);
      detach(db);
      const code = codeOf(error);
      if (code.startsWith("SQLITE_BUSY") || code === "SQLITE_LOCKED") throw new JournalError("journal-locked");
      const broken = code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" || code === "SQLITE_ERROR";
      if (!broken || attempt > 1) throw new JournalError("journal-unavailable", { reason: code });
      problems.push({ code: "journal-set-aside", params: { path: setAside(path) } });
    }
  }
}

/** What must outlive a broken file: where each stream goes on, and which numbers were given. */
type Salvage = { readonly cursors: readonly (readonly [stream: string, cursor: string])[]; readonly reserved: number };

function salvage(db: Connection): Salvage {
  const read = <T>(sql: string): T[] => {
    try {
      return db.prepare(sql).all() as T[];
    } catch {
      return [];
    }
  };
  type Raw = { stream: Uint8Array; cursor: Uint8Array };
  const cursors = read<Raw>("SELECT CAST(stream AS BLOB) AS stream, CAST(cursor AS BLOB) AS cursor FROM disk.cursors");
  const [sequence] = read<{ n: number }>("SELECT CAST(reserved AS INTEGER) AS n FROM disk.sequence");
  return {
    cursors: cursors.map(({ stream, cursor }) => [Buffer.from(stream).toString(), Buffer.from(cursor).toString()]),
    reserved: sequence !== undefined && Number.isSafeInteger(sequence.n) ? sequence.n : 1,
  };
}

function restore(db: Connection, { cursors, reserved }: Salvage): void {
  db.exec("BEGIN IMMEDIATE");
  for (const pair of cursors) db.prepare("INSERT OR IGNORE INTO disk.cursors VALUES (?, ?)").run(...pair);
  db.prepare("UPDATE disk.sequence SET reserved = max(reserved, ?)").run(reserved);
  db.exec("COMMIT");
}

/** Gives the file up: its lock, and with a clean end its write-ahead log too. Statements do not hold it, unlike `close`. */
export function detach(db: Connection): void {
  try {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.exec("DETACH disk");
  } catch {
    // It was not attached.
  }
}

function newer(db: Connection): Code[] {
  return version(db) > journalVersion ? [{ code: "journal-newer", params: { path: fileName } }] : [];
}

/** The file's path, after making sure that the place is ours alone. */
function prepare(dir: string): string {
  const path = join(dir, fileName);
  const folder = fs.lstatSync(dir, { throwIfNoEntry: false });
  const trouble = folder?.isSymbolicLink() ? "symlink" : privateFolder(dir);
  if (trouble !== null) throw new JournalError("journal-unavailable", { reason: trouble });
  try {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) throw Object.assign(new Error(), { code: "symlink" });
    if (stat !== undefined && stat.uid !== (process.getuid?.() ?? stat.uid)) {
      throw Object.assign(new Error(), { code: "foreign-owner" });
    }
    // SQLite gives the log the mode of the file.
    if (stat === undefined) fs.closeSync(fs.openSync(path, "wx", 0o600));
    else if (stat.isFile()) fs.chmodSync(path, 0o600);
  } catch (error) {
    throw new JournalError("journal-unavailable", { reason: codeOf(error) });
  }
  return path;
}

function attach(db: Connection, path: string, maxBytes: number | null): "ok" | "read-only" {
  // Read-only first: a newer app's file must not even be checkpointed by us.
  db.exec(`ATTACH '${`${pathToFileURL(path).href}?mode=ro`.replaceAll("'", "''")}' AS disk`);
  if (version(db) > journalVersion) return "read-only";
  if (version(db) === 0 && hasTables(db)) throw Object.assign(new Error("not ours"), { code: "SQLITE_NOTADB" });
  db.exec("DETACH disk");
  const log = fs.statSync(`${path}-wal`, { throwIfNoEntry: false });
  db.exec(`ATTACH '${path.replaceAll("'", "''")}' AS disk`);
  // EXCLUSIVE: a second process is refused for as long as we run, a killed one's lock falls with it, and no shared
  // memory file is needed, which network homes do not have.
  db.exec("PRAGMA disk.locking_mode = EXCLUSIVE");
  db.exec("PRAGMA disk.journal_mode = WAL");
  // WAL and NORMAL lose only the newest transactions in a power cut, cursor and events together: they come again.
  db.exec("PRAGMA disk.synchronous = NORMAL");
  db.exec("PRAGMA disk.secure_delete = ON");
  // A log that was not folded in at the end of the last run: it did not end well, so look before trusting.
  if (log !== undefined && log.size > 0 && !isSound(db)) throw Object.assign(new Error(), { code: "SQLITE_CORRUPT" });
  migrate(db);
  mustHaveTables(db);
  if (maxBytes !== null) db.exec(`PRAGMA disk.max_page_count = ${Math.max(16, Math.floor(maxBytes / pageBytes))}`);
  return "ok";
}

function migrate(db: Connection): void {
  db.exec("BEGIN IMMEDIATE");
  for (let at = version(db); at < journalVersion; at++) {
    const step = steps[at];
    if (typeof step === "string") db.exec(step);
    else step?.(db);
    db.exec(`PRAGMA disk.user_version = ${at + 1}`);
  }
  db.exec("COMMIT");
  // Taken now, not at the first event: whoever comes second must learn it at its start.
  db.exec("BEGIN IMMEDIATE; COMMIT");
}

function version(db: Connection): number {
  const [row] = db.prepare("PRAGMA disk.user_version").all() as { user_version: number }[];
  return row?.user_version ?? 0;
}

/** Damage can also be in a table's name, where SQLite's own check sees nothing wrong. */
function mustHaveTables(db: Connection): void {
  try {
    if (!isReadable(db)) throw new Error("no blocks");
    db.prepare("SELECT stream, cursor FROM disk.cursors");
    db.prepare("SELECT ticket, session, first, count FROM disk.recent");
    const [row] = db.prepare("SELECT count(*) AS n FROM disk.sequence WHERE reserved > 0").all() as { n: number }[];
    if (row?.n === 1) return;
  } catch {
    // Said below.
  }
  throw Object.assign(new Error("not our tables"), { code: "SQLITE_CORRUPT" });
}

function hasTables(db: Connection): boolean {
  return db.prepare("SELECT 1 FROM disk.sqlite_master LIMIT 1").all().length > 0;
}

function isSound(db: Connection): boolean {
  // As bytes: its words can quote the damage.
  const sql = "SELECT CAST(quick_check AS BLOB) AS said FROM pragma_quick_check(1, 'disk')";
  const [row] = db.prepare(sql).all() as { said: Uint8Array }[];
  return row !== undefined && Buffer.from(row.said).toString() === "ok";
}

/** Moves the broken file and its log away, together: they are of use only together. */
function setAside(path: string): string {
  const time = new Date()
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z");
  let to = path.replace(/\.sqlite$/, `.corrupt-${time}.sqlite`);
  for (let n = 1; fs.existsSync(to); n++) to = path.replace(/\.sqlite$/, `.corrupt-${time}-${n}.sqlite`);
  fs.renameSync(path, to);
  if (fs.existsSync(`${path}-wal`)) fs.renameSync(`${path}-wal`, `${to}-wal`);
  fs.rmSync(`${path}-shm`, { force: true });
  return basename(to);
}
