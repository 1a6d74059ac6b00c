/** Facts as a probe would have measured them, for the tests of the diagnosis: a healthy stream, and what differs from it. */
import type { AnswerSeen, ArrivalsSeen, EndingSeen } from "../../main/core/detection/observation.ts";
import { type Facts, nothingMeasured, type Watch } from "../../main/core/diagnosis/facts.ts";
import type { HopView } from "../../preload/contract.ts";

type Headers = AnswerSeen["headers"];

export function anAnswer(status: number, more: Partial<AnswerSeen> = {}): AnswerSeen {
  return {
    what: "answer",
    to: "path",
    forwarded: false,
    unrouted: false,
    status,
    httpVersion: "1.1",
    headers: [],
    framing: status === 200 ? "chunked" : "length",
    body: "",
    headersMs: 5,
    ...more,
  };
}

/** Bursts at a beat: each so many ms, with so many events and so late. */
export function beats(
  count: number,
  everyMs: number,
  each: Partial<ArrivalsSeen["bursts"][number]> = {},
): ArrivalsSeen {
  const bursts = Array.from({ length: count }, (_, i) => ({
    atMs: 2 + i * everyMs,
    bytes: 60,
    events: 1,
    comments: i % 10 === 5 ? 1 : 0,
    lagMs: 1,
    ...each,
  }));
  return { what: "arrivals", firstByteMs: bursts[0]?.atMs ?? null, watchedMs: 100 + count * everyMs, bursts };
}

export const silence = (watchedMs: number): ArrivalsSeen => ({
  what: "arrivals",
  firstByteMs: null,
  watchedMs,
  bursts: [],
});

export function aWatch(more: Partial<Watch> = {}): Watch {
  return {
    answer: anAnswer(200, { headers: [["Content-Type", "text/event-stream"]] }),
    failure: null,
    waitedMs: 5,
    isStream: true,
    contentType: "text/event-stream",
    encoding: "",
    bodyBytes: 1500,
    arrivals: beats(22, 100),
    ending: null,
    serverTimingMs: null,
    ...more,
  };
}

export const opened = (headers: Headers, more: Partial<Watch> = {}, answer: Partial<AnswerSeen> = {}): Watch =>
  aWatch({
    answer: anAnswer(200, { headers: [["Content-Type", "text/event-stream"], ...headers], ...answer }),
    ...more,
  });

/** An answer that is no stream. */
export const answered = (status: number, more: Partial<AnswerSeen> = {}, watch: Partial<Watch> = {}): Watch =>
  aWatch({
    answer: anAnswer(status, more),
    isStream: false,
    contentType: "",
    arrivals: null,
    bodyBytes: more.body?.length ?? 0,
    ...watch,
  });

/** Connected, and nothing came. */
export const mute = (waitedMs = 8500): Watch =>
  aWatch({
    answer: null,
    failure: { what: "failure", kind: "headers-timeout", forwarded: false, afterMs: waitedMs },
    waitedMs,
    isStream: false,
    contentType: "",
    arrivals: null,
    bodyBytes: 0,
  });

export const ending = (how: EndingSeen["how"], openMs: number, idleMs: number): EndingSeen => ({
  what: "ending",
  how,
  openMs,
  idleMs,
  framing: "chunked",
});

/** One greeting, and an end after so long a silence. */
export const cutAfter = (idleMs: number, how: EndingSeen["how"] = "truncated", comments = 0): Watch =>
  aWatch({ arrivals: beats(1, 100, { comments }), ending: ending(how, idleMs + 2, idleMs) });
/** It flows, each 100 ms, and ends in the middle of it. */
export const flowing = (
  openMs: number,
  how: EndingSeen["how"] = "truncated",
  framing: "chunked" | "close" = "chunked",
) => opened([], { arrivals: beats(Math.floor(openMs / 100), 100), ending: ending(how, openMs, 90) }, { framing });
/** A healthy stream of ten stamped events a second, everything asked that is asked without being told to. */
export const wellFacts: Facts = {
  ...nothingMeasured,
  host: "127.0.0.1",
  port: "80",
  path: "/events",
  network: "loopback",
  dns: { tookMs: 0, failure: null, addresses: 1, literal: true },
  tcp: { tookMs: 1, failure: null },
  redirects: { count: 0, login: false, refused: null, otherHost: false },
  plain: aWatch(),
  unrouted: anAnswer(404, { unrouted: true, body: '{"error":"none"}' }),
  compressed: aWatch(),
  repeat: { watch: aWatch(), seenBefore: 0 },
  resume: { outcome: "honoured" },
  websocket: { status: 200 },
  headersMs: { path: [5, 6, 5], direct: [] },
  holds: [aWatch({ arrivals: beats(80, 100) })],
};

export const aHop = (product: string, confidence = 0.9, role: HopView["role"] = "reverse"): HopView => ({
  product,
  version: null,
  role,
  confidence,
  evidence: [],
});
