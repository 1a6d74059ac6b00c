/** What is asked of the journal, answered from directories and as few blocks as hold the rows. It writes nothing. */
import type { EventDetail, Filter, Row, Tail } from "../../../preload/contract.ts";
import type { EventRecord } from "../../core/events/record.ts";
import type { Kept } from "../ports.ts";
import { type Block, cut } from "./block.ts";
import type { BlockReader } from "./journal-blocks.ts";
import { type BlockEntry, type Directory, lastUpTo } from "./journal-directory.ts";
import { countBySummary, needsText, predicate } from "./journal-filter.ts";
import { Matches } from "./journal-matches.ts";
import { type RecentPage, recentPage } from "./journal-recent.ts";
import type { StreamStates } from "./journal-streams.ts";

const detailChars = 1024 * 1024;
/** Text of one page of events in full, bytes. */
const pageBytes = 4 * 1024 * 1024;
/** Filters whose counts are kept. */
const keptFilters = 32;

type Found = { readonly block: Block; readonly i: number; readonly entry: BlockEntry };

export class JournalView {
  readonly #streams: StreamStates;
  readonly #reader: BlockReader;
  readonly #matches = new Map<string, Matches>();

  constructor(streams: StreamStates, reader: BlockReader) {
    this.#streams = streams;
    this.#reader = reader;
  }

  tail(stream: string, filter: Filter, limit: number): Omit<Tail, "version"> {
    const directory = this.#streams.directory(stream);
    const { total: matching } = this.#matching(stream, directory, filter);
    const rows = this.#rows(stream, directory, filter, Math.max(0, matching - limit), limit);
    const { total, counters } = directory;
    return { total, matching, exact: true, behind: 0, types: counters.types(), rows };
  }

  window(stream: string, filter: Filter, from: number, limit: number) {
    const directory = this.#streams.directory(stream);
    const { total: matching } = this.#matching(stream, directory, filter);
    return { matching, exact: true, from, rows: this.#rows(stream, directory, filter, from, limit) };
  }

  placeOf(stream: string, filter: Filter, at: number) {
    const directory = this.#streams.directory(stream);
    const matches = this.#matching(stream, directory, filter);
    const matching = matches.total;
    const isMatch = predicate(filter);
    for (const [index, entry] of directory.entries.entries()) {
      if (entry.toAt < at || matches.before(index) === matches.before(index + 1)) continue;
      let place = matches.before(index);
      const block = this.#reader.read(entry, !needsText(filter));
      for (let i = 0; i < block.count; i++) {
        if (!isMatch(block, i)) continue;
        if (block.at(i) >= at) return { place, matching, exact: true };
        place++;
      }
    }
    return { place: matching, matching, exact: true };
  }

  read(stream: string, filter: Filter, after: number, limit: number): EventRecord[] {
    const directory = this.#streams.directory(stream);
    const isMatch = predicate(filter);
    const found: EventRecord[] = [];
    let bytes = 0;
    for (let at = Math.max(0, directory.blockOf(after)); at < directory.entries.length; at++) {
      const entry = directory.entries[at] as BlockEntry;
      if (entry.last <= after || countBySummary(entry, filter) === 0) continue;
      const block = this.#reader.read(entry, false);
      for (let i = 0; i < block.count; i++) {
        if (block.seq(i) <= after || block.isMark(i) || !isMatch(block, i)) continue;
        found.push(block.event(i, stream, entry.unsaved));
        bytes += block.bytes(i);
        if (found.length >= limit || bytes > pageBytes) return found;
      }
    }
    return found;
  }

  get(seq: number): EventDetail | null {
    for (const stream of [...this.#streams.known(), ...this.#reader.streamsAround(seq)]) {
      const [found] = this.#bySeq(stream, [seq], false);
      if (found === undefined) continue;
      if (found.block.isMark(found.i)) return null;
      const { mono: _, data, ...event } = found.block.event(found.i, stream, found.entry.unsaved);
      return { ...event, data: cut(data, detailChars), cut: data.length > detailChars, flags: [...event.flags] };
    }
    return null;
  }

  /** Rows by number, those that are there, in the order given. */
  rows(stream: string, seqs: readonly number[]): Row[] {
    return this.#bySeq(stream, seqs, true).map(({ block, i, entry }) => block.row(i, entry.unsaved));
  }

  /** Events in full by number, those that are there, in the order given, until a page is full; at least one. */
  events(stream: string, seqs: readonly number[]): EventRecord[] {
    const found: EventRecord[] = [];
    let bytes = 0;
    for (const seq of seqs) {
      const [one] = this.#bySeq(stream, [seq], false);
      if (one === undefined || one.block.isMark(one.i)) continue;
      found.push(one.block.event(one.i, stream, one.entry.unsaved));
      bytes += one.block.bytes(one.i);
      if (bytes > pageBytes) break;
    }
    return found;
  }

  recent(stream: string, before: number, limit: number): RecentPage {
    return recentPage(this.#streams.directory(stream), this.#reader, before, limit);
  }

  /** What is kept of a stream, by its directory: no block is read. */
  kept(stream: string): Kept {
    const { total, bytes, entries, counters } = this.#streams.directory(stream);
    return { records: total, bytes, oldestAt: entries[0]?.fromAt ?? null, types: counters.sums };
  }

  /** When the stream's newest event was received (UTC ms), or null. */
  lastEventAt(stream: string): number | null {
    const { entries } = this.#streams.directory(stream);
    const entry = entries.findLast(({ events }) => events > 0);
    if (entry === undefined) return null;
    const block = this.#reader.read(entry, true);
    for (let i = block.count - 1; i >= 0; i--) if (!block.isMark(i)) return block.at(i);
    return null;
  }

  /** The file is another one, or a stream was emptied. */
  forget(): void {
    this.#reader.forget();
    this.#matches.clear();
  }

  /** Rows by their place among the matching ones, 0 = oldest. */
  #rows(stream: string, directory: Directory, filter: Filter, from: number, limit: number): Row[] {
    const matches = this.#matching(stream, directory, filter);
    const wanted = Math.min(limit, matches.total - from);
    const rows: Row[] = [];
    if (wanted <= 0) return rows;
    const isMatch = predicate(filter);
    let { at, within } = matches.locate(from);
    for (; rows.length < wanted && at < directory.entries.length; at++) {
      const entry = directory.entries[at] as BlockEntry;
      if (matches.before(at) === matches.before(at + 1)) continue;
      const block = this.#reader.read(entry, !needsText(filter));
      for (let i = 0; i < block.count && rows.length < wanted; i++) {
        if (isMatch(block, i) && within-- <= 0) rows.push(block.row(i, entry.unsaved));
      }
    }
    return rows;
  }

  #bySeq(stream: string, seqs: readonly number[], short: boolean): Found[] {
    const directory = this.#streams.directory(stream);
    return seqs.flatMap((seq) => {
      const entry = directory.entries[directory.blockOf(seq)];
      if (entry === undefined || entry.last < seq) return [];
      const block = this.#reader.read(entry, short);
      const i = lastUpTo(block.count, seq, (at) => block.seq(at));
      return i >= 0 && block.seq(i) === seq ? [{ block, i, entry }] : [];
    });
  }

  #matching(stream: string, directory: Directory, filter: Filter): Matches {
    const key = JSON.stringify([stream, filter]);
    const known = this.#matches.get(key);
    if (known !== undefined) return known;
    if (this.#matches.size >= keptFilters) this.#matches.clear();
    const isMatch = predicate(filter);
    const matches = new Matches(directory, (entry) => {
      const told = countBySummary(entry, filter);
      if (told !== null) return told;
      const block = this.#reader.read(entry, !needsText(filter));
      let matching = 0;
      for (let i = 0; i < block.count; i++) if (isMatch(block, i)) matching++;
      return matching;
    });
    this.#matches.set(key, matches);
    return matches;
  }
}
