/**
 * One stream: driver → journal → quality → listeners. It joins what the machine decides with what is kept of it;
 * it decides nothing about the connection itself.
 */
import type { Grade } from "../../preload/contract.ts";
import type { Event, ParsedEvent, Policy, State } from "../core/connection-state.ts";
import type { Failure } from "../core/failure.ts";
import { emptyQuality, gradeOf, noteQuality, type Quality } from "../core/quality.ts";
import type { Mark, ReceivedEvent } from "../core/record.ts";
import { address } from "../core/redact.ts";
import type { Clock, Journal, Random, StreamTransport, Target } from "../io/ports.ts";
import { ConnectionDriver, TargetRefused } from "./connection-driver.ts";
import { JournalWriter, type Recorded } from "./journal-writer.ts";

/** What a stream is to hold. Secrets are in `headers` only as long as an attempt needs them. */
export type StreamSpec = {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  readonly body: string | null;
  /** Asked at every attempt: a changed credential is used at once. Null when a secret is not known any more. */
  readonly headers: () => readonly (readonly [string, string])[] | null;
  /** Where to start when the journal has no cursor of this stream; "" = from now on. */
  readonly lastEventId: string;
  readonly policy: Policy;
  readonly source: "settings" | "demo";
};

export type StreamWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: StreamTransport;
  readonly journal: Journal;
};

/** Who wants to know. Each is told after the stream's own facts are up to date. */
export type StreamObserver = {
  /** A step of the machine that a person could notice: another phase, health or failure. */
  moved?(stream: Stream, before: State, after: State, event: Event): void;
  /** Records have their numbers; they are on disk unless they say otherwise. */
  recorded?(stream: Stream, records: readonly Recorded[]): void;
  comment?(stream: Stream, text: string): void;
};

/** Numbers of this run; times are UTC ms. */
export type Facts = {
  readonly events: number;
  readonly bytes: number;
  readonly lastByteAt: number | null;
  readonly lastEventAt: number | null;
  readonly openedAt: number | null;
  readonly downSince: number | null;
  readonly server: string | null;
  readonly httpVersion: string | null;
  readonly lastEventId: string;
  readonly lastFailure: Failure | null;
};

/** Events that follow each other this closely after a resumed opening are what the server had kept for us, ms. */
const catchUpPauseMs = 250;
const catchUpStartMs = 1000;
/** Live events can come as closely: what comes later than this after the opening counts as new, ms. */
const catchUpLongestMs = 5000;

export class Stream {
  readonly spec: StreamSpec;
  readonly #world: StreamWorld;
  readonly #observer: StreamObserver;
  readonly #driver: ConnectionDriver;
  readonly #writer: JournalWriter;
  #quality: Quality = emptyQuality;
  #facts: Facts;
  /** Monotonic moment until which the next event still counts as caught up; null: nothing is being caught up. */
  #catchUpUntil: number | null = null;
  #catchUpEnd = 0;
  #lostAt: number | null = null;
  #endpoint: string;
  #attemptStartedAt = 0;
  #closing = false;
  #gradeBeforeLoss: Grade = "UNKNOWN";

  constructor(spec: StreamSpec, world: StreamWorld, observer: StreamObserver, batchMs: number) {
    this.spec = spec;
    this.#world = world;
    this.#observer = observer;
    this.#endpoint = address(spec.url);
    this.#facts = {
      events: 0,
      bytes: 0,
      lastByteAt: null,
      lastEventAt: null,
      openedAt: null,
      downSince: null,
      server: null,
      httpVersion: null,
      lastEventId: spec.lastEventId,
      lastFailure: null,
    };
    const { clock, journal, random, transport } = world;
    this.#writer = new JournalWriter(spec.id, journal, clock, batchMs, (records) => observer.recorded?.(this, records));
    this.#driver = new ConnectionDriver({
      policy: spec.policy,
      clock,
      random,
      transport,
      target: () => this.#target(),
      backlog: this.#writer,
      observe: (event, before, after) => this.#observe(event, before, after),
    });
  }

  get state(): State {
    return this.#driver.state;
  }

  get facts(): Facts {
    return this.#facts;
  }

  get quality(): Quality {
    return this.#quality;
  }

  /** One word for the connection now. */
  get grade(): Grade {
    return gradeOf(this.#quality, this.#world.clock.mono());
  }

  /** The word it had before the last loss: an outage does not judge the connection it ends. */
  get gradeBeforeLoss(): Grade {
    return this.#gradeBeforeLoss;
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

  /** Resolves when what has come so far is in the journal and its observers have been told. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Ends the connection and writes what has come; resolves when the journal has it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#driver.dispose();
    await this.#writer.flush();
  }

  async #target(): Promise<Target> {
    // What has come must be in the journal before the cursor is read: it is the journal's word that is sent.
    await this.#writer.flush();
    // A journal that has failed for good must not take the stream with it: what this run has seen is then the next best.
    const kept = await this.#world.journal.cursor(this.spec.id).catch(() => this.#facts.lastEventId);
    const lastEventId = kept ?? this.spec.lastEventId;
    this.#facts = { ...this.#facts, lastEventId };
    const { url, method, body } = this.spec;
    const headers = this.spec.headers();
    if (headers === null) throw new TargetRefused({ what: "secret-missing" });
    return { url, method, body, headers, lastEventId };
  }

  #observe(event: Event, before: State, after: State): void {
    const now = this.#world.clock.mono();
    const utc = this.#world.clock.utc();
    switch (event.type) {
      case "bytes":
        this.#facts = { ...this.#facts, bytes: this.#facts.bytes + event.count, lastByteAt: utc };
        break;
      case "event":
        this.#receive(event.event, event.generation, now, utc);
        break;
      case "cursor":
        this.#facts = { ...this.#facts, lastEventId: event.lastEventId };
        this.#writer.moveCursor(event.lastEventId);
        break;
      case "comment":
        this.#observer.comment?.(this, event.text);
        break;
      case "skipped":
        this.#mark("gap", utc, null, { reason: event.reason, from: this.#facts.lastEventId, bytes: event.bytes });
        break;
    }
    this.#noteTransition(event, before, after, now, utc);
    if (noticeable(before, after)) this.#observer.moved?.(this, before, after, event);
  }

  #receive(event: ParsedEvent, generation: number, now: number, utc: number): void {
    const caughtUp = this.#catchUpUntil !== null && now <= this.#catchUpUntil;
    this.#catchUpUntil = caughtUp ? Math.min(now + catchUpPauseMs, this.#catchUpEnd) : null;
    const { lastEventId } = event;
    this.#facts = { ...this.#facts, events: this.#facts.events + 1, lastEventAt: utc, lastEventId };
    const { id, type, data, bytes } = event;
    const record: ReceivedEvent = {
      stream: this.spec.id,
      endpoint: this.#endpoint,
      transport: "sse",
      generation,
      id,
      lastEventId,
      type,
      data,
      bytes,
      receivedAt: utc,
      mono: now,
      flags: caughtUp ? [...event.flags, "replayed"] : event.flags,
    };
    this.#writer.add(record, lastEventId);
  }

  #noteTransition(event: Event, before: State, after: State, now: number, utc: number): void {
    if (after.generation !== before.generation) {
      this.#quality = noteQuality(this.#quality, { type: "attempted" }, now);
      // Asked to reconnect while it was open: what is sent in between is as missing as after a loss.
      if (before.link.phase === "open") this.#lostAt = now;
    }
    if (event.type === "dialling") this.#attemptStartedAt = now;
    if (event.type === "opened" && after.link.phase === "open") this.#opened(event.answer, now, utc);
    if (event.type === "failed" || event.type === "timer") this.#lost(before, after, now, utc);
    if (event.type === "stop" && before.link.phase !== "idle") {
      this.#quality = noteQuality(this.#quality, { type: "stopped" }, now);
      this.#facts = { ...this.#facts, downSince: null, openedAt: null };
      if (!this.#closing) this.#mark("paused", utc, null, {});
    }
  }

  #opened(answer: Extract<Event, { type: "opened" }>["answer"], now: number, utc: number): void {
    const headersMs = now - this.#attemptStartedAt;
    const afterMs = this.#lostAt === null ? {} : { afterMs: now - this.#lostAt };
    const asked = answer.askedFrom === "" ? {} : { askedFrom: answer.askedFrom };
    const wanted = this.#facts.lastEventId;
    this.#quality = noteQuality(this.#quality, { type: "opened", headersMs }, now);
    this.#endpoint = answer.address;
    this.#catchUpUntil = answer.askedFrom === "" ? null : now + catchUpStartMs;
    this.#catchUpEnd = now + catchUpLongestMs;
    this.#mark("opened", utc, null, { headersMs, ...afterMs, ...asked });
    // Nobody can know what was sent meanwhile when the server was not asked from where we stand.
    if (wanted !== "" && answer.askedFrom === "") this.#mark("gap", utc, null, { reason: "id-not-sent", from: wanted });
    else if (wanted === "" && this.#lostAt !== null) {
      const fromAt = utc - (now - this.#lostAt);
      this.#mark("gap", utc, null, { reason: "no-ids", fromAt, toAt: utc });
    }
    this.#lostAt = null;
    const { server, httpVersion } = answer;
    this.#facts = { ...this.#facts, openedAt: utc, lastByteAt: utc, downSince: null, server, httpVersion };
  }

  #lost(before: State, after: State, now: number, utc: number): void {
    const { link } = after;
    if (link.phase !== "waiting" && link.phase !== "halted") return;
    if (before.link.phase === link.phase) return;
    if (this.#facts.downSince === null) this.#gradeBeforeLoss = this.grade;
    const wasOpen = before.link.phase === "open" ? before.link : null;
    this.#quality = noteQuality(this.#quality, { type: "failed", wasOpen: wasOpen !== null }, now);
    if (wasOpen !== null) this.#lostAt = now;
    const times = wasOpen === null ? {} : { openMs: now - wasOpen.openedAt, sinceByteMs: now - wasOpen.byteAt };
    const retry = link.phase === "waiting" ? { retryInMs: link.delayMs, attempt: after.failures } : {};
    this.#mark(link.phase === "halted" ? "halted" : "lost", utc, link.failure, { ...times, ...retry });
    const downSince = this.#facts.downSince ?? utc;
    this.#facts = { ...this.#facts, openedAt: null, downSince, lastFailure: link.failure };
  }

  #mark(mark: Mark["mark"], at: number, failure: Failure | null, params: Mark["params"]): void {
    this.#writer.add({ stream: this.spec.id, at, mark, failure, params }, null);
  }
}

function noticeable(before: State, after: State): boolean {
  const [a, b] = [before.link, after.link];
  if (a.phase !== b.phase || before.generation !== after.generation) return true;
  return a.phase === "open" && b.phase === "open" && a.health !== b.health;
}
