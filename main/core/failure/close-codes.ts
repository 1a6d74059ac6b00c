/**
 * What a WebSocket's close code means. Only what the code alone says; which ends were planned is the machine's to know.
 * Sources: RFC 6455 §7.4 and the IANA registry below 3000; above it everybody has his own, so only habits that several
 * servers share are taken for more than "closed".
 */
import type { FailureView } from "../../../preload/contract.ts";

export type CloseMeaning = {
  readonly family: FailureView["family"];
  readonly kind: string;
  /** Coming back unchanged would end the same way. */
  readonly final: boolean;
};

type Row = readonly [from: number, to: number, family: FailureView["family"], kind: string, final?: boolean];

const rows: readonly Row[] = [
  [1000, 1000, "SERVER", "ended"],
  [1001, 1001, "SERVER", "going-away"],
  [1002, 1003, "SERVER", "protocol"],
  // A close frame without a code.
  [1005, 1005, "SERVER", "ended"],
  // No close frame at all: cut, as a stream that is truncated.
  [1006, 1006, "PROXY", "dropped"],
  [1007, 1007, "SERVER", "protocol"],
  // Said of bad credentials by many, of slow readers and too many requests by others: neither AUTH nor an end by itself.
  [1008, 1008, "SERVER", "policy"],
  [1009, 1009, "SERVER", "event-too-large"],
  [1010, 1010, "SERVER", "protocol"],
  [1011, 1011, "SERVER", "server-error"],
  [1012, 1012, "SERVER", "going-away"],
  [1013, 1013, "SERVER", "try-later"],
  [1014, 1014, "PROXY", "bad-gateway"],
  [1015, 1015, "SERVER", "tls"],
  // Centrifugo's terminal hundreds: wrong token, bad request, forced off. Nobody else is known to use them.
  [3500, 3999, "SERVER", "closed-for-good", true],
  // Pusher's three hundreds, kept by all that speak its protocol: not like this; in a while (≥ 1 s); again.
  [4000, 4099, "SERVER", "closed-for-good", true],
  [4100, 4199, "SERVER", "try-later"],
  [4200, 4299, "SERVER", "going-away"],
  // 4000 + an HTTP status, as GraphQL's protocol has it.
  [4401, 4401, "AUTH", "unauthorized"],
  [4403, 4403, "AUTH", "forbidden"],
  [4429, 4429, "SERVER", "too-many-requests"],
  // Not final, although Centrifugo's 4500–4999 are: GraphQL's 4500 is a server that failed, and nothing tells them apart.
];

/** Ends that a server plans: it says good-bye, restarts, or somebody cuts at a regular age. */
const plannable: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1012]);

/** @param code as the WebSocket says it; 1005 and 1006 stand for "none" and "cut" */
export function closeMeaning(code: number): CloseMeaning {
  const row = rows.find(([from, to]) => code >= from && code <= to);
  if (row === undefined) return { family: "SERVER", kind: "closed-by-server", final: false };
  const [, , family, kind, final = false] = row;
  return { family, kind, final };
}

/** Whether such an end can have been planned; whether this one was is known by its age and by what came before. */
export function canBePlanned(code: number): boolean {
  return plannable.has(code);
}
