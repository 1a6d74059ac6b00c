/**
 * Holdfast's clients in the fleet bench: every one is a State of its own, driven by the real `step` with evidence as the
 * real transport writes it down. Here is only what a driver does: timers, dials and what came of them.
 */
import { step } from "../../main/core/connection/connection.ts";
import {
  type Event,
  initialState,
  type Moment,
  type Policy,
  type State,
  sliceOf,
} from "../../main/core/connection/connection-state.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import type { Chance } from "../sim/chance.ts";
import { answered, networkError } from "../sim/evidence.ts";
import type { Clients } from "./fleet.ts";
import { answer, onePath, parsed } from "./fleet-path.ts";

/** What a client sees when it is cut, when the server is down, and when the server is full. */
export type Sight = { readonly lost: Evidence; readonly down: Evidence; readonly full: Evidence };

export const sights = {
  /** A proxy stands in front and answers for the server: the body ends early, then 502, then 503. */
  "holdfast-proxy": { lost: { what: "end" }, down: answered(502), full: answered(503) },
  /** Nothing stands in front: reset, refused, then a server that is there and fails. */
  "holdfast-server": {
    lost: networkError("body", "ECONNRESET"),
    down: networkError("connect", "ECONNREFUSED"),
    full: answered(500),
  },
} as const satisfies Record<string, Sight>;

/** How long a client has been open before the cut, with an event every ten seconds, ms. */
const openBeforeMs = 600_000;
const eventEveryMs = 10_000;

/** What a machine was told, and when: replayed through `step` it takes the same way again. */
export type Tape = (readonly [event: Event, moment: Moment])[];

/** One client's machine, its timer and what it asked for last. */
export class Machine {
  state: State;
  /** When its timer rings; Infinity: not set. */
  timerAt = Number.POSITIVE_INFINITY;
  #wantsToDial = false;
  readonly #policy: Policy;
  readonly #chance: Chance;
  /** Where everything it is told is written down; null: nowhere. */
  tape: Tape | null = null;

  constructor(policy: Policy, chance: Chance, state: State = initialState(policy)) {
    this.#policy = policy;
    this.#chance = chance;
    this.state = state;
    if (state.timerAt !== null) this.timerAt = state.timerAt;
  }

  /** One step, and its effects noted. */
  take(event: Event, now: number): void {
    const moment: Moment = { now, random: this.#chance.draw() };
    this.tape?.push([event, moment]);
    const [state, effects] = step(this.#policy, this.state, event, moment);
    if (event.type === "timer") this.timerAt = Number.POSITIVE_INFINITY;
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "setTimer") this.timerAt = effect.at;
      else if (effect.type === "connect") this.#wantsToDial = true;
    }
  }

  /** Lets its timer ring until it dials. Returns when that is; Infinity when it will not. */
  untilDial(now: number): number {
    let at = now;
    while (!this.#wantsToDial) {
      if (this.timerAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
      at = Math.max(at, this.timerAt);
      this.take({ type: "timer" }, at);
    }
    this.#wantsToDial = false;
    this.take({ type: "dialling", generation: this.state.generation, asked: true }, at);
    return at;
  }

  /** The attempt, or the open connection, ends like this. */
  fail(evidence: Evidence, now: number): void {
    const { generation } = this.state;
    if (evidence.what === "answer") this.take({ type: "connected", generation }, now);
    this.take({ type: "failed", evidence, generation }, now);
  }

  /** The server answers with a stream. */
  open(now: number): void {
    const { generation } = this.state;
    this.take({ type: "connected", generation }, now);
    this.take({ type: "opened", answer, generation }, now);
  }

  /** One whole event comes in. */
  hear(now: number): void {
    const { generation } = this.state;
    this.take({ type: "bytes", count: parsed.bytes, generation }, now);
    this.take({ ...sliceOf([parsed]), generation }, now);
  }
}

/** A client that has been open and well for ten minutes when the cut comes, at 0 of its clock. */
export function settledMachine(policy: Policy, chance: Chance, tape: Tape | null = null): Machine {
  const machine = new Machine(policy, chance);
  machine.tape = tape;
  machine.take({ type: "start" }, -openBeforeMs);
  const dialled = machine.untilDial(-openBeforeMs);
  machine.open(dialled + 50);
  for (let at = eventEveryMs - openBeforeMs; at < 0; at += eventEveryMs) {
    while (machine.timerAt <= at) machine.take({ type: "timer" }, machine.timerAt);
    machine.hear(at);
  }
  return machine;
}

/** A fleet of them. All have the same past, and each its own future. */
export function stepClients(sight: Sight, clients: number, chance: Chance): Clients {
  const past = settledMachine(onePath, chance).state;
  const machines: Machine[] = new Array(clients);
  const failed = (machine: Machine, evidence: Evidence, atMs: number) => {
    machine.fail(evidence, atMs);
    return machine.untilDial(atMs);
  };
  const machineOf = (i: number) => {
    const machine = machines[i] ?? new Machine(onePath, chance, past);
    machines[i] = machine;
    return machine;
  };
  return {
    lost: (i, atMs) => failed(machineOf(i), sight.lost, atMs),
    refused: (i, atMs, by) => failed(machineOf(i), sight[by], atMs),
    opened: (i, atMs) => machineOf(i).open(atMs),
  };
}
