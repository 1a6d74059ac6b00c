/**
 * The line to the journal's worker thread: questions, answered in order. It keeps what was not answered, so that a crashed worker is
 * started again and asked again; what a question means is the worker's.
 */
import { randomUUID } from "node:crypto";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Code } from "../../../preload/contract.ts";
import type { KeptLimits } from "./journal-limits.ts";
import {
  type JournalAnswer,
  type JournalCall,
  JournalError,
  type JournalHandOver,
  type JournalQuestion,
  type JournalStart,
  type JournalState,
  type Written,
} from "./journal-protocol.ts";
import { UnsavedRanges } from "./unsaved-ranges.ts";
import { ended } from "./worker-end.ts";

export type LineOptions = {
  /** The journal's own folder; made when missing. */
  readonly dir: string;
  /** The worker's module: journal-worker.ts in development, journal-worker.js beside the bundle. */
  readonly worker: URL;
  /** Upper bound of the file in bytes; by default as much as the disk has. */
  readonly maxBytes?: number;
  /** Hears of each problem when it comes, or is said otherwise than before: for the log. */
  readonly onProblem?: (problem: Code) => void;
  /** Takes a port to the journal's blocks (journal-source.ts); another one each time the worker is started anew. */
  readonly source?: (port: MessagePort) => void;
};

/** A worker that ends this often within ten minutes will not get better by itself. */
const maxRestarts = 3;
const restartWindowMs = 600_000;
/** Numbers that are written ahead at once: a second's worth of the quickest stream needs a few transactions. */
const reserveAhead = 200_000;
/** Questions in the worker's hands at once; fewer than the tickets it remembers. */
const maxInFlight = 256;

type Pending = {
  readonly question: JournalQuestion;
  /** Records of an append. */
  readonly count: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: JournalError) => void;
};

/** Appends that wait for the worker's answer, and the bytes of their blocks: now, and at most so far. */
export type QueueCounters = { readonly appends: number; readonly bytes: number; readonly mostBytes: number };

export class JournalLine {
  /** Resolves when the file is open; rejects with JournalError when it cannot be. */
  readonly ready: Promise<void>;
  /** Streams that keep nothing, with their cursors (null: not known here): a new worker is told. */
  readonly volatile = new Map<string, { cursor: string | null }>();
  /** How much is kept: a new worker is told. */
  limits: KeptLimits | null = null;
  state: JournalState = "ok";
  problems: readonly Code[] = [];
  /** The highest number that may have been given. */
  lastSeq = 0;
  /** Why nothing more is asked. */
  end: JournalError | null = null;
  /** What the worker said of lists before may be no longer true: it was started anew, or has written what the disk had refused. */
  whenTurned: () => void = () => {};
  readonly #options: LineOptions;
  readonly #session = randomUUID();
  readonly #pending = new Map<number, Pending>();
  readonly #unsaved = new UnsavedRanges();
  #worker: Worker | null = null;
  #isReady = false;
  readonly #settleReady: { resolve: () => void; reject: (error: JournalError) => void };
  #sent = 0;
  /** Numbers up to this one are written ahead, for records that the worker does not get. */
  #reserved = 0;
  #nextId = 1;
  #restarts: number[] = [];
  #queue: QueueCounters = { appends: 0, bytes: 0, mostBytes: 0 };

  constructor(options: LineOptions) {
    this.#options = options;
    let settle: { resolve: () => void; reject: (error: JournalError) => void } | undefined;
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    // The executor has run; the assertion is for the compiler, which cannot see that.
    this.#settleReady = settle as NonNullable<typeof settle>;
    this.#startWorker();
  }

  /** Bounded by the streams: each stops reading when too much of its own waits (journal-writer.ts). */
  get queue(): QueueCounters {
    return this.#queue;
  }

  /** Everything asked before is answered first. Safe to call twice. */
  async close(): Promise<void> {
    if (this.end !== null) return;
    const closing = this.ask({ op: "close", last: this.lastSeq });
    this.end = new JournalError("journal-closed");
    await closing.catch(() => undefined);
    // The worker ends by itself after "close".
    if (this.#worker !== null) await ended(this.#worker);
  }

  /** Answers come in the order of the questions. @param count records of an append */
  ask<T>(call: JournalCall, count = 0): Promise<T> {
    if (this.end !== null) return Promise.reject(this.end);
    const question = { id: this.#nextId++, call };
    this.#count(call, 1);
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
    const { dir, worker: url, maxBytes } = this.#options;
    const workerData: JournalStart = {
      dir,
      session: this.#session,
      maxBytes: maxBytes ?? null,
      limits: this.limits,
      volatile: [...this.volatile].map(([stream, { cursor }]) => [stream, cursor] as const),
      lost: this.#unsaved.list(),
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

  /** Gives `source` a port to the blocks, another one at every call. */
  handOver(): void {
    if (this.#options.source === undefined) return;
    const { port1, port2 } = new MessageChannel();
    this.#worker?.postMessage({ source: port1 } satisfies JournalHandOver, [port1]);
    this.#options.source(port2);
  }

  #hear(answer: JournalAnswer): void {
    switch (answer.kind) {
      case "ready":
        this.#isReady = true;
        this.lastSeq = Math.max(this.lastSeq, answer.lastSeq);
        this.#stands(answer);
        this.#settleReady.resolve();
        this.whenTurned();
        this.handOver();
        this.#send();
        return;
      case "refused":
        this.#giveUp(new JournalError(answer.code, answer.params));
        return;
      case "state":
        this.#stands(answer);
        return;
      case "written":
        this.#unsaved.clear();
        this.whenTurned();
        return;
      case "answer":
        this.#note(this.#pending.get(answer.id), answer.value as Written | null);
        this.#take(answer.id)?.resolve(answer.value as never);
        return;
      case "error":
        this.#note(this.#pending.get(answer.id), null);
        this.#take(answer.id)?.reject(new JournalError(answer.code, answer.params));
        return;
    }
  }

  #stands({ state, problems }: Pick<Extract<JournalAnswer, { kind: "state" }>, "state" | "problems">): void {
    const known = this.problems.map((problem) => JSON.stringify(problem));
    [this.state, this.problems] = [state, problems];
    for (const problem of problems) if (!known.includes(JSON.stringify(problem))) this.#options.onProblem?.(problem);
  }

  /** What the answer means for records that are in the worker's memory alone. @param written null: it was an error */
  #note(pending: Pending | undefined, written: Written | null): void {
    if (pending === undefined) return;
    const { question, count } = pending;
    const { call } = question;
    if (call.op === "append" && written?.unsaved === true) this.#unsaved.add(call.stream, call.first, count);
    // Memory is cleared also when the disk refuses to be.
    if (call.op === "clear" || call.op === "forget") this.#unsaved.drop(call.stream);
    if (call.op === "keepNothing" && call.on) this.#unsaved.drop(call.stream);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending !== undefined) this.#count(pending.question.call, -1);
    this.#send();
    return pending;
  }

  #count(call: JournalCall, change: 1 | -1): void {
    if (call.op !== "append") return;
    const bytes = this.#queue.bytes + change * call.blocks.reduce((sum, block) => sum + block.byteLength, 0);
    this.#queue = { appends: this.#queue.appends + change, bytes, mostBytes: Math.max(bytes, this.#queue.mostBytes) };
  }

  #exited(worker: Worker, reason: string): void {
    if (worker !== this.#worker || (this.end !== null && this.#pending.size === 0)) return;
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now];
    if (this.#restarts.length <= maxRestarts) this.#startWorker();
    else this.#giveUp(new JournalError("journal-unavailable", { reason }));
  }

  /** From here on events are only numbered, so that the stream can go on and say that nothing is kept. */
  #giveUp(error: JournalError): void {
    this.end ??= error;
    this.state = "failing";
    this.problems = [{ code: error.code, params: error.params }];
    this.#isReady = false;
    this.#settleReady.reject(error);
    // Nobody may be waiting for it any more.
    this.ready.catch(() => undefined);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#queue = { ...this.#queue, appends: 0, bytes: 0 };
    for (const { question, resolve, reject } of pending) {
      if (question.call.op === "append") resolve({ unsaved: true } as never);
      else reject(error);
    }
  }

  /** Has so many more numbers written ahead, when they run low that are given to records of which the worker does not hear. */
  reserve(): void {
    if (this.lastSeq < this.#reserved - reserveAhead / 2) return;
    this.#reserved = this.lastSeq + reserveAhead;
    // Of a disk that refuses, the state says so.
    this.ask({ op: "reserve", last: this.#reserved }).catch(() => undefined);
  }

  /** @returns the first of so many numbers that nobody else gets */
  numberOn(count: number): number {
    const first = this.lastSeq + 1;
    this.lastSeq += count;
    return first;
  }
}
