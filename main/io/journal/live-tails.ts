/**
 * The ends of the lists that somebody looks at: what the worker last said of each, and what was given to it since. So an event can be
 * shown as soon as it has its number, and does not wait for the disk; what the disk refused is dropped here and asked for anew.
 */
import type { Tail } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { Counters } from "./journal-counters.ts";
import { lastMono, NewestRows } from "./newest-rows.ts";

type Records = readonly (ReceivedEvent | Mark)[];
type Answer = Omit<Tail, "version">;
/** `settled` false: what is said of a stream that keeps nothing is a little off until it is asked for again. */
export type LiveAnswer = Answer & { readonly settled?: false };

/** What the worker said is asked for again after so long, ms: it drops what is too old or too much, and does not say so. */
const renewMs = 1000;
/** Nobody looks any more, ms. */
const forgottenMs = 30_000;

/** What came since a question was on its way. */
class Since {
  readonly limit: number;
  readonly newest: NewestRows;
  readonly types = new Map<string, number>();
  count = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.newest = new NewestRows(limit, []);
  }
}

/** Since the worker's answer. */
type Live = {
  readonly limit: number;
  readonly counters: Counters;
  readonly newest: NewestRows;
  /** Monotonic moments, ms. */
  readonly renewedAt: number;
  askedAt: number;
  changed: boolean;
};

export class LiveTails {
  readonly #ask: (stream: string, limit: number) => Promise<Answer>;
  readonly #now: () => number;
  readonly #lives = new Map<string, Live>();
  readonly #coming = new Map<string, Since>();
  /** Monotonic time of each stream's newest event of this run. */
  readonly #lastMono = new Map<string, number>();

  /**
   * @param ask the worker; it answers in the order of the questions and the appends
   * @param now monotonic ms
   */
  constructor(ask: (stream: string, limit: number) => Promise<Answer>, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /** @param isKept false: older records go when newer ones come, and only the worker knows what is left of each type */
  async tail(stream: string, limit: number, isKept: boolean): Promise<LiveAnswer> {
    const live = this.#lives.get(stream);
    if (live === undefined || live.limit < limit) return this.#renew(stream, limit, isKept);
    const now = this.#now();
    live.askedAt = now;
    if (now - live.renewedAt > renewMs && !this.#coming.has(stream)) {
      if (!isKept && live.changed) return this.#renew(stream, live.limit, isKept);
      // Nobody waits for it; who asks next hears of what is wrong.
      this.#renew(stream, live.limit, isKept).catch(() => this.drop(stream));
    }
    return answerOf(live, limit, isKept);
  }

  /**
   * Records that were given numbers, from `first` on, and go to the worker next.
   * @param dropped of older ones, so many are gone for it
   */
  take(stream: string, first: number, records: Records, dropped: number): void {
    const before = this.#lastMono.get(stream) ?? null;
    const last = lastMono(records);
    if (last !== null) this.#lastMono.set(stream, last);
    const coming = this.#coming.get(stream);
    const live = this.#lives.get(stream);
    if (coming === undefined && live === undefined) return;
    const types = typesOf(records);
    if (coming !== undefined) {
      coming.newest.take(first, records, before);
      coming.count += records.length - dropped;
      for (const [type, count] of types) coming.types.set(type, (coming.types.get(type) ?? 0) + count);
    }
    if (live === undefined) return;
    live.newest.take(first, records, before);
    live.counters.total += records.length - dropped;
    for (const [type, count] of types) live.counters.count(type, count);
    live.changed = true;
    if (this.#now() - live.askedAt > forgottenMs) this.#lives.delete(stream);
  }

  /** What is known of it is not true any more. */
  drop(stream: string): void {
    this.#lives.delete(stream);
    this.#coming.delete(stream);
  }

  dropAll(): void {
    this.#lives.clear();
    this.#coming.clear();
  }

  async #renew(stream: string, limit: number, isKept: boolean): Promise<LiveAnswer> {
    const since = new Since(limit);
    this.#coming.set(stream, since);
    const base = await this.#ask(stream, limit);
    // Another question came after it, or all of it was dropped.
    if (this.#coming.get(stream) !== since) return base;
    this.#coming.delete(stream);
    const counters = new Counters(base.total + since.count, new Map());
    for (const { type, count } of base.types) counters.count(type, count);
    for (const [type, count] of since.types) counters.count(type, count);
    since.newest.behind(base.rows);
    const now = this.#now();
    const { newest, count } = since;
    const live: Live = { limit, counters, newest, renewedAt: now, askedAt: now, changed: count > 0 };
    this.#lives.set(stream, live);
    return answerOf(live, limit, isKept);
  }
}

function answerOf({ counters, newest, changed }: Live, limit: number, isKept: boolean): LiveAnswer {
  const { total } = counters;
  const rows = total === 0 ? [] : newest.rows.slice(-Math.min(limit, total));
  const answer = { total, matching: total, exact: true, behind: 0, types: counters.types(), rows };
  return isKept || !changed ? answer : { ...answer, settled: false };
}

function typesOf(records: Records): Map<string, number> {
  const types = new Map<string, number>();
  let [type, count] = ["", 0];
  for (const record of records) {
    if (!("type" in record)) continue;
    if (record.type !== type) {
      if (count > 0) types.set(type, (types.get(type) ?? 0) + count);
      [type, count] = [record.type, 0];
    }
    count++;
  }
  if (count > 0) types.set(type, (types.get(type) ?? 0) + count);
  return types;
}
