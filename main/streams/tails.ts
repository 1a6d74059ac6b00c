/**
 * Who looks at which stream's end: answers the window's question for news when there is news, and not before.
 * One question at a time and a pause between answers: main never sends more than is looked at.
 */
import type { Filter, Tail } from "../../preload/contract.ts";
import type { Clock, Journal } from "../io/ports.ts";

/** At most one answer in this time, ms: a quarter of a frame, so that what is drawn next is hardly older than the drawing. */
const pauseMs = 4;
/** What was a little off in the last answer is settled after this long without news, ms. */
const settleMs = 1200;
/** A question without news is answered after this long, ms, so that a window that has gone is not waited for. */
const patienceMs = 20_000;

export type TailQuestion = {
  readonly stream: string;
  readonly ack: number;
  readonly filter: Filter;
  readonly limit: number;
};

export class Tails {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #versions = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** By stream, the filters whose last answer said that the search is not through: going on with it is news. */
  readonly #unfinished = new Map<string, Set<string>>();
  /** Streams whose last answer was a little off. */
  readonly #unsettled = new Set<string>();
  /** Monotonic moment of the last answer about a stream. */
  readonly #answeredAt = new Map<string, number>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Something of the stream's records changed. */
  changed(stream: string): void {
    this.#versions.set(stream, this.#version(stream) + 1);
    // Whoever goes on asks with an older version now; the filters that were given up are forgotten here.
    this.#unfinished.delete(stream);
    for (const wake of this.#waiting.get(stream) ?? []) wake();
  }

  async ask({ stream, ack, filter, limit }: TailQuestion): Promise<Tail> {
    // Of each filter by itself: the last question of the filter before may be answered while this one's search goes on.
    const search = JSON.stringify(filter);
    if (ack === this.#version(stream) && this.#unfinished.get(stream)?.has(search) !== true) await this.#news(stream);
    // The first question is answered at once; those after it let what comes with the first news come along.
    if (ack !== 0) await this.#pause(stream);
    this.#answeredAt.set(stream, this.#clock.mono());
    // Read before asking the journal: what comes in between is news for the next question.
    const version = this.#version(stream);
    this.#unfinished.get(stream)?.delete(search);
    const { settled = true, ...tail } = await this.#journal.tail(stream, filter, limit);
    if (settled) this.#unsettled.delete(stream);
    else this.#unsettled.add(stream);
    if (!tail.exact) this.#unfinished.set(stream, (this.#unfinished.get(stream) ?? new Set()).add(search));
    return { version, ...tail };
  }

  /** 0 is what a window says that has seen nothing; versions start after it. */
  #version(stream: string): number {
    return this.#versions.get(stream) ?? 1;
  }

  async #news(stream: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(stream) ?? new Set();
      this.#waiting.set(stream, waiting);
      const wake = () => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const settle = (): void => {
        if (this.#unsettled.has(stream)) this.changed(stream);
        wake();
      };
      const cancel = this.#clock.after(this.#unsettled.has(stream) ? settleMs : patienceMs, settle);
      waiting.add(wake);
    });
  }

  async #pause(stream: string): Promise<void> {
    const restMs = (this.#answeredAt.get(stream) ?? 0) + pauseMs - this.#clock.mono();
    if (restMs > 0) await new Promise<void>((resolve) => void this.#clock.after(restMs, resolve));
  }
}
