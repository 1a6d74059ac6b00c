/** Journals that end with their test. */
import { onTestFinished } from "vitest";
import { type EventJournal, type JournalOptions, openJournal } from "../../main/io/journal/event-journal.ts";
import { realWorker } from "./journal-samples.ts";

/** A journal in the folder, closed with the test. */
export async function aJournal(dir: string, options: Partial<JournalOptions> = {}): Promise<EventJournal> {
  const journal = await openJournal({ dir, worker: realWorker, ...options });
  onTestFinished(() => journal.close());
  return journal;
}
