/**
 * The words of the connection machine: what it is told, what it asks for, and what is true in each phase. No decisions:
 * those are connection.ts (what the user and the world want), outcome.ts (how a connection ended), deadlines.ts (what is due),
 * backoff.ts (how long to wait), candidates.ts (which one next), probes.ts (the way back), suspicion.ts and health.ts (silence).
 */
import type { Grade, Health } from "../../../preload/contract.ts";
import type { Transport } from "../events/record.ts";
import type { Evidence, Failure } from "../failure/failure.ts";
import { emptyQuality, type Quality } from "../quality/quality.ts";
import type { DelayRule } from "./backoff.ts";
import { type Rhythm, unknownRhythm } from "./rhythm.ts";
import { freshStanding, type Standing } from "./standings.ts";
import type { Strategies } from "./strategy.ts";

/** What the outside world supplies with every event: monotonic whole milliseconds, and one draw in [0, 1). */
export type Moment = { readonly now: number; readonly random: number };

/** One way to the stream: an address and how it is spoken to. All candidates of a stream are declared equal by the user. */
export type Candidate = {
  /** Names it for as long as the stream is planned like this: transport and address, without query. */
  readonly key: string;
  readonly transport: Transport;
  /** Scheme, host and port: what a server asks of one path (Retry-After) it asks of its others. */
  readonly origin: string;
  /** Its credential is fetched anew for every attempt, so that a refusal says nothing about the next one. */
  readonly freshCredential: boolean;
  /** Two candidates with the same word send the same credential; "" where they send none. */
  readonly credential: string;
};

export type Policy = {
  /** In the order of preference: SSE first, WebSocket after it. At least one. */
  readonly candidates: readonly Candidate[];
  /** The candidates are guesses at one server's paths: the first that answers with a stream or with 401 is the one. */
  readonly discover: boolean;
  /** Choose among those that work by measured quality instead of by their order. */
  readonly balance: boolean;
  readonly strategies: Strategies;
  /** The table's caps as they stand: neither the outage's age nor a minute's limit shortens a delay. */
  readonly strict: boolean;
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
  | {
      readonly phase: "waiting";
      readonly failure: Failure;
      /** Index of the candidate that is tried next. */
      readonly candidate: number;
      readonly delayMs: number;
      readonly until: number;
      /** Which rule made the delay. */
      readonly rule: DelayRule;
    }
  | {
      readonly phase: "connecting";
      readonly generation: number;
      readonly candidate: number;
      readonly startedAt: number;
      /** The request has left our own hands: before that, what takes time is our disk or our own turn-taking. */
      readonly dialled: boolean;
      /** The socket is there and the request is on its way: it must be assumed to have arrived. */
      readonly sent: boolean;
      /** A Last-Event-ID goes along. */
      readonly asked: boolean;
      /** The way out of this computer; null until the transport has told. */
      readonly via: Via | null;
    }
  | {
      readonly phase: "open";
      readonly generation: number;
      readonly candidate: number;
      readonly openedAt: number;
      /** Last byte, headers included. */
      readonly byteAt: number;
      /** Something complete has come, and be it a greeting. */
      readonly greeted: boolean;
      /** Last event, or whatever else was complete and no greeting; null before the first. */
      readonly wordAt: number | null;
      /** First byte of something that has begun and is not complete; null when nothing has. */
      readonly pendingSince: number | null;
      /** Events of this connection. */
      readonly events: number;
      /** An event came, or it has been open for `resetAfterMs`: its past failures are forgotten. */
      readonly proven: boolean;
      /** It has been open for `resetAfterMs`. */
      readonly lasting: boolean;
      readonly health: Health;
    };

/**
 * A connection that only asks whether a path works: it never yields an event. `failback`: is the preferred candidate
 * back? `wake`: does the path of the open connection still carry anything?
 */
export type Probe = {
  readonly generation: number;
  readonly candidate: number;
  readonly why: "failback" | "wake";
  readonly startedAt: number;
  readonly dialled: boolean;
  readonly sent: boolean;
  readonly via: Via | null;
  /** Final headers of a stream came; null before. */
  readonly openedAt: number | null;
  /** Wake probes in a row that found no network. */
  readonly tries: number;
};

export type State = {
  readonly link: Link;
  readonly probe: Probe | null;
  /** The last number given to a connection; each has its own. */
  readonly generation: number;
  /** What the world says of our interfaces; nothing is dialled while they are down. */
  readonly online: boolean;
  readonly asleep: boolean;
  /** Attempts that failed since the connection last proved useful. */
  readonly failures: number;
  /** The candidate to begin with: the preferred one, or what worked on the present network. */
  readonly first: number;
  /** By the index of policy.candidates. */
  readonly standings: readonly Standing[];
  /** Guesses only: the one that answered. */
  readonly pinned: number | null;
  /** The next attempt goes without Last-Event-ID: the server cannot take it. */
  readonly withoutId: boolean;
  /** First failure since the connection last proved useful, mono ms. */
  readonly outageSince: number | null;
  readonly quality: Quality;
  /** The word the connection had before the outage: it does not judge what it ends. */
  readonly gradeBefore: Grade;
  readonly rhythm: Rhythm;
  /** The probe that is planned, and when it became worth asking; null: the present candidate is the best, or nothing is open. */
  readonly nextProbe: (Pick<Probe, "why" | "tries"> & { readonly at: number; readonly since: number }) | null;
  /** A better candidate has proved itself: it is taken as soon as no event is half here. */
  readonly returnTo: number | null;
  /** When the one timer is set for; null: not set. */
  readonly timerAt: number | null;
};

/**
 * The state before the first event.
 * @param worked keys of candidates that are known to have been open in an earlier run
 */
export function initialState(policy: Policy, worked: readonly string[] = []): State {
  const isFound = ({ key, transport }: Candidate) => transport === "sse" && worked.includes(key);
  const found = policy.discover ? policy.candidates.findIndex(isFound) : -1;
  return {
    link: { phase: "idle" },
    probe: null,
    generation: 0,
    online: true,
    asleep: false,
    failures: 0,
    first: 0,
    standings: policy.candidates.map(({ key }) => ({ ...freshStanding, worked: worked.includes(key) })),
    pinned: found < 0 ? null : found,
    withoutId: false,
    outageSince: null,
    quality: emptyQuality,
    gradeBefore: "UNKNOWN",
    rhythm: unknownRhythm,
    nextProbe: null,
    returnTo: null,
    timerAt: null,
  };
}

/** By which way the attempt goes out of this computer. */
export type Via = {
  /** The proxy's scheme, host and port; null: directly. */
  readonly proxy: string | null;
  /** The proxy only carries: what comes once we are connected is the server's own. Otherwise it answers in its place. */
  readonly tunnel: boolean;
};

/** What is known of a candidate's path beside what the machine sees: by its marks, and from an earlier run. */
export type PathNews = {
  readonly candidate: number;
  /** What somebody on it does by default, ms; null: nobody is known who does. */
  readonly idleDefaultMs: number | null;
  /** Silence after which it cut when it was used last, ms. */
  readonly idleCutMs: number | null;
};

/** What a transport tells of one connection. Bytes are counted before what they complete is told. */
export type TransportEvent =
  /** Before each try; when a proxy fails the next of its list may follow. */
  | ({ readonly type: "via" } & Via)
  | { readonly type: "connected" }
  | { readonly type: "opened"; readonly answer: Answer }
  | { readonly type: "bytes"; readonly count: number }
  | Slice
  /** `isOpen`: a block goes on after it. */
  | { readonly type: "comment"; readonly text: string; readonly isOpen: boolean }
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

/**
 * The events that one read completed, oldest first: they came at one moment, and are taken in one step. What comes between
 * events (a comment, a `retry:`, something passed over) ends a slice, so that everything is told in its order. The machine looks
 * at `count` and `stamps` only.
 */
export type Slice = {
  readonly type: "events";
  readonly count: number;
  /** `stampedAt` of those that have one, in order. */
  readonly stamps: readonly number[];
  readonly events: readonly ParsedEvent[];
};

/** @param events at least one */
export function sliceOf(events: readonly ParsedEvent[]): Slice {
  let stamps: readonly number[] = unstamped;
  // Few have one: a decoder looks at the first of what arrives together, and at each 64th.
  for (const { stampedAt } of events) if (stampedAt !== null) stamps = [...stamps, stampedAt];
  return { type: "events", count: events.length, stamps, events };
}
const unstamped: readonly number[] = [];

/** One event as parsed; `id` is null when its block had none or one that broke a limit. */
export type ParsedEvent = {
  readonly id: string | null;
  readonly lastEventId: string;
  readonly type: string;
  readonly data: string;
  readonly bytes: number;
  readonly flags: readonly ("id-ignored" | "type-cut")[];
  /** When the server says it made it, UTC ms; null where it does not say. */
  readonly stampedAt: number | null;
};

export type Event =
  | { readonly type: "start" | "stop" | "retryNow" | "timer" }
  /** The network is there or not; `changed`: it is another one than before, `first`: the candidate that worked on it. */
  | { readonly type: "network"; readonly online: boolean; readonly changed: boolean; readonly first: number | null }
  /** The machine goes to sleep. */
  | { readonly type: "suspend" }
  /**
   * We run again after not running for a while; `stalledMs` of it has passed on the monotonic clock. `slept`: long enough for
   * connections to have died without a word.
   */
  | { readonly type: "wake"; readonly stalledMs: number; readonly slept: boolean }
  /** What is known of a candidate's path by its marks, or from an earlier run. */
  | ({ readonly type: "path" } & PathNews)
  /** The request leaves now: what was asked of our own disk before is not the server's delay. */
  | { readonly type: "dialling"; readonly generation: number; readonly asked: boolean }
  | (TransportEvent & { readonly generation: number });

export type Effect =
  /** Begin the consuming connection, or one that only asks. `withId`: send Last-Event-ID where there is one. */
  | {
      readonly type: "connect" | "probe";
      readonly generation: number;
      readonly candidate: number;
      readonly withId: boolean;
    }
  | { readonly type: "disconnect"; readonly generation: number }
  /** This candidate has proved useful on the present network: begin with it the next time. */
  | { readonly type: "remember"; readonly candidate: number }
  /** Replaces the last timer; one that comes early finds nothing due and is set again. */
  | { readonly type: "setTimer"; readonly at: number };

/** The number of the connection whose words count, or null when there is none. */
export function consuming(link: Link): number | null {
  return link.phase === "connecting" || link.phase === "open" ? link.generation : null;
}
