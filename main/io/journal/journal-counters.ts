/** How many records and events of each type a stream has, kept beside its blocks so that showing them costs nothing. */
import type { Tail } from "../../../preload/contract.ts";

/** A server can invent names without end; what comes after this many is counted together. */
export const maxTypes = 500;
/** The name of the rest in `types`: no event can have an empty type. */
export const otherTypes = "";

export class Counters {
  total: number;
  readonly #types = new Map<string, number>();
  #other = 0;

  constructor(total: number, types: ReadonlyMap<string, number>) {
    this.total = total;
    for (const [type, count] of [...types].sort((a, b) => b[1] - a[1])) this.count(type, count);
  }

  /** So many more events of a type, or less. `total` is the caller's. */
  count(type: string, change: number): void {
    const known = this.#types.get(type);
    const sum = (known ?? 0) + change;
    if (known === undefined && (change < 0 || this.#types.size >= maxTypes)) this.#other += change;
    else if (sum > 0) this.#types.set(type, sum);
    else {
      this.#types.delete(type);
      // Some of those that went had come when its name had no place here, and were counted with the others.
      this.#other += sum;
    }
  }

  /** How many names are counted, and events beyond them. */
  get sums(): { readonly named: number; readonly limit: number; readonly beyond: number } {
    return { named: this.#types.size, limit: maxTypes, beyond: this.#other };
  }

  /** Most frequent first, and of equal ones always in the same order. */
  types(): Tail["types"] {
    const types = [...this.#types].map(([type, count]) => ({ type, count }));
    types.sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
    return this.#other > 0 ? [...types, { type: otherTypes, count: this.#other }] : types;
  }
}
