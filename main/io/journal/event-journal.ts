/**
 * The journal as the streams see it. It packs what comes, so that one piece of bytes goes to the worker thread that keeps it
 * (journal-line.ts), and asks the search where the text of events decides.
 */
import type { Code, Filter, Params } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import type { Appended, Journal } from "../ports.ts";
import { packBlocks } from "./block-pack.ts";
import { HeldBack } from "./held-back.ts";
import { everything, isUnfiltered, needsText } from "./journal-filter.ts";
import type { KeptLimits } from "./journal-limits.ts";
import { JournalLine, type LineOptions, type QueueCounters } from "./journal-line.ts";
import { JournalError, type JournalState, type Written } from "./journal-protocol.ts";
import { readRecent } from "./journal-recent.ts";
import { type Kept, type Search, searchRead, searchTail, searchWindow } from "./journal-search.ts";
import { LiveTails } from "./live-tails.ts";

export type JournalOptions = LineOptions & {
  /** Answers filters that need the text of events; without it they are answered by looking through the blocks. */
  readonly search?: Search;
};

/**
 * Opens the journal of a folder.
 * @throws JournalError "journal-locked" (another process has it) or "journal-unavailable" { reason }
 */
export async function openJournal(options: JournalOptions): Promise<EventJournal> {
  const journal = new EventJournal(options);
  await journal.ready;
  return journal;
}

export class EventJournal implements Journal {
  readonly #line: JournalLine;
  readonly #search: Search | null;
  readonly #kept: Kept;
  readonly #heldBack = new HeldBack();
  readonly #lives: LiveTails;
  #closing: Promise<void> | null = null;

  constructor(options: JournalOptions) {
    this.#line = new JournalLine(options);
    this.#search = options.search ?? null;
    this.#lives = new LiveTails((stream, limit) => {
      this.#hand(stream);
      return this.#line.ask({ op: "tail", stream, filter: everything, limit });
    });
    this.#line.whenTurned = () => this.#lives.dropAll();
    this.#kept = {
      tail: (stream, filter, limit) => this.#line.ask({ op: "tail", stream, filter, limit }),
      rows: (stream, seqs) => this.#line.ask({ op: "rows", stream, seqs }),
      events: (stream, seqs) => this.#line.ask({ op: "events", stream, seqs }),
    };
  }

  /** Resolves when the file is open; rejects with JournalError when it cannot be. */
  get ready(): Promise<void> {
    return this.#line.ready;
  }

  get state(): JournalState {
    return this.#line.state;
  }

  get problems(): readonly Code[] {
    return this.#line.problems;
  }

  /** What waits for the worker: appends and the bytes of their blocks, now and at most so far. */
  get queue(): QueueCounters {
    return this.#line.queue;
  }

  async append(stream: string, records: readonly (ReceivedEvent | Mark)[], cursor: string | null): Promise<Appended> {
    const count = records.length;
    if (this.#line.end !== null && this.#line.end.code !== "journal-closed") return this.#unsaved(count);
    const first = this.#line.numberOn(count);
    const quiet = this.#line.volatile.get(stream);
    if (quiet !== undefined && this.#line.end === null) {
      if (cursor !== null) quiet.cursor = cursor;
      this.#lives.take(stream, first, records, this.#heldBack.take(stream, first, records));
      this.#line.reserve();
      return { seqs: numbers(first, count), unsaved: false };
    }
    const blocks = packBlocks(records);
    const written = this.#line.ask<Written>({ op: "append", stream, blocks, first, cursor }, count);
    this.#lives.take(stream, first, records, 0);
    const { unsaved } = await written;
    // It was shown as one that is on its way.
    if (unsaved) this.#lives.drop(stream);
    return { seqs: numbers(first, count), unsaved };
  }

  async cursor(stream: string): Promise<string | null> {
    return this.#line.volatile.get(stream)?.cursor ?? this.#line.ask({ op: "cursor", stream });
  }

  setCursor(stream: string, cursor: string): Promise<void> {
    const quiet = this.#line.volatile.get(stream);
    if (quiet !== undefined) quiet.cursor = cursor;
    return this.#line.ask({ op: "setCursor", stream, cursor });
  }

  keepNothing(stream: string, on: boolean): Promise<void> {
    const quiet = this.#line.volatile.get(stream);
    if (on !== (quiet !== undefined)) this.#lives.drop(stream);
    if (!on) {
      this.#heldBack.forget(stream);
      // The worker writes what it knows, and it was not told of every one.
      if (typeof quiet?.cursor === "string") void this.setCursor(stream, quiet.cursor).catch(() => undefined);
      this.#line.volatile.delete(stream);
    } else if (!this.#line.volatile.has(stream)) {
      const quiet: { cursor: string | null } = { cursor: null };
      this.#line.volatile.set(stream, quiet);
      // Before it is taken off the disk: a worker that ends right after that has it nowhere any more.
      const learn = (cursor: string | null) => {
        quiet.cursor ??= cursor;
      };
      // One that cannot be read now is still on the disk for the next worker.
      this.cursor(stream).then(learn, () => undefined);
    }
    return this.#line.ask({ op: "keepNothing", stream, on });
  }

  limit(limits: KeptLimits): Promise<void> {
    this.#line.limits = limits;
    this.#lives.dropAll();
    return this.#line.ask({ op: "limit", limits });
  }

  kept(stream: string): ReturnType<Journal["kept"]> {
    this.#hand(stream);
    return this.#line.ask({ op: "kept", stream });
  }

  async tail(...[stream, filter, limit]: Parameters<Journal["tail"]>): ReturnType<Journal["tail"]> {
    if (isUnfiltered(filter)) return this.#lives.tail(stream, limit, !this.#line.volatile.has(stream));
    const search = this.#searchFor(filter);
    this.#hand(stream);
    if (search !== null) return searchTail(search, this.#kept, stream, filter, limit);
    return this.#line.ask({ op: "tail", stream, filter, limit });
  }

  async window(...[stream, filter, from, limit]: Parameters<Journal["window"]>): ReturnType<Journal["window"]> {
    const search = this.#searchFor(filter);
    this.#hand(stream);
    if (search !== null) return searchWindow(search, this.#kept, stream, filter, from, limit);
    return this.#line.ask({ op: "window", stream, filter, from, limit });
  }

  async placeOf(...[stream, filter, at]: Parameters<Journal["placeOf"]>): ReturnType<Journal["placeOf"]> {
    const search = this.#searchFor(filter);
    this.#hand(stream);
    if (search !== null) return search.placeOf(stream, filter, at);
    return this.#line.ask({ op: "placeOf", stream, filter, at });
  }

  async read(...[stream, filter, after, limit]: Parameters<Journal["read"]>): ReturnType<Journal["read"]> {
    const search = this.#searchFor(filter);
    this.#hand(stream);
    if (search !== null) return searchRead(search, this.#kept, stream, filter, after, limit);
    return this.#line.ask({ op: "read", stream, filter, after, limit });
  }

  get(seq: number): ReturnType<Journal["get"]> {
    for (const stream of this.#heldBack.streams) this.#hand(stream);
    return this.#line.ask({ op: "get", seq });
  }

  recent(stream: string, limit: number): ReturnType<Journal["recent"]> {
    this.#hand(stream);
    return readRecent(limit, (before, wanted) => this.#line.ask({ op: "recent", stream, before, limit: wanted }));
  }

  async clear(stream: string): Promise<void> {
    this.#lives.drop(stream);
    this.#heldBack.drop(stream);
    await this.#line.ask({ op: "clear", stream });
    await this.#search?.clear(stream);
  }

  async forget(stream: string): Promise<void> {
    this.#lives.drop(stream);
    this.#heldBack.forget(stream);
    await this.#line.ask({ op: "forget", stream });
    await this.#search?.clear(stream);
    this.#line.volatile.delete(stream);
  }

  /** Everything asked before is answered first. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The search first: it asks the line's worker for blocks, which then has no file any more. */
  async #close(): Promise<void> {
    if (this.#search !== null) await this.#search.close();
    await this.#line.close();
  }

  /** The worker gets what was held back of a stream, before it is asked. */
  #hand(stream: string): void {
    const blocks = this.#heldBack.release(stream);
    // A worker that has ended has no answer to the question that follows either, and says why.
    if (blocks.length > 0) this.#line.ask({ op: "hold", stream, blocks }).catch(() => undefined);
  }

  /** Gives `source` another port to the blocks, when the worker is there to serve it. */
  handOver(): void {
    this.#line.handOver();
  }

  /** @throws JournalError "filter-path-unavailable": a path may take for ever, and only the search's thread can be stopped */
  #searchFor(filter: Filter): Search | null {
    if (filter.path !== "" && this.#search === null) throw new JournalError("filter-path-unavailable");
    return needsText(filter) ? this.#search : null;
  }

  #unsaved(count: number): Appended {
    const first = this.#line.numberOn(count);
    return { seqs: numbers(first, count), unsaved: true };
  }
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

export { JournalError, type Params };
