/**
 * Who looks at which stream's end: answers the window's question for news when there is news, and not before.
 * One question at a time and a pause between answers: main never sends more than is looked at.
 */
import type { Filter, Tail } from "../../preload/contract.ts";
import type { Clock, Journal } from "../io/ports.ts";

/** At most one answer in this time, ms: a frame. */
const pauseMs = 16;
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
  /** Streams of which the last answer said that the search is not through: going on with it is news. */
  readonly #unfinished = new Set<string>();
  /** Monotonic moment of the last answer about a stream. */
  readonly #answeredAt = new Map<string, number>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Something of the stream's records changed. */
  changed(stream: string): void {
    this.#versions.set(stream, this.#version(stream) + 1);
    for (const wake of this.#waiting.get(stream) ?? []) wake();
  }

  async ask({ stream, ack, filter, limit }: TailQuestion): Promise<Tail> {
    if (ack === this.#version(stream) && !this.#unfinished.has(stream)) await this.#news(stream);
    // The first question is answered at once; those after it let what comes with the first news come along.
    if (ack !== 0) await this.#pause(stream);
    this.#answeredAt.set(stream, this.#clock.mono());
    // Read before asking the journal: what comes in between is news for the next question.
    const version = this.#version(stream);
    this.#unfinished.delete(stream);
    const tail = await this.#journal.tail(stream, filter, limit);
    if (!tail.exact) this.#unfinished.add(stream);
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
      const cancel = this.#clock.after(patienceMs, wake);
      waiting.add(wake);
    });
  }

  async #pause(stream: string): Promise<void> {
    const restMs = (this.#answeredAt.get(stream) ?? 0) + pauseMs - this.#clock.mono();
    if (restMs > 0) await new Promise<void>((resolve) => void this.#clock.after(restMs, resolve));
  }
}
