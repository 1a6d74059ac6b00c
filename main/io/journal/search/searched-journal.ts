/** Puts the journal and its search together; each knows of the other only what it needs. */
import { EventJournal, type JournalOptions } from "../event-journal.ts";
import { EventSearch, type SearchOptions } from "./event-search.ts";

export type SearchedJournalOptions = Omit<JournalOptions, "search" | "source"> &
  Pick<SearchOptions, "log"> & {
    /** The search worker's module, as `worker` is the journal's. */
    readonly searchWorker: URL;
    /** The search's thread starts then, or at the first question if that comes sooner; without it at once. */
    readonly searchAfter?: Promise<unknown>;
  };

/**
 * Opens the journal of a folder with its search, which ends with it.
 * @throws JournalError "journal-locked" (another process has it) or "journal-unavailable" { reason }
 */
export async function openSearchedJournal(options: SearchedJournalOptions): Promise<EventJournal> {
  const { searchWorker, searchAfter, log, ...rest } = options;
  let journal: EventJournal | null = null;
  const connect = () => journal?.handOver();
  const search = new EventSearch({ dir: rest.dir, worker: searchWorker, connect, log });
  journal = new EventJournal({ ...rest, search, source: (port) => search.take(port) });
  try {
    await journal.ready;
  } catch (error) {
    await search.close();
    throw error;
  }
  void (searchAfter ?? Promise.resolve()).then(() => search.begin());
  return journal;
}
