/**
 * What the journal leaves to the search: which records match where the text of events decides. It answers in numbers of the journal;
 * rows and events are the journal's. Without it the journal looks through its blocks itself, with the same words; paths need it.
 */
import type { Filter, Row, Tail } from "../../../preload/contract.ts";
import type { EventRecord } from "../../core/events/record.ts";
import { everything } from "./journal-filter.ts";

/** `matching` so far; `exact`: there are no more. */
type Counted = { readonly matching: number; readonly exact: boolean };
type Some = Counted & { readonly seqs: readonly number[] };

export type Search = {
  /** Numbers of the newest matches, oldest first. `behind`: records that are not indexed yet; they are searched all the same. */
  tail(stream: string, filter: Filter, limit: number): Promise<Some & { readonly behind: number }>;
  /** Numbers by place among the matches, 0 = oldest. */
  window(stream: string, filter: Filter, from: number, limit: number): Promise<Some>;
  /** Place of the first match that was received at `at` (UTC ms) or later; `matching` when none was. */
  placeOf(stream: string, filter: Filter, at: number): Promise<Counted & { readonly place: number }>;
  /** Numbers above `after`, rising, at most `limit`: of all matches, so it waits until that much was looked through. */
  after(stream: string, filter: Filter, after: number, limit: number): Promise<readonly number[]>;
  /** The stream's records were deleted: answered when nothing of them is left in any file of the search. */
  clear(stream: string): Promise<void>;
  close(): Promise<void>;
};

/** What it needs of the journal to answer in rows. */
export type Kept = {
  tail(stream: string, filter: Filter, limit: number): Promise<Omit<Tail, "version">>;
  rows(stream: string, seqs: readonly number[]): Promise<Row[]>;
  events(stream: string, seqs: readonly number[]): Promise<EventRecord[]>;
};

export async function searchTail(search: Search, kept: Kept, stream: string, filter: Filter, limit: number) {
  const { seqs, matching, exact, behind } = await search.tail(stream, filter, limit);
  const [{ total, types }, rows] = await Promise.all([kept.tail(stream, everything, 0), kept.rows(stream, seqs)]);
  return { total, matching, exact, behind, types, rows };
}

export async function searchWindow(
  search: Search,
  kept: Kept,
  stream: string,
  filter: Filter,
  from: number,
  limit: number,
) {
  const { seqs, matching, exact } = await search.window(stream, filter, from, limit);
  return { matching, exact, from, rows: await kept.rows(stream, seqs) };
}

/** Events in full: as many of the numbers as a page holds. */
export async function searchRead(
  search: Search,
  kept: Kept,
  stream: string,
  filter: Filter,
  after: number,
  limit: number,
) {
  for (let from = after; ; ) {
    const seqs = await search.after(stream, filter, from, limit);
    const events = await kept.events(stream, seqs);
    const last = seqs.at(-1);
    // Numbers whose events went in the meantime are no end.
    if (events.length > 0 || last === undefined) return events;
    from = last;
  }
}
