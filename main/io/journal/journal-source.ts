/**
 * The journal's blocks for whoever indexes and searches them, over a port of its own: the file itself is locked for this thread
 * alone. It tells what blocks come and go, lists them, and gives their bytes; block.ts reads those.
 */
import type { MessagePort } from "node:worker_threads";
import type { BlockReader } from "./journal-blocks.ts";
import type { BlockEntry } from "./journal-directory.ts";
import type { StreamStates } from "./journal-streams.ts";

/**
 * A block of a stream: numbers of its first (which names it) and last record. `kept` false: it is in memory only, and its
 * contents must not reach any file.
 */
export type SourceBlock = {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly kept: boolean;
  /** Earliest and latest time of receipt in it, UTC ms. */
  readonly fromAt: number;
  readonly toAt: number;
};

/** Questions; `id` comes back with the answer. */
export type SourceQuestion =
  | { readonly id: number; readonly ask: "streams" }
  | { readonly id: number; readonly ask: "blocks"; readonly stream: string }
  | { readonly id: number; readonly ask: "bytes"; readonly stream: string; readonly first: number };

/**
 * Answers and notices, in the order in which things happened. `bytes` is whole, its buffer transferred; null: the block is no more.
 * "cleared": nothing of the stream is left, and nothing of it may stay anywhere. "reset": the file is another one, list anew.
 */
export type SourceMessage =
  | { readonly kind: "streams"; readonly id: number; readonly streams: readonly string[] }
  | { readonly kind: "blocks"; readonly id: number; readonly blocks: readonly SourceBlock[] }
  | { readonly kind: "bytes"; readonly id: number; readonly bytes: Uint8Array | null }
  | { readonly kind: "failed"; readonly id: number; readonly code: string }
  | { readonly kind: "added"; readonly stream: string; readonly block: SourceBlock }
  | { readonly kind: "removed"; readonly stream: string; readonly firsts: readonly number[] }
  | { readonly kind: "cleared"; readonly stream: string }
  | { readonly kind: "reset" };

export class JournalSource {
  readonly #streams: StreamStates;
  readonly #reader: BlockReader;
  readonly #codeOf: (error: unknown) => string;
  readonly #mend: (error: unknown) => boolean;
  #port: MessagePort | null = null;

  /**
   * @param codeOf what is said of a read that failed; it also acts on damage
   * @param mend puts a gap in the place of a damaged block; whether it did
   */
  constructor(
    streams: StreamStates,
    reader: BlockReader,
    codeOf: (error: unknown) => string,
    mend: (error: unknown) => boolean,
  ) {
    this.#mend = mend;
    this.#streams = streams;
    this.#reader = reader;
    this.#codeOf = codeOf;
  }

  /** From here on this port is told and may ask; one at a time. */
  serve(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    port.on("message", (question: SourceQuestion) => this.#answer(question));
    port.unref();
  }

  /** From here on nothing is answered: the file is about to be given up, and a read that fails would look like damage. */
  close(): void {
    this.#port?.removeAllListeners("message");
    this.#port?.close();
    this.#port = null;
  }

  added(stream: string, entry: BlockEntry): void {
    this.#say({ kind: "added", stream, block: shown(entry) });
  }

  removed(stream: string, entries: readonly BlockEntry[]): void {
    if (entries.length > 0) this.#say({ kind: "removed", stream, firsts: entries.map(({ first }) => first) });
  }

  cleared(stream: string): void {
    this.#say({ kind: "cleared", stream });
  }

  reset(): void {
    this.#say({ kind: "reset" });
  }

  #answer(question: SourceQuestion): void {
    const { id } = question;
    try {
      if (question.ask === "streams") {
        const streams = [...new Set([...this.#reader.streams(), ...this.#streams.known()])];
        this.#say({ kind: "streams", id, streams });
      } else if (question.ask === "blocks") {
        this.#say({ kind: "blocks", id, blocks: this.#streams.directory(question.stream).entries.map(shown) });
      } else {
        const bytes = this.#bytes(question.stream, question.first);
        this.#port?.postMessage(
          { kind: "bytes", id, bytes } satisfies SourceMessage,
          bytes === null ? [] : [bytes.buffer],
        );
      }
    } catch (error) {
      // What was asked for is no more; what stands there now was told of.
      if (this.#mend(error)) this.#say({ kind: "bytes", id, bytes: null });
      else this.#say({ kind: "failed", id, code: this.#codeOf(error) });
    }
  }

  /** A copy that may be given away. */
  #bytes(stream: string, first: number): Uint8Array<ArrayBuffer> | null {
    const directory = this.#streams.directory(stream);
    const entry = directory.entries[directory.blockOf(first)];
    if (entry === undefined || entry.first !== first) return null;
    return Uint8Array.from(entry.body ?? this.#reader.bytes(entry));
  }

  #say(message: SourceMessage): void {
    this.#port?.postMessage(message);
  }
}

const shown = ({ first, last, count, body, fromAt, toAt }: BlockEntry): SourceBlock => ({
  first,
  last,
  count,
  kept: body === null,
  fromAt,
  toAt,
});
