/** Events of an NDJSON file, in pieces, as they are to be appended. Nothing of the file is trusted, and it is never whole in memory. */
import { createReadStream } from "node:fs";
import type { Params } from "../../../preload/contract.ts";
import type { ReceivedEvent } from "../../core/events/record.ts";
import { readNdjsonLine } from "../../core/export/ndjson-line.ts";

/**
 * Why a file cannot be imported: "import-unreadable" { reason }, "import-line-too-long" { line }, or what readNdjsonLine says of a line.
 */
export class ImportError extends Error {
  readonly code: string;
  readonly params: Params;
  constructor(code: string, params: Params) {
    super(code);
    this.name = "ImportError";
    this.code = code;
    this.params = params;
  }
}

/** Events of one piece: as many as the journal takes at once. */
const pieceEvents = 200;
/** An event of 8 MiB of which each character is escaped in six. */
const lineMaxChars = 48 * 1024 * 1024;

/** @param stream that they become events of. @throws ImportError */
export async function* importedEvents(path: string, stream: string): AsyncGenerator<readonly ReceivedEvent[]> {
  let piece: ReceivedEvent[] = [];
  let line = 0;
  for await (const text of lines(path)) {
    line++;
    if (text.trim() === "") continue;
    const read = readNdjsonLine(text, line, stream);
    if ("problem" in read) throw new ImportError(read.problem.code, read.problem.params);
    piece.push(read.event);
    if (piece.length < pieceEvents) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

async function* lines(path: string): AsyncGenerator<string> {
  let rest = "";
  let line = 0;
  try {
    for await (const chunk of createReadStream(path, "utf8")) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) yield line++ === 0 ? part.replace(/^\ufeff/, "") : part;
      if (rest.length > lineMaxChars) throw new ImportError("import-line-too-long", { line: line + 1 });
    }
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    throw new ImportError("import-unreadable", { reason: String(error.code) });
  }
  yield line === 0 ? rest.replace(/^\ufeff/, "") : rest;
}
