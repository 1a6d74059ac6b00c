/**
 * Rows by their place, as far as they were fetched. Rows never change, but their places do: the journal drops old ones, and a search
 * that is still under way finds older ones. Both move all known rows alike, so what is known moves along and nothing blinks. Only
 * where rows contradict each other, all is asked for anew. Bounded; pure but for what it is given.
 */
import type { Row } from "../../preload/contract.ts";

const most = 4000;
const margin = 60;
const pageSize = 200;

export type Page = { from: number; rows: readonly Row[]; exact: boolean };

/** What the cache needs of the world. */
export type CacheWorld = {
  fetch(from: number, limit: number): Promise<Page>;
  /** Rows became known. */
  changed(): void;
  /** Every known row stands so many places further on. */
  moved(by: number): void;
  /** Resolves after a while: how long to wait after a fetch that failed. */
  pause(): Promise<void>;
};

/**
 * What rows at a place say of those that are known: these have moved by so many places; none of them is known ("apart"); or some
 * contradict others ("torn").
 */
export type Joint = number | "apart" | "torn";

/** Holds what the list has seen, and fetches what it wants to see. */
export class RowCache {
  /** By place less `#base`: so that all may move at once. */
  readonly #rows = new Map<number, Row>();
  /** Where a row is, by its number. */
  readonly #places = new Map<number, number>();
  readonly #world: CacheWorld;
  #base = 0;
  #busy = false;
  #ended = false;
  #wanted: { first: number; end: number } | null = null;
  /** What was looked at last. */
  #looked = { first: 0, end: 0 };
  #era = 0;

  constructor(world: CacheWorld) {
    this.#world = world;
  }

  at(index: number): Row | undefined {
    return this.#rows.get(index - this.#base);
  }

  /** Place of a row, while it is known. */
  placeOf(seq: number): number | null {
    const place = this.#places.get(seq);
    return place === undefined ? null : place + this.#base;
  }

  /** A known row that one looks at, or one near it. */
  anchor(): Row | null {
    for (let at = this.#looked.first; at < this.#looked.end; at++) {
      const row = this.#rows.get(at);
      if (row !== undefined) return row;
    }
    return this.#rows.values().next().value ?? null;
  }

  /** How these rows fit to what is known. Where nothing is known, everything fits. */
  joint(from: number, rows: readonly Row[]): Joint {
    if (rows.length === 0 || this.#rows.size === 0) return 0;
    const first = rows.findIndex(({ seq }) => this.#places.has(seq));
    if (first === -1) return rows.some((_, at) => this.at(from + at) !== undefined) ? "torn" : "apart";
    const by = from + first - (this.placeOf(rows[first]?.seq ?? 0) ?? 0);
    const fits = rows.every((row, at) => {
      const place = this.placeOf(row.seq);
      return place === null ? this.at(from + at - by) === undefined : place === from + at - by;
    });
    return fits ? by : "torn";
  }

  /** Takes rows that fit. */
  put(from: number, rows: readonly Row[]): void {
    rows.forEach((row, at) => {
      const place = from + at - this.#base;
      this.#rows.set(place, row);
      this.#places.set(row.seq, place);
    });
    this.#trim(from - this.#base);
  }

  /** All known rows stand `by` places further on. */
  move(by: number): void {
    this.#base += by;
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#rows.clear();
    this.#places.clear();
    this.#era++;
  }

  /** Makes sure that these rows come; only the newest wish counts. */
  want(first: number, end: number): void {
    this.#wanted = { first: first - this.#base, end: end - this.#base };
    this.#looked = this.#wanted;
    if (!this.#busy) void this.#work();
  }

  /** Asks no more. */
  end(): void {
    this.#ended = true;
    this.#wanted = null;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== null && !this.#ended) {
      const wish = this.#wanted;
      this.#wanted = null;
      const gap = this.#firstMissing(wish);
      if (gap === null) continue;
      const from = Math.max(0, gap + this.#base - margin);
      const era = this.#era;
      try {
        const page = await this.#world.fetch(from, Math.min(pageSize, wish.end + this.#base - from + margin));
        if (this.#ended) break;
        // What was known when it was asked for is known no more: its places may be of another time.
        const stale = era !== this.#era;
        if (!stale) this.#take(page);
        // Rows that did not come will not come by asking again.
        if (stale || this.#rows.has(gap)) this.#wanted ??= wish;
      } catch {
        this.#wanted ??= wish;
        await this.#world.pause();
      }
    }
    this.#busy = false;
  }

  #take({ from, rows, exact }: Page): void {
    const joint = this.joint(from, rows);
    // While places still move, rows that touch nothing known cannot be told to be of the same moment.
    if (joint === "torn" || (joint === "apart" && !exact)) this.forget();
    else if (typeof joint === "number" && joint !== 0) {
      this.move(joint);
      this.#world.moved(joint);
    }
    this.put(from, rows);
    this.#world.changed();
  }

  #firstMissing({ first, end }: { first: number; end: number }): number | null {
    for (let place = first; place < end; place++) if (!this.#rows.has(place)) return place;
    return null;
  }

  #trim(near: number): void {
    if (this.#rows.size <= most) return;
    const far = [...this.#rows.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const place of far.slice(0, this.#rows.size - most / 2)) {
      const row = this.#rows.get(place);
      if (row !== undefined) this.#places.delete(row.seq);
      this.#rows.delete(place);
    }
  }
}
