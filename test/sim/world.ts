/**
 * The simulated world: servers with several addresses each, paths, a computer and a program on it, under one seed and in
 * virtual time. It begins and ends the faults of a plan and lets the watch look at every step; it judges nothing itself.
 */
import { defaultDeadlines, type Policy } from "../../main/core/connection/connection-state.ts";
import { defaultStrategies } from "../../main/core/connection/strategy.ts";
import { App } from "./app.ts";
import { Chance } from "./chance.ts";
import type { Conditions } from "./conditions.ts";
import { lookEveryMs } from "./delivery.ts";
import { faultOf } from "./faults.ts";
import { checkHistory } from "./history.ts";
import { Origin, type Place } from "./origin.ts";
import type { Parts } from "./parts.ts";
import type { Plan } from "./plan.ts";
import { Timeline } from "./timeline.ts";
import { Topic } from "./topic.ts";
import { Watch } from "./watch.ts";

/** One stream with its servers. */
export type Stream = {
  readonly name: string;
  readonly topic: Topic;
  readonly origins: readonly Origin[];
  readonly policy: Policy;
  /** How long it is from one event to the next, at least and at most, ms. */
  readonly eventMs: readonly [number, number];
};

/** How often servers speak: brisk for half an hour, calm for a day. */
const paces = {
  brisk: { eventMs: 5000, heartbeatMs: 15_000 },
  calm: { eventMs: 150_000, heartbeatMs: 60_000 },
} as const;
/** A stream that says little says it about as often, each with its own measure; one of them speaks each minute. */
const quietEventMs = [60_000, 300_000, 600_000, 3_600_000] as const;
const never = Number.POSITIVE_INFINITY;
const quietHeartbeatMs = [never, never, 20_000, 60_000] as const;

/** `preamble`: what stands at the head of each body; null: the usual. */
type Pace = {
  readonly eventMs: readonly [number, number];
  readonly heartbeatMs: number;
  readonly preamble: string | null;
};

/** Nothing is sent any more for this long before the books are compared. */
const quietMs = 120_000;

export class World {
  readonly plan: Plan;
  readonly parts: Parts;
  /** What faults draw from: each begins with its own, so that a plan with one fault less has the others as they were. */
  chance: Chance;
  readonly #chance: Chance;
  readonly timeline = new Timeline();
  readonly streams: readonly Stream[];
  readonly app: App;
  readonly watch: Watch;
  /** How often each fault made itself felt. */
  readonly hits = new Map<string, number>();
  readonly #on = new Set<string>();
  #quiet = false;
  #over = false;

  constructor(plan: Plan, parts: Parts) {
    this.plan = plan;
    this.parts = parts;
    this.#chance = new Chance(plan.seed);
    this.chance = this.#chance;
    this.streams = Array.from({ length: plan.streams }, (_, i) => this.#stream(i));
    this.watch = new Watch(this.timeline);
    this.app = new App(this.timeline, this.#chance, parts, this.streams, this.watch);
  }

  /** @throws Error when something that must always hold does not */
  run(): void {
    this.app.start();
    for (const stream of this.streams) this.#publish(stream);
    this.#look();
    for (const { fault, fromMs, toMs } of this.plan.episodes) {
      if (fromMs >= this.plan.endMs) continue;
      this.timeline.after(fromMs, () => this.#begin(fault, fromMs));
      this.timeline.after(toMs, () => this.#end(fault));
    }
    this.timeline.runUntil(this.plan.endMs);
    this.#heal();
    this.watch.recovers(this.app);
    this.#over = true;
    this.timeline.runUntil(this.timeline.now + quietMs);
    for (const client of this.app.clients) client.writer.settle();
    this.app.clients.forEach(({ disk }, i) => {
      checkHistory((this.streams[i] as Stream).topic, disk.rows);
    });
  }

  /** Events that servers have sent. */
  get published(): number {
    return this.streams.reduce((sum, { topic }) => sum + topic.log.length, 0);
  }

  isOn(fault: string): boolean {
    return this.#on.has(fault);
  }

  hit(fault: string): void {
    this.hits.set(fault, (this.hits.get(fault) ?? 0) + 1);
  }

  anyOrigin(): Origin {
    return this.chance.pick(this.chance.pick(this.streams).origins);
  }

  /** All servers but one have nothing to say for a while. */
  quieten(fault: string, isQuiet: boolean): void {
    if (isQuiet) this.hit(fault);
    this.#quiet = isQuiet;
  }

  /** More at once than a slow disk takes. */
  burst(): void {
    const { topic } = this.chance.pick(this.streams);
    for (let i = 0; i < 60; i++) this.timeline.after(i * 3, () => topic.publish(this.timeline.now, this.chance));
  }

  /** Every stream speaks for a while, and often. */
  speaks(forMs: number, everyMs: number): void {
    for (const { topic } of this.streams)
      for (let ms = 0; ms < forMs; ms += everyMs)
        this.timeline.after(ms, () => topic.publish(this.timeline.now, this.#chance));
  }

  #begin(fault: string, fromMs: number): void {
    if (this.#on.has(fault)) return;
    this.#on.add(fault);
    this.chance = new Chance(this.plan.seed ^ fromMs);
    faultOf(fault).begin(this);
  }

  #end(fault: string): void {
    if (!this.#on.delete(fault)) return;
    faultOf(fault).end(this);
  }

  /** All faults end, and the user starts what stands still. */
  #heal(): void {
    for (const fault of [...this.#on]) this.#end(fault);
    this.app.thaw();
    // News of the interfaces are up to a second late.
    this.timeline.runUntil(this.timeline.now + 2000);
    this.app.thaw();
    if (!this.app.online) this.app.network(true, false);
    this.watch.heals(this.app);
    for (const client of this.app.clients) {
      const { phase } = client.state.link;
      if (phase === "idle") client.dispatch({ type: "start" });
      if (phase === "halted") client.dispatch({ type: "retryNow" });
    }
  }

  #look(): void {
    this.timeline.after(lookEveryMs, () => {
      if (this.#over) return;
      this.watch.looks(this.app);
      this.#look();
    });
  }

  #publish(stream: Stream): void {
    const { topic, eventMs } = stream;
    this.timeline.after(this.#chance.between(...eventMs), () => {
      if (this.#over) return;
      if (!this.#quiet || topic === this.streams.at(-1)?.topic) topic.publish(this.timeline.now, this.#chance);
      this.#publish(stream);
    });
  }

  #stream(index: number): Stream {
    const chance = this.#chance;
    const name = `s${index}`;
    const pace = this.#pace(index);
    // Where little is said, what did not come has to be seen.
    const topic = new Topic(name, pace.preamble === null ? chance.pick(["all", "all", "some", "none"]) : "all");
    const urls = Array.from({ length: chance.between(2, 4) }, (_, i) => `https://${name}-${i}.test`);
    if (!chance.oneIn(3)) urls.push(`wss://${name}.test`);
    const conditions: Partial<Conditions> = {
      heartbeatMs: pace.heartbeatMs,
      ...(pace.preamble === null ? {} : { preamble: pace.preamble }),
      headersMs: chance.pick([20, 40, 300, 900]),
      clockOffsetMs: chance.oneIn(2) ? 0 : null,
    };
    const { timeline, parts } = this;
    const ground = {
      timeline,
      chance,
      hit: (fault: string) => this.hit(fault),
      hear: (run: () => void) => this.app.hear(run),
      retryAfterMs: parts.retryAfterMs,
    };
    const origins = this.#places(urls).map((place) => new Origin(ground, place, topic, conditions));
    return {
      name,
      topic,
      origins,
      policy: this.#policy(origins),
      eventMs: pace.eventMs,
    };
  }

  #pace(index: number): Pace {
    const { plan } = this;
    const chance = this.#chance;
    if (plan.pace !== "quiet") {
      const { eventMs, heartbeatMs } = paces[plan.pace];
      return { eventMs: [1, 2 * eventMs], heartbeatMs, preamble: null };
    }
    const everyMs = index === plan.streams - 1 ? quietEventMs[0] : chance.pick(quietEventMs);
    const preamble = chance.oneIn(3) ? ": welcome\n\n" : "";
    return {
      eventMs: [0.8 * everyMs, 1.2 * everyMs],
      heartbeatMs: chance.pick(quietHeartbeatMs),
      preamble,
    };
  }

  /** Mostly each address has a server and a credential of its own; some are two paths of one server, some share a credential. */
  #places(urls: readonly string[]): Place[] {
    const chance = this.#chance;
    const [isOneServer, isOneKey] = [chance.oneIn(3), chance.oneIn(3)];
    const servers = urls.map((name) => ({ name, notBefore: 0 }));
    return urls.map((url, i) => {
      const server = servers[isOneServer && i === 1 ? 0 : i] ?? { name: url, notBefore: 0 };
      return { url, server, credential: isOneKey && i < 2 ? "key of all" : chance.oneIn(8) ? "" : `key of ${url}` };
    });
  }

  #policy(origins: readonly Origin[]): Policy {
    const chance = this.#chance;
    return {
      ...defaultDeadlines,
      candidates: origins.map(({ url, server, credential, isWebSocket }) => ({
        key: url,
        transport: isWebSocket ? "websocket" : "sse",
        origin: server.name,
        freshCredential: chance.oneIn(4),
        credential,
      })),
      discover: chance.oneIn(10),
      balance: chance.oneIn(6),
      strategies: defaultStrategies,
      strict: chance.oneIn(6),
      idleTimeoutMs: chance.oneIn(5) ? 90_000 : null,
      repeatable: !chance.oneIn(12),
    };
  }
}
