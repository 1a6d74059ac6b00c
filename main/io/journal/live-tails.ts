/**
 * The ends of the lists that somebody looks at: what the worker last said of each, and what was given to it since. So an event can be
 * shown as soon as it has its number, and does not wait for the disk; what the disk refused is dropped here and asked for anew.
 */
import type { Row, Tail } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { cut, previewChars } from "./block.ts";
import { pause } from "./block-pack.ts";
import { Counters } from "./journal-counters.ts";

type Records = readonly (ReceivedEvent | Mark)[];
type Answer = Omit<Tail, "version">;
/** `settled` false: what is said of a stream that keeps nothing is a little off until it is asked for again. */
export type LiveAnswer = Answer & { readonly settled?: false };

/** What the worker said is asked for again after so long, ms: it drops what is too old or too much, and does not say so. */
const renewMs = 1000;
/** Nobody looks any more, ms. */
const forgottenMs = 30_000;

/** What came since a question was on its way. */
type Since = { readonly limit: number; rows: readonly Row[]; count: number; readonly types: Map<string, number> };
type Live = {
  readonly limit: number;
  readonly counters: Counters;
  rows: readonly Row[];
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
    if (live === undefined || live.limit < limit) return this.#renew(stream, limit);
    const now = this.#now();
    live.askedAt = now;
    if (now - live.renewedAt > renewMs && !this.#coming.has(stream)) {
      if (!isKept && live.changed) return this.#renew(stream, live.limit);
      // Nobody waits for it; who asks next hears of what is wrong.
      this.#renew(stream, live.limit).catch(() => this.drop(stream));
    }
    return answerOf(live, limit, isKept);
  }

  /**
   * Records that were given numbers, from `first` on, and go to the worker next.
   * @param dropped of older ones, so many are gone for it
   */
  take(stream: string, first: number, records: Records, dropped: number): void {
    const lastMono = this.#lastMono.get(stream) ?? null;
    const last = records.findLast((record) => "type" in record);
    if (last !== undefined) this.#lastMono.set(stream, last.mono);
    const coming = this.#coming.get(stream);
    const live = this.#lives.get(stream);
    if (coming === undefined && live === undefined) return;
    if (live !== undefined && this.#now() - live.askedAt > forgottenMs) this.#lives.delete(stream);
    const limit = Math.max(coming?.limit ?? 0, live?.limit ?? 0);
    const rows = newestRows(records, first, limit, lastMono);
    const types = typesOf(records);
    if (coming !== undefined) {
      coming.rows = joined(coming.rows, rows, limit);
      coming.count += records.length - dropped;
      for (const [type, count] of types) coming.types.set(type, (coming.types.get(type) ?? 0) + count);
    }
    if (live === undefined) return;
    live.rows = joined(live.rows, rows, limit);
    live.counters.total += records.length - dropped;
    for (const [type, count] of types) live.counters.count(type, count);
    live.changed = true;
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

  async #renew(stream: string, limit: number): Promise<LiveAnswer> {
    const since: Since = { limit, rows: [], count: 0, types: new Map() };
    this.#coming.set(stream, since);
    const base = await this.#ask(stream, limit);
    // Another question came after it, or all of it was dropped.
    if (this.#coming.get(stream) !== since) return base;
    this.#coming.delete(stream);
    const counters = new Counters(base.total + since.count, new Map());
    for (const { type, count } of base.types) counters.count(type, count);
    for (const [type, count] of since.types) counters.count(type, count);
    const rows = joined(base.rows, since.rows, limit);
    const now = this.#now();
    const live: Live = { limit, counters, rows, renewedAt: now, askedAt: now, changed: since.count > 0 };
    this.#lives.set(stream, live);
    return answerOf(live, limit, true);
  }
}

function answerOf({ counters, rows, changed }: Live, limit: number, isKept: boolean): LiveAnswer {
  const { total } = counters;
  const shown = total === 0 ? [] : rows.slice(-Math.min(limit, total));
  const answer = { total, matching: total, exact: true, behind: 0, types: counters.types(), rows: shown };
  return isKept || !changed ? answer : { ...answer, settled: false };
}

/** The newest of both. The first event of a run does not know how long ago the one before it came; its row does. */
function joined(before: readonly Row[], after: readonly Row[], limit: number): Row[] {
  const last = before.findLast((row) => row.kind === "event");
  const first = after.findIndex((row) => row.kind === "event");
  const row = after[first];
  if (last === undefined || row?.kind !== "event" || row.gapMs !== null) return [...before, ...after].slice(-limit);
  const gapMs = pause(last.at, row.at);
  return [...before, ...after.with(first, { ...row, gapMs })].slice(-limit);
}

/** The last of them as rows, with memory of their own. @param before monotonic time of the event before the first of them */
function newestRows(records: Records, first: number, limit: number, before: number | null): Row[] {
  const from = Math.max(0, records.length - limit);
  const earlier = records.slice(0, from).findLast((record) => "type" in record);
  let last = earlier === undefined ? before : earlier.mono;
  const rows: Row[] = [];
  for (let at = from; at < records.length; at++) {
    const record = records[at] as ReceivedEvent | Mark;
    rows.push(rowOf(record, first + at, last));
    if ("type" in record) last = record.mono;
  }
  return rows;
}

/** A row as the worker makes it of a record (block.ts). @param before monotonic time of the event before it */
function rowOf(record: ReceivedEvent | Mark, seq: number, before: number | null): Row {
  if (!("type" in record)) {
    const { at, mark, failure, params } = record;
    return { kind: "mark", seq, at, mark, failure, params };
  }
  const { receivedAt, mono, type, id, data, bytes, generation, flags } = record;
  const gapMs = pause(before, mono);
  const preview = owned(cut(data, previewChars));
  return {
    kind: "event",
    seq,
    at: receivedAt,
    gapMs,
    type,
    id: id === null ? null : owned(id),
    preview,
    bytes,
    generation,
    flags: [...flags],
  };
}

/** With memory of its own: a part of a string keeps the whole of it, which may be the 64 kB that were read together. */
const owned = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

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
