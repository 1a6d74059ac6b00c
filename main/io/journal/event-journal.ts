/**
 * The journal as the streams see it: questions to a worker thread, answered in order. It keeps what was not answered,
 * so that a crashed worker is started again and asked again; the tables themselves are the worker's.
 */
import { randomUUID } from "node:crypto";
import { type MessagePort, Worker } from "node:worker_threads";
import type { Code, Filter, Params, Row, Tail } from "../../../preload/contract.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import type { Appended, Journal } from "../ports.ts";
import { packBlocks } from "./block-pack.ts";
import { everything, needsText } from "./journal-filter.ts";
import {
  type JournalAnswer,
  type JournalCall,
  JournalError,
  type JournalHandOver,
  type JournalQuestion,
  type JournalStart,
  type JournalState,
} from "./journal-protocol.ts";
import { readRecent } from "./journal-recent.ts";
import { generousLimits, type Limits } from "./journal-upkeep.ts";
import { EventSearch } from "./search/event-search.ts";

export type JournalOptions = {
  /** The journal's own folder; made when missing. */
  readonly dir: string;
  /** The worker's module: journal-worker.ts in development, journal-worker.js beside the bundle. */
  readonly worker: URL;
  /** Upper bound of the file in bytes; by default as much as the disk has. */
  readonly maxBytes?: number;
  /** How much of each stream is kept. */
  readonly limits?: Limits;
  /**
   * The module of the search's worker, as `worker`, and what it says for the log. Without it texts are looked for as they are
   * written, in all blocks, and paths not at all.
   */
  readonly search?: { readonly worker: URL; readonly log: (code: string) => void };
};

/** A worker that ends this often within ten minutes will not get better by itself. */
const maxRestarts = 3;
const restartWindowMs = 600_000;
/** Questions in the worker's hands at once; fewer than the tickets it remembers. */
const maxInFlight = 256;

/** What the worker answers to an append. */
type Written = { readonly first: number; readonly unsaved: boolean };

type Pending = {
  readonly question: JournalQuestion;
  /** Records of an append. */
  readonly count: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: JournalError) => void;
};

/**
 * Opens the journal of a folder.
 * @throws JournalError "journal-locked" (another process has it) or "journal-unavailable" { reason }
 */
export async function openJournal(options: JournalOptions): Promise<EventJournal> {
  const journal = new EventJournal(options);
  await journal.ready;
  return journal;
}

export class EventJournal implements Journal {
  /** Resolves when the file is open; rejects with JournalError when it cannot be. */
  readonly ready: Promise<void>;
  readonly #options: JournalOptions;
  readonly #session = randomUUID();
  readonly #pending = new Map<number, Pending>();
  readonly #volatile = new Map<string, string | null>();
  #worker: Worker | null = null;
  #search: EventSearch | null = null;
  #isReady = false;
  readonly #settleReady: { resolve: () => void; reject: (error: JournalError) => void };
  #sent = 0;
  #nextId = 1;
  #lastSeq = 0;
  #restarts: number[] = [];
  #state: JournalState = "ok";
  #problems: readonly Code[] = [];
  #end: JournalError | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    let settle: { resolve: () => void; reject: (error: JournalError) => void } | undefined;
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    // The executor has run; the assertion is for the compiler, which cannot see that.
    this.#settleReady = settle as NonNullable<typeof settle>;
    this.#startWorker();
  }

  get state(): JournalState {
    return this.#state;
  }

  get problems(): readonly Code[] {
    return this.#problems;
  }

  async append(stream: string, records: readonly (ReceivedEvent | Mark)[], cursor: string | null): Promise<Appended> {
    const count = records.length;
    if (this.#end !== null && this.#end.code !== "journal-closed") return this.#unsaved(count);
    if (this.#volatile.has(stream) && cursor !== null) this.#volatile.set(stream, cursor);
    const blocks = packBlocks(records);
    const { first, unsaved } = await this.#ask<Written>({ op: "append", stream, blocks, cursor }, count);
    this.#lastSeq = Math.max(this.#lastSeq, first + count - 1);
    return { seqs: Array.from({ length: count }, (_, i) => first + i), unsaved };
  }

  cursor(stream: string): Promise<string | null> {
    return this.#ask({ op: "cursor", stream });
  }

  setCursor(stream: string, cursor: string): Promise<void> {
    if (this.#volatile.has(stream)) this.#volatile.set(stream, cursor);
    return this.#ask({ op: "setCursor", stream, cursor });
  }

  keepNothing(stream: string, on: boolean): Promise<void> {
    if (on && !this.#volatile.has(stream)) this.#volatile.set(stream, null);
    if (!on) this.#volatile.delete(stream);
    return this.#ask({ op: "keepNothing", stream, on });
  }

  async tail(...[stream, filter, limit]: Parameters<Journal["tail"]>): ReturnType<Journal["tail"]> {
    const search = this.#searchFor(filter);
    if (search === null) return this.#ask({ op: "tail", stream, filter, limit });
    const { seqs, matching, exact, behind } = await search.ask({ ask: "tail", stream, filter, limit });
    const [all, rows] = await Promise.all([
      this.#ask<Omit<Tail, "version">>({ op: "tail", stream, filter: everything, limit: 0 }),
      this.#rows(stream, seqs),
    ]);
    return { ...all, matching, exact, behind, rows };
  }

  async window(...[stream, filter, from, limit]: Parameters<Journal["window"]>): ReturnType<Journal["window"]> {
    const search = this.#searchFor(filter);
    if (search === null) return this.#ask({ op: "window", stream, filter, from, limit });
    const { seqs, matching, exact } = await search.ask({ ask: "window", stream, filter, from, limit });
    return { matching, exact, from, rows: await this.#rows(stream, seqs) };
  }

  async placeOf(...[stream, filter, at]: Parameters<Journal["placeOf"]>): ReturnType<Journal["placeOf"]> {
    const search = this.#searchFor(filter);
    if (search === null) return this.#ask({ op: "placeOf", stream, filter, at });
    const { place, matching, exact } = await search.ask({ ask: "placeOf", stream, filter, at });
    return { place, matching, exact };
  }

  async read(...[stream, filter, after, limit]: Parameters<Journal["read"]>): ReturnType<Journal["read"]> {
    const search = this.#searchFor(filter);
    if (search === null) return this.#ask({ op: "read", stream, filter, after, limit });
    const { seqs } = await search.ask({ ask: "read", stream, filter, after, limit });
    return this.#ask({ op: "events", stream, seqs });
  }

  get(seq: number): ReturnType<Journal["get"]> {
    return this.#ask({ op: "get", seq });
  }

  recent(stream: string, limit: number): ReturnType<Journal["recent"]> {
    return readRecent(limit, (before, wanted) => this.#ask({ op: "recent", stream, before, limit: wanted }));
  }

  async clear(stream: string): Promise<void> {
    await this.#ask({ op: "clear", stream });
    await this.#search?.ask({ ask: "clear", stream });
  }

  async forget(stream: string): Promise<void> {
    await this.#ask({ op: "forget", stream });
    await this.#search?.ask({ ask: "clear", stream });
    this.#volatile.delete(stream);
  }

  /** Everything asked before is answered first. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#end !== null) return;
    const closing = this.#ask({ op: "close" });
    this.#end = new JournalError("journal-closed");
    await closing.catch(() => undefined);
    await Promise.all([this.#worker?.terminate(), this.#search?.close()]);
  }

  /** Who answers for this filter, or null: the journal itself can. @throws JournalError "filter-path-unavailable" */
  #searchFor(filter: Filter): EventSearch | null {
    if (filter.path !== "" && this.#search === null) throw new JournalError("filter-path-unavailable");
    return needsText(filter) ? this.#search : null;
  }

  #rows(stream: string, seqs: readonly number[]): Promise<Row[]> {
    return seqs.length === 0 ? Promise.resolve([]) : this.#ask({ op: "rows", stream, seqs });
  }

  #ask<T>(call: JournalCall, count = 0): Promise<T> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const question = { id: this.#nextId++, call };
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(question.id, { question, count, resolve: resolve as (value: never) => void, reject });
      this.#send();
    });
  }

  /** Passes on what the worker has not got yet, as far as it may have open. */
  #send(): void {
    if (!this.#isReady) return;
    let open = 0;
    for (const { question } of this.#pending.values()) {
      if (++open > maxInFlight) return;
      if (question.id <= this.#sent) continue;
      this.#sent = question.id;
      this.#worker?.postMessage(question);
    }
  }

  #startWorker(): void {
    const { dir, worker: url, maxBytes, limits } = this.#options;
    const workerData: JournalStart = {
      dir,
      session: this.#session,
      maxBytes: maxBytes ?? null,
      limits: limits ?? generousLimits,
      volatile: [...this.#volatile],
    };
    const worker = new Worker(url, { workerData, name: "journal" });
    this.#worker = worker;
    this.#isReady = false;
    this.#sent = 0;
    worker.on("message", (answer: JournalAnswer) => this.#hear(answer));
    // "exit" follows and decides; without a listener the error would end the process.
    let reason = "exit";
    worker.on("error", (error) => {
      reason =
        error instanceof Error && "code" in error ? String(error.code) : error instanceof Error ? error.name : "error";
    });
    worker.on("exit", () => this.#exited(worker, reason));
  }

  /** The search lives as long as the journal; a worker that was started anew is another source of blocks. */
  #joinSearch(): void {
    const { dir, search } = this.#options;
    if (search === undefined) return;
    const connect = (port: MessagePort) =>
      this.#worker?.postMessage({ source: port } satisfies JournalHandOver, [port]);
    if (this.#search === null) this.#search = new EventSearch({ dir, connect, ...search });
    else this.#search.connect();
  }

  #hear(answer: JournalAnswer): void {
    switch (answer.kind) {
      case "ready":
        this.#isReady = true;
        this.#lastSeq = Math.max(this.#lastSeq, answer.lastSeq);
        [this.#state, this.#problems] = [answer.state, answer.problems];
        this.#settleReady.resolve();
        this.#joinSearch();
        this.#send();
        return;
      case "refused":
        this.#giveUp(new JournalError(answer.code, answer.params));
        return;
      case "state":
        [this.#state, this.#problems] = [answer.state, answer.problems];
        return;
      case "answer":
        this.#take(answer.id)?.resolve(answer.value as never);
        return;
      case "error":
        this.#take(answer.id)?.reject(new JournalError(answer.code, answer.params));
        return;
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#send();
    return pending;
  }

  #exited(worker: Worker, reason: string): void {
    if (worker !== this.#worker || (this.#end !== null && this.#pending.size === 0)) return;
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now];
    if (this.#restarts.length <= maxRestarts) this.#startWorker();
    else this.#giveUp(new JournalError("journal-unavailable", { reason }));
  }

  /** From here on events are only numbered, so that the stream can go on and say that nothing is kept. */
  #giveUp(error: JournalError): void {
    this.#end ??= error;
    this.#state = "failing";
    this.#problems = [{ code: error.code, params: error.params }];
    this.#isReady = false;
    this.#settleReady.reject(error);
    // Nobody may be waiting for it any more.
    this.ready.catch(() => undefined);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { question, count, resolve, reject } of pending) {
      if (question.call.op === "append") resolve({ first: this.#numberOn(count), unsaved: true } as never);
      else reject(error);
    }
  }

  #unsaved(count: number): Appended {
    const first = this.#numberOn(count);
    return { seqs: Array.from({ length: count }, (_, i) => first + i), unsaved: true };
  }

  /** @returns the first of so many numbers */
  #numberOn(count: number): number {
    const first = this.#lastSeq + 1;
    this.#lastSeq += count;
    return first;
  }
}

export { JournalError, type Params };
