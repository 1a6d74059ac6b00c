/** What travels between the search (event-search.ts) and its worker thread; structured clones, no functions. */
import type { MessagePort } from "node:worker_threads";
import type { Filter, Params } from "../../../../preload/contract.ts";

export type SearchStart = {
  /** The journal's folder. */
  readonly dir: string;
  /** Two numbers: see search-guard.ts. */
  readonly watched: SharedArrayBuffer;
};

/** As the journal's own questions; "clear" is answered when nothing of the stream is left in any file. */
export type SearchQuestion =
  | { readonly ask: "tail"; readonly stream: string; readonly filter: Filter; readonly limit: number }
  | {
      readonly ask: "window";
      readonly stream: string;
      readonly filter: Filter;
      readonly from: number;
      readonly limit: number;
    }
  | { readonly ask: "placeOf"; readonly stream: string; readonly filter: Filter; readonly at: number }
  | {
      readonly ask: "read";
      readonly stream: string;
      readonly filter: Filter;
      readonly after: number;
      readonly limit: number;
    }
  | { readonly ask: "clear"; readonly stream: string };

/** Numbers of records, oldest first; `place` where it was asked for. */
export type SearchAnswer = {
  readonly seqs: readonly number[];
  readonly matching: number;
  readonly exact: boolean;
  readonly place: number;
  readonly behind: number;
};

export type ToSearch =
  | { readonly kind: "source"; readonly port: MessagePort }
  | { readonly kind: "ask"; readonly id: number; readonly question: SearchQuestion }
  /** The thread ends by itself, between two steps. */
  | { readonly kind: "close" };

export type FromSearch =
  | { readonly kind: "answer"; readonly id: number; readonly answer: SearchAnswer }
  | { readonly kind: "error"; readonly id: number; readonly code: string; readonly params: Params }
  | { readonly kind: "log"; readonly code: string };
