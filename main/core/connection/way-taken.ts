/**
 * What an opening says of the way it took, for the mark in the list: the place of the candidate, and whether that is another
 * one than before. It chooses nothing: that is candidates.ts.
 */
import type { Policy } from "./connection-state.ts";

/** `failover`: on to another address; `failback`: to one that is preferred; `fallback`: to WebSocket, as no SSE works. */
export type Move = "failover" | "failback" | "fallback";

/** `place` counts from 1 in the order of preference; it is missing where the order is none, because quality or luck chose. */
export type Taken = { readonly place?: number; readonly move?: Move };

/** @param before the candidate that was open last; null: none in this run */
export function wayTaken(policy: OrderOf, before: number | null, now: number): Taken {
  const { candidates, balance, discover } = policy;
  const place = balance || discover ? {} : { place: now + 1 };
  if (before === null || before === now) return place;
  const [from, to] = [candidates[before]?.transport, candidates[now]?.transport];
  if (from !== to) return { ...place, move: to === "websocket" ? "fallback" : "failback" };
  return { ...place, move: now < before && !balance ? "failback" : "failover" };
}

type OrderOf = Pick<Policy, "candidates" | "balance" | "discover">;
