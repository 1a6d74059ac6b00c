/** Where the search has its events from: blocks of records that come, go and are merged while it works. */
import type { Block } from "../block.ts";
import type { SourceBlock } from "../journal-source.ts";

export type { SourceBlock };

/** Told in the order in which things happened. "reset": nothing that was known before holds; `streams` is asked anew. */
export type SourceNews =
  | { readonly kind: "added"; readonly stream: string; readonly block: SourceBlock }
  | { readonly kind: "removed"; readonly stream: string; readonly firsts: readonly number[] }
  | { readonly kind: "cleared"; readonly stream: string }
  | { readonly kind: "reset" };

export type BlockSource = {
  streams(): Promise<readonly string[]>;
  /** Oldest first. News that came before the answer is in it. */
  blocks(stream: string): Promise<readonly SourceBlock[]>;
  /** Null: it is no more. Rejects when it cannot be read. */
  read(stream: string, first: number): Promise<Block | null>;
  /** One listener; it is called for what happens from now on. */
  listen(told: (news: SourceNews) => void): void;
};
