/**
 * One private file of ours, replaced as a whole: after a crash, a power cut or a full disk it holds the old or the new
 * content, never a part, and the last good content stands beside it as `.bak`. It knows bytes and owners, not meanings.
 *
 * Why not the writer inside electron-store: it takes a short write for a whole one, so on a full disk it renames a
 * truncated file over the good one and reports success (atomically#18; 24 of 25 fill levels of a tmpfs).
 */
import * as fs from "node:fs";
import { basename, dirname, extname, join } from "node:path";

/** What a read found: the bytes, or why there are none ("ENOENT", "symlink", "not-a-file", "foreign-owner", "too-large", errno). */
export type Found = { readonly data: Buffer } | { readonly code: string };

/** Our own refusals, with the same shape as the system's errors: a code. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The code of any error the file system threw. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

const uid = process.getuid?.();
const isForeign = (stat: fs.Stats): boolean => uid !== undefined && stat.uid !== uid;
/** Windows has neither flag; there a symlink needs a privilege and a FIFO is no file. */
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/**
 * Makes a folder that only this user can enter, or tightens one that exists.
 * @returns null, or the code of what stands in the way
 */
export function privateFolder(path: string): string | null {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = fs.statSync(path);
    if (!stat.isDirectory()) return "ENOTDIR";
    if (isForeign(stat)) return "foreign-owner";
    if (uid !== undefined && (stat.mode & 0o077) !== 0) fs.chmodSync(path, 0o700);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

/** Reads a regular file that belongs to us; follows no link and waits for no FIFO. */
export function readPrivate(path: string, maxBytes: number): Found {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, readFlags);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) return { code: "not-a-file" };
    if (isForeign(stat)) return { code: "foreign-owner" };
    if (stat.size > maxBytes) return { code: "too-large" };
    return { data: fs.readFileSync(fd) };
  } catch (error) {
    const code = codeOf(error);
    return { code: code === "ELOOP" || code === "EMLINK" ? "symlink" : code === "ENXIO" ? "not-a-file" : code };
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Whether a process of this number runs; another user's counts as running. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

export class SafeFile {
  readonly path: string;
  readonly backupPath: string;
  readonly #isGood: (data: Buffer) => boolean;
  readonly #maxBytes: number;
  /** Number of the newest write that was asked for: a slower, older one must not land on top of it. */
  #turn = 0;
  /** How the file looked after our own last write; while it still does, its content needs no second check. */
  #stamp = "";

  /** @param isGood whether a content is worth being kept as the backup */
  constructor(path: string, isGood: (data: Buffer) => boolean, maxBytes: number) {
    this.path = path;
    this.backupPath = `${path}.bak`;
    this.#isGood = isGood;
    this.#maxBytes = maxBytes;
  }

  /**
   * Makes the folder private and removes temporary files that earlier runs left when they were killed.
   * @returns null, or the code of what stands in the way
   */
  prepare(): string | null {
    const dir = dirname(this.path);
    const code = privateFolder(dir);
    if (code !== null) return code;
    try {
      const prefix = `.${basename(this.path)}.`;
      for (const name of fs.readdirSync(dir)) {
        if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
        const pid = Number(name.slice(prefix.length).split(".")[0]);
        if (pid === process.pid || !isAlive(pid)) fs.rmSync(join(dir, name), { force: true });
      }
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  read(): Found {
    return readPrivate(this.path, this.#maxBytes);
  }

  /** The last good content, checked again. */
  readBackup(): Found {
    const found = readPrivate(this.backupPath, this.#maxBytes);
    return "data" in found && !this.#isGood(found.data) ? { code: "not-good" } : found;
  }

  /**
   * Replaces the content, synchronously.
   * @returns null when the new content is on disk; else a code, and the old content stands
   */
  write(content: string): string | null {
    const data = Buffer.from(content);
    this.#turn++;
    const temp = this.#tempPath();
    try {
      this.#refuseStrangers();
      const fd = fs.openSync(temp, "wx", 0o600);
      try {
        for (let done = 0; done < data.length; ) done += fs.writeSync(fd, data, done);
        fs.fsyncSync(fd);
        if (fs.fstatSync(fd).size !== data.length) throw new Refusal("short-write");
      } finally {
        fs.closeSync(fd);
      }
      this.#swap(temp);
      const dir = openFolder(this.path);
      if (dir !== null) {
        fs.fsyncSync(dir);
        fs.closeSync(dir);
      }
      return null;
    } catch (error) {
      removeQuietly(temp);
      return codeOf(error);
    }
  }

  /** The same without holding the main loop while the disk works. A later write wins, whichever ends first. */
  async writeLater(content: string): Promise<string | null> {
    const data = Buffer.from(content);
    const turn = ++this.#turn;
    const temp = this.#tempPath();
    try {
      this.#refuseStrangers();
      const file = await fs.promises.open(temp, "wx", 0o600);
      try {
        for (let done = 0; done < data.length; ) done += (await file.write(data, done)).bytesWritten;
        await file.sync();
        if ((await file.stat()).size !== data.length) throw new Refusal("short-write");
      } finally {
        await file.close();
      }
      if (turn !== this.#turn) {
        removeQuietly(temp);
        return null;
      }
      this.#swap(temp);
      const dir = openFolder(this.path);
      if (dir !== null) await new Promise<void>((done) => fs.fsync(dir, () => fs.close(dir, () => done())));
      return null;
    } catch (error) {
      removeQuietly(temp);
      return codeOf(error);
    }
  }

  /**
   * Moves (or copies) the file out of the way under a name that says when and why, so that nothing is ever wiped.
   * @returns the new file's name, or null when it could not be done
   */
  setAside(utcMs: number, how: "move" | "copy" = "move"): string | null {
    const end = extname(this.path);
    const time = new Date(utcMs)
      .toISOString()
      .replace(/[-:]/g, "")
      .replace(/\.\d+Z$/, "Z");
    const stem = join(dirname(this.path), basename(this.path, end));
    try {
      for (let n = 0; ; n++) {
        const to = `${stem}.corrupt-${time}${n === 0 ? "" : `-${n}`}${end}`;
        if (how === "copy" && fs.existsSync(to) && fs.readFileSync(to).equals(fs.readFileSync(this.path))) return null;
        if (fs.existsSync(to)) continue;
        if (how === "move") fs.renameSync(this.path, to);
        else fs.copyFileSync(this.path, to, fs.constants.COPYFILE_EXCL);
        return basename(to);
      }
    } catch {
      return null;
    }
  }

  #tempPath(): string {
    return join(dirname(this.path), `.${basename(this.path)}.${process.pid}.${this.#turn}.tmp`);
  }

  /** A link or another user's file in our place is somebody's trick or somebody's work: neither is overwritten. */
  #refuseStrangers(): void {
    const stat = fs.lstatSync(this.path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isSymbolicLink()) throw new Refusal("symlink");
    if (!stat.isFile()) throw new Refusal("not-a-file");
    if (isForeign(stat)) throw new Refusal("foreign-owner");
  }

  #swap(temp: string): void {
    const stamp = stampOf(this.path);
    if (stamp !== "") {
      const found = stamp === this.#stamp ? null : this.read();
      if (found === null || ("data" in found && this.#isGood(found.data))) this.#keepAsBackup();
      // Somebody broke it while we ran; it may still be what they want back.
      else this.setAside(fs.lstatSync(this.path).mtimeMs, "copy");
    }
    fs.renameSync(temp, this.path);
    this.#stamp = stampOf(this.path);
  }

  /** A second name for the good file takes no space and cannot be half written; where links do not exist it is a copy. */
  #keepAsBackup(): void {
    const temp = `${this.#tempPath().slice(0, -4)}.bak.tmp`;
    try {
      fs.rmSync(temp, { force: true });
      try {
        fs.linkSync(this.path, temp);
      } catch {
        fs.copyFileSync(this.path, temp);
        if (fs.statSync(temp).size !== fs.statSync(this.path).size) throw new Refusal("short-write");
      }
      fs.renameSync(temp, this.backupPath);
    } finally {
      // A rename between two names of one file does nothing and leaves both.
      removeQuietly(temp);
    }
  }
}

/** What stays behind is swept at the next start. */
function removeQuietly(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // The reason why it could not be written is the one to tell.
  }
}

/** Identity, size and change time of a file; "" when there is none. */
function stampOf(path: string): string {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? "" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

/** A folder's descriptor, to make a rename in it lasting; null where folders cannot be opened (Windows). */
function openFolder(path: string): number | null {
  try {
    return fs.openSync(dirname(path), fs.constants.O_RDONLY);
  } catch {
    return null;
  }
}
