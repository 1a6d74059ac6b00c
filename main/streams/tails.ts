/**
 * Who looks at which stream's end: answers the window's question for news when there is news, and not before.
 * One question at a time and a pause between answers: main never sends more than is looked at, and of a torrent what can be read.
 */
import type { Filter, Tail } from "../../preload/contract.ts";
import type { Clock, Journal } from "../io/ports.ts";

/** At most one answer in this time, ms: a quarter of a frame, so that what is drawn next is hardly older than the drawing. */
const pauseMs = 4;
/** Above so many rows a ms nobody can read any, however often they are drawn; and each drawing takes from the processor that reads them. */
const torrentPerMs = 60;
/** A torrent is answered about this often, ms, and as soon as nothing of it came for so long. */
const torrentMs = 250;
const torrentOverMs = 8;
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
  /** Monotonic moment of the last answer about a stream, and the records that came since. */
  readonly #answeredAt = new Map<string, number>();
  readonly #came = new Map<string, number>();
  readonly #collect: (stream: string) => void;

  /** @param collect gives the journal what a stream has received and keeps back for a moment, so that an answer has it */
  constructor(journal: Journal, clock: Clock, collect: (stream: string) => void = () => {}) {
    this.#journal = journal;
    this.#clock = clock;
    this.#collect = collect;
  }

  /** Something of the stream's records changed. @param came records that are new */
  changed(stream: string, came = 0): void {
    this.#versions.set(stream, this.#version(stream) + 1);
    this.#came.set(stream, this.#cameOf(stream) + came);
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
    this.#collect(stream);
    this.#answeredAt.set(stream, this.#clock.mono());
    this.#came.delete(stream);
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
    const last = this.#answeredAt.get(stream) ?? 0;
    await this.#rest(last + pauseMs - this.#clock.mono());
    const passedMs = this.#clock.mono() - last;
    if (this.#cameOf(stream) < torrentPerMs * passedMs) return;
    for (let before = -1; before !== this.#cameOf(stream); ) {
      const leftMs = last + torrentMs - this.#clock.mono();
      before = this.#cameOf(stream);
      if (leftMs <= 0) return;
      await this.#rest(Math.min(leftMs, torrentOverMs));
    }
  }

  #cameOf(stream: string): number {
    return this.#came.get(stream) ?? 0;
  }

  async #rest(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}
