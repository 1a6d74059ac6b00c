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
/** Blocks for which the index is asked at once, and more each time. */
const firstAsked = 64;

/** What an index tells (search-index.ts), or null when it cannot. */
export type Groups = (stream: string, need: Need, from: number, to: number) => readonly number[] | null;

const noGroups: ReadonlyMap<SourceBlock, readonly number[]> = new Map();

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
   */
  async find(
    filter: ReadyFilter,
    known: StreamBlocks,
    blocks: readonly SourceBlock[],
    found: Found,
    isEnough: () => boolean,
  ): Promise<void> {
    let asked = unasked;
    let ahead = 1;
    for (let at = 0; at < blocks.length; ) {
      const some = blocks.slice(at, at + asked);
      const groups = at === 0 ? noGroups : this.#narrow(filter, known, some);
      at += some.length;
      asked = Math.max(firstAsked, asked * 4);
      const open: SourceBlock[] = [];
      for (const block of some) {
        if (groups.get(block)?.length === 0 || !filter.reaches(block)) found(block, noHits);
        else open.push(block);
      }
      for (let next = 0; next < open.length; ) {
        if (isEnough()) return;
        const few = open.slice(next, next + ahead);
        next += few.length;
        ahead = Math.min(mostAhead, ahead * 2);
        const read = await Promise.all(few.map(({ first }) => this.#source.read(filter.stream, first)));
        for (let i = 0; i < few.length; i++) {
          const block = few[i] as SourceBlock;
          const body = read[i] ?? null;
          found(block, body === null ? noHits : this.#hits(filter, body, groups.get(block)));
        }
      }
      if (isEnough()) return;
    }
  }

  /** The groups of each block that may match; blocks that the index cannot tell of have no entry. */
  #narrow(filter: ReadyFilter, known: StreamBlocks, blocks: readonly SourceBlock[]): Map<SourceBlock, number[]> {
    const told = new Map<SourceBlock, number[]>();
    if ("all" in filter.need && filter.need.all.length === 0) return told;
    const indexed = blocks.filter((block) => known.isIndexed(block));
    if (indexed.length === 0) return told;
    const rising = [...indexed].sort((a, b) => a.first - b.first);
    const [from, to] = [(rising[0] as SourceBlock).first, (rising.at(-1) as SourceBlock).last];
    const groups = this.#groups(filter.stream, filter.need, from, to);
    if (groups === null) return told;
    let next = 0;
    for (const block of rising) {
      const own: number[] = [];
      while (next < groups.length && (groups[next] as number) < block.first) next++;
      while (next < groups.length && (groups[next] as number) <= block.last) own.push(groups[next++] as number);
      told.set(block, own);
    }
    return told;
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
