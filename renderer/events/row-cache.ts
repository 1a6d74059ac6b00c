/**
 * Rows by their place, as far as they were fetched. Rows never change, but places do when the journal drops old ones or a filter's
 * count starts anew: a row that is not where it was empties the cache. Bounded; pure but for the fetch it is given.
 */
import type { Row } from "../../preload/contract.ts";

const most = 4000;
const margin = 60;
const pageSize = 200;

export type FetchRows = (from: number, limit: number) => Promise<{ from: number; rows: readonly Row[] }>;

/** Holds what the list has seen, and fetches what it wants to see. */
export class RowCache {
  readonly #rows = new Map<number, Row>();
  /** Where a row is, by its number. */
  readonly #places = new Map<number, number>();
  readonly #fetch: FetchRows;
  readonly #changed: () => void;
  #busy = false;
  #wanted: { first: number; end: number } | null = null;
  #era = 0;

  constructor(fetch: FetchRows, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  at(index: number): Row | undefined {
    return this.#rows.get(index);
  }

  /**
   * Takes rows whose place is known. Returns false when they show that places moved; the cache then holds only the new ones.
   * Rows that touch nothing known prove nothing, so what was here is asked for again, too.
   */
  put(from: number, rows: readonly Row[]): boolean {
    let touches = rows.length === 0 || this.#rows.size === 0;
    let agrees = true;
    rows.forEach((row, at) => {
      const place = this.#places.get(row.seq);
      const there = this.#rows.get(from + at);
      if (place === from + at) touches = true;
      else if (place !== undefined || there !== undefined) agrees = false;
    });
    if (!agrees || !touches) this.forget();
    this.#keep(from, rows);
    return agrees;
  }

  /** All places may have moved. */
  forget(): void {
    this.#rows.clear();
    this.#places.clear();
    this.#era++;
  }

  /** Makes sure that these rows come; only the newest wish counts. */
  want(first: number, end: number): void {
    this.#wanted = { first, end };
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== null) {
      const { first, end } = this.#wanted;
      this.#wanted = null;
      const gap = this.#firstMissing(first, end);
      if (gap === null) continue;
      const era = this.#era;
      const from = Math.max(0, gap - margin);
      try {
        const answer = await this.#fetch(from, Math.min(pageSize, end - from + margin));
        if (era !== this.#era) continue;
        this.#keep(answer.from, answer.rows);
        if (answer.rows.length > 0) this.#wanted ??= { first, end };
        this.#changed();
      } catch {
        break;
      }
    }
    this.#busy = false;
  }

  #firstMissing(first: number, end: number): number | null {
    for (let index = first; index < end; index++) if (!this.#rows.has(index)) return index;
    return null;
  }

  #keep(from: number, rows: readonly Row[]): void {
    rows.forEach((row, at) => {
      this.#rows.set(from + at, row);
      this.#places.set(row.seq, from + at);
    });
    this.#trim(from);
  }

  #trim(near: number): void {
    if (this.#rows.size <= most) return;
    const far = [...this.#rows.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const index of far.slice(0, this.#rows.size - most / 2)) {
      const row = this.#rows.get(index);
      if (row !== undefined) this.#places.delete(row.seq);
      this.#rows.delete(index);
    }
  }
}
