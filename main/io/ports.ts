/** The interfaces the drivers need from the world: one fact each, implemented by the adapters beside this file. */
import type { EventDetail, Filter, Keeping, Row, Tail } from "../../preload/contract.ts";
import type { TransportEvent } from "../core/connection/connection-state.ts";
import type { Observation } from "../core/detection/observation.ts";
import type { Fingerprints } from "../core/events/fingerprint.ts";
import type { EventRecord, Mark, ReceivedEvent } from "../core/events/record.ts";
import type { ProxyRoute } from "../core/proxy/proxy-route.ts";
import type { HistorySnapshot } from "../core/quality/history-pack.ts";
import type { KeptLimits } from "./journal/journal-limits.ts";

/** Monotonic and civil time, and one timer. */
export type Clock = {
  /** Whole milliseconds since some moment of this run; never jumps, never goes back. */
  mono(): number;
  /** UTC, whole milliseconds; may jump. */
  utc(): number;
  /** Calls `wake` once after `delayMs` (any size: longer than a timer can hold wakes early). Returns its end. */
  after(delayMs: number, wake: () => void): () => void;
};

/** One uniform draw in [0, 1). */
export type Random = () => number;

/** What one attempt needs; made anew for every attempt, so that credentials and cursor are those of the moment. */
export type Target = {
  readonly url: string;
  readonly method: string;
  readonly body: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly lastEventId: string;
  /** WebSocket: the query parameter that carries the last event id; null: the Last-Event-ID header of the handshake. */
  readonly resumeQuery: string | null;
  /** WebSocket: how its frames are read. */
  readonly frames: "auto" | "raw" | "json" | "sse" | "nchan";
  /** The ways out of this computer; without it: directly. */
  readonly proxies?: Proxies;
};

/**
 * Which way requests leave this computer. It is asked anew for every hop of every attempt: another network, another host or a
 * proxy that failed may have made it another one.
 */
export type Proxies = {
  /** What is set up, in one word that two alike have in common; holds no credentials. */
  readonly key: string;
  /** The ways to this address in the order in which they are to be tried; at least one. Never rejects. */
  waysTo(url: string): Promise<readonly ProxyRoute[]>;
  /** This one failed: others go before it for some minutes. */
  putOff(route: ProxyRoute): void;
  /** It did not accept the sign-in: nobody sends it the same one for some minutes, because accounts get locked. */
  refused(route: ProxyRoute): void;
  /**
   * Calls after the time that a proxy has to answer where another way could be tried.
   * @returns its end; `answered` false: it was given up, and is put off unless that was at once
   */
  patience(route: ProxyRoute, over: () => void): (answered: boolean) => void;
};

/** A connection that is being made or held. */
export type Connection = {
  /** Ends it at once, sockets and all; nothing is told afterwards. */
  close(): void;
  /** Stops reading, so that the server feels it; `resume` goes on. */
  pause(): void;
  resume(): void;
};

/** Takes what a path showed of itself, beside what is told to the machine: before it, and never a stream's contents. */
export type See = (observation: Observation) => void;

/** A way to hold a stream. `open` never throws; whatever happens is told to `tell`, in turns after `open` returned. */
export type StreamTransport = {
  open(target: Target, tell: (event: TransportEvent) => void, see?: See): Connection;
};

/** Numbers, in order, that the journal gave to the records of one append. */
export type Appended = { readonly seqs: readonly number[]; readonly unsaved: boolean };

/** Events and marks of a stream, their bytes, the oldest's time (UTC ms), and its types: see Keeping in the contract. */
export type Kept = Keeping["kept"] & { readonly types: Keeping["types"] };

/**
 * Keeps events and the resume cursor together: an append is one transaction, so after a crash both stand or neither.
 * Streams that keep nothing have their records in memory only, a bounded number of them, numbered all the same.
 */
export type Journal = {
  /** Appends in order. `cursor` is what a reconnect must send after the last of them. Rejects only with JournalError. */
  append(stream: string, records: readonly (ReceivedEvent | Mark)[], cursor: string | null): Promise<Appended>;
  /**
   * What a reconnect has to send, or null when the stream never had one: the cursor of the last append that is on disk, or
   * of a later one that is still whole in memory. Ask it before every connection: after losses it goes back to the disk's.
   */
  cursor(stream: string): Promise<string | null>;
  setCursor(stream: string, cursor: string): Promise<void>;
  /** Which streams keep nothing; asked before the first append of a stream. */
  keepNothing(stream: string, on: boolean): Promise<void>;
  /** How much of each stream is kept, from now on; what is beyond goes soon. Until it is said, nothing goes. */
  limit(limits: KeptLimits): Promise<void>;
  /** What is kept of a stream, and how its types are counted. */
  kept(stream: string): Promise<Kept>;
  /** `settled` false: it is a little off, of a stream that keeps nothing, and is right a second later. */
  tail(stream: string, filter: Filter, limit: number): Promise<Omit<Tail, "version"> & { readonly settled?: boolean }>;
  window(
    stream: string,
    filter: Filter,
    from: number,
    limit: number,
  ): Promise<{ matching: number; exact: boolean; from: number; rows: Row[] }>;
  /** Place of the first matching row that was received at `at` (UTC ms) or later; `matching` when none was. */
  placeOf(stream: string, filter: Filter, at: number): Promise<{ place: number; matching: number; exact: boolean }>;
  /**
   * Events in full, oldest first, as an export needs them: those that match, with numbers above `after`, at most `limit` or about
   * 4 MiB of them, at least one. Empty when there are no more.
   */
  read(stream: string, filter: Filter, after: number, limit: number): Promise<readonly EventRecord[]>;
  get(seq: number): Promise<EventDetail | null>;
  /**
   * Fingerprints of the newest events of a stream that have an id, at most `limit`, oldest first: what it has already when
   * events come again. Of very long events fewer.
   */
  recent(stream: string, limit: number): Promise<Fingerprints>;
  /** Deletes all records of the stream for good (secure_delete, WAL truncated); the cursor stays. */
  clear(stream: string): Promise<void>;
  /** Deletes records and cursor: the stream is gone. */
  forget(stream: string): Promise<void>;
  readonly state: "ok" | "failing" | "read-only";
  /** Appends that wait to be written, and the bytes of their blocks: of all streams, now and at most so far. */
  readonly queue: { readonly appends: number; readonly bytes: number; readonly mostBytes: number };
  /** What the user should know of it, e.g. { code: "journal-newer" }. */
  readonly problems: readonly { code: string; params: Record<string, string | number> }[];
  close(): Promise<void>;
};

/** Keeps the bounded quality history of each stream over restarts. */
export type HistoryStore = {
  read(stream: string): HistorySnapshot | null;
  /** Remembers in memory; goes to disk on a timer and at `flush`. */
  put(stream: string, snapshot: HistorySnapshot): void;
  remove(stream: string): void;
  flush(): void;
};

/** Questions to the user that only main can ask; a window that was taken over cannot answer them. */
export type Dialogs = {
  /** Absolute path of the file chosen as a token command; null: none. */
  chooseCommand(): Promise<string | null>;
  /** Shows the whole command and asks whether it may be run. */
  confirmCommand(argv: readonly string[]): Promise<boolean>;
};

/** Secrets by key, e.g. "orders/credential". Never in plain text on disk. */
export type Secrets = {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): readonly string[];
  /** "session": the system has no keyring to trust, so they live until the app ends, and the UI says so. */
  readonly kept: "keyring" | "session";
  readonly backend: string;
};
