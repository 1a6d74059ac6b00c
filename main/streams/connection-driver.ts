/**
 * Feeds the machine and performs its effects: the only place where core/connection/connection.ts meets the world.
 * It decides nothing, and keeps nothing of what passes through it but the ring of its last steps.
 */
import { step } from "../core/connection/connection.ts";
import {
  consuming,
  type Effect,
  type Event,
  initialState,
  type Policy,
  type State,
} from "../core/connection/connection-state.ts";
import type { Observation } from "../core/detection/observation.ts";
import type { Transport } from "../core/events/record.ts";
import type { Evidence } from "../core/failure/failure.ts";
import type { Clock, Connection, Random, StreamTransport, Target } from "../io/ports.ts";
import type { DialTurns } from "./dial-turns.ts";
import type { Ring } from "./ring.ts";
import { sleptFor, stallMs } from "./stalls.ts";

export type DriverWorld = {
  readonly policy: Policy;
  /** Keys of candidates that were open in an earlier run. */
  readonly worked: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: Readonly<Record<Transport, StreamTransport>>;
  /** Over all streams only so many dials leave in a second. */
  readonly turns: DialTurns;
  /**
   * What to ask a candidate for, at the moment of the attempt. A rejection counts as a failed attempt.
   * @param withId send Last-Event-ID where there is one
   * @param by what it is for: a connection whose events are taken, or one that only asks
   */
  readonly target: (candidate: number, withId: boolean, by: Dial["type"]) => Promise<Target>;
  /** Where events go: when it is full, reading stops until it has drained. */
  readonly backlog: { readonly full: boolean; whenDrained(wake: () => void): void };
  /** What the path of a candidate showed of itself, before the machine is told of the same. */
  readonly saw: (candidate: number, observation: Observation) => void;
  /** This candidate has proved useful on the present network. */
  readonly remember: (candidate: number) => void;
  /** After each step that was taken, with the states before and after. Words of dead connections are not told. */
  readonly observe: (event: Event, before: State, after: State) => void;
  /** Takes down each step, so that it can be stepped again. */
  readonly ring: Ring;
};

type Dial = Extract<Effect, { type: "connect" | "probe" }>;

/** What `target` rejects with when it knows why there is nothing to ask for. */
export class TargetRefused extends Error {
  readonly evidence: Evidence;
  constructor(evidence: Evidence) {
    super(evidence.what);
    this.evidence = evidence;
  }
}

export class ConnectionDriver {
  readonly #world: DriverWorld;
  readonly #queue: Event[] = [];
  /** By generation: the consuming connection and the probe. */
  readonly #connections = new Map<number, Connection>();
  /** By generation: the ends of the turns that are waited for. */
  readonly #turns = new Map<number, () => void>();
  #policy: Policy;
  #state: State;
  #cancelTimer: () => void = () => {};
  #stepping = false;
  /** The connection that is not being read because too much waits for the disk. */
  #unread: number | null = null;

  constructor(world: DriverWorld) {
    this.#world = world;
    this.#policy = world.policy;
    this.#state = initialState(world.policy, world.worked);
    world.ring.begin(world.policy, this.#state);
  }

  get state(): State {
    return this.#state;
  }

  /** Decides by these strategies from now on; the candidates are the same. */
  adopt(policy: Policy): void {
    this.#policy = policy;
    this.#world.ring.begin(policy, this.#state);
  }

  /** Takes one event. Events that come while a step is being performed wait for their turn. */
  dispatch(event: Event): void {
    this.#queue.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#take(next);
    } finally {
      this.#stepping = false;
    }
  }

  #take(event: Event): void {
    // The watchdog must not take our own silence for the server's.
    if (event.type === "timer" && this.#unread !== null) this.#take({ type: "unread", generation: this.#unread });
    const before = this.#state;
    if ("generation" in event && !this.#isCurrent(event.generation)) return;
    const moment = { now: this.#world.clock.mono(), random: this.#world.random() };
    const [after, effects] = step(this.#policy, before, event, moment);
    this.#state = after;
    this.#world.ring.note(event, moment, after);
    // First: an attempt that follows from an event has to ask from behind it.
    this.#world.observe(event, before, after);
    for (const effect of effects) this.#perform(effect);
    if (event.type === "events" && this.#world.backlog.full) this.#holdBack();
  }

  #isCurrent(generation: number): boolean {
    return generation === consuming(this.#state.link) || generation === this.#state.probe?.generation;
  }

  #holdBack(): void {
    const generation = consuming(this.#state.link);
    const held = generation === null ? undefined : this.#connections.get(generation);
    if (generation === null || held === undefined || this.#unread === generation) return;
    this.#unread = generation;
    held.pause();
    this.#world.backlog.whenDrained(() => {
      this.#unread = null;
      this.dispatch({ type: "unread", generation });
      held.resume();
    });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "connect":
      case "probe":
        void this.#prepare(effect);
        return;
      case "disconnect":
        this.#goHome(effect.generation);
        this.#connections.get(effect.generation)?.close();
        this.#connections.delete(effect.generation);
        return;
      case "remember":
        this.#world.remember(effect.candidate);
        return;
      case "setTimer":
        this.#setTimer(effect.at);
        return;
    }
  }

  #setTimer(at: number): void {
    const { clock } = this.#world;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(Math.max(0, at - clock.mono()), () => {
      const stalledMs = clock.mono() - at;
      // A timer this late says that the process did not run: stopped, or its loop stalled.
      if (stalledMs >= stallMs) this.dispatch({ type: "wake", stalledMs, slept: sleptFor(stalledMs) });
      this.dispatch({ type: "timer" });
    });
  }

  async #prepare({ type, generation, candidate, withId }: Dial): Promise<void> {
    try {
      const target = await this.#world.target(candidate, withId, type);
      // While the cursor was being read the user may have stopped, or the deadline passed.
      if (this.#isCurrent(generation)) this.#queueUp(generation, () => this.#dial(generation, candidate, target));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const evidence = error instanceof TargetRefused ? error.evidence : ({ what: "internal", message } as const);
      this.dispatch({ type: "failed", generation, evidence });
    }
  }

  /** Stands in line for its turn to dial. */
  #queueUp(generation: number, dial: () => void): void {
    let end = (): void => {};
    // Before asking: it may be its turn at once.
    this.#turns.set(generation, () => end());
    end = this.#world.turns.ask(() => {
      const isWanted = this.#turns.delete(generation) && this.#isCurrent(generation);
      if (isWanted) dial();
      return isWanted;
    });
  }

  /** What was given up must not take a turn from others. */
  #goHome(generation: number): void {
    this.#turns.get(generation)?.();
    this.#turns.delete(generation);
  }

  #dial(generation: number, candidate: number, target: Target): void {
    const { transports } = this.#world;
    this.dispatch({ type: "dialling", generation, asked: target.lastEventId !== "" });
    const transport = transports[this.#policy.candidates[candidate]?.transport ?? "sse"];
    const connection = transport.open(
      target,
      (event) => this.dispatch({ ...event, generation }),
      (observation) => this.#world.saw(candidate, observation),
    );
    this.#connections.set(generation, connection);
  }

  /** Ends the connections and the timer; nothing is told afterwards. */
  dispose(): void {
    this.dispatch({ type: "stop" });
    for (const generation of this.#turns.keys()) this.#goHome(generation);
    this.#cancelTimer();
  }
}
