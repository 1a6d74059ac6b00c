/** What a stream's servers have sent: the log that the history checker trusts, shared by all addresses of the stream. */
import type { Chance } from "./chance.ts";

/** One event as the server made it; `n` counts from 1 and is in its data, so that it is known again wherever it turns up. */
export type Sent = {
  readonly n: number;
  readonly id: string | null;
  readonly type: string;
  readonly data: string;
  readonly at: number;
};

/** `all`: consecutive numbers; `some`: one event in three has none, the others count on; `none`. */
export type IdStyle = "all" | "some" | "none";

export class Topic {
  readonly name: string;
  readonly style: IdStyle;
  readonly log: Sent[] = [];
  readonly listeners = new Set<(sent: Sent) => void>();
  /** Ranges of events that were asked for and not given, because the server would not or could not. */
  readonly unserved: { readonly from: number; readonly to: number }[] = [];
  /** How many events there were whenever the server began to count anew. */
  readonly restarts: number[] = [];
  /** Where an id was given last; an id can be given twice when the server begins to count anew. */
  readonly #byId = new Map<string, number>();
  #heldFrom = 0;
  #lastId = 0;

  constructor(name: string, style: IdStyle) {
    this.name = name;
    this.style = style;
  }

  publish(now: number, chance: Chance): void {
    const n = this.log.length + 1;
    const hasId = this.style === "all" || (this.style === "some" && n % 3 !== 0);
    const id = hasId ? String(++this.#lastId) : null;
    const sent: Sent = { n, id, type: n % 4 === 0 ? "order" : "message", data: dataOf(this.name, n, chance), at: now };
    this.log.push(sent);
    if (id !== null) this.#byId.set(id, n);
    for (const listen of [...this.listeners]) listen(sent);
  }

  /** Counts from 1 again, as a server does that keeps its numbers in memory: what it had sent is gone with them. */
  restart(): void {
    this.#heldFrom = this.log.length;
    this.restarts.push(this.log.length);
    this.#lastId = 0;
    this.#byId.clear();
  }

  /** What was made after the event with this id, or null when the server does not know it. */
  after(id: string): Sent[] | null {
    const n = this.#byId.get(id);
    return n === undefined ? null : this.log.slice(n);
  }

  /** Somebody asked from an id and was given what follows `first`: what stands between is lost, and the server knows it. */
  noteReplay(id: string, first: number): void {
    const n = this.#byId.get(id);
    if (n !== undefined && first > n + 1) this.unserved.push({ from: n + 1, to: first - 1 });
    if (n === undefined && id !== "") this.unserved.push({ from: 1, to: first - 1 });
  }

  /** All that the server still has, at most so many. */
  held(most: number): Sent[] {
    return this.log.slice(Math.max(this.#heldFrom, this.log.length - most));
  }

  /** What is whole and ours: the event with this data, or null. */
  find(data: string): Sent | null {
    const sent = this.log[Number(/^\S+ (\d+)/.exec(data)?.[1] ?? 0) - 1];
    return sent !== undefined && sent.data === data ? sent : null;
  }
}

/** Recognisable, of different lengths, and now and then of more than one byte a letter or of more than one line. */
function dataOf(topic: string, n: number, chance: Chance): string {
  const tail = chance.oneIn(8)
    ? "\nzweite Zeile: höher 🙂"
    : chance.oneIn(5)
      ? ` ${"x".repeat(chance.between(1, 200))}`
      : "";
  return `${topic} ${n}${tail}`;
}
