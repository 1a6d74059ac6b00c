/**
 * One stream: driver → log (facts, marks) → journal → listeners. It joins what the machine decides with what is kept of it;
 * it decides nothing about the connection itself.
 */
import type { Grade } from "../../preload/contract.ts";
import { consuming, type Event, type Policy, type State } from "../core/connection/connection-state.ts";
import { gradeNow } from "../core/connection/grade.ts";
import type { KnownPath } from "../core/detection/known-path.ts";
import type { Transport } from "../core/events/record.ts";
import { classify, freshContext } from "../core/failure/failure.ts";
import { isRefusal } from "../core/failure/failure-traits.ts";
import type { Quality } from "../core/quality/quality.ts";
import { CredentialError } from "../io/auth/credential-error.ts";
import type { Clock, Journal, Random, StreamTransport, Target } from "../io/ports.ts";
import { Arrivals } from "./arrivals.ts";
import { ConnectionDriver, TargetRefused } from "./connection-driver.ts";
import type { DialTurns } from "./dial-turns.ts";
import type { Plan } from "./endpoint-plan.ts";
import { type IntakeCounters, JournalWriter, type Recorded } from "./journal-writer.ts";
import { PathDetection, type Paths } from "./path-detection.ts";
import { createRing, type Recording, type Ring } from "./ring.ts";
import { sleptFor } from "./stalls.ts";
import type { Facts } from "./stream-facts.ts";
import { lossOf, StreamLog } from "./stream-log.ts";

/** What a stream is to hold. Secrets are only in what a route sends, as long as an attempt needs them. */
export type StreamSpec = {
  readonly id: string;
  /** The ways it may go, the first of them as the user named the stream. */
  readonly plan: Plan;
  /** Where to start when the journal has no cursor of this stream; "" = from now on. */
  readonly lastEventId: string;
  readonly source: "settings" | "demo";
};

export type StreamWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: Readonly<Record<Transport, StreamTransport>>;
  readonly turns: DialTurns;
  readonly journal: Journal;
  /** What is remembered of this stream's candidates over restarts, by their keys. */
  readonly memory: PathMemory;
  /** Where each step is taken down; null: the last of them are kept in memory. */
  readonly ring?: Ring;
};

export type PathMemory = {
  worked(): readonly string[];
  noteWorked(key: string): void;
  /** It has proved useful on the present network. */
  remember(key: string): void;
  /** What was known of their paths on the present network; without it nothing outlives the run. */
  readonly paths?: Paths;
};

/** Who wants to know. Each is told after the stream's own facts are up to date. */
export type StreamObserver = {
  /** A step of the machine that a person could notice: another phase, health or failure. */
  moved?(stream: Stream, before: State, after: State, event: Event): void;
  /** The journal shows so many new records; whether they are on disk is not known yet. */
  given?(stream: Stream, records: number): void;
  /** Records have their numbers; they are on disk unless they say otherwise. */
  recorded?(stream: Stream, batch: Recorded): void;
  comment?(stream: Stream, text: string): void;
};

export class Stream {
  #spec: StreamSpec;
  readonly #world: StreamWorld;
  readonly #observer: StreamObserver;
  readonly #driver: ConnectionDriver;
  readonly #writer: JournalWriter;
  readonly #ring = createRing();
  readonly #arrivals: Arrivals;
  readonly #log: StreamLog;
  readonly #paths: PathDetection;

  constructor(spec: StreamSpec, world: StreamWorld, observer: StreamObserver, batchMs: number) {
    this.#spec = spec;
    this.#world = world;
    this.#observer = observer;
    const { plan } = spec;
    const { clock, journal, random, transports, turns, memory } = world;
    this.#arrivals = new Arrivals(spec.id, journal);
    this.#writer = new JournalWriter(
      spec.id,
      journal,
      clock,
      batchMs,
      (batch) => this.#recorded(batch),
      (records) => this.#observer.given?.(this, records),
    );
    this.#log = new StreamLog({
      stream: spec.id,
      plan: () => this.#spec.plan,
      lastEventId: spec.lastEventId,
      clock,
      arrivals: this.#arrivals,
      writer: this.#writer,
      noteWorked: (key) => memory.noteWorked(key),
      comment: (text) => observer.comment?.(this, text),
    });
    this.#paths = new PathDetection({
      clock,
      keys: plan.policy.candidates.map(({ key }) => key),
      paths: memory.paths ?? null,
      tell: (news) => this.#driver.dispatch({ type: "path", ...news }),
    });
    this.#driver = new ConnectionDriver({
      policy: plan.policy,
      worked: memory.worked(),
      clock,
      random,
      transports,
      turns,
      target: (candidate, withId, by) => this.#target(candidate, withId, by),
      backlog: this.#writer,
      saw: (candidate, observation) => this.#paths.saw(candidate, observation),
      remember: (candidate) => memory.remember(plan.policy.candidates[candidate]?.key ?? ""),
      observe: (event, before, after) => this.#observe(event, before, after),
      ring: world.ring ?? this.#ring,
    });
  }

  get spec(): StreamSpec {
    return this.#spec;
  }

  /** Other strategies for the same candidates: what runs goes on, and the next decision is made by them. */
  adopt(policy: Policy): void {
    if (JSON.stringify(policy) === JSON.stringify(this.#spec.plan.policy)) return;
    this.#spec = { ...this.#spec, plan: { ...this.#spec.plan, policy } };
    this.#driver.adopt(policy);
  }

  get state(): State {
    return this.#driver.state;
  }

  get facts(): Facts {
    return this.#log.facts;
  }

  /** What waits for the journal, and how often it made the server wait. */
  get intake(): IntakeCounters {
    return this.#writer.counters;
  }

  get quality(): Quality {
    return this.#driver.state.quality;
  }

  /** The way that is used, tried or waited for. */
  get transport(): Transport {
    return this.#log.transport;
  }

  /** One word for the connection now; nobody knows while nothing is meant to be open, or could be. */
  get grade(): Grade {
    return gradeNow(this.#driver.state, this.#world.clock.mono());
  }

  /** Who stands on the way that is used, tried or waited for, and after which silence it cuts. */
  get path(): KnownPath {
    return this.#paths.of(this.facts.candidate);
  }

  /** The last steps of its machine, without contents; none where somebody else takes them down. */
  get recording(): Recording {
    return this.#ring.recording();
  }

  /** UTC of a monotonic moment of this run. */
  utcOf(mono: number): number {
    return this.#world.clock.utc() - (this.#world.clock.mono() - mono);
  }

  start(): void {
    this.#driver.dispatch({ type: "start" });
  }

  stop(): void {
    this.#driver.dispatch({ type: "stop" });
  }

  retryNow(): void {
    this.#driver.dispatch({ type: "retryNow" });
  }

  /**
   * The network is there, or not; or it is another one.
   * @param first key of the candidate that is known to work on it, or null
   */
  network(online: boolean, changed: boolean, first: string | null): void {
    const at = this.spec.plan.policy.candidates.findIndex(({ key }) => key === first);
    this.#driver.dispatch({ type: "network", online, changed, first: at < 0 ? null : at });
    if (changed) this.#paths.moved();
  }

  suspend(): void {
    this.#driver.dispatch({ type: "suspend" });
  }

  /** @param stalledMs what passed on the monotonic clock while nothing ran; next to nothing when that clock slept with us */
  wake(stalledMs: number): void {
    this.#driver.dispatch({ type: "wake", stalledMs, slept: sleptFor(stalledMs) });
  }

  /** Resolves when what has come so far is in the journal and its observers have been told. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Ends the connection and writes what has come; resolves when the journal has it. */
  async close(): Promise<void> {
    this.#log.end();
    this.#driver.dispose();
    await this.#writer.flush();
  }

  async #target(candidate: number, withId: boolean, by: "connect" | "probe"): Promise<Target> {
    // What has come must be in the journal before the cursor is read: it is the journal's word that is sent.
    await this.#writer.flush();
    if (by === "connect") await this.#arrivals.prepare();
    const lastEventId = withId ? await this.#cursor() : "";
    const route = this.spec.plan.routes[candidate];
    if (route === undefined) throw new TargetRefused({ what: "internal", message: `no route ${candidate}` });
    const headers = await route.headers().catch((error: unknown) => {
      throw error instanceof CredentialError
        ? new TargetRefused({ what: "credential", message: error.message, retryAfterMs: error.retryAfterMs })
        : error;
    });
    if (headers === null) throw new TargetRefused({ what: "secret-missing" });
    const { url, method, body, resumeQuery, frames } = route;
    const { proxies } = this.spec.plan;
    const way = proxies === undefined ? {} : { proxies };
    return { url, method, body, headers, lastEventId, resumeQuery, frames, ...way };
  }

  /** Where the journal stands. */
  async #cursor(): Promise<string> {
    const { journal } = this.#world;
    const { id, lastEventId } = this.spec;
    // A journal that has failed for good must not take the stream with it: what this run has seen is then the next best.
    const kept = await journal.cursor(id).catch(() => this.facts.lastEventId);
    const cursor = kept ?? lastEventId;
    this.#log.standsAt(cursor);
    return cursor;
  }

  #recorded(batch: Recorded): void {
    if (batch.unsaved) this.#arrivals.unsaved();
    this.#observer.recorded?.(this, batch);
  }

  #observe(event: Event, before: State, after: State): void {
    this.#log.take(event, before, after);
    this.#paths.took(event, before, after);
    this.#noteRefusal(event, before, after);
    // Not having run is noticed even where nothing changed by it: the time that passed was nobody's.
    if (event.type === "wake" || noticeable(before, after)) this.#observer.moved?.(this, before, after, event);
  }

  /** A credential that was refused, be it a probe's, must not be sent for ever. */
  #noteRefusal(event: Event, before: State, after: State): void {
    const { routes } = this.spec.plan;
    const failure = lossOf(before, after);
    if (failure !== null && isRefusal(failure) && "candidate" in before.link) routes[before.link.candidate]?.refused();
    const { probe } = before;
    if (event.type !== "failed" || event.generation !== probe?.generation) return;
    if (isRefusal(classify(event.evidence, freshContext))) routes[probe.candidate]?.refused();
  }
}

function noticeable(before: State, after: State): boolean {
  const [a, b] = [before.link, after.link];
  if (a.phase !== b.phase || consuming(a) !== consuming(b) || before.asleep !== after.asleep) return true;
  // A wait that was cut short has another end.
  if (a.phase === "waiting") return a !== b;
  return a.phase === "open" && b.phase === "open" && a.health !== b.health;
}
