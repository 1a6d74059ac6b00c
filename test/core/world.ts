/**
 * A small world for the connection machine: virtual time, one seed, a bad network, a restless user and a computer that
 * sleeps. It runs the real `step` (or a broken one, to test the tester) and checks every step against invariants.ts.
 */
import { step } from "../../main/core/connection.ts";
import { type Effect, type Event, initialState, type Policy, type State } from "../../main/core/connection-state.ts";
import type { Evidence } from "../../main/core/failure.ts";
import { check, type Taken } from "./invariants.ts";
import { bytes, comment, connected, event, failed, opened, refused, retry, status } from "./play.ts";

export type Step = typeof step;
type Told = readonly [at: number, before: State, event: Event, after: State, effects: readonly Effect[]];
type Entry = { readonly at: number; readonly event: Event; readonly timer?: number };

/** Seeded draws in [0, 1) (mulberry32). */
export function chance(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class World {
  readonly #policy: Policy;
  readonly #step: Step;
  readonly #draw: () => number;
  readonly #story: Told[] = [];
  #queue: Entry[] = [];
  #healed = false;
  #timers = 0;
  #still = 0;
  now = 0;
  steps = 0;
  state: State = initialState;
  /** Connections that were made and not ended, and what each has said. */
  readonly live = new Map<number, { opened: boolean; sent: boolean }>();
  timer: number | null = null;
  /** How often each phase met each event. */
  readonly met = new Map<string, number>();

  constructor(seed: number, policy: Policy, machine: Step = step) {
    this.#policy = policy;
    this.#step = machine;
    this.#draw = chance(seed);
    this.#later(0, { type: "start" });
    this.#meddle();
  }

  /** Runs for so many virtual ms. @throws Error naming the broken invariant, with the last steps */
  run(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#still = next.at > this.now ? 0 : this.#still + 1;
      if (this.#still > 1000) throw new Error(`spins without time passing\n${this.story()}`);
      this.now = Math.max(this.now, next.at);
      if (next.timer !== undefined && next.timer !== this.#timers) continue;
      if (next.timer !== undefined) this.timer = null;
      this.#take(next.event);
    }
    this.now = end;
  }

  /** From here on the network is good and nobody meddles; who had stopped starts again. */
  heal(): void {
    this.#healed = true;
    this.#queue = this.#queue.filter((entry) => entry.timer !== undefined);
    this.#take({ type: "network", online: true });
    this.#take({ type: this.state.link.phase === "halted" ? "retryNow" : "start" });
  }

  story(): string {
    const line = ([at, before, one, after, effects]: Told) =>
      `${at} ${before.link.phase}, ${JSON.stringify(one)} → ${JSON.stringify(after.link)} ${JSON.stringify(effects)}`;
    return this.#story.slice(-14).map(line).join("\n");
  }

  #next(end: number): Entry | undefined {
    const first = this.#queue[0];
    return first === undefined || first.at > end ? undefined : this.#queue.shift();
  }

  #take(one: Event): void {
    const before = this.state;
    const moment = { now: this.now, random: this.#draw() };
    const [after, effects] = this.#step(this.#policy, before, one, moment);
    this.state = after;
    this.steps++;
    const arm = `${before.link.phase} ${one.type}`;
    this.met.set(arm, (this.met.get(arm) ?? 0) + 1);
    this.#story.push([this.now, before, one, after, effects]);
    if (this.#story.length > 60) this.#story.splice(0, 30);
    const made = this.live.get("generation" in one ? one.generation : -1);
    if (made !== undefined && one.type === "opened") made.opened = true;
    if (made !== undefined && one.type === "connected") made.sent = true;
    const taken: Taken = {
      policy: this.#policy,
      before,
      event: one,
      after,
      effects,
      moment,
      liveBefore: new Set(this.live.keys()),
    };
    for (const effect of effects) this.#perform(effect);
    const broken = check(taken, this);
    if (broken !== null) throw new Error(`${broken}\n${this.story()}`);
  }

  #perform(effect: Effect): void {
    if (effect.type === "connect") {
      this.live.set(effect.generation, { opened: false, sent: false });
      this.#connection(effect.generation);
    } else if (effect.type === "disconnect") this.live.delete(effect.generation);
    else if (effect.type === "setTimer") {
      this.timer = effect.at;
      this.#timers++;
      const late = this.#rarely(20) ? this.#between(1, 20_000) : 0;
      this.#later(Math.max(0, effect.at - this.now) + late, { type: "timer" }, this.#timers);
    }
  }

  /** The life of one connection, told in full now and heard when its time has come, wanted or not. */
  #connection(g: number): void {
    const kind = this.#healed ? 9 : Math.floor(this.#draw() * 12);
    let at = this.#between(1, this.#healed ? 200 : 3000);
    if (kind === 0) return;
    this.#later(at, kind === 1 ? failed(g, refused) : connected(g));
    if (kind === 1 || kind === 2) return;
    at += this.#between(1, kind === 3 ? 30_000 : this.#healed ? 50 : 2000);
    const refuses = kind >= 4 && kind <= 6;
    this.#later(at, refuses ? failed(g, this.#answer()) : opened(g));
    if (refuses || kind === 7) return;
    const beats = this.#healed ? 4000 : this.#between(0, 60);
    const gap = this.#healed ? Math.min(10_000, (this.#policy.idleTimeoutMs ?? 30_000) / 3) : 10 ** this.#between(1, 5);
    for (let i = 0; i < beats; i++) {
      at += this.#healed ? gap : this.#between(1, gap);
      this.#later(at, bytes(g));
      if (this.#rarely(9)) this.#later(at, retry(g, 10 ** this.#between(0, 20)));
      if (this.#healed || !this.#rarely(4)) this.#later(at, this.#rarely(2) ? comment(g) : event(g));
    }
    if (!this.#healed && kind !== 8) this.#later(at + this.#between(1, 5000), failed(g, { what: "end" }));
  }

  #answer(): Evidence {
    const code = [401, 403, 404, 429, 500, 502, 503, 204, 410][Math.floor(this.#draw() ** 2 * 9)] ?? 500;
    return status(code, this.#rarely(3) ? this.#between(0, 90_000) : null);
  }

  /** What user, interface and an early timer do, at random moments. */
  #meddle(): void {
    for (let at = 0; at < 86_400_000; at += this.#between(1000, 400_000)) {
      const which = Math.floor(this.#draw() * 10);
      if (which === 0) this.#later(at, { type: "stop" });
      if (which <= 2) this.#later(at + this.#between(0, 60_000), { type: "start" });
      if (which === 3 || which === 9) this.#later(at, { type: which === 3 ? "retryNow" : "stop" });
      if (which === 4 || which === 5) this.#later(at, { type: "network", online: false });
      if (which >= 4 && which <= 7) this.#later(at + this.#between(0, 300_000), { type: "network", online: true });
      if (which === 8) this.#later(at, { type: "timer" });
    }
  }

  #later(delayMs: number, one: Event, timer?: number): void {
    const entry: Entry = { at: this.now + delayMs, event: one, ...(timer === undefined ? {} : { timer }) };
    let [low, high] = [0, this.#queue.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#queue[middle]?.at ?? 0) <= entry.at) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, entry);
  }

  #between(low: number, high: number): number {
    return Math.floor(low + this.#draw() * (high - low));
  }

  #rarely(oneIn: number): boolean {
    return this.#draw() * oneIn < 1;
  }
}
