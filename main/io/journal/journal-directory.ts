/**
 * The blocks of one stream, oldest first, without their contents: which numbers each has, what it holds, and from when to when.
 * Any number of a million is found by halving (a place: journal-matches.ts), and most questions of types and times are answered without reading a block.
 */
import type { Block } from "./block.ts";
import { Counters } from "./journal-counters.ts";

export type TypeCounts = readonly (readonly [type: string, count: number])[];

export type BlockEntry = {
  /** Numbers of its first and last record; those between may belong to other streams where blocks were merged. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Of `count`; the rest are marks. */
  readonly events: number;
  /** Earliest and latest time of receipt in it, UTC ms: a clock may have been set back in between. */
  readonly fromAt: number;
  readonly toAt: number;
  /** Of its bytes. */
  readonly size: number;
  /** Its events by type; null: too many names to hold them here. */
  readonly types: TypeCounts | null;
  /** The block itself while it is in memory only; null: it is on the disk. */
  readonly body: Uint8Array | null;
  /** The disk refused it; else a block in memory is of a stream that keeps nothing. */
  readonly unsaved: boolean;
};

/** Names of a block that are held in memory. */
const heldTypes = 64;

/** A block as it is listed; `types` whole, however many. */
export type Listed = { readonly entry: BlockEntry; readonly types: TypeCounts };

/** What a block holds, in short. */
export function summarise(block: Block): Listed {
  const places = new Map<number, number>();
  let [events, fromAt, toAt] = [0, block.at(0), block.at(0)];
  for (let i = 0; i < block.count; i++) {
    const at = block.at(i);
    if (at < fromAt) fromAt = at;
    else if (at > toAt) toAt = at;
    const place = block.typePlace(i);
    if (place < 0) continue;
    events++;
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  const types = [...places].map(([place, count]) => [block.string(place), count] as const);
  const { first, last, count, size } = block;
  const entry = { first, last, count, events, fromAt, toAt, size, types: held(types), body: null, unsaved: false };
  return { entry, types };
}

/** As many types as memory holds of a block, or null. */
export const held = (types: TypeCounts): TypeCounts | null => (types.length > heldTypes ? null : types);

export class Directory {
  readonly counters = new Counters(0, new Map());
  /** Rises when blocks go or are merged; places that were worked out before are then other places. */
  version = 0;
  #entries: BlockEntry[] = [];
  #bytes = 0;

  get entries(): readonly BlockEntry[] {
    return this.#entries;
  }

  /** Records. */
  get total(): number {
    return this.counters.total;
  }

  /** Of all blocks. */
  get bytes(): number {
    return this.#bytes;
  }

  add({ entry, types }: Listed): void {
    this.#entries.push(entry);
    this.#bytes += entry.size;
    this.counters.total += entry.count;
    for (const [type, count] of types) this.counters.count(type, count);
  }

  /** A block at the place that its numbers say. */
  put(listed: Listed): void {
    const at = this.blockOf(listed.entry.first) + 1;
    if (at === this.#entries.length) this.add(listed);
    else this.insert(at, listed);
  }

  /** Those that the disk has, before any that are here. */
  load(blocks: readonly Listed[]): void {
    const sums = new Map<string, number>();
    for (const { types } of blocks) for (const [type, n] of types) sums.set(type, (sums.get(type) ?? 0) + n);
    // The most frequent names first: there may be more than are counted by name.
    for (const [type, n] of [...sums].sort((a, b) => b[1] - a[1])) this.counters.count(type, n);
    this.#entries.unshift(...blocks.map(({ entry }) => entry));
    for (const { entry } of blocks) {
      this.#bytes += entry.size;
      this.counters.total += entry.count;
    }
    this.version++;
  }

  /** A block among the others: what a trimmed one left. */
  insert(at: number, listed: Listed): void {
    const after = this.#entries.splice(at);
    this.add(listed);
    this.#entries.push(...after);
    this.version++;
  }

  /** The blocks from place `at` on, `count` of them, are gone. @param types of each */
  remove(at: number, count: number, types: readonly TypeCounts[]): void {
    const gone = this.#entries.splice(at, count);
    this.version++;
    for (const { size, count: records } of gone) {
      this.#bytes -= size;
      this.counters.total -= records;
    }
    for (const [type, records] of types.flat()) this.counters.count(type, -records);
  }

  /** These blocks are now that one, with the same records. */
  merge(at: number, count: number, by: BlockEntry): void {
    for (const { size } of this.#entries.splice(at, count, by)) this.#bytes -= size;
    this.#bytes += by.size;
    this.version++;
  }

  /** It stands elsewhere now, in memory or on the disk; its records are the same. */
  replace(at: number, by: BlockEntry): void {
    this.#bytes += by.size - (this.#entries[at]?.size ?? 0);
    this.#entries[at] = by;
  }

  /** The last block that begins with `seq` or before it; -1: none does. */
  blockOf(seq: number): number {
    return lastUpTo(this.#entries.length, seq, (i) => (this.#entries[i] as BlockEntry).first);
  }

  /** The first block that is in memory only; as many as there are blocks: none is. All after it are, too. */
  get memoryFrom(): number {
    let at = this.#entries.length;
    while (at > 0 && this.#entries[at - 1]?.body !== null) at--;
    return at;
  }
}

/** The last of `length` rising values that is not above `wanted`; -1: all are. */
export function lastUpTo(length: number, wanted: number, value: (i: number) => number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
