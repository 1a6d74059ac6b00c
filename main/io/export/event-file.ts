/**
 * Writes events as text: to whatever takes it, or to a file, which is there whole or not at all. It knows no journal; the events come page
 * by page, and the next is asked for when the last is written.
 */
import { randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ExportFormat, forms } from "../../core/export/formats.ts";
import type { ExportSource } from "./event-pages.ts";
import { ExportError } from "./export-error.ts";

export type ExportOptions = {
  readonly format: ExportFormat;
  /** Ends it before the next page. */
  readonly signal: AbortSignal;
  /** Called after each page with the events written so far. */
  readonly progress?: (written: number) => void;
};

/** How it ended. `cancelled`: not all of it was written. */
export type Exported = { readonly written: number; readonly cancelled: boolean };

/** @param write takes a text, and answers when more may come */
export async function writeEvents(
  source: ExportSource,
  { format, signal, progress }: ExportOptions,
  write: (text: string) => Promise<void>,
): Promise<Exported> {
  const form = forms[format];
  let written = 0;
  if (form.begin !== "") await write(form.begin);
  if (signal.aborted) return { written, cancelled: true };
  for await (const page of source.pages()) {
    if (signal.aborted) return { written, cancelled: true };
    await write(page.map((event, n) => form.event(event, written + n)).join(""));
    written += page.length;
    progress?.(written);
    if (signal.aborted) return { written, cancelled: true };
  }
  const end = form.end(written);
  if (end !== "") await write(end);
  return { written, cancelled: false };
}

/**
 * Writes to a temporary file beside the path, which takes its name when all is on the disk. After an error, or when it is cancelled,
 * nothing is left of it and what stood there before still does.
 * @throws ExportError, or what the source throws
 */
export async function exportToFile(path: string, source: ExportSource, options: ExportOptions): Promise<Exported> {
  const target = await targetOf(path);
  const part = join(dirname(target), `.holdfast-${randomUUID()}.part`);
  const file = await fs.open(part, "wx", 0o600).catch(refuse);
  let done = false;
  try {
    const result = await writeEvents(source, options, (text) => file.appendFile(text).catch(refuse));
    if (result.cancelled) return result;
    await file.sync().catch(refuse);
    await file.close().catch(refuse);
    await fs.rename(part, target).catch(refuse);
    done = true;
    return result;
  } finally {
    await file.close().catch(() => undefined);
    // What is left behind would be a secret copy; that it cannot be removed is not why the export failed.
    if (!done) await fs.rm(part, { force: true }).catch(() => undefined);
  }
}

/** Through a link, which stays one. A device or a pipe must not be replaced by a file. */
async function targetOf(path: string): Promise<string> {
  const stat = await fs.stat(path).catch((error: unknown) => (reasonOf(error) === "ENOENT" ? null : refuse(error)));
  if (stat === null) return path;
  if (!stat.isFile()) throw new ExportError("export-not-a-file");
  return fs.realpath(path).catch(refuse);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

function refuse(error: unknown): never {
  throw new ExportError("export-disk", { reason: reasonOf(error) });
}
