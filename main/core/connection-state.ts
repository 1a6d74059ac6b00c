/**
 * The words of the connection machine: what it is told, what it asks for, and what is true in each phase. No decisions:
 * those are connection.ts, and what silence means is health.ts.
 */
import type { Health } from "../../preload/contract.ts";
import type { Backoff } from "./backoff.ts";
import type { Evidence, Failure } from "./failure.ts";
import { type Rhythm, unknownRhythm } from "./rhythm.ts";

/** What the outside world supplies with every event: monotonic whole milliseconds, and one draw in [0, 1). */
export type Moment = { readonly now: number; readonly random: number };

export type Policy = {
  readonly backoff: Backoff;
  /** TCP and TLS together, ms. */
  readonly connectTimeoutMs: number;
  /** From the start of the attempt to the final headers, ms. */
  readonly headersTimeoutMs: number;
  /** Silence after which an open connection is given up, ms; null: learned from the stream's rhythm. */
  readonly idleTimeoutMs: number | null;
  /** Failures are forgotten after this long open, ms; an event forgets them at once. Being open alone never does. */
  readonly resetAfterMs: number;
  /** Whether a request that was sent may be sent again: true for GET, the user's word for anything else. */
  readonly repeatable: boolean;
};

/** Numbers of the product's promise: connect 10 s, final headers 15 s, forgiveness 60 s. */
export const defaultDeadlines = { connectTimeoutMs: 10_000, headersTimeoutMs: 15_000, resetAfterMs: 60_000 } as const;
/** The consuming connection, or what stands in its place. Says only what is true in its phase. */
export type Link =
  | { readonly phase: "idle" }
  | { readonly phase: "offline" }
  | { readonly phase: "halted"; readonly failure: Failure }
  | { readonly phase: "waiting"; readonly failure: Failure; readonly delayMs: number; readonly until: number }
  | {
      readonly phase: "connecting";
      readonly generation: number;
      readonly startedAt: number;
      /** The socket is there and the request is on its way: it must be assumed to have arrived. */
      readonly sent: boolean;
    }
  | {
      readonly phase: "open";
      readonly generation: number;
      readonly openedAt: number;
      /** Last byte, headers included. */
      readonly byteAt: number;
      /** Last complete event or comment; null before the first. */
      readonly progressAt: number | null;
      /** First byte since then: something has begun and is not complete; null when nothing has. */
      readonly pendingSince: number | null;
      readonly health: Health;
    };

/** A connection that only asks whether a path works: it never yields an event. Made by failback and wake-up. */
export type Probe = { readonly generation: number };

export type State = {
  readonly link: Link;
  readonly probe: Probe | null;
  /** The last number given to a connection; each has its own. */
  readonly generation: number;
  /** Attempts that failed since the connection last proved useful. */
  readonly failures: number;
  /** 401 and 403 in a row. */
  readonly refusals: number;
  /** Was open at least once. */
  readonly worked: boolean;
  /** The server's `retry:`, clamped to 0.5–60 s; null before it sent one. */
  readonly retryMs: number | null;
  readonly rhythm: Rhythm;
  /** When the one timer is set for; null: not set. */
  readonly timerAt: number | null;
};

export const initialState: State = {
  link: { phase: "idle" },
  probe: null,
  generation: 0,
  failures: 0,
  refusals: 0,
  worked: false,
  retryMs: null,
  rhythm: unknownRhythm,
  timerAt: null,
};

/** What a transport tells of one connection. Bytes are counted before what they complete is told. */
export type TransportEvent =
  | { readonly type: "connected" }
  | { readonly type: "opened"; readonly answer: Answer }
  | { readonly type: "bytes"; readonly count: number }
  | { readonly type: "event"; readonly event: ParsedEvent }
  | { readonly type: "comment"; readonly text: string }
  /** A block without data moved the last event id. */
  | { readonly type: "cursor"; readonly lastEventId: string }
  | { readonly type: "retry"; readonly retryMs: number }
  /** We did not read for a while, because we could not keep what came: that silence was ours. */
  | { readonly type: "unread" }
  /** Nothing is incomplete: what came was a heartbeat or a field without an event. */
  | { readonly type: "settled" }
  /** Something of the stream could not be taken; the connection goes on. */
  | { readonly type: "skipped"; readonly reason: "event-too-large"; readonly bytes: number }
  | { readonly type: "failed"; readonly evidence: Evidence };

/** What is known of an answer that opened a stream. */
export type Answer = {
  /** Origin and path it came from, after redirects. */
  readonly address: string;
  readonly server: string | null;
  readonly httpVersion: string;
  /** The id that was asked from, as sent to this origin; "" when none was. */
  readonly askedFrom: string;
};

/** One event as parsed; `id` is null when its block had none or one that broke a limit. */
export type ParsedEvent = {
  readonly id: string | null;
  readonly lastEventId: string;
  readonly type: string;
  readonly data: string;
  readonly bytes: number;
  readonly flags: readonly ("id-ignored" | "type-cut")[];
};

export type Event =
  | { readonly type: "start" | "stop" | "retryNow" | "timer" }
  | { readonly type: "network"; readonly online: boolean }
  /** The request leaves now: what was asked of our own disk before is not the server's delay. */
  | { readonly type: "dialling"; readonly generation: number }
  | (TransportEvent & { readonly generation: number });

export type Effect =
  | { readonly type: "connect" | "probe" | "disconnect"; readonly generation: number }
  /** Replaces the last timer; one that comes early finds nothing due and is set again. */
  | { readonly type: "setTimer"; readonly at: number };

/** The number of the connection whose words count, or null when there is none. */
export function consuming(link: Link): number | null {
  return link.phase === "connecting" || link.phase === "open" ? link.generation : null;
}
