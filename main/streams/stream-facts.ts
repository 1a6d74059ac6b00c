/** What is known of one stream in this run, as its views show it. Times are UTC ms. */
import type { Failure } from "../core/failure/failure.ts";
import { address } from "../core/redact.ts";

export type Facts = {
  readonly events: number;
  readonly bytes: number;
  readonly lastByteAt: number | null;
  readonly lastEventAt: number | null;
  readonly openedAt: number | null;
  readonly downSince: number | null;
  readonly server: string | null;
  readonly httpVersion: string | null;
  readonly lastEventId: string;
  readonly lastFailure: Failure | null;
  /** The candidate that is used, tried or waited for. */
  readonly candidate: number;
  /** Origin and path of it; after redirects those that answered. */
  readonly endpoint: string;
  /** The proxy that the present or last attempt goes by, as scheme, host and port; null: directly. */
  readonly proxy: string | null;
  /** Events that came again after a reconnect and were not kept twice. */
  readonly duplicates: number;
  /** Events that were larger than may be taken, and passed over; each left a gap in the list. */
  readonly oversized: number;
  /** Failures that no rule knows: each of them is a rule that is missing. */
  readonly unknownFailures: number;
};

/** Before anything happened. @param url the first address */
export function blankFacts(url: string, lastEventId: string): Facts {
  return {
    events: 0,
    bytes: 0,
    lastByteAt: null,
    lastEventAt: null,
    openedAt: null,
    downSince: null,
    server: null,
    httpVersion: null,
    lastEventId,
    lastFailure: null,
    candidate: 0,
    endpoint: address(url),
    proxy: null,
    duplicates: 0,
    oversized: 0,
    unknownFailures: 0,
  };
}
