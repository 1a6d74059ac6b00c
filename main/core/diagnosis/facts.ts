/**
 * All that the probes of a diagnosis measured, as plain facts: counted and timed, never quoted. Types and a blank only; what
 * the facts mean is rules.ts. A part that is null was not measured, and nothing may be concluded from it.
 */
import type { AnswerSeen, ArrivalsSeen, EndingSeen, FailureSeen } from "../detection/observation.ts";

/** How the requests travelled. `tunnel`: a forward proxy was asked for a tunnel, not by whole addresses. */
export type RouteFact = { readonly kind: "direct" | "http" | "https" | "socks5"; readonly tunnel: boolean };

/** Took so long, or failed with a code of main/core/failure after so long. */
export type Timed = { readonly tookMs: number; readonly failure: string | null };

/** What a forward proxy said, where it did not let us through. */
export type ProxyTrouble =
  | { readonly why: "unreachable" | "silent" | "closed"; readonly status: null; readonly squidError: null }
  | { readonly why: "auth" | "denied" | "refused"; readonly status: number; readonly squidError: string | null };

export type ProxyFact = {
  readonly tookMs: number;
  readonly trouble: ProxyTrouble | null;
  /** What it answered to CONNECT; null: it was not asked that, or said nothing. */
  readonly answer: AnswerSeen | null;
};

export type TlsFact = {
  readonly tookMs: number;
  readonly protocol: string | null;
  readonly trouble:
    | "expired"
    | "not-yet"
    | "name"
    | "issuer"
    | "self-signed"
    | "intercepted"
    | "handshake"
    | "not-tls"
    | "silent"
    | null;
  /** Who signed the server's certificate, by its own words. */
  readonly issuer: string | null;
  /** Whole days until it expires, negative after that. */
  readonly daysLeft: number | null;
};

/** Where redirects led before the final answer. */
export type RedirectFact = {
  readonly count: number;
  /** The last address looks like a page to sign in at. */
  readonly login: boolean;
  /** Why the last one was not followed; null: all were. */
  readonly refused: "no-location" | "too-many" | "refused" | "loop" | "no-way" | null;
  /** The last one led to another host. */
  readonly otherHost: boolean;
};

/** One GET for the stream, from departure to the end of the watch. */
export type Watch = {
  /** null: no final headers came. */
  readonly answer: AnswerSeen | null;
  readonly failure: FailureSeen | null;
  /** How long it was waited for headers, ms. */
  readonly waitedMs: number;
  /** The media type is an event stream's. */
  readonly isStream: boolean;
  readonly contentType: string;
  /** Value of Content-Encoding in lower case; "" without one. */
  readonly encoding: string;
  /** Bytes of the body as they came, compressed or not. */
  readonly bodyBytes: number;
  readonly arrivals: ArrivalsSeen | null;
  /** How it ended by another's hand; null: it was still open when the watch ended. */
  readonly ending: EndingSeen | null;
  /** `proxy;dur=` of Server-Timing, ms. */
  readonly serverTimingMs: number | null;
  /** The last event before its end was `[DONE]`: by that, streams of language models say that they are through. */
  readonly saidDone?: boolean;
  /** What came is not what its Content-Encoding says. */
  readonly unreadable?: boolean;
  /** Its ids, where they are whole numbers: how often one followed on the last, and how many were left out. */
  readonly ids?: { readonly steps: number; readonly missing: number };
};

export type ResumeFact = {
  /** `refused` only: what was answered to the id, or with which code of main/core/failure the request failed. */
  readonly refusal?: { readonly status: number | null; readonly failure: string | null };
  /** `refused`: twice with an id there was no stream, and between them without one there was; `no-ids`: events came, and none had one to ask with; `unclear`: nothing came that could show it. */
  readonly outcome: "honoured" | "ignored" | "refused" | "no-ids" | "unclear";
  /** An answer came; what that left open, more time would not close. */
  readonly settled?: boolean;
};

/** A request that was made to try a resume or another protocol, where its answer says something: with the id of an event or without. */
export type ReconnectFact = { readonly withId: boolean; readonly watch: Watch };

export type RepeatFact = {
  readonly watch: Watch;
  /** Events that the watch before had seen already, without having asked for them. */
  readonly seenBefore: number;
};

export type IdleFact = {
  /** The longest silence that the stream survived or was cut after, ms. */
  readonly silentMs: number;
  readonly watchedMs: number;
  readonly cut: EndingSeen | null;
};

export type Facts = {
  /** Of the place asked last: where redirects lead elsewhere, what is measured and what is to be changed is there. */
  readonly encrypted: boolean;
  /** Of that place, for the lines to change; never with a query. */
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly route: RouteFact;
  readonly network: "online" | "offline" | "loopback" | null;
  /** `literal`: the target is an address, so that there is no name to look up. */
  readonly dns: (Timed & { readonly addresses: number; readonly literal: boolean }) | null;
  readonly proxy: ProxyFact | null;
  /** Proxies of the list before the way that was taken: they were at fault, and the streams would go on likewise. */
  readonly passedBy: readonly ProxyFact[];
  readonly tcp: Timed | null;
  readonly tls: TlsFact | null;
  /** From the first redirect on, also where the way to its target fails. */
  readonly redirects: RedirectFact | null;
  /** Status of the last redirect that was followed; null: none was. */
  readonly redirectStatus: number | null;
  /** As Holdfast asks: without compression. */
  readonly plain: Watch | null;
  /** The answer to a path that no route should have. */
  readonly unrouted: AnswerSeen | null;
  /** As browsers ask: with compression allowed. */
  readonly compressed: Watch | null;
  /** The same before it, where that got no headers in the time: one slow answer is nobody's compression. */
  readonly compressedBefore: Watch | null;
  readonly repeat: RepeatFact | null;
  readonly resume: ResumeFact | null;
  /** In their order. */
  readonly reconnects: readonly ReconnectFact[];
  readonly http2: {
    readonly offered: boolean;
    readonly streams: boolean | null;
    readonly headersMs: number | null;
  } | null;
  readonly websocket: { readonly status: number | null } | null;
  /** Around the proxies, where the user gave an address for it. */
  readonly direct: Watch | null;
  /** It was asked there with every header that the user gave for the path, so that a credential may be among both. */
  readonly directDressed: boolean;
  /** Times to headers of all requests for the stream, through the path and around it, ms. */
  readonly headersMs: { readonly path: readonly number[]; readonly direct: readonly number[] };
  /**
   * One stream, held open with the time that was left because all looked well; where it was ended, a second one after it. It may
   * not have opened.
   */
  readonly holds: readonly Watch[];
  readonly idle: IdleFact | null;
  /** The stream as it was listened to for that. */
  readonly listened: Watch | null;
  /** Time that everything but the idle measurement had, ms. */
  readonly budgetMs: number;
};

/** Nothing is known yet. */
export const nothingMeasured: Facts = {
  encrypted: false,
  host: "",
  port: "",
  path: "/",
  route: { kind: "direct", tunnel: false },
  network: null,
  dns: null,
  proxy: null,
  passedBy: [],
  tcp: null,
  tls: null,
  redirects: null,
  redirectStatus: null,
  plain: null,
  unrouted: null,
  compressed: null,
  compressedBefore: null,
  repeat: null,
  resume: null,
  reconnects: [],
  http2: null,
  websocket: null,
  direct: null,
  directDressed: true,
  headersMs: { path: [], direct: [] },
  holds: [],
  idle: null,
  listened: null,
  budgetMs: 0,
};
