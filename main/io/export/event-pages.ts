/**
 * The events that an export is about, page by page from the journal: as many in memory as one answer holds. It ends at what was there
 * when it began, because a stream that brings more than is written would never come to an end.
 */
import type { Filter } from "../../../preload/contract.ts";
import type { EventRecord } from "../../core/events/record.ts";
import { everything, isUnfiltered, needsText } from "../journal/journal-filter.ts";
import type { Journal } from "../ports.ts";

/** All that match a filter, or those with these numbers, rising. */
export type ExportChoice =
  | { readonly what: "filter"; readonly filter: Filter }
  | { readonly what: "seqs"; readonly seqs: readonly number[] };

export type ExportSource = {
  /** How many events there are to come, where that is known without looking through all of them; null: it is not. */
  readonly total: number | null;
  pages(): AsyncGenerator<readonly EventRecord[]>;
};

/** Events of one question; the journal gives less where they are long. */
const pageEvents = 1000;

type Read = Pick<Journal, "tail" | "read">;

/** @throws JournalError */
export async function exportSource(journal: Read, stream: string, choice: ExportChoice): Promise<ExportSource> {
  if (choice.what === "seqs") {
    return { total: choice.seqs.length, pages: () => chosen(journal, stream, choice.seqs) };
  }
  const { filter } = choice;
  const { rows, types } = await journal.tail(stream, everything, 1);
  const last = rows.at(-1)?.seq ?? 0;
  return {
    total: await totalOf(journal, stream, filter, types),
    pages: () => matching(journal, stream, filter, last),
  };
}

type Counts = readonly { readonly count: number }[];

/** Rows are counted with marks where nothing is filtered, and types without. */
async function totalOf(journal: Read, stream: string, filter: Filter, types: Counts): Promise<number | null> {
  if (isUnfiltered(filter)) return types.reduce((sum, { count }) => sum + count, 0);
  // A count of what a text matches takes as long as finding it.
  if (needsText(filter)) return null;
  const { matching, exact } = await journal.tail(stream, filter, 0);
  return exact ? matching : null;
}

async function* matching(journal: Read, stream: string, filter: Filter, last: number) {
  for (let after = 0; after < last; ) {
    const page = await journal.read(stream, filter, after, pageEvents);
    const newest = page.at(-1)?.seq;
    if (newest === undefined) return;
    yield newest <= last ? page : page.filter(({ seq }) => seq <= last);
    after = newest;
  }
}

/** What is no longer kept is left out: the count of what was written says so. */
async function* chosen(journal: Read, stream: string, seqs: readonly number[]) {
  for (const seq of seqs) {
    const [event] = await journal.read(stream, everything, seq - 1, 1);
    if (event?.seq === seq) yield [event];
  }
}
