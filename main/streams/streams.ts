/**
 * All streams: makes one for each endpoint, replaces those whose request changed, ends those that are gone.
 * It knows the settings' endpoints and the journal; the connection itself is each stream's own business.
 */

import type {
  Bucket,
  Code,
  Endpoint,
  HistorySummary,
  Keeping,
  PolicySettings,
  StreamView,
} from "../../preload/contract.ts";
import type { KnownPath } from "../core/detection/known-path.ts";
import type { Transport } from "../core/events/record.ts";
import { mayPassElsewhere } from "../core/failure/failure-traits.ts";
import { emptyHistory, type Span } from "../core/quality/history.ts";
import { summarize } from "../core/quality/history-summary.ts";
import { isLoopback } from "../io/addresses.ts";
import type { NetworkMonitor, NetworkNews } from "../io/network-monitor.ts";
import type { Clock, HistoryStore, Journal, Random, Secrets, StreamTransport } from "../io/ports.ts";
import { defaultLimits } from "../io/sse/sse-decoder.ts";
import type { StreamStats } from "../io/stats/stats-format.ts";
import type { NetworkMemory } from "../io/stores/network-memory.ts";
import { createDialTurns, type DialTurns } from "./dial-turns.ts";
import { type FreshCredentials, type Plan, type ProxiesFor, planOf } from "./endpoint-plan.ts";
import { sameRequest, secretKey } from "./endpoint-request.ts";
import type { Recorded } from "./journal-writer.ts";
import { presentStats, presentStream, presentWaiting } from "./present.ts";
import { Stream, type StreamObserver } from "./stream.ts";
import { StreamHistory } from "./stream-history.ts";

export type StreamsWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly transports: Readonly<Record<Transport, StreamTransport>>;
  readonly journal: Journal;
  readonly history: HistoryStore;
  readonly secrets: Secrets;
  readonly memory: NetworkMemory;
  readonly network: Pick<NetworkMonitor, "current" | "watchClosely" | "check" | "subscribe">;
  readonly freshCredentials: FreshCredentials;
  /** Without it every stream goes out directly. */
  readonly proxies?: ProxiesFor;
};

/** Who listens: the window, the tray, the log, banners. */
export type StreamsObserver = {
  /** What the views show has changed; told at once, whoever draws slows it down. */
  changed(): void;
  /** The journal shows new records of this stream. */
  given(stream: string, records: number): void;
  recorded(endpoint: Endpoint, batch: Recorded): void;
  moved: NonNullable<StreamObserver["moved"]>;
  /** Something the user should know. */
  problem(problem: Code): void;
  /** Something could not be done; it may carry a code that has words. */
  fault(error: unknown): void;
};

type Held = { readonly endpoint: Endpoint; readonly stream: Stream; readonly history: StreamHistory };

/** An event waits so long for those that follow it: a quarter of a frame. A transaction costs a tenth of a millisecond. */
const batchMs = 4;
const shownBeats = 24;
/** We still run this long after "going to sleep": the computer has stayed awake, or nobody says that it woke up, ms. */
const longestSuspendMs = 60_000;
/** How often what a quiet stream's history shows is brought up to now, ms: one beat. */
const beatMs = 60_000;
/** Some streams' turn comes together, this far apart: waking for each alone would be a third of what many silent streams cost. */
const turnMs = 2500;

export class Streams {
  readonly #world: StreamsWorld;
  readonly #observer: StreamsObserver;
  readonly #held = new Map<string, Held>();
  #applying: Promise<void> = Promise.resolve();
  /**
   * The endpoints of the start are there. A POST among them waits to be asked for: that the app was started again is
   * nobody's word that the request may be sent again.
   */
  #begun = false;
  readonly #turns: DialTurns;
  readonly #unsubscribe: () => void;
  #beat = 0;
  #cancelBeat: () => void;
  #cancelWake: () => void = () => {};

  constructor(world: StreamsWorld, observer: StreamsObserver) {
    this.#world = world;
    this.#observer = observer;
    this.#cancelBeat = this.#beatLater();
    this.#turns = createDialTurns(world.clock);
    this.#unsubscribe = world.network.subscribe((news) => this.#heed(news));
  }

  /** What the world tells all streams. */
  #heed(news: NetworkNews): void {
    if (news.type === "network") {
      for (const [id, { stream }] of this.#held) this.#tellNetwork(id, stream, news);
      return;
    }
    this.#wake(news.stalledMs);
  }

  #tellNetwork(id: string, stream: Stream, news: Omit<Extract<NetworkNews, { type: "network" }>, "type">): void {
    // What is on this computer is there without any network.
    const isHere = stream.spec.plan.routes.every(({ url }) => isLoopback(url));
    stream.network(news.online || isHere, news.changed, this.#world.memory.recall(id, news.network));
    // Another network may have another proxy, or none: what the last one did not let through is asked once here.
    const { link } = stream.state;
    if (news.changed && news.online && link.phase === "halted" && mayPassElsewhere(link.failure)) stream.retryNow();
  }

  /** The app's proxy has become another: whatever goes by it connects anew, but for requests that must not be sent twice. */
  async proxyChanged(): Promise<void> {
    await this.#applying;
    for (const { endpoint, stream } of this.#held.values()) {
      const isOfApp = endpoint.proxy.mode === "app" && endpoint.method === "GET";
      if (isOfApp && stream.state.link.phase !== "idle") stream.retryNow();
    }
  }

  /** The computer goes to sleep. A resume that nobody tells of must not leave the streams asleep. */
  suspend(): void {
    for (const { stream } of this.#held.values()) stream.suspend();
    this.#cancelWake();
    this.#cancelWake = this.#world.clock.after(longestSuspendMs, () => this.#wake(0));
  }

  /** It is awake again. */
  awake(): void {
    this.#world.network.check();
    this.#wake(0);
  }

  #wake(stalledMs: number): void {
    this.#cancelWake();
    for (const { stream } of this.#held.values()) stream.wake(stalledMs);
  }

  /** Each stream's history goes to the store once a minute, a few streams at a time: packing all at once would be felt. */
  #beatLater(): () => void {
    const size = Math.max(1, this.#held.size);
    const together = Math.ceil((size * turnMs) / beatMs);
    return this.#world.clock.after((beatMs * together) / size, () => {
      const held = [...this.#held.values()];
      for (let turn = 0; turn < Math.min(together, held.length); turn++) {
        held[this.#beat % held.length]?.history.flush();
        this.#beat += 1;
      }
      this.#observer.changed();
      this.#cancelBeat = this.#beatLater();
    });
  }

  /** Brings the streams in line with the endpoints, in their order. One change at a time; resolves when it is done. */
  apply(
    endpoints: readonly Endpoint[],
    policy: PolicySettings,
    source: StreamView["source"] = "settings",
  ): Promise<void> {
    const applied = this.#applying.then(() => this.#apply(endpoints, policy, source));
    // A change that failed must not take those after it along.
    this.#applying = applied.catch(() => {});
    return applied;
  }

  async #apply(endpoints: readonly Endpoint[], policy: PolicySettings, source: StreamView["source"]): Promise<void> {
    const wanted = new Set(endpoints.map(({ id }) => id));
    for (const [id, { stream }] of this.#held) {
      if (stream.spec.source === source && !wanted.has(id)) await this.#guarded(() => this.#remove(id));
    }
    for (const endpoint of endpoints) await this.#guarded(() => this.#put(endpoint, policy, source));
    this.#begun = true;
    this.#observer.changed();
  }

  /** What one stream cannot have done must not keep the others from theirs. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#observer.fault(error);
    }
  }

  async #put(endpoint: Endpoint, policy: PolicySettings, source: StreamView["source"]): Promise<void> {
    const { journal } = this.#world;
    const known = this.#held.get(endpoint.id);
    // A journal that has ended for good refuses, and takes no records either: the stream goes on without it.
    await this.#guarded(() => journal.keepNothing(endpoint.id, endpoint.keep === "nothing"));
    const unchanged = known !== undefined && sameRequest(known.endpoint, endpoint);
    const plan = this.#planOf(endpoint, policy);
    if (unchanged) {
      known.stream.adopt(plan.policy);
      this.#held.set(endpoint.id, { ...known, endpoint });
    } else {
      await known?.stream.close();
      if (known !== undefined) await this.#guarded(() => this.#carryCursor(known.endpoint, endpoint));
      const history = known?.history ?? this.#historyOf(endpoint.id);
      this.#held.set(endpoint.id, { endpoint, stream: this.#make(endpoint, plan, source), history });
    }
    const held = this.#held.get(endpoint.id);
    if (endpoint.paused) {
      held?.stream.stop();
      held?.history.enter("paused");
    } else if (unchanged ? known.endpoint.paused : this.#begun || endpoint.method === "GET") held?.stream.start();
  }

  #historyOf(id: string): StreamHistory {
    const history = new StreamHistory(id, this.#world.history, this.#world.clock);
    if (history.damaged) this.#observer.problem({ code: "history-damaged", params: {} });
    return history;
  }

  /** A cursor belongs to the server that gave it; what the user wrote into the field counts from then on. */
  async #carryCursor(before: Endpoint, after: Endpoint): Promise<void> {
    // The group's members are the same stream, whichever of them comes first.
    const known = [before.url, ...before.group.map(({ url }) => url)];
    if (known.includes(after.url) && before.lastEventId === after.lastEventId) return;
    await this.#world.journal.setCursor(after.id, after.lastEventId);
  }

  #planOf(endpoint: Endpoint, policy: PolicySettings): Plan {
    const { secrets, freshCredentials, proxies } = this.#world;
    return planOf(endpoint, policy, (part) => secrets.get(secretKey(endpoint.id, part)), freshCredentials, proxies);
  }

  #make(endpoint: Endpoint, plan: Plan, source: StreamView["source"]): Stream {
    const { id, lastEventId } = endpoint;
    const { clock, random, transports, journal, memory, network } = this.#world;
    const paths = {
      worked: () => memory.worked(id),
      noteWorked: (key: string) => memory.noteWorked(id, key),
      remember: (key: string) => memory.remember(id, network.current().network, key),
      paths: {
        recall: (key: string) => memory.recallPath(id, network.current().network, key),
        note: (key: string, path: KnownPath) => memory.notePath(id, network.current().network, key, path),
      },
    };
    const observer: StreamObserver = {
      moved: (stream, before, after, event) => {
        this.#held.get(id)?.history.note(stream, before, after, event);
        this.#watchClosely();
        this.#observer.moved(stream, before, after, event);
        this.#observer.changed();
      },
      given: (_stream, records) => this.#observer.given(id, records),
      recorded: (_stream, batch) => {
        const held = this.#held.get(id);
        if (held === undefined) return;
        held.history.received(batch.records);
        this.#observer.recorded(held.endpoint, batch);
        this.#observer.changed();
      },
    };
    const spec = { id, plan, lastEventId, source };
    const world = { clock, random, transports, turns: this.#turns, journal, memory: paths };
    const stream = new Stream(spec, world, observer, batchMs);
    this.#tellNetwork(id, stream, { ...network.current(), changed: true });
    return stream;
  }

  /** Whoever waits for a network wants to know of it within a second; for the others it can take a little longer. */
  #watchClosely(): void {
    const waits = [...this.#held.values()].some(({ stream }) =>
      ["waiting", "connecting", "offline"].includes(stream.state.link.phase),
    );
    this.#world.network.watchClosely(waits);
  }

  async #remove(id: string): Promise<void> {
    const held = this.#held.get(id);
    this.#held.delete(id);
    await held?.stream.close();
    this.#world.history.remove(id);
    for (const key of this.#world.secrets.keys()) if (key.startsWith(`${id}/`)) this.#world.secrets.remove(key);
    this.#world.memory.forget(id);
    await this.#world.journal.forget(id);
  }

  /** A secret of this endpoint has changed, which the endpoint itself does not show: what runs connects anew with it. */
  async renew(id: string): Promise<void> {
    const before = this.#held.get(id)?.stream;
    await this.#applying;
    const stream = this.#held.get(id)?.stream;
    if (stream !== undefined && stream === before && stream.state.link.phase !== "idle") stream.retryNow();
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** The journal gets what a stream has received and keeps back for a moment. */
  collect(id: string): void {
    void this.#held.get(id)?.stream.flush();
  }

  retryNow(id: string): void {
    this.#held.get(id)?.stream.retryNow();
  }

  stop(id: string): void {
    this.#held.get(id)?.stream.stop();
  }

  resume(id: string): void {
    const stream = this.#held.get(id)?.stream;
    if (stream?.state.link.phase === "idle") stream.start();
    else stream?.retryNow();
  }

  views(): StreamView[] {
    return [...this.#held.values()].map(({ endpoint, stream, history }) => {
      const journal = endpoint.keep === "nothing" ? "off" : this.#world.journal.state;
      return presentStream(endpoint.name, stream, history.beats(shownBeats), journal);
    });
  }

  stats(): StreamStats[] {
    return [...this.#held.values()].map(({ stream }) => presentStats(stream));
  }

  /** What is kept of a stream and what it may run into; null: there is no such stream. */
  async keeping(id: string): Promise<Omit<Keeping, "retention"> | null> {
    const held = this.#held.get(id);
    if (held === undefined) return null;
    const { types, ...kept } = await this.#world.journal.kept(id);
    const { stream } = held;
    const oversized = { events: stream.facts.oversized, limitBytes: defaultLimits.eventBytes };
    return { kept, waiting: presentWaiting(stream), oversized, unsaved: stream.intake.unsaved, types };
  }

  history(id: string, span: Span): Bucket[] {
    return this.#held.get(id)?.history.query(span) ?? [];
  }

  /** What a span of the history amounts to; of a stream that is not there, nothing. */
  historySummary(id: string, span: Span): HistorySummary {
    return this.#held.get(id)?.history.summary(span) ?? summarize(emptyHistory(), span, this.#world.clock.utc());
  }

  /** Ends every connection and hands over what is still in memory; resolves when it is written. */
  async close(): Promise<void> {
    this.#cancelBeat();
    this.#cancelWake();
    this.#unsubscribe();
    await this.#applying;
    this.#turns.close();
    await Promise.all([...this.#held.values()].map(({ stream }) => stream.close()));
    for (const { history } of this.#held.values()) history.flush();
  }
}
