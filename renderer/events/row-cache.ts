/**
 * Rows by their place, as far as they were fetched. Rows never change, but their places do: the journal drops old ones, and a search
 * that is still under way finds older ones. Both move all known rows alike, so what is known moves along and nothing blinks. Only
 * where rows contradict each other, all is asked for anew. Bounded; pure but for what it is given.
 */
import type { Row } from "../../preload/contract.ts";

const most = 4000;
const margin = 60;
const pageSize = 200;
/** Rows beyond what is looked at that are fetched before one scrolls there: six frames of a fast wheel. */
const ahead = 100;

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

/** Places less `#base`; `count` is where the list ends, or null when nobody scrolls. */
type Wish = { readonly first: number; readonly end: number; readonly count: number | null };

/** Places less `#base`. */
type Missing = { readonly gap: number; readonly from: number; readonly end: number };

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
  #wanted: Wish | null = null;
  /** What was looked at last. */
  #looked: Wish = { first: 0, end: 0, count: null };
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

  /**
   * Makes sure that these rows come; only the newest wish counts.
   * @param count rows of the list, when those around are likely to be looked at next; null: they are not
   */
  want(first: number, end: number, count: number | null = null): void {
    const base = this.#base;
    this.#wanted = { first: first - base, end: end - base, count: count === null ? null : count - base };
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
      const missing = this.#missing(wish) ?? this.#missingNear(wish);
      if (missing === null) continue;
      const { gap } = missing;
      const from = Math.max(0, missing.from + this.#base);
      const era = this.#era;
      try {
        const page = await this.#world.fetch(from, Math.min(pageSize, missing.end + this.#base - from));
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

  /** The first row in sight that is missing, and what to ask for. */
  #missing({ first, end }: Wish): Missing | null {
    for (let gap = first; gap < end; gap++)
      if (!this.#rows.has(gap)) return { gap, from: gap - margin, end: end + margin };
    return null;
  }

  /** The missing row that is nearest to what is in sight, with one that is known: so both are seen to be of the same moment. */
  #missingNear({ first, end, count }: Wish): Missing | null {
    if (count === null) return null;
    for (let away = 0; away < ahead; away++) {
      const [below, above] = [end + away, first - 1 - away];
      if (below < count && !this.#rows.has(below)) return { gap: below, from: below - 1, end: below - 1 + pageSize };
      if (above + this.#base >= 0 && !this.#rows.has(above))
        return { gap: above, from: above + 2 - pageSize, end: above + 2 };
    }
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
