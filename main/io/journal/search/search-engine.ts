/**
 * The search, as it runs in its thread: keeps the index behind the blocks that come and go, and answers questions with the numbers
 * of records. It decides when which is done; how is the index's (search-index.ts) and the finder's (finder.ts).
 */
import { codeOf } from "../../stores/safe-file.ts";
import type { BlockSource, SourceNews } from "./block-source.ts";
import { Finder, type Groups, type Watch } from "./finder.ts";
import { ResultSet } from "./result-set.ts";
import { type ReadyFilter, ready } from "./search-filter.ts";
import type { SearchIndex } from "./search-index.ts";
import type { SearchAnswer, SearchQuestion } from "./search-protocol.ts";
import { type Merged, StreamBlocks } from "./stream-blocks.ts";

/** An answer is given after this long with what was found until then, ms: what is older is said by the next ones. */
const patienceMs = 200;
/** Result sets that are kept, and records in all of them: 16 B each. */
const keptSets = 4;
const keptHits = 2_000_000;
/** Blocks that the index takes in at a time: some 20 ms, which a question may have to wait for. */
const blocksAStep = 8;
const mostRebuilds = 3;

export type EngineOptions = {
  readonly source: BlockSource;
  /** Null: there can be none, and everything is looked through. */
  readonly index: SearchIndex | null;
  readonly watch: Watch;
  /** Monotonic ms. */
  readonly now: () => number;
  /** For the log alone: the user loses nothing. */
  readonly log: (code: string) => void;
  /** Says that there is something to index: `step` is to be called until it says no. */
  readonly wake: () => void;
};

export class SearchEngine {
  readonly #options: EngineOptions;
  readonly #finder: Finder;
  readonly #listed = new Map<string, StreamBlocks>();
  /** News of streams that are being listed. */
  readonly #listing = new Map<string, { news: SourceNews[]; done: Promise<StreamBlocks> }>();
  readonly #sets = new Map<string, ResultSet>();
  /** Of each stream the filter that was asked for last: who asks another one does not wait for the one before. */
  readonly #wanted = new Map<string, string>();
  #rebuilds = 0;
  /** There is no index, and there will be none in this run: everything is looked through. */
  #isBroken: boolean;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#isBroken = options.index === null;
    const groups: Groups = (...asked) => this.#safely((index) => index.groups(...asked)) ?? null;
    this.#finder = new Finder(options.source, groups, options.watch);
    options.source.listen((news) => this.#hear(news));
  }

  /** Lists what there is. */
  async start(): Promise<void> {
    const { source, index } = this.#options;
    const streams = await source.streams();
    const blocks = await Promise.all(streams.map((stream) => this.#blocks(stream)));
    // What an index of an earlier time has of streams that are no more.
    for (const stream of index?.streams() ?? [])
      if (!streams.includes(stream)) this.#safely((index) => index.clear(stream));
    if (blocks.some(({ behind }) => behind > 0)) this.#options.wake();
  }

  /** @throws JournalError "filter-path-invalid" */
  async ask(question: SearchQuestion): Promise<SearchAnswer> {
    if (question.ask === "clear") {
      this.#clear(question.stream);
      return { seqs: [], matching: 0, exact: true, place: 0, behind: 0 };
    }
    const filter = ready(question.stream, question.filter);
    const known = await this.#blocks(question.stream);
    if (question.ask === "read") return this.#read(filter, known, question.after, question.limit);
    const set = this.#set(filter.key);
    this.#wanted.set(filter.stream, filter.key);
    await this.#advance(filter, known, set, question);
    const { blocks } = known;
    const answer = { matching: set.total, exact: isWhole(known, set), behind: known.behind };
    if (question.ask === "placeOf") return { ...answer, place: set.placeOf(blocks, question.at), seqs: [] };
    const { limit } = question;
    const seqs = question.ask === "tail" ? set.tail(blocks, limit) : set.window(blocks, question.from, limit);
    return { ...answer, place: 0, seqs };
  }

  /**
   * Takes some blocks into the index, or out of it.
   * @returns whether there is more to do
   */
  async step(): Promise<boolean> {
    const { source } = this.#options;
    if (this.#isBroken) return false;
    for (const [stream, known] of this.#listed) {
      const gone = known.takeGone();
      if (gone.length > 0) this.#safely((index) => index.drop(stream, gone));
      const waiting = known.waiting(blocksAStep);
      if (waiting.length === 0) continue;
      const read = await Promise.all(waiting.map(({ first }) => source.read(stream, first)));
      // It may have been cleared, or taken away in part, while its blocks were on their way.
      if (this.#listed.get(stream) !== known) return true;
      const pairs = waiting.flatMap((block, i) => {
        const body = read[i] ?? null;
        return body === null || !known.has(block) ? [] : [[block, body] as const];
      });
      if (pairs.length === 0) return true;
      const isTaken = this.#safely((index) => index.take(stream, pairs) ?? true) === true;
      if (isTaken) for (const [block] of pairs) known.markIndexed(block);
      return isTaken || !this.#isBroken;
    }
    return false;
  }

  close(): void {
    this.#options.index?.close();
  }

  async #advance(filter: ReadyFilter, known: StreamBlocks, set: ResultSet, question: SearchQuestion): Promise<void> {
    const { now } = this.#options;
    const isFirst = set.total === 0;
    const until = now() + patienceMs;
    const todo = known.blocks.filter((block) => !set.has(block)).reverse();
    const isEnough = (): boolean => {
      if (now() > until || this.#wanted.get(filter.stream) !== filter.key) return true;
      if (!isFirst) return false;
      // The first page is shown as soon as it is there.
      if (question.ask === "tail") return set.total >= question.limit;
      return question.ask === "window" && set.total >= question.from + question.limit;
    };
    const found = (block: (typeof todo)[number], hits: Parameters<ResultSet["set"]>[1]): void => {
      if (known.has(block)) set.set(block, hits);
    };
    const isFresh = todo.length === known.blocks.length;
    await this.#finder.find(filter, known, todo, found, isEnough, isFresh);
  }

  /** Oldest first, for an export: without a set, which might be the whole stream. */
  async #read(filter: ReadyFilter, known: StreamBlocks, after: number, limit: number): Promise<SearchAnswer> {
    const seqs: number[] = [];
    const blocks = known.blocks.filter(({ last }) => last > after);
    const isEnough = () => seqs.length >= limit;
    const take = (_: unknown, hits: { readonly seqs: Float64Array }) => {
      for (const seq of hits.seqs) if (seq > after) seqs.push(seq);
    };
    await this.#finder.find(filter, known, blocks, take, isEnough, false);
    return {
      seqs: seqs.sort((a, b) => a - b).slice(0, limit),
      matching: 0,
      exact: false,
      place: 0,
      behind: known.behind,
    };
  }

  #set(key: string): ResultSet {
    const set = this.#sets.get(key) ?? new ResultSet();
    // The one used last stands last.
    this.#sets.delete(key);
    let hits = 0;
    for (const { total } of this.#sets.values()) hits += total;
    for (const [oldest, { total }] of this.#sets) {
      if (this.#sets.size < keptSets && hits <= keptHits) break;
      this.#sets.delete(oldest);
      hits -= total;
    }
    this.#sets.set(key, set);
    return set;
  }

  #blocks(stream: string): Promise<StreamBlocks> {
    const known = this.#listed.get(stream);
    if (known !== undefined) return Promise.resolve(known);
    const listing = this.#listing.get(stream);
    if (listing !== undefined) return listing.done;
    const news: SourceNews[] = [];
    const done = this.#list(stream, news).finally(() => {
      if (this.#listing.get(stream)?.news === news) this.#listing.delete(stream);
    });
    this.#listing.set(stream, { news, done });
    return done;
  }

  async #list(stream: string, news: SourceNews[]): Promise<StreamBlocks> {
    const { source, wake } = this.#options;
    const blocks = await source.blocks(stream);
    const known = new StreamBlocks(blocks, this.#safely((index) => index.taken(stream)) ?? []);
    this.#note(stream, known.recall());
    this.#listed.set(stream, known);
    for (const one of news) this.#hear(one);
    wake();
    return known;
  }

  #hear(news: SourceNews): void {
    if (news.kind === "reset") {
      this.#reset();
      return;
    }
    const { stream } = news;
    const known = this.#listed.get(stream);
    if (known === undefined) {
      const listing = this.#listing.get(stream);
      if (listing !== undefined) listing.news.push(news);
      else if (news.kind === "cleared") this.#clear(stream);
      else this.#blocks(stream).catch(() => this.#options.log("search-source"));
      return;
    }
    if (news.kind === "cleared") {
      this.#clear(stream);
      return;
    }
    if (news.kind === "added") this.#note(stream, known.add(news.block));
    else {
      const removed = known.remove(news.firsts);
      for (const [key, set] of this.#sets) if (isOf(key, stream)) for (const block of removed) set.delete(block);
    }
    this.#options.wake();
  }

  /** The journal's file is another one: whatever the index has is of the old one. */
  #reset(): void {
    this.#listed.clear();
    this.#listing.clear();
    this.#sets.clear();
    this.#isBroken = this.#options.index === null || !this.#rebuild();
    this.start().catch(() => this.#options.log("search-source"));
  }

  #clear(stream: string): void {
    this.#listed.delete(stream);
    this.#listing.delete(stream);
    for (const key of this.#sets.keys()) if (isOf(key, stream)) this.#sets.delete(key);
    this.#safely((index) => index.clear(stream));
  }

  #note(stream: string, merged: readonly Merged[]): void {
    for (const { parts, into } of merged) this.#safely((index) => index.merge(stream, parts, into));
  }

  /**
   * Does something with the index's file. When that fails the file is made anew, and all blocks wait to be taken in again.
   * @returns what was done, or undefined: it was not
   */
  #safely<T>(work: (index: SearchIndex) => T): T | undefined {
    const { index } = this.#options;
    if (this.#isBroken || index === null) return undefined;
    try {
      return work(index);
    } catch (error) {
      this.#options.log(codeOf(error));
      for (const known of this.#listed.values()) known.forgetIndex();
      this.#isBroken = !this.#rebuild();
      return undefined;
    }
  }

  /** @returns whether there is an index again; a place that breaks each one is not tried for ever */
  #rebuild(): boolean {
    if (++this.#rebuilds > mostRebuilds) return false;
    try {
      this.#options.index?.rebuild();
      return true;
    } catch (error) {
      this.#options.log(codeOf(error));
      return false;
    }
  }
}

const isOf = (key: string, stream: string): boolean => key.startsWith(`[${JSON.stringify(stream)},`);

const isWhole = ({ blocks }: StreamBlocks, set: ResultSet): boolean => blocks.every((block) => set.has(block));
