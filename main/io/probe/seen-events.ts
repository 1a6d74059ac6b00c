/** The events of one diagnosis over all its connections, by hash and id: which of them to resume from, and what came of it. Pure. */
import type { ResumeFact } from "../../core/diagnosis/facts.ts";
import type { Met } from "./body-watch.ts";

/** `from`: the id to ask with; `expected`: what has to come again for it. */
export type Resumption = { readonly from: string; readonly expected: Met };

export class SeenEvents {
  /** Each once, in the order of their coming. */
  readonly #all: Met[] = [];
  /** Hashes of what came again without being asked for. */
  readonly #repeated = new Set<string>();

  /** @returns how many of them had come before, on another connection that asked for nothing either */
  meet(met: readonly Met[]): number {
    const known = new Set(this.#all.map(({ hash }) => hash));
    const again = met.filter(({ hash }) => known.has(hash));
    for (const { hash } of again) this.#repeated.add(hash);
    this.#all.push(...met.filter(({ hash }) => !known.has(hash)));
    return again.length;
  }

  /** The last but one event that has an id; an outcome where there is nothing to ask with. */
  get resumption(): Resumption | ResumeFact["outcome"] {
    const [from, expected] = this.#all.filter(({ id }) => id !== null && id !== "").slice(-2);
    // Where nothing came, nobody knows whether there are ids.
    if (from === undefined || from.id === null) return this.#all.length === 0 ? "unclear" : "no-ids";
    return expected === undefined ? "unclear" : { from: from.id, expected };
  }

  /** What was asked for must have come, and nothing before it. */
  outcomeOf({ expected }: Resumption, met: readonly Met[]): ResumeFact["outcome"] {
    const came = new Set(met.map(({ hash }) => hash));
    const ids = new Set(met.map(({ id }) => id));
    const before = this.#all.slice(0, this.#all.indexOf(expected));
    // Who writes the time of sending into the data sends the same event with another text: its id tells.
    const isSame = ids.has(expected.id) || came.has(expected.hash);
    const hasOlder = before.some(
      ({ id, hash }) => came.has(hash) || (isSame && id !== null && id !== "" && ids.has(id)),
    );
    const repeats = this.#repeated.size > 0;
    // Where more of the past comes without an id, that this comes alone is the id's doing.
    const byId = !repeats || before.some(({ hash }) => this.#repeated.has(hash));
    if (isSame && !hasOlder && byId) return "honoured";
    // Who sends the same history to everybody loses nothing, and shows nothing.
    return came.size === 0 || repeats || hasOlder ? "unclear" : "ignored";
  }
}
