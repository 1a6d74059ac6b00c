/**
 * What is said of the ways a stream may go: which one it goes, why it waits just so long, and what each of the others is good for.
 * Total by type: a rule or a standing without words does not compile. Pure.
 */
import type { RetryRule, StreamView } from "../../preload/contract.ts";
import type { Key } from "../../preload/words.ts";
import type { Language } from "./language.tsx";

export type Way = StreamView["candidates"][number];
export type Standing = Way["standing"];

/** `waits`: the sentence of the bar. `mark`: the fact in the list. */
const rules: Readonly<Record<RetryRule, { waits: Key; mark: Key }>> = {
  family: { waits: "wait.family", mark: "mark.retry.family" },
  outage: { waits: "wait.outage", mark: "mark.retry.outage" },
  floor: { waits: "wait.floor", mark: "mark.retry.floor" },
  "next-candidate": { waits: "wait.next-candidate", mark: "mark.retry.next-candidate" },
  planned: { waits: "wait.planned", mark: "mark.retry.planned" },
  certificate: { waits: "wait.certificate", mark: "mark.retry.certificate" },
  "fresh-credential": { waits: "wait.fresh-credential", mark: "mark.retry.fresh-credential" },
  "without-id": { waits: "wait.without-id", mark: "mark.retry.without-id" },
  "network-back": { waits: "wait.network-back", mark: "mark.retry.network-back" },
  pace: { waits: "wait.pace", mark: "mark.retry.pace" },
};

/** Why the present wait is as long as it is; null while nothing is waited for. */
export function waitWords({ say, format }: Language, stream: StreamView): string | null {
  const { phase, retryRule, retryAskedMs, retryDelayMs, transport } = stream;
  if (phase !== "waiting" || retryRule === null) return null;
  if (retryRule === "floor" && retryAskedMs === null) return say("wait.floor.unknown");
  const host = hostOf(stream.endpoint);
  if (retryRule === "next-candidate" && transport === "websocket")
    return say("wait.next-candidate.websocket", { host });
  const time = format.duration(retryDelayMs ?? 0);
  return say(rules[retryRule].waits, { time, asked: format.duration(retryAskedMs ?? 0), host });
}

/** When and how it is tried again, as the mark of a loss has kept it; a rule of another version says only when. */
export function retryMarkWords({ say, format }: Language, rule: unknown, retryInMs: number): string {
  const known = typeof rule === "string" && Object.hasOwn(rules, rule) ? rules[rule as RetryRule].mark : null;
  return say(known ?? "mark.retryInMs", { time: format.duration(retryInMs) });
}

/** The place of the way that is used, tried or waited for, counted from 1; null when there is only one. */
export function placeOf({ candidates }: StreamView): number | null {
  const at = candidates.findIndex(({ standing }) => standing === "used");
  return candidates.length < 2 || at < 0 ? null : at + 1;
}

/**
 * What is said of the way that is gone, where it is not the preferred one. Of an open stream the list of the ways has the address:
 * the bar needs its room for how long it has been open.
 */
export function wayFacts({ say }: Language, stream: StreamView): string[] {
  const { ordered, phase, transport, retryRule } = stream;
  const place = placeOf(stream);
  const before = waysBefore(stream);
  if (place === null || before.length === 0) return [];
  if (transport === "websocket") {
    if (phase !== "open") return [];
    const mute = before.some(({ standing }) => standing === "mute");
    return [say(mute ? "way.sseMute" : "way.sseAsked")];
  }
  // Found by itself, or chosen by quality: that it is not the first says nothing.
  if (!ordered || phase === "open") return [];
  // Where the next one is named, or all take turns, it is said already.
  if (retryRule === "next-candidate" || isExhausted(stream)) return [];
  return [say(phase === "waiting" ? "way.nth.next" : "way.nth", { place, host: hostOf(stream.endpoint) })];
}

/** The ways that are preferred to the one in use and not left out. */
function waysBefore(stream: StreamView): Way[] {
  const place = placeOf(stream) ?? 1;
  return stream.candidates.slice(0, place - 1).filter(({ standing }) => standing !== "out");
}

/** Said while nothing is left that has not failed. */
export function exhaustedWords({ say }: Language, stream: StreamView): string | null {
  return isExhausted(stream) ? say("way.allFailed", { count: inTurn(stream).length }) : null;
}

/** The ways that are tried without being asked for. */
function inTurn({ candidates }: StreamView): Way[] {
  return candidates.filter(({ standing }) => standing !== "out");
}

function isExhausted(stream: StreamView): boolean {
  const { phase, retryRule } = stream;
  if (phase !== "waiting" || retryRule === "next-candidate" || retryRule === "planned") return false;
  const others = inTurn(stream).filter(({ standing }) => standing !== "used");
  const failed = others.every(({ standing }) => standing === "parked" || standing === "mute" || standing === "failing");
  return others.length > 0 && failed;
}

/** How a way is chosen, above the list of them. */
export function waysHint(stream: StreamView): Key {
  if (stream.candidates.length < 2) return "ways.one";
  if (isExhausted(stream)) return "ways.turns";
  if (stream.phase !== "open") return stream.ordered ? "ways.order" : "ways.quickest";
  if (!stream.ordered) return "ways.quickest.open";
  return waysBefore(stream).length > 0 ? "ways.order.back" : "ways.order.open";
}

const usedWords: Readonly<Record<StreamView["phase"], Key>> = {
  open: "standing.used.open",
  connecting: "standing.used.connecting",
  waiting: "standing.used.waiting",
  offline: "standing.used.offline",
  idle: "standing.used.idle",
  halted: "standing.used.halted",
};

const standingWordsOf: Readonly<Record<Exclude<Standing, "used">, Key>> = {
  ready: "standing.ready",
  failing: "standing.failing",
  parked: "standing.parked",
  mute: "standing.mute",
  out: "standing.out",
};

/** What a way is good for at the moment. */
export function standingWords({ say }: Language, standing: Standing, phase: StreamView["phase"]): string {
  return say(standing === "used" ? usedWords[phase] : standingWordsOf[standing]);
}

/** The names of the transports are names: the same in every language. */
export function transportName(transport: StreamView["transport"]): string {
  return transport === "websocket" ? "WebSocket" : "SSE";
}

type MarkParams = Readonly<Record<string, string | number>>;

/** Where an opening went, and whether that was a move; "" for a stream with only one way. */
export function openedWay({ say }: Language, { endpoint, place, move, transport }: MarkParams): string {
  if (typeof endpoint !== "string" || endpoint === "") return "";
  if (move === "fallback") return say("mark.way.fallback", { endpoint });
  if (transport === "websocket") return say("mark.way.websocket", { endpoint });
  const moved = move === "failover" || move === "failback" ? move : "same";
  return typeof place === "number"
    ? say(`mark.way.${moved}`, { endpoint, place })
    : say(`mark.way.${moved}.placeless`, { endpoint });
}

/** Scheme, host and port of an address; the whole text where it is none. */
export function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}

/** Host and port of an address. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
