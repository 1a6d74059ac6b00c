/**
 * A world for streams in which nothing happens by itself: time passes when it is told to, connections say what the test
 * says, the journal is in memory and can be made slow or refuse, and chance repeats.
 */
import { onTestFinished } from "vitest";
import {
  type Answer,
  type ParsedEvent,
  sliceOf,
  type TransportEvent,
} from "../../main/core/connection/connection-state.ts";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import type { HistorySnapshot } from "../../main/core/quality/history-pack.ts";
import { address } from "../../main/core/redact.ts";
import { createMemoryJournal } from "../../main/io/journal/memory-journal.ts";
import type { NetworkMonitor, NetworkNews } from "../../main/io/network-monitor.ts";
import type {
  Clock,
  Connection,
  HistoryStore,
  Journal,
  Secrets,
  StreamTransport,
  Target,
} from "../../main/io/ports.ts";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { createNetworkMemory } from "../../main/io/stores/network-memory.ts";
import { blankEndpoint } from "../../main/io/stores/settings-schema.ts";
import { type FreshCredentials, type Plan, planOf } from "../../main/streams/endpoint-plan.ts";
import type { StreamsObserver } from "../../main/streams/streams.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { seeded } from "../io/seeded.ts";

/** Lets every promise that can go on go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export type FakeClock = Clock & {
  /** Lets time pass: wakes what is due, each at its moment, and lets the promises in between go on. */
  advance(ms: number): Promise<void>;
  /** Sets the civil clock forward or back; the monotonic one does not move. */
  setUtc(utc: number): void;
  /** Timers that are set. */
  readonly timers: number;
};

/** Starts at mono 1000, and at the beginning of a day in UTC. */
export function fakeClock(): FakeClock {
  let [mono, ahead] = [1000, 1_799_971_200_000 - 1000];
  const timers = new Set<{ at: number; wake: () => void }>();
  return {
    mono: () => mono,
    utc: () => mono + ahead,
    after(delayMs, wake) {
      const timer = { at: mono + delayMs, wake };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = mono + ms;
      for (;;) {
        await settle();
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        mono = Math.max(mono, next.at);
        next.wake();
      }
      mono = until;
    },
    setUtc(utc) {
      ahead = utc - mono;
    },
    get timers() {
      return timers.size;
    },
  };
}

/** One connection of the scripted transport. What it tells is told even when it is closed: those are dead words. */
export class FakeConnection implements Connection {
  readonly target: Target;
  /** What was done to it: "pause", "resume", "close". */
  readonly done: string[] = [];
  readonly tell: (event: TransportEvent) => void;

  constructor(target: Target, tell: (event: TransportEvent) => void) {
    this.target = target;
    this.tell = tell;
  }

  close(): void {
    this.done.push("close");
  }

  pause(): void {
    this.done.push("pause");
  }

  resume(): void {
    this.done.push("resume");
  }

  get closed(): boolean {
    return this.done.includes("close");
  }

  /** Answers with a stream; unless told otherwise it was asked from where the target stands. */
  opens(change: Partial<Answer> = {}): this {
    const { url, lastEventId: askedFrom } = this.target;
    this.tell({ type: "connected" });
    this.tell({
      type: "opened",
      answer: { address: address(url), server: null, httpVersion: "1.1", askedFrom, ...change },
    });
    return this;
  }

  /** An event arrives, with an id or without. */
  says(id: string | null, change: Partial<ParsedEvent> = {}): this {
    this.tell({ type: "bytes", count: 10 });
    this.tell(sliceOf([anArrival(id, change)]));
    return this;
  }

  fails(evidence: Evidence = { what: "end" }): this {
    this.tell({ type: "failed", evidence });
    return this;
  }
}

export function anArrival(id: string | null, change: Partial<ParsedEvent> = {}): ParsedEvent {
  return { id, lastEventId: id ?? "", type: "message", data: "x", bytes: 2, flags: [], stampedAt: null, ...change };
}

export type FakeTransport = StreamTransport & {
  readonly connections: readonly FakeConnection[];
  /** The newest connection. */
  readonly last: FakeConnection;
};

export function fakeTransport(): FakeTransport {
  const connections: FakeConnection[] = [];
  return {
    connections,
    get last() {
      const last = connections.at(-1);
      if (last === undefined) throw new Error("nothing was opened");
      return last;
    },
    open(target, tell) {
      const connection = new FakeConnection(target, tell);
      connections.push(connection);
      return connection;
    },
  };
}

type Append = { readonly stream: string; readonly records: readonly (ReceivedEvent | Mark)[]; cursor: string | null };

export type FakeJournal = Journal & {
  /** Appends as they were asked for. */
  readonly appends: readonly Append[];
  /** Appends that have been asked for and wait; only when `slow`. */
  readonly waiting: readonly (() => void)[];
  /** From now on an append waits for `release`. */
  slow: boolean;
  /** Lets the oldest waiting append go on. */
  release(): Promise<void>;
  /** Methods that reject from now on. */
  readonly refuses: Set<"append" | "cursor" | "forget" | "keepNothing" | "recent" | "setCursor">;
  /** From now on appends are told to be in memory only, as with a full disk. */
  unsaved: boolean;
  /** Streams that were forgotten. */
  readonly forgotten: readonly string[];
};

export function fakeJournal(): FakeJournal {
  const memory = createMemoryJournal({ keep: 10_000 });
  const [appends, waiting, forgotten]: [Append[], (() => void)[], string[]] = [[], [], []];
  const refuses: FakeJournal["refuses"] = new Set();
  const agreed = (method: Parameters<typeof refuses.has>[0]): void => {
    if (refuses.has(method)) throw new Error(`no ${method}`);
  };
  return {
    ...memory,
    appends,
    waiting,
    forgotten,
    refuses,
    slow: false,
    unsaved: false,
    async append(stream, records, cursor) {
      appends.push({ stream, records, cursor });
      if (this.slow) await new Promise<void>((resolve) => waiting.push(resolve));
      agreed("append");
      // What is not saved is not known after a reconnect either: neither its cursor nor its ids.
      if (this.unsaved) return { seqs: records.map(() => 0), unsaved: true };
      return memory.append(stream, records, cursor);
    },
    async recent(stream, limit) {
      agreed("recent");
      return memory.recent(stream, limit);
    },
    async release() {
      waiting.shift()?.();
      await settle();
    },
    async cursor(stream) {
      agreed("cursor");
      return memory.cursor(stream);
    },
    async setCursor(stream, cursor) {
      agreed("setCursor");
      return memory.setCursor(stream, cursor);
    },
    async keepNothing(stream, on) {
      agreed("keepNothing");
      return memory.keepNothing(stream, on);
    },
    async forget(stream) {
      agreed("forget");
      forgotten.push(stream);
      return memory.forget(stream);
    },
  };
}

export function fakeHistory(): HistoryStore & { readonly kept: Map<string, HistorySnapshot> } {
  const kept = new Map<string, HistorySnapshot>();
  return {
    kept,
    read: (stream) => kept.get(stream) ?? null,
    put: (stream, snapshot) => void kept.set(stream, snapshot),
    remove: (stream) => void kept.delete(stream),
    flush: () => undefined,
  };
}

export function fakeSecrets(known: Readonly<Record<string, string>> = {}): Secrets {
  const kept = new Map(Object.entries(known));
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
    kept: "session",
    backend: "none",
  };
}

export type FakeNetwork = Pick<NetworkMonitor, "current" | "watchClosely" | "check" | "subscribe"> & {
  /** What it was asked: "close" and "calm" for how it looks, "check". */
  readonly asked: readonly string[];
  /** Says so to everybody; what is said of the network is the case from then on. */
  tell(news: NetworkNews): void;
  readonly listeners: number;
};

/** A network that is there and stays the same until the test says otherwise. */
export function fakeNetwork(): FakeNetwork {
  const listeners = new Set<(news: NetworkNews) => void>();
  const asked: string[] = [];
  let now = { online: true, network: "home" };
  return {
    asked,
    current: () => now,
    watchClosely: (on) => void asked.push(on ? "close" : "calm"),
    check: () => void asked.push("check"),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(news) {
      if (news.type === "network") now = { online: news.online, network: news.network };
      for (const listener of [...listeners]) listener(news);
    },
    get listeners() {
      return listeners.size;
    },
  };
}

/** Tokens that count up: "token-1", "token-2", …, a new one after each refusal. */
export function countingCredentials() {
  const told = { asked: 0, refused: 0 };
  const freshCredentials: FreshCredentials = () => ({
    fresh: async () => {
      told.asked++;
      return `token-${told.refused + 1}`;
    },
    refused: () => void told.refused++,
  });
  return { freshCredentials, told };
}

export type World = ReturnType<typeof streamWorld>;

/** Everything that streams need. `transport` carries SSE, `socket` the WebSockets. */
export function streamWorld() {
  const [clock, transport, socket] = [fakeClock(), fakeTransport(), fakeTransport()];
  return {
    clock,
    random: seeded(1),
    transport,
    socket,
    transports: { sse: transport, websocket: socket },
    journal: fakeJournal(),
    history: fakeHistory(),
    secrets: fakeSecrets(),
    memory: createNetworkMemory(clock),
    network: fakeNetwork(),
    freshCredentials: countingCredentials().freshCredentials,
  };
}

const noSecret = () => null;

/** The ways of an endpoint that has no secrets. */
export function aPlan(change: Partial<Endpoint> = {}, freshCredentials = countingCredentials().freshCredentials): Plan {
  return planOf(anEndpoint(change), defaultPolicy, noSecret, freshCredentials);
}

/** Listens to nothing. */
export const deaf: StreamsObserver = {
  changed: () => {},
  given: () => {},
  recorded: () => {},
  moved: () => {},
  problem: () => {},
  fault: () => {},
};

/** Ends what a test has begun, however it went. */
export function ending<T extends { close(): Promise<void> }>(one: T): T {
  onTestFinished(() => one.close());
  return one;
}

/** An endpoint of the settings, different from a blank one only where it is said. */
export function anEndpoint(change: Partial<Endpoint> = {}): Endpoint {
  return { ...blankEndpoint, id: "orders", name: "Orders", url: "https://a.example/orders", ...change };
}
