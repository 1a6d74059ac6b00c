/** How many records of a stream match a filter, block by block, so that the place of each is known. Kept while rows come and go. */
import { type BlockEntry, type Directory, lastUpTo } from "./journal-directory.ts";

export class Matches {
  readonly #directory: Directory;
  readonly #count: (entry: BlockEntry) => number;
  /** What a block holds never changes, only where it stands. */
  readonly #known = new WeakMap<BlockEntry, number>();
  /** Matching records before each block. */
  #before: number[] = [];
  #total = 0;
  #version = -1;

  /** @param count how many records of a block match; asked once a block */
  constructor(directory: Directory, count: (entry: BlockEntry) => number) {
    this.#directory = directory;
    this.#count = count;
  }

  /** All of them, after looking at the blocks that are new. */
  get total(): number {
    const { entries, version } = this.#directory;
    if (version !== this.#version) [this.#before, this.#total, this.#version] = [[], 0, version];
    for (let at = this.#before.length; at < entries.length; at++) {
      const entry = entries[at] as BlockEntry;
      this.#before.push(this.#total);
      this.#total += this.#of(entry);
    }
    return this.#total;
  }

  /** Matching records before a block; `total` must have been asked. */
  before(at: number): number {
    return this.#before[at] ?? this.#total;
  }

  /** The block that holds the nth match (0 = oldest), and how many matches in it stand before that. */
  locate(n: number): { readonly at: number; readonly within: number } {
    const at = lastUpTo(this.#before.length, n, (i) => this.#before[i] as number);
    return { at, within: n - (this.#before[at] ?? 0) };
  }

  #of(entry: BlockEntry): number {
    const known = this.#known.get(entry);
    if (known !== undefined) return known;
    const matching = this.#count(entry);
    this.#known.set(entry, matching);
    return matching;
  }
}
