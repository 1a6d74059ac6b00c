/**
 * Feeds the machine and performs its effects: the only place where core/connection.ts meets the world.
 * It decides nothing, and keeps nothing of what passes through it.
 */
import { step } from "../core/connection.ts";
import { consuming, type Effect, type Event, initialState, type Policy, type State } from "../core/connection-state.ts";
import type { Evidence } from "../core/failure.ts";
import type { Clock, Connection, Random, StreamTransport, Target } from "../io/ports.ts";

export type DriverWorld = {
  readonly policy: Policy;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: StreamTransport;
  /** What to ask for, at the moment of the attempt. A rejection counts as a failed attempt. */
  readonly target: () => Promise<Target>;
  /** Where events go: when it is full, reading stops until it has drained. */
  readonly backlog: { readonly full: boolean; whenDrained(wake: () => void): void };
  /** After each step that was taken, with the states before and after. Words of dead connections are not told. */
  readonly observe: (event: Event, before: State, after: State) => void;
};

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
  #state = initialState;
  #connection: { readonly generation: number; readonly held: Connection } | null = null;
  #cancelTimer: () => void = () => {};
  #stepping = false;
  /** The connection that is not being read because too much waits for the disk. */
  #unread: number | null = null;

  constructor(world: DriverWorld) {
    this.#world = world;
  }

  get state(): State {
    return this.#state;
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
    if ("generation" in event && event.generation !== consuming(before.link)) return;
    const moment = { now: this.#world.clock.mono(), random: this.#world.random() };
    const [after, effects] = step(this.#world.policy, before, event, moment);
    this.#state = after;
    for (const effect of effects) this.#perform(effect);
    this.#world.observe(event, before, after);
    if (event.type === "event" && this.#world.backlog.full) this.#holdBack();
  }

  #holdBack(): void {
    const held = this.#connection;
    if (held === null || this.#unread === held.generation) return;
    this.#unread = held.generation;
    held.held.pause();
    this.#world.backlog.whenDrained(() => {
      this.#unread = null;
      this.dispatch({ type: "unread", generation: held.generation });
      held.held.resume();
    });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "connect":
        void this.#connect(effect.generation);
        return;
      case "disconnect":
        if (this.#connection?.generation === effect.generation) this.#connection.held.close();
        this.#connection = null;
        return;
      case "setTimer": {
        this.#cancelTimer();
        const delayMs = effect.at - this.#world.clock.mono();
        this.#cancelTimer = this.#world.clock.after(Math.max(0, delayMs), () => this.dispatch({ type: "timer" }));
        return;
      }
      case "probe":
        // The machine has the place for a probe and never asks for one yet: failback will.
        return;
    }
  }

  async #connect(generation: number): Promise<void> {
    try {
      const target = await this.#world.target();
      // While the cursor was being read the user may have stopped, or the deadline passed.
      if (generation !== consuming(this.#state.link)) return;
      this.dispatch({ type: "dialling", generation });
      const held = this.#world.transport.open(target, (event) => this.dispatch({ ...event, generation }));
      this.#connection = { generation, held };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const evidence = error instanceof TargetRefused ? error.evidence : ({ what: "internal", message } as const);
      this.dispatch({ type: "failed", generation, evidence });
    }
  }

  /** Ends the connection and the timer; nothing is told afterwards. */
  dispose(): void {
    this.dispatch({ type: "stop" });
    this.#cancelTimer();
  }
}
