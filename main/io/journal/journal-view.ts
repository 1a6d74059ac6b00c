/** What is asked of the journal: rows with the counts that belong to them. Counts are kept; rows are read each time. */
import type { EventDetail, Filter, Tail } from "../../../preload/contract.ts";
import type { EventRecord } from "../../core/events/record.ts";
import { Counters } from "./journal-counters.ts";
import type { Connection } from "./journal-file.ts";
import { type RecentPage, recentPage } from "./journal-recent.ts";
import { isUnfiltered, JournalRows } from "./journal-rows.ts";
import type { Sequence } from "./journal-sequence.ts";
import type { StreamStates } from "./journal-streams.ts";

export class JournalView {
  readonly #db: Connection;
  readonly #streams: StreamStates;
  readonly #sequence: Sequence;
  #rows: JournalRows;

  constructor(db: Connection, streams: StreamStates, sequence: Sequence) {
    this.#db = db;
    this.#streams = streams;
    this.#sequence = sequence;
    this.#rows = new JournalRows(db);
  }

  tail(stream: string, filter: Filter, limit: number): Omit<Tail, "version"> {
    const counters = this.#counters(stream);
    const matching = this.#matching(stream, filter);
    const rows = this.#rows.newest(stream, filter, limit, matching);
    return { total: counters.total, matching, exact: true, behind: 0, types: counters.types(), rows };
  }

  window(stream: string, filter: Filter, from: number, limit: number) {
    const matching = this.#matching(stream, filter);
    return { matching, exact: true, from, rows: this.#rows.at(stream, filter, from, limit, matching) };
  }

  placeOf(stream: string, filter: Filter, at: number) {
    return { place: this.#rows.before(stream, filter, at), matching: this.#matching(stream, filter), exact: true };
  }

  read(stream: string, filter: Filter, after: number, limit: number): EventRecord[] {
    return this.#rows.read(stream, filter, after, limit);
  }

  get(seq: number): EventDetail | null {
    return this.#rows.detail(seq);
  }

  recent(stream: string, before: number, limit: number): RecentPage {
    return recentPage(this.#db, stream, before, limit);
  }

  lastEventAt(stream: string): number | null {
    return this.#rows.lastEventAt(stream);
  }

  /** Rows went away or moved. */
  forgetCounts(): void {
    this.#rows.forgetCounts();
  }

  /** The file is another one. */
  startOver(): void {
    this.#rows = new JournalRows(this.#db);
    this.#streams.forgetCounters();
  }

  #matching(stream: string, filter: Filter): number {
    if (isUnfiltered(filter)) return this.#counters(stream).total;
    return this.#rows.matching(stream, filter, this.#sequence.last);
  }

  #counters(stream: string): Counters {
    const state = this.#streams.of(stream);
    if (state.counters === null) {
      const { total, types } = this.#rows.counts(stream);
      state.counters = new Counters(total, types);
    }
    return state.counters;
  }
}
