/**
 * The window's calls about imports: a file that the user chose in a native dialog is read twice, first to see that every line is an
 * event, then into the stream, behind a mark that says so. They keep their times and get numbers of their own; the stream's place with its
 * server stays. Until the second reading begins nothing is changed; when that is cancelled, what is there stays and a mark says how much.
 */
import { basename } from "node:path";
import type { Handlers, Imported, Importing, Retention } from "../preload/contract.ts";
import type { Mark } from "./core/events/record.ts";
import { ImportError, importedEvents, importSize } from "./io/export/event-import.ts";
import { JournalError } from "./io/journal/journal-protocol.ts";
import type { Clock, Journal } from "./io/ports.ts";
import type { Tails } from "./streams/tails.ts";

export type ImportParts = {
  readonly journal: Pick<Journal, "append">;
  readonly tails: Pick<Tails, "changed">;
  readonly clock: Pick<Clock, "mono" | "utc">;
  readonly publish: (progress: Importing) => void;
  /** How much the stream keeps; null: it keeps nothing, or nobody knows it. */
  readonly retention: (stream: string) => Retention | null;
  /** Asks which file is to be read; null: none. */
  readonly chooseFile: () => Promise<string | null>;
};

/** At most ten times a second it is told how far it is. */
const paceMs = 100;
const dayMs = 86_400_000;

export function createImport(parts: ImportParts): Pick<Handlers["events"], "import" | "cancelImport"> {
  let running: AbortController | null = null;
  return {
    import: async (stream) => {
      if (running !== null) throw new JournalError("import-busy");
      const stop = new AbortController();
      running = stop;
      try {
        const path = await parts.chooseFile();
        return path === null ? null : await importFile(parts, stream, path, stop.signal);
      } finally {
        running = null;
      }
    },
    cancelImport: () => running?.abort(),
  };
}

async function importFile(parts: ImportParts, stream: string, path: string, stop: AbortSignal): Promise<Imported> {
  const tell = paced(parts);
  const found = await look(path, stream, stop, tell);
  const { total, newest } = found;
  const result = { path, total, written: 0, unsaved: false, cancelled: true };
  if (stop.aborted) return result;
  mustBeKept(found, parts.retention(stream), parts.clock.utc());
  if (total === 0) return { ...result, cancelled: false };
  // A name beside the events, as a heading; the folder it was in is nobody's business.
  const file = basename(path);
  const mark = (params: Mark["params"]): Mark => {
    return { stream, at: parts.clock.utc(), mark: "imported", failure: null, params };
  };
  await parts.journal.append(stream, [mark({ events: total, file })], null);
  // The pauses between them are those of their times, and the next live event's is that since now.
  const now = parts.clock.mono();
  let [written, unsaved] = [0, false];
  const pieces = importedEvents(path, stream);
  try {
    for await (const { events } of pieces) {
      if (stop.aborted) break;
      const timed = events.map((event) => ({ ...event, mono: now - (newest - event.receivedAt) }));
      const appended = await parts.journal.append(stream, timed, null);
      written += events.length;
      unsaved ||= appended.unsaved;
      tell({ phase: "adding", done: written, total });
      parts.tails.changed(stream);
    }
    if (!stop.aborted && written !== total) throw new ImportError("import-changed", { written });
  } catch (error) {
    if (error instanceof ImportError) throw new ImportError("import-changed", { written });
    throw error;
  } finally {
    if (written !== total) await parts.journal.append(stream, [mark({ events: written, total, file })], null);
    parts.tails.changed(stream);
  }
  return { ...result, written, unsaved, cancelled: written < total };
}

type Found = { readonly total: number; readonly newest: number; readonly oldest: number };

/** Reads it all and keeps nothing. */
async function look(path: string, stream: string, stop: AbortSignal, tell: (news: Importing) => void): Promise<Found> {
  const size = await importSize(path);
  let [total, newest, oldest] = [0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for await (const { events, readBytes } of importedEvents(path, stream)) {
    total += events.length;
    for (const { receivedAt } of events) {
      newest = Math.max(newest, receivedAt);
      oldest = Math.min(oldest, receivedAt);
    }
    if (stop.aborted) break;
    tell({ phase: "checking", done: readBytes, total: size });
  }
  return { total, newest, oldest };
}

/** What would go again in a moment is not taken: whoever adds it wants it kept. */
function mustBeKept({ total, oldest }: Found, retention: Retention | null, now: number): void {
  if (retention === null || total === 0) return;
  const { days, events: most } = retention;
  const needed = Math.ceil((now - oldest) / dayMs);
  if (needed > days) throw new ImportError("import-beyond-age", { days, needed });
  if (total > most) throw new ImportError("import-beyond-count", { events: total, most });
}

function paced({ clock, publish }: ImportParts): (news: Importing) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (news) => {
    if (clock.mono() - told < paceMs) return;
    told = clock.mono();
    publish(news);
  };
}
