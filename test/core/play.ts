/**
 * Plays events against the connection machine and tells what came of it: `play` a script with its moments written down,
 * `player` one that keeps time by the machine's own timer. No world and no faults of its own.
 */
import { step } from "../../main/core/connection/connection.ts";
import {
  type Answer,
  type Candidate,
  consuming,
  defaultDeadlines,
  type Effect,
  type Event,
  initialState,
  type Link,
  type ParsedEvent,
  type Policy,
  type Probe,
  type State,
  sliceOf,
} from "../../main/core/connection/connection-state.ts";
import { defaultStrategies } from "../../main/core/connection/strategy.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";

/** A candidate at an origin of its own; `ws:` before its name makes it a WebSocket. */
export function candidate(name: string, change: Partial<Candidate> = {}): Candidate {
  const transport = name.startsWith("ws:") ? "websocket" : "sse";
  return { key: name, transport, origin: `http://${name}`, freshCredential: false, credential: "", ...change };
}

export const policy: Policy = {
  ...defaultDeadlines,
  candidates: [candidate("a")],
  discover: false,
  balance: false,
  strategies: defaultStrategies,
  strict: false,
  idleTimeoutMs: null,
  repeatable: true,
};

/** The usual policy with these candidates: names as `candidate` takes them, or whole ones. */
export function group(candidates: readonly (string | Candidate)[], change: Partial<Policy> = {}): Policy {
  return {
    ...policy,
    candidates: candidates.map((one) => (typeof one === "string" ? candidate(one) : one)),
    ...change,
  };
}

export const answer: Answer = { address: "http://a/events", server: null, httpVersion: "1.1", askedFrom: "" };
export const parsed: ParsedEvent = {
  id: "1",
  lastEventId: "1",
  type: "message",
  data: "x",
  bytes: 2,
  flags: [],
  stampedAt: null,
};

/** What an error of the network leaves behind. */
export function broken(code: string, stage: "connect" | "headers" | "body" = "connect"): Evidence {
  return { what: "error", stage, codes: [code], names: ["Error"], message: code, bytesRead: null, host: "a" };
}

export const refused = broken("ECONNREFUSED");
export const timedOut: Evidence = { what: "deadline", deadline: "connect", afterMs: 10_000 };
export const ended: Evidence = { what: "end" };

export function status(code: number, retryAfterMs: number | null = null): Evidence {
  return { what: "answer", status: code, contentType: "text/plain", retryAfterMs };
}

/** Shorthands for events; `g` is the number of the connection they come from. */
/** Asks after a sleep, and has not dialled yet. */
export function aProbe(generation: number): Probe {
  const times = { startedAt: 0, openedAt: null, tries: 0 };
  return { generation, candidate: 0, why: "wake", dialled: false, sent: false, via: null, ...times };
}

export const start: Event = { type: "start" };
export const stop: Event = { type: "stop" };
export const retryNow: Event = { type: "retryNow" };
export const timer: Event = { type: "timer" };
export const suspend: Event = { type: "suspend" };
export const wake = (stalledMs: number, slept = stalledMs >= 10_000): Event => ({ type: "wake", stalledMs, slept });
export const network = (online: boolean, changed = false, first: number | null = null): Event => ({
  type: "network",
  online,
  changed,
  first,
});
export const dialling = (g: number, asked = false): Event => ({ type: "dialling", asked, generation: g });
export const connected = (g: number): Event => ({ type: "connected", generation: g });
export const opened = (g: number): Event => ({ type: "opened", answer, generation: g });
export const bytes = (g: number): Event => ({ type: "bytes", count: 1, generation: g });
export const event = (g: number): Event => ({ ...sliceOf([parsed]), generation: g });
export const comment = (g: number): Event => ({ type: "comment", text: "hb", isOpen: false, generation: g });
export const cursor = (g: number): Event => ({ type: "cursor", lastEventId: "9", generation: g });
export const skipped = (g: number): Event => ({ type: "skipped", reason: "event-too-large", bytes: 9, generation: g });
export const settled = (g: number): Event => ({ type: "settled", generation: g });
export const unread = (g: number): Event => ({ type: "unread", generation: g });
export const retry = (g: number, retryMs: number): Event => ({ type: "retry", retryMs, generation: g });
export const failed = (g: number, evidence: Evidence = refused): Event => ({ type: "failed", evidence, generation: g });

/** A single stream that opened without haste; 20 ms have passed. */
export const open: Script = [
  [0, start],
  [1, dialling(1)],
  [10, connected(1)],
  [20, opened(1)],
];

export type Script = readonly (readonly [at: number, event: Event])[];
export type Played = { readonly state: State; readonly effects: readonly Effect[]; readonly last: readonly Effect[] };

/** @param random what chance says at every step */
export function play(script: Script, rules: Policy = policy, random = 0.5, from: State = initialState(rules)): Played {
  let state = from;
  let last: readonly Effect[] = [];
  const effects: Effect[] = [];
  for (const [now, one] of script) {
    [state, last] = step(rules, state, one, { now, random });
    effects.push(...last);
  }
  return { state, effects, last };
}

/** The link of a phase that must be this one. */
export function linkIn<P extends Link["phase"]>({ link }: State, phase: P) {
  if (link.phase !== phase) throw new Error(`${link.phase} instead of ${phase}: ${JSON.stringify(link)}`);
  return link as Extract<Link, { phase: P }>;
}

/** Effects in a word each, without the timer. */
export function words(effects: readonly Effect[]): string {
  return effects
    .map((e) => (e.type === "setTimer" ? "" : `${e.type} ${e.type === "remember" ? e.candidate : e.generation}`))
    .filter(Boolean)
    .join(", ");
}

export type Dial = { readonly at: number; readonly candidate: number; readonly type: "connect" | "probe" };

/** What befalls a connection, told by its number. */
export type Fate = (generation: number) => Event;
/** The fate of an attempt that ends like this. */
export const failing =
  (evidence: Evidence = refused): Fate =>
  (g) =>
    failed(g, evidence);

export type Player = ReturnType<typeof player>;

/**
 * A machine with a clock: time goes on by `pass`, and the timer it asked for rings by itself.
 * @param options random: what chance says, a number or a source; worked: keys that were open in an earlier run
 */
export function player(
  rules: Policy = policy,
  { random = 0.5, worked = [] }: { random?: number | (() => number); worked?: readonly string[] } = {},
) {
  let state = initialState(rules, worked);
  let now = 0;
  let timerAt: number | null = null;
  const effects: Effect[] = [];
  const dials: Dial[] = [];

  function take(one: Event): void {
    const draw = typeof random === "number" ? random : random();
    const [next, done] = step(rules, state, one, { now, random: draw });
    state = next;
    effects.push(...done);
    for (const effect of done) {
      if (effect.type === "setTimer") timerAt = effect.at;
      if (effect.type === "connect" || effect.type === "probe") {
        dials.push({ at: now, candidate: effect.candidate, type: effect.type });
      }
    }
  }

  /** The timer of the machine, which has to be set whenever it is asked for. */
  function ring(): void {
    if (timerAt === null) throw new Error(`no timer in ${state.link.phase}`);
    now = Math.max(now, timerAt);
    timerAt = null;
    take(timer);
  }

  function consumer(): number {
    const generation = consuming(state.link);
    if (generation === null) throw new Error(`nothing is consuming: ${JSON.stringify(state.link)}`);
    return generation;
  }

  return {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    get timerAt() {
      return timerAt;
    },
    /** Everything that was asked for, and the connections that were begun, in their order. */
    effects,
    dials,
    take,
    ring,
    /** Tells of the consuming connection. */
    hear(...fates: readonly Fate[]): void {
      for (const fate of fates) take(fate(consumer()));
    },
    /** Tells of the probe. */
    probe(...fates: readonly Fate[]): void {
      for (const fate of fates) {
        if (state.probe === null) throw new Error("no probe");
        take(fate(state.probe.generation));
      }
    },
    /** Time passes, and the timer rings when it is due. */
    pass(ms: number): void {
      const end = now + ms;
      while (timerAt !== null && timerAt <= end) ring();
      now = end;
    },
    /** Time passes in which we do not run; then we are told of it, and the timer rings if it is late. */
    stall(ms: number): void {
      now += ms;
      take(wake(ms));
      if (timerAt !== null && timerAt <= now) ring();
    },
    /** Waits for the next attempt of a waiting link. @returns how long that was, and by which rule */
    redial() {
      const { delayMs, rule, until } = linkIn(state, "waiting");
      while (state.link.phase === "waiting" && now <= until) ring();
      return { delayMs, rule, candidate: linkIn(state, "connecting").candidate };
    },
    /** The consuming attempt leaves, connects and opens, and then brings an event if it is to. */
    opens(withEvent = true): void {
      for (const fate of [dialling, connected, opened]) take(fate(consumer()));
      if (withEvent) for (const fate of [bytes, event]) take(fate(consumer()));
    },
    /** Fails the present attempt and lets the next begin. @returns of the wait between them */
    failsAndRedials(evidence: Evidence = refused) {
      take(failed(consumer(), evidence));
      return this.redial();
    },
  };
}
