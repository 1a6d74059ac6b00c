/** The blocks of one stream as the search knows them, and which of them the index has. News may come twice; it changes nothing then. */

import { lastUpTo } from "../journal-directory.ts";
import type { SourceBlock } from "./block-source.ts";
import type { Taken } from "./search-index.ts";

/** What news of a block means for the index's file. */
export type Merged = { readonly parts: readonly Taken[]; readonly into: SourceBlock };

export class StreamBlocks {
  /** Oldest first. */
  blocks: SourceBlock[];
  readonly #indexed = new Set<SourceBlock>();
  /** Blocks that the index has and the stream has no more, oldest first; a merged one may yet come for them. */
  #gone: Taken[] = [];

  /** @param taken what the index has of the stream, from an earlier time, oldest first */
  constructor(blocks: readonly SourceBlock[], taken: readonly Taken[]) {
    this.blocks = [...blocks];
    this.#gone = [...taken];
  }

  /** Once after the listing: finds again what the index has; the rest is gone. */
  recall(): Merged[] {
    // From the newest on: what is found is then cut off the end of what is left, and thousands of blocks are a matter of a millisecond.
    return this.blocks.toReversed().flatMap((block) => this.#find(block));
  }

  has(block: SourceBlock): boolean {
    return this.blocks[lastUpTo(this.blocks.length, block.first, (i) => this.blocks[i]?.first ?? 0)] === block;
  }

  isIndexed(block: SourceBlock): boolean {
    return this.#indexed.has(block);
  }

  markIndexed(block: SourceBlock): void {
    if (this.has(block)) this.#indexed.add(block);
    else this.#miss(block);
  }

  add(block: SourceBlock): Merged[] {
    const at = this.blocks.findLastIndex(({ first }) => first <= block.first);
    if (at >= 0 && this.blocks[at]?.first === block.first) return [];
    this.blocks.splice(at + 1, 0, block);
    return this.#find(block);
  }

  /** @returns the blocks that were there */
  remove(firsts: readonly number[]): SourceBlock[] {
    const names = new Set(firsts);
    const removed = this.blocks.filter(({ first }) => names.has(first));
    this.blocks = this.blocks.filter(({ first }) => !names.has(first));
    for (const block of removed) if (this.#indexed.delete(block)) this.#miss(block);
    return removed;
  }

  /** Nothing is in the index any more. */
  forgetIndex(): void {
    this.#indexed.clear();
    this.#gone = [];
  }

  /** What the index still has and nobody will come for. */
  takeGone(): Taken[] {
    const gone = this.#gone;
    this.#gone = [];
    return gone;
  }

  /** The oldest that the index has not, as many as asked; never of those that must not reach a file. */
  waiting(most: number): SourceBlock[] {
    const found: SourceBlock[] = [];
    for (const block of this.blocks) {
      if (found.length >= most) break;
      if (block.kept && !this.#indexed.has(block)) found.push(block);
    }
    return found;
  }

  /** Records that the index has not taken in yet. */
  get behind(): number {
    return this.blocks.reduce((sum, block) => sum + (block.kept && !this.#indexed.has(block) ? block.count : 0), 0);
  }

  /** Whether the index has a block already, as it is or in parts. */
  #find(block: SourceBlock): Merged[] {
    if (!block.kept || this.#gone.length === 0) return [];
    const from = this.#goneUpTo(block.first - 1) + 1;
    const parts = this.#gone.slice(from, this.#goneUpTo(block.last) + 1).filter(({ last }) => last <= block.last);
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const fromAt = Math.min(...parts.map((part) => part.fromAt));
    const toAt = Math.max(...parts.map((part) => part.toAt));
    if (count !== block.count || fromAt !== block.fromAt || toAt !== block.toAt) return [];
    this.#gone.splice(from, parts.length);
    this.#indexed.add(block);
    return parts.length === 1 && parts[0]?.last === block.last ? [] : [{ parts, into: block }];
  }

  #miss(block: Taken): void {
    this.#gone.splice(this.#goneUpTo(block.first) + 1, 0, block);
  }

  /** Place of the last one that begins at `first` or before. */
  #goneUpTo(first: number): number {
    return lastUpTo(this.#gone.length, first, (i) => this.#gone[i]?.first ?? 0);
  }
}
