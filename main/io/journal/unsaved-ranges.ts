/** Which records the journal's worker has in memory alone, as its port remembers it: when the worker ends, they are lost, and the next one says so. */
import type { LostRange } from "./journal-protocol.ts";

export class UnsavedRanges {
  readonly #ranges = new Map<string, { from: number; to: number }>();

  /** An append was answered as unsaved. */
  add(stream: string, first: number, count: number): void {
    if (count === 0) return;
    const { from } = this.#ranges.get(stream) ?? { from: first };
    this.#ranges.set(stream, { from, to: first + count - 1 });
  }

  /** The user wanted them gone, or the stream keeps nothing from here on. */
  drop(stream: string): void {
    this.#ranges.delete(stream);
  }

  /** Everything was written. */
  clear(): void {
    this.#ranges.clear();
  }

  list(): LostRange[] {
    return [...this.#ranges].map(([stream, { from, to }]) => ({ stream, from, to }));
  }
}
