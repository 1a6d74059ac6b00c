/**
 * Goes from one filter to the next without an empty list between: the rows of the last good filter stay, and go on, until the new one
 * has answered. One that main refuses never comes on; what is wrong with it is said instead.
 */
import type { Code, Filter } from "../../preload/contract.ts";
import { EventLog, isOfPath } from "./event-log.ts";

/** What the pane draws from; a new object at each change. */
export type Switched = {
  readonly log: EventLog;
  /** The filter of what is shown. */
  readonly filter: Filter;
  /** Another filter was asked for and has not answered yet. */
  readonly seeking: boolean;
  /** Why the filter that was asked for shows nothing. */
  readonly problem: Code | null;
};

type Running = { readonly log: EventLog; readonly filter: Filter; end(): void };

/** The filters of one stream's list, one after the other. */
export class FilterSwitch {
  readonly #make: (filter: Filter) => EventLog;
  readonly #listeners = new Set<() => void>();
  #view: Switched;
  #shown: Running | null = null;
  #next: Running | null = null;

  constructor(stream: string, filter: Filter, make = (wanted: Filter) => new EventLog(stream, wanted)) {
    this.#make = make;
    this.#view = { log: make(filter), filter, seeking: false, problem: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly read = (): Switched => this.#view;

  /** Begins to follow; returns the end of it. */
  start(): () => void {
    const { log, filter } = this.#view;
    this.#shown = this.#run(log, filter);
    return () => {
      this.#shown?.end();
      this.#next?.end();
      this.#shown = null;
      this.#next = null;
    };
  }

  /** Shows this filter as soon as it has answered. */
  ask(filter: Filter): void {
    this.#next?.end();
    this.#next = null;
    if (filter === this.#view.filter) this.#set({ seeking: false, problem: this.#view.log.read().problem });
    else this.#begin(filter);
  }

  /** Asks the same anew, as if nothing were known: everything of the stream was deleted. */
  renew(): void {
    this.#next?.end();
    this.#begin(this.#view.filter);
  }

  #begin(filter: Filter): void {
    this.#set({ seeking: true, problem: null });
    this.#next = this.#run(this.#make(filter), filter);
  }

  #run(log: EventLog, filter: Filter): Running {
    const silent = log.subscribe(() => this.#heard(log));
    const stop = log.start();
    const end = (): void => {
      silent();
      stop();
    };
    return { log, filter, end };
  }

  #heard(log: EventLog): void {
    const { problem, loaded } = log.read();
    if (log === this.#shown?.log) {
      if (this.#next === null && problem !== this.#view.problem) this.#set({ problem });
      return;
    }
    const next = this.#next;
    if (log !== next?.log) return;
    if (loaded) {
      const { paused } = this.#view.log.read();
      this.#shown?.end();
      this.#shown = next;
      this.#next = null;
      this.#set({ log, filter: next.filter, seeking: false, problem });
      if (paused) log.pause(true);
    } else if (problem !== null && !isOfPath(problem)) {
      // It goes on asking: this may pass.
      if (problem !== this.#view.problem) this.#set({ problem });
    } else if (problem !== null) {
      next.end();
      this.#next = null;
      this.#set({ seeking: false, problem });
    }
  }

  #set(change: Partial<Switched>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
