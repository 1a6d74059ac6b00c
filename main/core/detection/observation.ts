/**
 * What a path between us and an origin showed of itself, as plain facts: a transport or a probe writes them down, and
 * proxy-signature.ts says who they point to. No opinions here, and no contents of a stream.
 */

/** How the length of a body is told. `close`: it ends with the connection, so that a cut cannot be told from an end. */
export type Framing = "chunked" | "length" | "close" | "none" | "h2";

/** Final headers of one answer, whoever gave it. */
export type AnswerSeen = {
  readonly what: "answer";
  /** `connect`: a forward proxy's answer to CONNECT; `path`: what came back for the request itself. */
  readonly to: "path" | "connect";
  /** The request went as a proxy wants it (absolute form or in a tunnel), so that a forward proxy may have answered. */
  readonly forwarded: boolean;
  /** It was asked on purpose for a path that no route should have: what answers is likelier a proxy than the origin. */
  readonly unrouted: boolean;
  readonly status: number;
  readonly httpVersion: string;
  /** In the order of the wire; names as they were written there, because some proxies write all of them in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  /** The first 4,096 characters of what is not an event stream; "" otherwise. */
  readonly body: string;
  /** From the request's departure to the final headers, ms. */
  readonly headersMs: number;
};

/** How an open stream arrived: counted, never quoted. */
export type ArrivalsSeen = {
  readonly what: "arrivals";
  /** From the headers to the first byte of the body, ms; null: none came while it was watched. */
  readonly firstByteMs: number | null;
  readonly watchedMs: number;
  /** Reads that came together (≤ 20 ms apart) as one, oldest first, at most 1,000: more than a watch of a diagnosis has. */
  readonly bursts: readonly {
    /** Since the headers, ms. */
    readonly atMs: number;
    readonly bytes: number;
    readonly events: number;
    readonly comments: number;
    /** Arrival minus the origin's stamp of the oldest event in it, less the smallest of the whole watch, ms; null without stamps. */
    readonly lagMs: number | null;
  }[];
};

/** How an open stream ended by another's hand. */
export type EndingSeen = {
  readonly what: "ending";
  /** `clean`: a well-formed end; `truncated`: closed without one; `reset`: the connection was reset. */
  readonly how: "clean" | "truncated" | "reset";
  /** From the headers, ms. */
  readonly openMs: number;
  /** From the last byte, ms. */
  readonly idleMs: number;
  readonly framing: Framing;
};

/** A failure without an answer: refused, reset or silent before the final headers. */
export type FailureSeen = {
  readonly what: "failure";
  /** A code of main/core/failure, e.g. "refused", "headers-timeout". */
  readonly kind: string;
  readonly forwarded: boolean;
  readonly afterMs: number;
};

export type Observation = AnswerSeen | ArrivalsSeen | EndingSeen | FailureSeen;
