/**
 * Events of an NDJSON file, in pieces, as they are to be appended. Nothing of the file is trusted, and of it no more is in memory than a
 * piece, or one line that is longer.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Params } from "../../../preload/contract.ts";
import type { ReceivedEvent } from "../../core/events/record.ts";
import { readNdjsonLine } from "../../core/export/ndjson-line.ts";
import { defaultLimits } from "../sse/sse-decoder.ts";

/**
 * Why a file cannot be imported: "import-unreadable" { reason }, "import-not-a-file", "import-line-too-long" { line },
 * "import-event-too-large" { line, limit }, or what readNdjsonLine says of a line. With what the stream keeps: "import-beyond-age"
 * { days, needed }, "import-beyond-count" { events, most }. "import-changed" { written }: it was another file when it was read again.
 */
export class ImportError extends Error {
  readonly code: string;
  readonly params: Params;
  constructor(code: string, params: Params = {}) {
    super(code);
    this.name = "ImportError";
    this.code = code;
    this.params = params;
  }
}

/** A piece: as many events as the journal takes at once, and hardly more text than this. */
const pieceEvents = 200;
const pieceChars = 2 * 1024 * 1024;
/** An event of 8 MiB of which each character is escaped in six. */
const lineMaxChars = 48 * 1024 * 1024;

/** Events, and how many bytes of the file have been read for them and all before. */
export type Piece = { readonly events: readonly ReceivedEvent[]; readonly readBytes: number };

/** @returns the file's size in bytes. @throws ImportError when it is none that can be read */
export async function importSize(path: string): Promise<number> {
  const found = await stat(path).catch(unreadable);
  // A pipe would be waited for, and a device has no end.
  if (!found.isFile()) throw new ImportError("import-not-a-file");
  return found.size;
}

/** @param stream that they become events of. @throws ImportError */
export async function* importedEvents(path: string, stream: string): AsyncGenerator<Piece> {
  const file = createReadStream(path, "utf8");
  let [events, chars, line]: [ReceivedEvent[], number, number] = [[], 0, 0];
  for await (const text of lines(file)) {
    line++;
    if (text.trim() === "") continue;
    const read = readNdjsonLine(text, line, stream);
    if ("problem" in read) throw new ImportError(read.problem.code, read.problem.params);
    mustFit(read.event.data, line);
    events.push({ ...read.event, flags: [...read.event.flags.filter((flag) => flag !== "imported"), "imported"] });
    chars += text.length;
    if (events.length < pieceEvents && chars < pieceChars) continue;
    yield { events, readBytes: file.bytesRead };
    [events, chars] = [[], 0];
  }
  if (events.length > 0) yield { events, readBytes: file.bytesRead };
}

/** What is taken from a file is what would be taken from a stream. */
function mustFit(data: string, line: number): void {
  const limit = defaultLimits.eventBytes;
  // A UTF-16 unit is three bytes at most.
  if (data.length * 3 <= limit || Buffer.byteLength(data) <= limit) return;
  throw new ImportError("import-event-too-large", { line, limit });
}

/** Lines without their ends; the first without a byte order mark. A long line is put together once, whatever it is read in. */
async function* lines(file: AsyncIterable<string>): AsyncGenerator<string> {
  let [parts, chars, line]: [string[], number, number] = [[], 0, 0];
  const whole = (): string => (line === 1 ? parts.join("").replace(/^\ufeff/, "") : parts.join(""));
  try {
    for await (const chunk of file) {
      let from = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
        parts.push(chunk.slice(from, end));
        from = end + 1;
        line++;
        yield whole();
        [parts, chars] = [[], 0];
      }
      parts.push(chunk.slice(from));
      chars += chunk.length - from;
      if (chars > lineMaxChars) throw new ImportError("import-line-too-long", { line: line + 1 });
    }
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error;
    unreadable(error);
  }
  line++;
  yield whole();
}

function unreadable(error: unknown): never {
  const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  throw new ImportError("import-unreadable", { reason });
}
