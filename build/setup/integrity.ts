/** Checks that a fetched file is the one we mean, by the same kind of fingerprint a lockfile carries. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { PlainError } from "./progress.mjs";

/** `sha512-…` of a file. */
export async function integrityOf(file: string): Promise<string> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest("base64")}`;
}

/** Refuses a file whose content is not what was promised. */
export async function checkIntegrity(file: string, expected: string): Promise<void> {
  if ((await integrityOf(file)) === expected) return;
  throw new PlainError(
    `${basename(file)} is not the file it should be: its fingerprint differs, so it was not used. Try again; if it stays so, report it.`,
  );
}
