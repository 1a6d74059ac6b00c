/** How many rows and events of each type a stream has, kept beside the table so that showing them costs nothing. */
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
    for (const [type, count] of [...types].sort((a, b) => b[1] - a[1])) this.#add(type, count);
  }

  /** @param type null for a mark */
  count(type: string | null, change: 1 | -1): void {
    this.total += change;
    if (type !== null) this.#add(type, change);
  }

  /** Most frequent first. */
  types(): Tail["types"] {
    const types = [...this.#types].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count);
    return this.#other > 0 ? [...types, { type: otherTypes, count: this.#other }] : types;
  }

  #add(type: string, change: number): void {
    const known = this.#types.get(type);
    if (known === undefined && (change < 0 || this.#types.size >= maxTypes)) this.#other += change;
    else if ((known ?? 0) + change <= 0) this.#types.delete(type);
    else this.#types.set(type, (known ?? 0) + change);
  }
}
