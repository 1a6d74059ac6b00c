/**
 * What the list shows of one stream through one filter: how many rows there are, which of them are here, and whether the view
 * follows the newest. Reading, scrolling up and "Pause view" hold the view still while the stream and its counters go on.
 */
import type { Filter, Row, Tail } from "../../preload/contract.ts";
import { ask, bridge } from "../bridge.ts";
import { RowCache } from "./row-cache.ts";
import { followTail, type TailQuestion, type TailWorld, windowWorld } from "./tail-loop.ts";

/** What the view draws from; a new object at each change. */
export type LogView = {
  /** An answer has come; before it there is nothing to say. */
  readonly loaded: boolean;
  readonly total: number;
  readonly matching: number;
  readonly types: Tail["types"];
  /** Rows the list has: all that match, or as many as there were when the view was held. */
  readonly count: number;
  /** Rows that came since the view was held. */
  readonly fresh: number;
  readonly held: boolean;
  readonly paused: boolean;
  /** The row that just came alone, and may be tinted for a moment. */
  readonly arrived: number | null;
  /** Grows whenever rows became known: what was drawn as empty may be there now. */
  readonly revision: number;
};

const tailRows = 80;
/** Above five rows a second a tint would flicker. */
const calmMs = 200;

type Asks = {
  tail(question: TailQuestion): Promise<Tail>;
  window(question: {
    stream: string;
    filter: Filter;
    from: number;
    limit: number;
  }): Promise<{ from: number; rows: Row[] }>;
};

const mainAsks: Asks = {
  tail: (question) => ask(bridge().events.tail(question)),
  window: (question) => ask(bridge().events.window(question)),
};

/** One list's worth of rows. */
export class EventLog {
  #view: LogView = {
    loaded: false,
    total: 0,
    matching: 0,
    types: [],
    count: 0,
    fresh: 0,
    held: false,
    paused: false,
    arrived: null,
    revision: 0,
  };
  #lastNewsAt = 0;
  readonly #listeners = new Set<() => void>();
  readonly #cache: RowCache;
  readonly #world: TailWorld;
  readonly #question: Omit<TailQuestion, "ack">;

  constructor(stream: string, filter: Filter, asks: Asks = mainAsks, world: TailWorld = windowWorld(asks.tail)) {
    this.#question = { stream, filter, limit: tailRows };
    this.#world = world;
    this.#cache = new RowCache(
      (from, limit) => asks.window({ stream, filter, from, limit }),
      () => this.#set({ revision: this.#view.revision + 1 }),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly read = (): LogView => this.#view;

  /** Begins to follow; returns the end of it. */
  start(): () => void {
    return followTail(
      this.#world,
      () => this.#question,
      (tail) => this.#take(tail),
    );
  }

  row(index: number): Row | undefined {
    return this.#cache.at(index);
  }

  want(first: number, end: number): void {
    this.#cache.want(first, end);
  }

  /** Holds the view at what it shows, or lets it follow the newest again. */
  hold(held: boolean): void {
    const { matching, count, paused } = this.#view;
    if (held) this.#set({ held: true });
    else if (!paused) this.#set({ held: false, count: matching, fresh: 0 });
    else this.#set({ held: true, count });
  }

  /** "Pause view": as held, but scrolling to the end does not let go. */
  pause(paused: boolean): void {
    if (paused) this.#set({ paused, held: true });
    else this.#set({ paused, held: false, count: this.#view.matching, fresh: 0 });
  }

  #take(tail: Tail): void {
    const { held, count, matching, loaded } = this.#view;
    if (tail.matching < matching) this.#cache.forget();
    const agrees = this.#cache.put(Math.max(0, tail.matching - tail.rows.length), tail.rows);
    // Fewer rows than before, or rows that moved: what was held is gone, and holding on would show a lie.
    const keep = held && agrees && tail.matching >= count;
    const now = Date.now();
    const alone = loaded && !held && tail.matching === matching + 1 && now - this.#lastNewsAt > calmMs;
    this.#lastNewsAt = now;
    const shown = keep ? count : tail.matching;
    this.#set({
      loaded: true,
      total: tail.total,
      matching: tail.matching,
      types: tail.types,
      count: shown,
      fresh: tail.matching - shown,
      arrived: alone ? (tail.rows.at(-1)?.seq ?? null) : null,
      revision: this.#view.revision + 1,
    });
  }

  #set(change: Partial<LogView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
