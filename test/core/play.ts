/** Plays a script of events against the connection machine and tells what came of it. No world, no clock: see world.ts. */
import { defaultBackoff } from "../../main/core/backoff.ts";
import { step } from "../../main/core/connection.ts";
import {
  type Answer,
  defaultDeadlines,
  type Effect,
  type Event,
  initialState,
  type ParsedEvent,
  type Policy,
  type State,
} from "../../main/core/connection-state.ts";
import type { Evidence } from "../../main/core/failure.ts";

export const policy: Policy = { ...defaultDeadlines, backoff: defaultBackoff, idleTimeoutMs: null, repeatable: true };

export const answer: Answer = { address: "http://a/events", server: null, httpVersion: "1.1", askedFrom: "" };
export const parsed: ParsedEvent = { id: "1", lastEventId: "1", type: "message", data: "x", bytes: 2, flags: [] };

/** What a refused connection leaves behind. */
export const refused: Evidence = {
  what: "error",
  stage: "connect",
  codes: ["ECONNREFUSED"],
  names: ["Error"],
  message: "connect ECONNREFUSED",
  bytesRead: null,
  host: "a",
};

export function status(code: number, retryAfterMs: number | null = null): Evidence {
  return { what: "answer", status: code, contentType: "text/plain", retryAfterMs };
}

/** Shorthands for events; `g` is the number of the connection they come from. */
export const start: Event = { type: "start" };
export const stop: Event = { type: "stop" };
export const retryNow: Event = { type: "retryNow" };
export const timer: Event = { type: "timer" };
export const network = (online: boolean): Event => ({ type: "network", online });
export const connected = (g: number): Event => ({ type: "connected", generation: g });
export const opened = (g: number): Event => ({ type: "opened", answer, generation: g });
export const bytes = (g: number): Event => ({ type: "bytes", count: 1, generation: g });
export const event = (g: number): Event => ({ type: "event", event: parsed, generation: g });
export const comment = (g: number): Event => ({ type: "comment", text: "hb", generation: g });
export const settled = (g: number): Event => ({ type: "settled", generation: g });
export const unread = (g: number): Event => ({ type: "unread", generation: g });
export const retry = (g: number, retryMs: number): Event => ({ type: "retry", retryMs, generation: g });
export const failed = (g: number, evidence: Evidence = refused): Event => ({ type: "failed", evidence, generation: g });

export type Script = readonly (readonly [at: number, event: Event])[];
export type Played = { readonly state: State; readonly effects: readonly Effect[]; readonly last: readonly Effect[] };

/** @param random what chance says at every step */
export function play(script: Script, rules: Policy = policy, random = 0.5, from: State = initialState): Played {
  let state = from;
  let last: readonly Effect[] = [];
  const effects: Effect[] = [];
  for (const [now, one] of script) {
    [state, last] = step(rules, state, one, { now, random });
    effects.push(...last);
  }
  return { state, effects, last };
}

/** Effects in a word each, without the timer. */
export function words(effects: readonly Effect[]): string {
  return effects
    .map((e) => (e.type === "setTimer" ? "" : `${e.type} ${e.generation}`))
    .filter(Boolean)
    .join(", ");
}
