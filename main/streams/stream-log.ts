/**
 * What is written down of one stream's connection: the facts that its views show, its events on their way to the journal,
 * and the marks between them. It decides nothing, and sends nothing to a server.
 */
import { consuming, type Event, type Link, type ParsedEvent, type State } from "../core/connection/connection-state.ts";
import { wentOffline } from "../core/connection/link.ts";
import { wayTaken } from "../core/connection/way-taken.ts";
import type { Mark, ReceivedEvent, Transport } from "../core/events/record.ts";
import type { Failure } from "../core/failure/failure.ts";
import { address } from "../core/redact.ts";
import type { Clock } from "../io/ports.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Plan } from "./endpoint-plan.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { blankFacts, type Facts } from "./stream-facts.ts";

export type StreamLogWorld = {
  /** The stream's id. */
  readonly stream: string;
  /** As it is now: other strategies may be adopted. */
  readonly plan: () => Plan;
  /** Where it starts when the journal has no cursor of it; "" = from now on. */
  readonly lastEventId: string;
  readonly clock: Clock;
  readonly arrivals: Pick<Arrivals, "duplicates" | "opened" | "take">;
  readonly writer: Pick<JournalWriter, "add" | "moveCursor">;
  /** The candidate of this key was open. */
  readonly noteWorked: (key: string) => void;
  readonly comment: (text: string) => void;
};

export class StreamLog {
  readonly #world: StreamLogWorld;
  #facts: Facts;
  /** Monotonic moment from which on nothing was received; null while nothing is missing. */
  #lostAt: number | null = null;
  /** The candidate that was open last, in this run. */
  #openedBy: number | null = null;
  #isEnding = false;

  constructor(world: StreamLogWorld) {
    this.#world = world;
    this.#facts = blankFacts(world.plan().routes[0]?.url ?? "", world.lastEventId);
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** The way that is used, tried or waited for. */
  get transport(): Transport {
    return this.#world.plan().policy.candidates[this.#facts.candidate]?.transport ?? "sse";
  }

  /** The next request asks from here. */
  standsAt(lastEventId: string): void {
    this.#facts = { ...this.#facts, lastEventId };
  }

  /** That it stops from now on is not the user's word: the stream is put away. */
  end(): void {
    this.#isEnding = true;
  }

  /** Takes down a step of the machine. */
  take(event: Event, before: State, after: State): void {
    const now = this.#world.clock.mono();
    const utc = this.#world.clock.utc();
    // What a probe brings is nobody's: it only asks whether a path works.
    if (!("generation" in event) || event.generation === consuming(before.link)) this.#hear(event, now, utc);
    this.#noteTransition(event, before, after, now, utc);
  }

  #hear(event: Event, now: number, utc: number): void {
    switch (event.type) {
      case "via":
        this.#facts = { ...this.#facts, proxy: event.proxy };
        break;
      case "bytes":
        this.#facts = { ...this.#facts, bytes: this.#facts.bytes + event.count, lastByteAt: utc };
        break;
      case "events":
        this.#receive(event.events, event.generation, now, utc);
        break;
      case "cursor":
        this.#facts = { ...this.#facts, lastEventId: event.lastEventId };
        this.#world.writer.moveCursor(event.lastEventId);
        break;
      case "comment":
        this.#world.comment(event.text);
        break;
      case "skipped":
        this.#facts = { ...this.#facts, oversized: this.#facts.oversized + 1 };
        this.#mark("gap", utc, null, { reason: event.reason, from: this.#facts.lastEventId, bytes: event.bytes });
        break;
    }
  }

  /** One slice. The facts change once for all of it; marks stand where they belong between its events. */
  #receive(slice: readonly ParsedEvent[], generation: number, now: number, utc: number): void {
    const { arrivals, stream, writer } = this.#world;
    const { endpoint } = this.#facts;
    const { transport } = this;
    let [events, last] = [this.#facts.events, this.#facts.lastEventId];
    for (const event of slice) {
      const arrival = arrivals.take(event, now);
      if (arrival === null) continue;
      if (arrival.gap !== null) this.#mark("gap", utc, null, { reason: "ids-missing", ...arrival.gap });
      const { id, lastEventId, type, data, bytes } = event;
      const { flags } = arrival;
      events += 1;
      last = lastEventId;
      const record: ReceivedEvent = {
        stream,
        endpoint,
        transport,
        generation,
        id,
        lastEventId,
        type,
        data,
        bytes,
        receivedAt: utc,
        mono: now,
        flags,
      };
      writer.add(record, lastEventId);
    }
    const lastEventAt = events > this.#facts.events ? utc : this.#facts.lastEventAt;
    this.#facts = { ...this.#facts, events, lastEventAt, lastEventId: last, duplicates: arrivals.duplicates };
  }

  #noteTransition(event: Event, before: State, after: State, now: number, utc: number): void {
    this.#follow(after.link);
    // What is sent from here to the next opening is missing, whatever ended the connection: a loss, the user, a better way.
    const left = before.link.phase === "open" && consuming(after.link) !== before.link.generation;
    if (left && event.type !== "stop") this.#lostAt = now;
    if (event.type === "opened" && before.link.phase === "connecting" && after.link.phase === "open") {
      this.#opened(event.answer, now - before.link.startedAt, now, utc);
    }
    this.#lost(before, after, now, utc);
    if (event.type === "stop" && before.link.phase !== "idle") {
      this.#facts = { ...this.#facts, downSince: null, openedAt: null };
      if (!this.#isEnding) this.#mark("paused", utc, null, {});
    }
  }

  /** The picture shows the candidate that is meant now. */
  #follow(link: Link): void {
    if (!("candidate" in link) || link.candidate === this.#facts.candidate) return;
    const endpoint = address(this.#world.plan().routes[link.candidate]?.url ?? "");
    this.#facts = { ...this.#facts, candidate: link.candidate, endpoint };
  }

  #opened(answer: Extract<Event, { type: "opened" }>["answer"], headersMs: number, now: number, utc: number): void {
    const { policy } = this.#world.plan();
    const { candidates } = policy;
    const afterMs = this.#lostAt === null ? {} : { afterMs: now - this.#lostAt };
    const asked = answer.askedFrom === "" ? {} : { askedFrom: answer.askedFrom };
    const taken = wayTaken(policy, this.#openedBy, this.#facts.candidate);
    const way = candidates.length === 1 ? {} : { endpoint: answer.address, transport: this.transport, ...taken };
    this.#openedBy = this.#facts.candidate;
    const wanted = this.#facts.lastEventId;
    this.#world.noteWorked(candidates[this.#facts.candidate]?.key ?? "");
    this.#world.arrivals.opened(now, answer.askedFrom !== "");
    this.#mark("opened", utc, null, { headersMs, ...afterMs, ...asked, ...way });
    // Nobody can know what was sent meanwhile when the server was not asked from where we stand.
    if (wanted !== "" && answer.askedFrom === "") this.#mark("gap", utc, null, { reason: "id-not-sent", from: wanted });
    else if (wanted === "" && this.#lostAt !== null) {
      const fromAt = utc - (now - this.#lostAt);
      this.#mark("gap", utc, null, { reason: "no-ids", fromAt, toAt: utc });
    }
    this.#lostAt = null;
    const { server, httpVersion, address: endpoint } = answer;
    this.#facts = { ...this.#facts, endpoint, openedAt: utc, lastByteAt: utc, downSince: null, server, httpVersion };
  }

  #lost(before: State, after: State, now: number, utc: number): void {
    const failure = lossOf(before, after);
    if (failure === null) return;
    const { link } = after;
    const wasOpen = before.link.phase === "open" ? before.link : null;
    const times = wasOpen === null ? {} : { openMs: now - wasOpen.openedAt, sinceByteMs: now - wasOpen.byteAt };
    const retry = link.phase === "waiting" ? { retryInMs: link.delayMs, attempt: after.failures, rule: link.rule } : {};
    this.#mark(link.phase === "halted" ? "halted" : "lost", utc, failure, { ...times, ...retry });
    // What the server had planned is no outage.
    const downSince = failure.family === "PLANNED" ? this.#facts.downSince : (this.#facts.downSince ?? utc);
    const unknownFailures = this.#facts.unknownFailures + (failure.kind === "unknown" ? 1 : 0);
    this.#facts = { ...this.#facts, openedAt: null, downSince, lastFailure: failure, unknownFailures };
  }

  #mark(mark: Mark["mark"], at: number, failure: Failure | null, params: Mark["params"]): void {
    this.#world.writer.add({ stream: this.#world.stream, at, mark, failure, params }, null);
  }
}

/** What ended the consuming connection in this step, or the attempt at it; null: nothing did, or the user or a better way. */
export function lossOf(before: State, { link }: State): Failure | null {
  if (before.link.phase !== "open" && before.link.phase !== "connecting") return null;
  if (link.phase === "offline") return wentOffline;
  return link.phase === "waiting" || link.phase === "halted" ? link.failure : null;
}
