/**
 * A stored JSON object: read once, replaced as a whole. The app's shelf is electron-store (electron-shelf.ts); this one
 * is plain files, for the command line, where electron-store cannot be loaded. Both write through SafeFile only.
 */
import type { Code } from "../../../preload/contract.ts";
import type { SafeFile } from "./safe-file.ts";
import { isObjectText, type Json, parseObject } from "./strict-json.ts";

export type Shelf = {
  /** What is stored; an empty object when nothing is. */
  read(): Json;
  /** @returns null when it is on disk, else a code, and the old content stands */
  write(value: Json): string | null;
  /** The same without holding the main loop while the disk works. */
  writeLater(value: Json): Promise<string | null>;
};

/** Makes a shelf of a file that is known to be missing or good. */
export type OpenShelf = (file: SafeFile) => Shelf;

export const stringify = (value: Json): string => `${JSON.stringify(value, undefined, 2)}\n`;

export const plainShelf: OpenShelf = (file) => ({
  read() {
    const found = file.read();
    return "data" in found ? parseObject(found.data) : {};
  },
  write: (value) => file.write(stringify(value)),
  writeLater: (value) => file.writeLater(JSON.stringify(value)),
});

/** What opening found. Without a shelf nothing may be written: the place belongs to somebody else. */
export type Recovered = { readonly shelf: Shelf | null; readonly value: Json; readonly problems: Code[] };

/**
 * Opens a stored object whatever state it is in. Rubbish is set aside and reported, never wiped; then the backup, then
 * nothing. Problems are "<prefix>-set-aside", "<prefix>-backup-used" and "<prefix>-refused".
 * @param fileName name only: problems are shown, and a path can hold the user's name
 */
export function recover(file: SafeFile, prefix: string, fileName: string, utcMs: number, open: OpenShelf): Recovered {
  const refused = (reason: string): Recovered => ({
    shelf: null,
    value: {},
    problems: [{ code: `${prefix}-refused`, params: { path: fileName, reason } }],
  });
  const trouble = file.prepare();
  const found = file.read();
  if ("data" in found && isObjectText(found.data)) {
    const problems = trouble === null ? [] : refused(trouble).problems;
    return { shelf: trouble === null ? open(file) : null, value: parseObject(found.data), problems };
  }
  if (trouble !== null) return refused(trouble);
  if ("code" in found && found.code === "ENOENT") return { shelf: open(file), value: {}, problems: [] };
  const movable =
    "data" in found || found.code === "not-a-file" || found.code === "too-large" || found.code === "EISDIR";
  const aside = movable ? file.setAside(utcMs) : null;
  if (aside === null) return refused("code" in found ? found.code : "not-movable");
  const problems: Code[] = [{ code: `${prefix}-set-aside`, params: { path: aside } }];
  const backup = file.readBackup();
  if ("code" in backup) return { shelf: open(file), value: {}, problems };
  problems.push({ code: `${prefix}-backup-used`, params: { path: fileName } });
  file.write(backup.data.toString());
  return { shelf: open(file), value: parseObject(backup.data), problems };
}
