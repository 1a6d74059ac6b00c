/** What the journal's worker knows of each stream while it runs. */
import { Directory, type Listed } from "./journal-directory.ts";
import { relist, unsavedBlocks } from "./journal-memory.ts";

export type StreamState = {
  keepsNothing: boolean;
  /** Cursor of the newest record in memory; undefined: the disk's is the newest. */
  cursor: string | null | undefined;
  /** Numbers of unsaved records that memory had no room for either. */
  lost: { from: number; to: number } | null;
  /** Since then the disk's cursor stays before them, until a connection that asked from there. */
  frozen: boolean;
  directory: Directory;
  /** Whether the directory has what the disk has; before somebody looks it has only what came since the start. */
  isLoaded: boolean;
  /** Monotonic time of the newest event of this run. */
  lastMono: number | null;
};

export class StreamStates {
  readonly #states = new Map<string, StreamState>();
  readonly #list: (stream: string) => readonly Listed[];

  /** @param list the blocks a stream has on the disk */
  constructor(list: (stream: string) => readonly Listed[]) {
    this.#list = list;
  }

  of(stream: string): StreamState {
    let state = this.#states.get(stream);
    if (state === undefined) {
      const cursor = undefined;
      const rest = { cursor, lost: null, frozen: false, directory: new Directory(), isLoaded: false, lastMono: null };
      state = { keepsNothing: false, ...rest };
      this.#states.set(stream, state);
    }
    return state;
  }

  /** All blocks of a stream. Reads the disk when it is asked for the first time. */
  directory(stream: string): Directory {
    const state = this.of(stream);
    if (!state.isLoaded) {
      const before = state.directory.entries[0]?.first ?? Number.POSITIVE_INFINITY;
      state.directory.load(this.#list(stream).filter(({ entry }) => entry.first < before));
      state.isLoaded = true;
    }
    return state.directory;
  }

  /** The streams that were asked for or had records in this run. */
  known(): string[] {
    return [...this.#states.keys()];
  }

  /** Streams with records, a cursor alone or a loss that the disk refused. */
  unsaved(): [stream: string, state: StreamState][] {
    return [...this.#states].filter(
      ([, { keepsNothing, cursor, lost, directory }]) =>
        !keepsNothing && (typeof cursor === "string" || lost !== null || unsavedBlocks(directory).length > 0),
    );
  }

  delete(stream: string): void {
    this.#states.delete(stream);
  }

  /** The file is another one: what is in memory stays, the rest is to be read anew. */
  startOver(): void {
    for (const state of this.#states.values()) {
      const memory = state.directory.entries.slice(state.directory.memoryFrom);
      state.directory = new Directory();
      for (const entry of memory) state.directory.add(relist(entry));
      state.isLoaded = false;
    }
  }
}
