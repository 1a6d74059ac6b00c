/** A stock of blocks in memory, as a source for the search: real blocks, without a journal. */
import type { ReceivedEvent } from "../../../main/core/events/record.ts";
import { openBlock } from "../../../main/io/journal/block.ts";
import { numberBlock, packBlock } from "../../../main/io/journal/block-pack.ts";
import { summarise } from "../../../main/io/journal/journal-directory.ts";
import type { BlockSource, SourceBlock, SourceNews } from "../../../main/io/journal/search/block-source.ts";

type Held = { block: SourceBlock; bytes: Uint8Array; events: readonly ReceivedEvent[] };

export class BlockStock implements BlockSource {
  readonly streamsHeld = new Map<string, Held[]>();
  /** First numbers of the blocks that were read, in order. */
  reads: number[] = [];
  #told: (news: SourceNews) => void = () => undefined;
  #next = 1;

  listen(told: (news: SourceNews) => void): void {
    this.#told = told;
  }

  async streams(): Promise<string[]> {
    return [...this.streamsHeld.keys()];
  }

  async blocks(stream: string): Promise<SourceBlock[]> {
    return this.#of(stream).map(({ block }) => block);
  }

  async read(stream: string, first: number) {
    this.reads.push(first);
    const held = this.#of(stream).find(({ block }) => block.first === first);
    return held === undefined ? null : openBlock(held.bytes);
  }

  /** @returns the number of the first event */
  add(stream: string, events: readonly ReceivedEvent[], kept = true): number {
    const first = this.#next;
    this.#next += events.length;
    this.#put(stream, first, events, kept);
    return first;
  }

  remove(stream: string, firsts: readonly number[]): void {
    const left = this.#of(stream).filter(({ block }) => !firsts.includes(block.first));
    this.streamsHeld.set(stream, left);
    this.#told({ kind: "removed", stream, firsts });
  }

  /** Two neighbours become one. */
  merge(stream: string, first: number, second: number): void {
    const parts = this.#of(stream).filter(({ block }) => block.first === first || block.first === second);
    this.remove(stream, [first, second]);
    this.#put(
      stream,
      first,
      parts.flatMap(({ events }) => events),
      true,
    );
  }

  clear(stream: string): void {
    this.streamsHeld.delete(stream);
    this.#told({ kind: "cleared", stream });
  }

  #put(stream: string, first: number, events: readonly ReceivedEvent[], kept: boolean): void {
    const bytes = packBlock(events);
    numberBlock(bytes, first, null);
    const { last, count, fromAt, toAt } = summarise(openBlock(bytes)).entry;
    const block = { first, last, count, fromAt, toAt, kept };
    const held = [...this.#of(stream), { block, bytes, events }];
    this.streamsHeld.set(
      stream,
      held.sort((a, b) => a.block.first - b.block.first),
    );
    this.#told({ kind: "added", stream, block });
  }

  #of(stream: string): Held[] {
    return this.streamsHeld.get(stream) ?? [];
  }
}
