/**
 * What the list shows of one stream through one filter: how many rows there are, which of them are here, and whether the view
 * follows the newest. Reading, scrolling up and "Pause view" hold the view still while the stream and its counters go on: the rows
 * that one looks at stay where they are on the screen, even when older ones are found or dropped and their places move.
 */
import type { Code, Filter, Row, Tail } from "../../preload/contract.ts";
import { ask, bridge, Refusal } from "../bridge.ts";
import { type Page, RowCache } from "./row-cache.ts";
import { followTail, type TailQuestion, type TailWorld, windowWorld } from "./tail-loop.ts";

/** What the view draws from; a new object at each change. */
export type LogView = {
  /** An answer has come; before it there is nothing to say. */
  readonly loaded: boolean;
  readonly total: number;
  readonly matching: number;
  /** False: `matching` is what was found so far. */
  readonly exact: boolean;
  /** Rows of the stream that the search has not taken in yet. */
  readonly behind: number;
  readonly types: Tail["types"];
  /** Rows the list has: all that match, or as many as there were when the view was held. */
  readonly count: number;
  /** Rows that came since the view was held. */
  readonly fresh: number;
  readonly held: boolean;
  readonly paused: boolean;
  /** By how many places all rows have moved since the beginning: a place less `moved` stays true. */
  readonly moved: number;
  /** The row that just came alone, and may be tinted for a moment. */
  readonly arrived: number | null;
  /** Why main will not look by this filter. */
  readonly problem: Code | null;
  /** Grows whenever rows became known: what was drawn as empty may be there now. */
  readonly revision: number;
};

/** Rows that are asked for of the newest: those in sight, and some more for a window that grows. */
const fewestRows = 40;
const spareRows = 8;
/** Above five rows a second a tint would flicker. */
const calmMs = 200;
/** Rows of one moment that are looked through for one that moved: pages of as many as main gives at once. */
const pages = 8;
const pageRows = 500;

type Place = { place: number; matching: number; exact: boolean };
type WindowQuestion = { stream: string; filter: Filter; from: number; limit: number };

export type Asks = {
  tail(question: TailQuestion): Promise<Tail>;
  window(question: WindowQuestion): Promise<Page>;
  placeOf(question: { stream: string; filter: Filter; at: number }): Promise<Place>;
};

const mainAsks: Asks = {
  tail: (question) => ask(bridge().events.tail(question)),
  window: (question) => ask(bridge().events.window(question)),
  placeOf: (question) => ask(bridge().events.placeOf(question)),
};

const nothing: LogView = {
  loaded: false,
  total: 0,
  matching: 0,
  exact: true,
  behind: 0,
  types: [],
  count: 0,
  fresh: 0,
  held: false,
  paused: false,
  moved: 0,
  arrived: null,
  problem: null,
  revision: 0,
};

/** What is wrong with a path stays wrong until it is another path; everything else may pass. */
export function isOfPath({ code }: Code): boolean {
  return code.startsWith("filter-path-") || code === "search-too-slow";
}

/** One list's worth of rows. */
export class EventLog {
  #view = nothing;
  #lastNewsAt = 0;
  #inSight = 0;
  readonly #listeners = new Set<() => void>();
  readonly #cache: RowCache;
  readonly #world: TailWorld;
  readonly #asks: Asks;
  readonly #of: { stream: string; filter: Filter };

  constructor(stream: string, filter: Filter, asks: Asks = mainAsks, world: TailWorld = windowWorld(asks.tail)) {
    this.#of = { stream, filter };
    this.#asks = asks;
    this.#world = world;
    this.#cache = new RowCache({
      fetch: (from, limit) => this.#fetch(from, limit),
      changed: () => this.#set({ revision: this.#view.revision + 1 }),
      moved: (by) => this.#set({ moved: this.#view.moved + by, count: Math.max(0, this.#view.count + by) }),
      pause: world.pause,
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly read = (): LogView => this.#view;

  /** Begins to follow; returns the end of it. */
  start(): () => void {
    const stop = followTail(
      this.#world,
      () => ({ ...this.#of, limit: Math.min(pageRows, Math.max(fewestRows, this.#inSight + spareRows)) }),
      (tail) => this.#take(tail),
      (error) => this.#refused(error),
    );
    return () => {
      stop();
      this.#cache.end();
    };
  }

  row(index: number): Row | undefined {
    return this.#cache.at(index);
  }

  /** Makes sure that these rows come; those around them too while somebody reads, but not while the list runs on by itself. */
  want(first: number, end: number): void {
    this.#inSight = end - first;
    this.#cache.want(first, end, this.#view.held ? this.#view.count : null);
  }

  /** Holds the view at what it shows, or lets it follow the newest again. */
  hold(held: boolean): void {
    const { matching, count, paused, held: was, fresh } = this.#view;
    if (held && was) return;
    if (held) this.#set({ held: true });
    else if (paused) this.#set({ held: true, count });
    else if (was || fresh > 0) this.#set({ held: false, count: matching, fresh: 0 });
  }

  /** "Pause view": as held, but scrolling to the end does not let go. */
  pause(paused: boolean): void {
    if (paused) this.#set({ paused, held: true });
    else this.#set({ paused, held: false, count: this.#view.matching, fresh: 0 });
  }

  /** Holds the view at the first row received at `at` (UTC ms) or later, and says its place; null: there is none. */
  async jump(at: number): Promise<number | null> {
    const { place, matching, exact } = await this.#asks.placeOf({ ...this.#of, at });
    if (place >= matching) return null;
    // Places of a search under way are true at their moment only; what was known is of an earlier one.
    if (!exact) this.#cache.forget();
    this.#set({ held: true, matching, count: matching, exact, fresh: 0, revision: this.#view.revision + 1 });
    return place;
  }

  async #take(tail: Tail): Promise<void> {
    const from = Math.max(0, tail.matching - tail.rows.length);
    const by = this.#view.held ? await this.#shift(tail, from) : this.#follow(tail, from);
    const { held, count, matching, loaded, moved, problem } = this.#view;
    const now = Date.now();
    const alone = loaded && !held && tail.matching === matching + 1 && now - this.#lastNewsAt > calmMs;
    this.#lastNewsAt = now;
    // What was held is gone when all of it was dropped, or nobody knows where it went: holding on would show a lie.
    const kept = held && by !== null && (count === 0 || count + by > 0);
    const shown = kept ? Math.min(tail.matching, count + by) : tail.matching;
    this.#set({
      loaded: true,
      total: tail.total,
      matching: tail.matching,
      exact: tail.exact,
      behind: tail.behind,
      types: tail.types,
      count: shown,
      fresh: tail.matching - shown,
      moved: moved + (by ?? 0),
      arrived: alone ? (tail.rows.at(-1)?.seq ?? null) : null,
      problem: problem !== null && isOfPath(problem) ? problem : null,
      revision: this.#view.revision + 1,
    });
  }

  /** Takes the newest rows, which are what is looked at; returns by how much the others have moved. */
  #follow({ rows }: Tail, from: number): number {
    const joint = this.#cache.joint(from, rows);
    if (typeof joint === "number") this.#cache.move(joint);
    else this.#cache.forget();
    this.#cache.put(from, rows);
    return typeof joint === "number" ? joint : 0;
  }

  /** By how much what is held has moved; null when it is no more. */
  async #shift({ rows, exact }: Tail, from: number): Promise<number | null> {
    const joint = this.#cache.joint(from, rows);
    const by = typeof joint === "number" ? joint : await this.#find();
    if (by === null || joint === "torn") this.#cache.forget();
    else this.#cache.move(by);
    if (by === null || typeof joint === "number" || exact) this.#cache.put(from, rows);
    return by;
  }

  /** Looks for a row that is looked at: how far it is from where it was. */
  async #find(): Promise<number | null> {
    const anchor = this.#cache.anchor();
    if (anchor === null) return 0;
    const { seq, at } = anchor;
    const moved = (to: number): number => to - (this.#cache.placeOf(seq) ?? to);
    const was = this.#cache.placeOf(seq) ?? 0;
    const there = await this.#asks.window({ ...this.#of, from: was, limit: 1 });
    if (there.rows[0]?.seq === seq) return moved(was);
    let { place } = await this.#asks.placeOf({ ...this.#of, at });
    for (let page = 0; page < pages; page++) {
      const { rows } = await this.#asks.window({ ...this.#of, from: place, limit: pageRows });
      const here = rows.findIndex((row) => row.seq === seq);
      if (here !== -1) return moved(place + here);
      if ((rows.at(-1)?.at ?? Number.POSITIVE_INFINITY) > at) return null;
      place += rows.length;
    }
    return null;
  }

  async #fetch(from: number, limit: number): Promise<Page> {
    try {
      return await this.#asks.window({ ...this.#of, from, limit });
    } catch (error) {
      if (this.#refused(error)) this.#cache.end();
      throw error;
    }
  }

  /** Says why main does not look by this filter; true when it never will. */
  #refused(error: unknown): boolean {
    if (!(error instanceof Refusal)) return false;
    const { refused: problem } = error;
    if (isOfPath(problem) || problem.code === "search-unavailable") this.#set({ problem });
    return isOfPath(problem);
  }

  #set(change: Partial<LogView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
