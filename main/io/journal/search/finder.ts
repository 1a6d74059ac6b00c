/** Looks through blocks for what matches a filter: asks the index which may have it, reads those, and has the matcher decide. */

import type { Need } from "../../../core/search/need.ts";
import type { Block } from "../block.ts";
import { lastUpTo } from "../journal-directory.ts";
import type { BlockSource, SourceBlock } from "./block-source.ts";
import { jsonOf } from "./json-path.ts";
import { type Hits, noHits } from "./result-set.ts";
import type { ReadyFilter } from "./search-filter.ts";
import { groupRecords } from "./search-index.ts";
import type { StreamBlocks } from "./stream-blocks.ts";

/** Told when a path begins to look at a record and when it is done, so that somebody else can see how long it takes. */
export type Watch = { begin(): void; end(): void };

/** Blocks read ahead of being looked through, so that the time they take to come is not waited for. */
const mostAhead = 8;
/**
 * Blocks that are looked through before the index is asked: a word that fills the first page from them is a frequent one, of which
 * the index has very much to say.
 */
const unasked = 2;
/**
 * Groups that the index names at a time, and how many times more the next time. To begin with a prefix costs it much, and to name
 * each some µs.
 */
const firstAsked = 4096;
const moreAsked = 4;
/** Of the records, more than this share named by the index: it is cheaper to look at all. */
const denseShare = 0.2;
/** Blocks that are then looked through before the index is asked again. */
const denseBlocks = 256;

/** What an index tells (search-index.ts), or null when it cannot. */
export type Groups = (
  ...asked: readonly [stream: string, need: Need, from: number, to: number, order: "ASC" | "DESC", limit: number]
) => readonly number[] | null;

/** Blocks to look at next, and what the index told of them; blocks that it cannot tell of have no entry. */
type Part = { readonly blocks: readonly SourceBlock[]; readonly told: Told };
type Told = ReadonlyMap<SourceBlock, readonly number[]>;

const nothingTold: Told = new Map();

export type Found = (block: SourceBlock, hits: Hits) => void;

export class Finder {
  readonly #source: BlockSource;
  readonly #groups: Groups;
  readonly #watch: Watch;

  constructor(source: BlockSource, groups: Groups, watch: Watch) {
    this.#source = source;
    this.#groups = groups;
    this.#watch = watch;
  }

  /**
   * Looks through blocks in the order in which they stand, newest or oldest first, until they end or `isEnough` says so.
   * Blocks that went away meanwhile are told of as having nothing.
   * @param isFresh nothing was looked through for this filter yet
   */
  async find(
    filter: ReadyFilter,
    known: StreamBlocks,
    blocks: readonly SourceBlock[],
    found: Found,
    isEnough: () => boolean,
    isFresh: boolean,
  ): Promise<void> {
    const reached: SourceBlock[] = [];
    for (const block of blocks) {
      if (filter.reaches(block)) reached.push(block);
      else found(block, noHits);
    }
    const parts = this.#parts(filter, known, reached, isFresh);
    for (const { blocks: some, told } of parts) {
      const open: SourceBlock[] = [];
      for (const block of some) {
        if (told.get(block)?.length === 0) found(block, noHits);
        else open.push(block);
      }
      if (await this.#read(filter, open, told, found, isEnough)) return;
    }
  }

  /** @returns whether it is enough */
  async #read(
    filter: ReadyFilter,
    open: readonly SourceBlock[],
    told: Told,
    found: Found,
    isEnough: () => boolean,
  ): Promise<boolean> {
    let ahead = 1;
    for (let next = 0; next < open.length; ) {
      if (isEnough()) return true;
      const few = open.slice(next, next + ahead);
      next += few.length;
      ahead = Math.min(mostAhead, ahead * 2);
      const read = await Promise.all(few.map(({ first }) => this.#source.read(filter.stream, first)));
      for (const [i, block] of few.entries()) {
        const body = read[i] ?? null;
        found(block, body === null ? noHits : this.#hits(filter, body, told.get(block)));
      }
    }
    return isEnough();
  }

  /** The blocks part by part, each asked of the index when it is its turn. */
  *#parts(filter: ReadyFilter, known: StreamBlocks, blocks: readonly SourceBlock[], isFresh: boolean): Generator<Part> {
    const needsNothing = "all" in filter.need && filter.need.all.length === 0;
    let at = isFresh ? Math.min(unasked, blocks.length) : 0;
    if (at > 0) yield { blocks: blocks.slice(0, at), told: nothingTold };
    for (let limit = firstAsked; at < blocks.length; limit *= moreAsked) {
      const left = blocks.slice(at);
      const part = needsNothing ? { blocks: left, told: nothingTold } : this.#narrow(filter, known, left, limit);
      yield part;
      at += part.blocks.length;
      if (!isDense(part)) continue;
      yield { blocks: blocks.slice(at, at + denseBlocks), told: nothingTold };
      at += denseBlocks;
    }
  }

  /** Asks the index: of as many blocks as its answer is whole for, at least one. */
  #narrow(filter: ReadyFilter, known: StreamBlocks, blocks: readonly SourceBlock[], limit: number): Part {
    const indexed = blocks.filter((block) => known.isIndexed(block));
    const [begin, end] = [indexed[0], indexed.at(-1)];
    if (begin === undefined || end === undefined) return { blocks, told: nothingTold };
    const order = begin.first <= end.first ? "ASC" : "DESC";
    const [low, high] = order === "ASC" ? [begin, end] : [end, begin];
    const groups = this.#groups(filter.stream, filter.need, low.first, high.last, order, limit);
    if (groups === null) return { blocks, told: nothingTold };
    const told = new Map<SourceBlock, number[]>(indexed.map((block) => [block, []]));
    let at = 0;
    for (const group of groups) {
      const holds = ({ first, last }: SourceBlock) => group >= first && group <= last;
      let next = at;
      while (next < indexed.length && !holds(indexed[next] as SourceBlock)) next++;
      // A group of a block that is not looked at now.
      if (next === indexed.length) continue;
      at = next;
      told.get(indexed[at] as SourceBlock)?.push(group);
    }
    if (groups.length < limit) return { blocks, told: rising(told) };
    // The last block that has some may have more.
    const last = indexed[at] as SourceBlock;
    const whole = blocks.slice(0, blocks.indexOf(last));
    if (whole.length > 0) return { blocks: whole, told: rising(told) };
    return { blocks: blocks.slice(0, 1), told: nothingTold };
  }

  /** @param groups numbers with which the groups begin that are to be looked at; all when undefined */
  #hits(filter: ReadyFilter, block: Block, groups: readonly number[] | undefined): Hits {
    const seqs: number[] = [];
    const ats: number[] = [];
    const look = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        if (!filter.matches(block, i) || !this.#isSelected(filter, block, i)) continue;
        seqs.push(block.seq(i));
        ats.push(block.at(i));
      }
    };
    if (groups === undefined) look(0, block.count);
    else {
      let done = 0;
      for (const group of groups) {
        const from = Math.max(
          done,
          lastUpTo(block.count, group, (i) => block.seq(i)),
        );
        done = Math.min(block.count, from + groupRecords);
        look(from, done);
      }
    }
    return seqs.length === 0 ? noHits : { seqs: Float64Array.from(seqs), ats: Float64Array.from(ats) };
  }

  #isSelected({ path }: ReadyFilter, block: Block, i: number): boolean {
    if (path === null) return true;
    const value = jsonOf(block.data(i));
    if (value === undefined) return false;
    this.#watch.begin();
    const isSelected = path.selects(value);
    this.#watch.end();
    return isSelected;
  }
}

function rising(told: Map<SourceBlock, number[]>): Told {
  for (const groups of told.values()) groups.sort((a, b) => a - b);
  return told;
}

function isDense({ blocks, told }: Part): boolean {
  let [records, named] = [0, 0];
  for (const block of blocks) {
    const groups = told.get(block);
    if (groups === undefined) continue;
    records += block.count;
    named += groups.length * groupRecords;
  }
  return named > records * denseShare;
}
