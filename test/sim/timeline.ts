/** Virtual time: what is to happen, by its moment and, within a moment, in the order in which it was asked for. */

/** Something that will happen unless it is cancelled. */
export type Entry = { readonly at: number; readonly order: number; run: (() => void) | null };

/** So many things in a row without time passing are a loop, not a coincidence, in a world of a few streams. */
const defaultLongestMoment = 20_000;

export class Timeline {
  now = 0;
  readonly #heap: Entry[] = [];
  #order = 0;
  #still = 0;
  readonly #longestMoment: number;

  constructor(longestMoment = defaultLongestMoment) {
    this.#longestMoment = longestMoment;
  }

  /** Calls back once, `delayMs` from now; a delay below zero is none. Clocks tell whole ms. */
  after(delayMs: number, run: () => void): Entry {
    const entry: Entry = { at: this.now + Math.max(0, Math.round(delayMs)), order: this.#order++, run };
    this.#rise(entry);
    return entry;
  }

  /** Lets time pass up to and including `end`. @throws Error when it stands still and things go on happening */
  runUntil(end: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#sink();
      if (next.run === null) continue;
      this.#still = next.at > this.now ? 0 : this.#still + 1;
      if (this.#still > this.#longestMoment) throw new Error("spins without time passing");
      this.now = next.at;
      next.run();
    }
    this.now = Math.max(this.now, end);
  }

  #rise(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!earlier(entry, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Takes the first one off. */
  #sink(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      const [left, right] = [heap[child] as Entry, heap[child + 1]];
      const smaller = right !== undefined && earlier(right, left) ? right : left;
      if (!earlier(smaller, last)) break;
      heap[i] = smaller;
      i = smaller === left ? child : child + 1;
    }
    heap[i] = last;
  }
}

export function cancel(entry: Entry | null): null {
  if (entry !== null) entry.run = null;
  return null;
}

function earlier(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
