/** What SQLite's codes mean for the journal. */
import type { Code } from "../../../preload/contract.ts";

/**
 * Whether a code says that SQLite cannot read the file, not that the disk or a lock stands in the way. Our statements do
 * not change, so a plain "error" means that the tables did. A block alone is mended: see journal-mending.ts.
 */
export const isDamage = (code: string): boolean =>
  code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB" || code === "SQLITE_ERROR";

/** Whether it is the file or the disk, not a fault of ours. */
export const isTrouble = (code: string): boolean => code.startsWith("SQLITE_") || code.startsWith("block-");

/** The problem the user sees. */
export const trouble = (code: string): Code => ({
  code: code === "SQLITE_FULL" ? "journal-full" : "journal-failing",
  params: { reason: code },
});
