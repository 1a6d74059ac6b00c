/**
 * The sentences of the connection bar and the sidebar: state, then cause, then evidence. Without a measured cause they say what was
 * seen. Pure: the time is an argument.
 */
import type { FailureView, StreamView } from "../../preload/contract.ts";
import { isCalmWait, type StreamState, stateOf } from "../stream-state.ts";
import type { Language } from "./language.tsx";
import { exhaustedWords, originOf, waitWords, wayFacts } from "./way-words.ts";

/** How long until the next attempt, and never more than the whole wait: `now` may be a second old. Null when none is planned. */
export function waitLeft({ phase, retryAt, retryDelayMs }: StreamView, now: number): number | null {
  if (phase !== "waiting" || retryAt === null) return null;
  return Math.max(0, Math.min(retryAt - now, retryDelayMs ?? Number.POSITIVE_INFINITY));
}

/** "3 s ago", "just now"; null when no byte ever came. */
export function sinceByte({ say, format }: Language, stream: StreamView, now: number): string | null {
  if (stream.lastByteAt === null) return null;
  const age = Math.max(0, now - stream.lastByteAt);
  return age < 1000 ? say("age.now") : say("age.ago", { age: format.age(age) });
}

/** Since when a held stream gave no whole event; `partial` when it once did on this connection. Null before it is known. */
function heldFor({ openedAt, lastEventAt }: StreamView, now: number): { ms: number; partial: boolean } | null {
  if (openedAt === null) return null;
  const partial = lastEventAt !== null && lastEventAt >= openedAt;
  return { ms: Math.max(0, now - (partial ? lastEventAt : openedAt)), partial };
}

/** The line under a stream's name: its state word and one fact. */
export function sideFact(language: Language, stream: StreamView, now: number): string {
  const { say, format, cause } = language;
  const state = stateOf(stream);
  const word = say(`state.${state}`);
  const join = (fact: string | null): string =>
    fact === null || fact === "" ? word : say("side.fact", { state: word, fact });
  switch (state) {
    case "live":
      return join(sinceByte(language, stream, now));
    case "silent":
      return join(stream.lastByteAt === null ? null : format.age(now - stream.lastByteAt));
    case "held": {
      const held = heldFor(stream, now);
      return join(held === null ? null : say("side.held", { age: format.age(held.ms) }));
    }
    case "connecting":
      return join(stream.attempt > 0 ? say("side.try", { attempt: stream.attempt + 1 }) : null);
    case "waiting": {
      const left = waitLeft(stream, now);
      return left === null ? word : say("side.waiting", { state: word, left: format.countdown(left) });
    }
    case "offline":
      return join(stream.downSince === null ? null : say("side.since", { time: format.moment(stream.downSince, now) }));
    case "halted":
      // In so little room a status says more than the start of its sentence.
      return join(stream.failure === null ? null : (stream.failure.status?.toString() ?? cause(stream.failure)));
    default:
      return word;
  }
}

/** The cause, after the state word. */
export function causeLine(language: Language, stream: StreamView, now: number): string {
  const { say, format, cause } = language;
  const since = sinceByte(language, stream, now);
  const age = stream.lastByteAt === null ? "" : format.age(now - stream.lastByteAt);
  switch (stateOf(stream)) {
    case "live":
      return since === null ? say("bar.open") : say("bar.live", { since });
    case "silent":
      if (stream.lastByteAt === null) return say("bar.open");
      if (stream.rhythmMs === null) return say("bar.silent.unlearned", { age });
      return say("bar.silent", { age, rhythm: format.duration(stream.rhythmMs) });
    case "held": {
      const held = heldFor(stream, now);
      if (held === null) return say("bar.open");
      return say(held.partial ? "bar.held.partial" : "bar.held", { age: format.age(held.ms) });
    }
    case "connecting":
      return say("bar.connecting", { origin: originOf(stream.endpoint) });
    case "offline":
      return stream.downSince === null
        ? say("bar.offline")
        : say("bar.offline.since", { time: format.moment(stream.downSince, now) });
    case "asleep":
      return say("bar.asleep");
    case "paused":
      return say("bar.paused");
    default: {
      if (stream.failure === null) return "";
      const words = cause(stream.failure);
      return stream.attempt > 1 && stream.phase === "waiting" && !isCalmWait(stream)
        ? say("bar.nth", { cause: words, attempt: stream.attempt })
        : words;
    }
  }
}

/**
 * What was measured, joined to one line; before it which way is gone, and why a wait is as long as it is. How long it has been
 * open comes first: where the line is cut, that is kept.
 */
export function evidenceLine(language: Language, stream: StreamView, now: number): string {
  const { say } = language;
  const state = stateOf(stream);
  const way = state === "paused" || state === "halted" ? [] : wayFacts(language, stream);
  const facts = [
    ...openFacts(language, stream, state, now),
    ...waitFacts(language, stream),
    ...way,
    ...proxyFacts(language, stream, state),
  ];
  return [...facts, ...evidence(language, stream, state, now)].join(say("separator"));
}

/** By which proxy it is tried; of an open stream the list of its ways says it, and of a proxy that failed the failure's own facts. */
function proxyFacts({ say }: Language, { proxy, failure, phase }: StreamView, state: StreamState): string[] {
  const isSaid = failure !== null && "proxy" in failure.params;
  return proxy === null || isSaid || phase === "open" || state === "paused" || state === "offline"
    ? []
    : [say("evidence.proxy", { proxy })];
}

function openFacts({ say, format }: Language, { openedAt }: StreamView, state: StreamState, now: number): string[] {
  return state === "live" && openedAt !== null ? [say("evidence.open", { age: format.age(now - openedAt) })] : [];
}

function waitFacts(language: Language, stream: StreamView): string[] {
  return [waitWords(language, stream), exhaustedWords(language, stream)].filter((words) => words !== null);
}

function evidence(language: Language, stream: StreamView, state: StreamState, now: number): string[] {
  const { say, format } = language;
  const facts: string[] = [];
  const last = sinceByte(language, stream, now);
  if (state === "live" || state === "held") {
    facts.push(...pathFacts(language, stream));
    if (state === "live" && stream.rhythmMs !== null)
      facts.push(say("evidence.rhythm", { rhythm: format.duration(stream.rhythmMs) }));
    return facts;
  }
  if (state === "silent") {
    const left = stream.lastByteAt === null ? 0 : stream.lastByteAt + stream.idleTimeoutMs - now;
    if (left > 0) facts.push(say("evidence.patience", { left: format.age(left) }));
    return [...facts, ...pathFacts(language, stream)];
  }
  if (state === "offline") facts.push(say("evidence.offline"));
  if (state === "paused" && stream.lastEventId !== "") facts.push(say("evidence.paused"));
  // Before the first event nobody knows whether the server gives ids.
  else if (state === "paused" && stream.events > 0) facts.push(say("evidence.paused.noIds"));
  if (state === "halted") facts.push(say("evidence.final"));
  if (state === "asleep") facts.push(say("evidence.asleep"));
  if (state === "connecting" && stream.attempt > 0) facts.push(say("side.attempt", { attempt: stream.attempt + 1 }));
  if (stream.failure !== null && state !== "offline") facts.push(...failureFacts(language, stream.failure));
  if (last !== null) facts.push(say("evidence.lastByte", { since: last }));
  return facts;
}

function pathFacts({ say, format }: Language, stream: StreamView): string[] {
  const facts: string[] = [];
  if (stream.headersMs !== null) facts.push(say("evidence.headers", { time: format.duration(stream.headersMs) }));
  const { hops } = stream.path;
  if (hops.length > 0) facts.push(say("path.through", { names: hopNames({ say }, hops) }));
  const cut = cutWords({ say, format }, stream);
  if (cut !== null) facts.push(cut);
  return facts;
}

/** Who stands on the way, nearest first. */
export function hopNames({ say }: Pick<Language, "say">, hops: StreamView["path"]["hops"]): string {
  return hops.map(({ name }) => (name === "" ? say("path.stranger") : name)).join(say("path.then"));
}

/** After which silence the path cuts, and what is done about it; null where nothing is known. */
export function cutWords({ say, format }: Pick<Language, "say" | "format">, { path }: StreamView): string | null {
  if (path.idleCutMs === null) return null;
  return say(path.renews ? "path.cuts.renews" : "path.cuts", { time: format.duration(path.idleCutMs) });
}

/** What main measured beside the kind of a failure; each part only when it is there. */
export function failureFacts({ say, sayCode, format }: Language, failure: FailureView): string[] {
  const { host, afterMs, limit, contentType, location, encoding, code, advice, proxy } = failure.params;
  const facts: string[] = [];
  if (typeof proxy === "string") facts.push(say("evidence.proxy", { proxy }));
  if (typeof advice === "string") facts.push(sayCode("advice", advice, failure.params, "advice.unknown"));
  if (typeof afterMs === "number") facts.push(say("evidence.after", { time: format.duration(afterMs) }));
  if (failure.status !== null && /^(http-status|server-error)$/.test(failure.kind))
    facts.push(say("evidence.status", { status: String(failure.status) }));
  if (typeof contentType === "string" && contentType !== "") facts.push(say("evidence.contentType", { contentType }));
  if (typeof location === "string" && location !== "") facts.push(say("evidence.location", { location }));
  if (typeof encoding === "string" && encoding !== "") facts.push(say("evidence.encoding", { encoding }));
  if (typeof limit === "number") facts.push(say("evidence.limit", { limit: format.bytes(limit) }));
  if (typeof host === "string" && host !== "") facts.push(host);
  if (typeof code === "string" && code !== "") facts.push(code);
  return facts;
}
