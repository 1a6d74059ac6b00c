/** What the journal's worker knows of each stream while it runs; nothing of it is on disk. */
import type { Counters } from "./journal-counters.ts";
import { MemoryWindow } from "./journal-memory.ts";

export type StreamState = {
  keepsNothing: boolean;
  /** Cursor of the newest record in memory; undefined: the disk's is the newest. */
  cursor: string | null | undefined;
  /** Numbers of unsaved records that memory had no room for either. */
  lost: { from: number; to: number } | null;
  /** Since then the disk's cursor stays before them, until a connection that asked from there. */
  frozen: boolean;
  readonly memory: MemoryWindow;
  /** null: to be counted when somebody looks. */
  counters: Counters | null;
  /** Monotonic time of the newest event of this run. */
  lastMono: number | null;
};

export class StreamStates {
  readonly #states = new Map<string, StreamState>();

  of(stream: string): StreamState {
    let state = this.#states.get(stream);
    if (state === undefined) {
      const memory = new MemoryWindow();
      state = {
        keepsNothing: false,
        cursor: undefined,
        lost: null,
        frozen: false,
        memory,
        counters: null,
        lastMono: null,
      };
      this.#states.set(stream, state);
    }
    return state;
  }

  /** Streams with records that the disk refused. */
  unsaved(): [stream: string, state: StreamState][] {
    return [...this.#states].filter(([, state]) => !state.keepsNothing && state.memory.size > 0);
  }

  delete(stream: string): void {
    this.#states.delete(stream);
  }

  /** The tables are not what they were: everybody counts again. */
  forgetCounters(): void {
    for (const state of this.#states.values()) state.counters = null;
  }
}
