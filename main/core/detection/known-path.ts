/** What is known of one way to a stream and outlives a run: who stands on it, and after which silence it cuts. */
import type { HopView } from "../../../preload/contract.ts";
import { idleDefaults } from "./signatures.ts";

/** A hop without its evidence. */
export type KnownHop = Omit<HopView, "evidence">;

export type KnownPath = {
  /** Nearest first. */
  readonly hops: readonly KnownHop[];
  /** ms; null: no cut is known. */
  readonly idleCutMs: number | null;
};

export const unknownPath: KnownPath = { hops: [], idleCutMs: null };

const maxHops = 8;
/** Below this a name is a hint, on which nothing is built. */
export const likely = 0.6;

/**
 * What is seen now with what was seen before: what a path showed only when it failed is not forgotten because it goes well.
 * A product keeps the greater confidence; the order is that of what is seen now.
 */
export function mergedHops(seen: readonly HopView[], before: readonly KnownHop[]): KnownHop[] {
  const now = seen.map(({ evidence: _, ...hop }) => {
    const old = before.find(({ product }) => product === hop.product);
    return old !== undefined && old.confidence > hop.confidence
      ? { ...hop, confidence: old.confidence, version: hop.version ?? old.version }
      : hop;
  });
  const rest = before.filter((old) => !now.some(({ product }) => product === old.product));
  return [...now, ...rest].slice(0, maxHops);
}

/** What somebody on the path does with silence by default, ms; null: nobody who is likely there is known to. */
export function idleDefaultOf(hops: readonly KnownHop[]): number | null {
  const known = hops.filter(({ confidence }) => confidence >= likely).map(({ product }) => idleDefaults[product]);
  return known.find((ms) => ms !== undefined) ?? null;
}

export function isSamePath(a: KnownPath, b: KnownPath): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
