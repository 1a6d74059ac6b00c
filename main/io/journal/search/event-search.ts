/**
 * The search as the journal sees it: questions to a worker thread. It ends the thread when a path takes too long for it, starts
 * it again, and asks again what was not answered; what is found and how is the thread's.
 */
import { type MessagePort, Worker } from "node:worker_threads";
import type { Params } from "../../../../preload/contract.ts";
import { JournalError } from "../journal-protocol.ts";
import type { Search } from "../journal-search.ts";
import { ended } from "../worker-end.ts";
import { guard, newMemory } from "./search-guard.ts";
import type { FromSearch, SearchAnswer, SearchQuestion, SearchStart, ToSearch } from "./search-protocol.ts";

export type SearchOptions = {
  /** The journal's folder. */
  readonly dir: string;
  /** The worker's module: search-worker.ts in development, search-worker.js beside the bundle. */
  readonly worker: URL;
  /** Asks for a port to the blocks, which `take` is given: a thread that is started anew has none. */
  readonly connect: () => void;
  /** What went wrong without a loss; for the log. */
  readonly log: (code: string) => void;
};

type Pending = {
  readonly question: SearchQuestion;
  readonly resolve: (answer: SearchAnswer) => void;
  readonly reject: (error: JournalError) => void;
};

/** A path that was stopped this often is too slow; once alone may be the machine's doing. */
const mostStops = 2;
/** Filters that are remembered as too slow. */
const keptSlow = 64;
const maxRestarts = 3;
const restartWindowMs = 600_000;

export class EventSearch implements Search {
  readonly #options: SearchOptions;
  readonly #pending = new Map<number, Pending>();
  /** How often a filter of a stream was stopped. */
  readonly #stops = new Map<string, number>();
  #worker: Worker | null = null;
  #memory = newMemory();
  #endGuard: (() => void) | null = null;
  #restarts: number[] = [];
  #asked = 0;
  #hasBegun = false;
  #end: JournalError | null = null;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** Starts the thread where it has not begun yet. A question does the same. */
  begin(): void {
    if (this.#hasBegun || this.#end !== null) return;
    this.#hasBegun = true;
    this.#start();
  }

  /** A port to the journal's blocks (journal-source.ts), instead of the one before. */
  take(port: MessagePort): void {
    if (this.#worker === null) port.close();
    else this.#tell({ kind: "source", port }, [port]);
  }

  tail(...[stream, filter, limit]: Parameters<Search["tail"]>): ReturnType<Search["tail"]> {
    return this.#ask({ ask: "tail", stream, filter, limit });
  }

  window(...[stream, filter, from, limit]: Parameters<Search["window"]>): ReturnType<Search["window"]> {
    return this.#ask({ ask: "window", stream, filter, from, limit });
  }

  async placeOf(...[stream, filter, at]: Parameters<Search["placeOf"]>): ReturnType<Search["placeOf"]> {
    const { place, matching, exact } = await this.#ask({ ask: "placeOf", stream, filter, at });
    return { place, matching, exact };
  }

  async after(...[stream, filter, after, limit]: Parameters<Search["after"]>): ReturnType<Search["after"]> {
    return (await this.#ask({ ask: "read", stream, filter, after, limit })).seqs;
  }

  async clear(stream: string): Promise<void> {
    await this.#ask({ ask: "clear", stream });
  }

  /** Its thread closes the index and ends by itself. Safe to call twice. */
  async close(): Promise<void> {
    this.#giveUp("journal-closed");
    this.#tell({ kind: "end" });
    if (this.#worker !== null) await ended(this.#worker);
  }

  /**
   * @throws JournalError "filter-path-invalid" { at }, "search-too-slow" (its path took over 50 ms for one event),
   * "search-unavailable"
   */
  #ask(question: SearchQuestion): Promise<SearchAnswer> {
    if (this.#end !== null) return Promise.reject(this.#end);
    if ((this.#stops.get(keyOf(question)) ?? 0) >= mostStops)
      return Promise.reject(new JournalError("search-too-slow"));
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      this.begin();
      this.#pending.set(id, { question, resolve, reject });
      this.#tell({ kind: "ask", id, question });
      if (hasPath(question)) this.#endGuard ??= guard(this.#memory, () => this.#stop());
    });
  }

  #start(): void {
    this.#memory = newMemory();
    const workerData: SearchStart = { dir: this.#options.dir, watched: this.#memory };
    const worker = new Worker(this.#options.worker, { workerData, name: "search" });
    this.#worker = worker;
    worker.on("message", (message: FromSearch) => this.#hear(message));
    // "exit" follows and decides; without a listener the error would end the process.
    worker.on("error", () => this.#options.log("search-fault"));
    worker.on("exit", () => this.#exited(worker));
    this.#options.connect();
    for (const [id, { question }] of this.#pending) this.#tell({ kind: "ask", id, question });
  }

  #hear(message: FromSearch): void {
    if (message.kind === "log") {
      this.#options.log(message.code);
      return;
    }
    const pending = this.#take(message.id);
    if (message.kind === "answer") pending?.resolve(message.answer);
    else pending?.reject(new JournalError(message.code, message.params));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (![...this.#pending.values()].some(({ question }) => hasPath(question))) this.#unguard();
    return pending;
  }

  #unguard(): void {
    this.#endGuard?.();
    this.#endGuard = null;
  }

  /** A path takes too long. Whose it was is not known when several are asked at once; all of them are then suspected. */
  #stop(): void {
    this.#unguard();
    this.#options.log("search-too-slow");
    const suspected = [...this.#pending.values()].flatMap(({ question }) =>
      hasPath(question) ? [keyOf(question)] : [],
    );
    for (const key of new Set(suspected)) {
      const stops = (this.#stops.get(key) ?? 0) + 1;
      // The one stopped last stands last.
      this.#stops.delete(key);
      this.#stops.set(key, stops);
      if (stops >= mostStops) this.#refuse(key);
    }
    for (const key of this.#stops.keys()) if (this.#stops.size > keptSlow) this.#stops.delete(key);
    const stopped = this.#worker;
    this.#worker = null;
    // It gives the file free before it has ended; only then can the next one have it.
    void stopped?.terminate().then(() => {
      if (this.#end === null) this.#restart();
    });
  }

  #refuse(key: string): void {
    for (const [id, { question, reject }] of [...this.#pending]) {
      if (keyOf(question) !== key) continue;
      this.#pending.delete(id);
      reject(new JournalError("search-too-slow"));
    }
  }

  #restart(): void {
    this.#start();
    const hasPaths = [...this.#pending.values()].some(({ question }) => hasPath(question));
    if (hasPaths) this.#endGuard ??= guard(this.#memory, () => this.#stop());
  }

  #exited(worker: Worker): void {
    if (worker !== this.#worker || this.#end !== null) return;
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now];
    this.#unguard();
    if (this.#restarts.length <= maxRestarts) this.#restart();
    else this.#giveUp("search-unavailable");
  }

  #giveUp(code: string, params: Params = {}): void {
    this.#end ??= new JournalError(code, params);
    this.#unguard();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#end);
  }

  #tell(message: ToSearch, transfer: MessagePort[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }
}

const hasPath = (question: SearchQuestion): boolean => question.ask !== "clear" && question.filter.path !== "";

const keyOf = (question: SearchQuestion): string =>
  question.ask === "clear" ? "" : JSON.stringify([question.stream, question.filter]);
