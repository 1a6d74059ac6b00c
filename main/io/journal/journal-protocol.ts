/** What travels between the journal's port (event-journal.ts) and its worker thread; structured clones, no functions. */
import type { MessagePort } from "node:worker_threads";
import type { Code, Filter, Params } from "../../../preload/contract.ts";
import type { KeptLimits } from "./journal-limits.ts";

export type JournalState = "ok" | "failing" | "read-only";

/** Numbers of records of a stream that were shown and never written. */
export type LostRange = { readonly stream: string; readonly from: number; readonly to: number };

/** What the worker is started with. */
export type JournalStart = {
  /** The journal's own folder. */
  readonly dir: string;
  /** One per port: with the ticket it tells a re-sent append from a new one. */
  readonly session: string;
  /** Upper bound of the file in bytes; null = as much as the disk has. */
  readonly maxBytes: number | null;
  /** null: nobody has said yet how much is kept, and until then nothing old goes. */
  readonly limits: KeptLimits | null;
  /** Streams that keep nothing, with their cursors: after a crash the port knows them better. null: not known, the disk may. */
  readonly volatile: readonly (readonly [stream: string, cursor: string | null])[];
  /** What the worker before had in memory alone when it ended. */
  readonly lost: readonly LostRange[];
};

/** Records of one stream, in order, and the cursor after them. */
export type Append = {
  readonly op: "append";
  readonly stream: string;
  /** Packed and without numbers; not transferred, because they are sent again when the worker ends. */
  readonly blocks: readonly Uint8Array[];
  /** Number of the first record; the port numbers, so that what has come can be shown before it is written. */
  readonly first: number;
  readonly cursor: string | null;
};

export type JournalCall =
  | Append
  | { readonly op: "cursor" | "clear" | "forget" | "kept"; readonly stream: string }
  | { readonly op: "setCursor"; readonly stream: string; readonly cursor: string }
  | { readonly op: "keepNothing"; readonly stream: string; readonly on: boolean }
  | { readonly op: "tail"; readonly stream: string; readonly filter: Filter; readonly limit: number }
  | {
      readonly op: "window";
      readonly stream: string;
      readonly filter: Filter;
      readonly from: number;
      readonly limit: number;
    }
  | { readonly op: "placeOf"; readonly stream: string; readonly filter: Filter; readonly at: number }
  | {
      readonly op: "read";
      readonly stream: string;
      readonly filter: Filter;
      readonly after: number;
      readonly limit: number;
    }
  | { readonly op: "rows" | "events"; readonly stream: string; readonly seqs: readonly number[] }
  | { readonly op: "get"; readonly seq: number }
  | { readonly op: "recent"; readonly stream: string; readonly before: number; readonly limit: number }
  | { readonly op: "limit"; readonly limits: KeptLimits }
  /** Records of a stream that keeps nothing, numbered: somebody asks for them. */
  | { readonly op: "hold"; readonly stream: string; readonly blocks: readonly Uint8Array[] }
  /** Numbers up to this one may be given to records that never come here. */
  | { readonly op: "reserve"; readonly last: number }
  /** `last`: the highest number that was given. */
  | { readonly op: "close"; readonly last: number };

/** What the worker answers to an append. */
export type Written = { readonly unsaved: boolean };

/** `id` counts up within a session; an append's id is its ticket. */
export type JournalQuestion = { readonly id: number; readonly call: JournalCall };

/** The other end of the port that the search asks for blocks: see journal-source.ts. */
export type JournalHandOver = { readonly source: MessagePort };

export type JournalAnswer =
  | /** `lastSeq`: the highest number that may have been given. */
  { readonly kind: "ready"; readonly lastSeq: number; readonly state: JournalState; readonly problems: readonly Code[] }
  | { readonly kind: "refused"; readonly code: string; readonly params: Params }
  | { readonly kind: "state"; readonly state: JournalState; readonly problems: readonly Code[] }
  | /** Nothing that was answered as unsaved before waits any more. */ { readonly kind: "written" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly code: string; readonly params: Params };

/** Why the journal cannot do what was asked: a code that words.ts knows, with its parameters. */
export class JournalError extends Error {
  readonly code: string;
  readonly params: Params;
  constructor(code: string, params: Params = {}) {
    super(code);
    this.name = "JournalError";
    this.code = code;
    this.params = params;
  }
}
