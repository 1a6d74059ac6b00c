/**
 * The window's call about imports: a file that the user chose in a native dialog is read twice, first to see that every line is an
 * event, then into the stream. They keep their times and get numbers of their own; the stream's place with its server stays.
 */
import type { Handlers } from "../preload/contract.ts";
import { importedEvents } from "./io/export/event-import.ts";
import { JournalError } from "./io/journal/journal-protocol.ts";
import type { Clock, Journal } from "./io/ports.ts";
import type { Tails } from "./streams/tails.ts";

export type ImportParts = {
  readonly journal: Journal;
  readonly tails: Pick<Tails, "changed">;
  readonly clock: Pick<Clock, "mono">;
  /** Asks which file is to be read; null: none. */
  readonly chooseFile: () => Promise<string | null>;
};

export function createImport({ journal, tails, clock, chooseFile }: ImportParts): Handlers["events"]["import"] {
  let isRunning = false;
  return async (stream) => {
    if (isRunning) throw new JournalError("import-busy");
    isRunning = true;
    try {
      const path = await chooseFile();
      if (path === null) return null;
      let newest = Number.NEGATIVE_INFINITY;
      for await (const events of importedEvents(path, stream)) {
        for (const { receivedAt } of events) newest = Math.max(newest, receivedAt);
      }
      // The pauses between them are those of their times, and the next live event's is that since now.
      const now = clock.mono();
      let [written, unsaved] = [0, false];
      for await (const events of importedEvents(path, stream)) {
        const timed = events.map((event) => ({ ...event, mono: now - (newest - event.receivedAt) }));
        const appended = await journal.append(stream, timed, null);
        written += events.length;
        unsaved ||= appended.unsaved;
        tails.changed(stream);
      }
      return { path, written, unsaved };
    } finally {
      isRunning = false;
    }
  };
}
