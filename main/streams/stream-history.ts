/**
 * Keeps one stream's quality history up to date from what happens to it: the time spent in each condition, attempts,
 * failures, openings, events. The roll-ups themselves are core/history.ts; the disk is the store's.
 */
import type { Beat, Bucket } from "../../preload/contract.ts";
import type { State } from "../core/connection-state.ts";
import { type Condition, emptyHistory, type History, lastBeats, note, query, type Span } from "../core/history.ts";
import { pack, unpack } from "../core/history-pack.ts";
import type { Clock, HistoryStore } from "../io/ports.ts";
import type { Recorded } from "./journal-writer.ts";
import type { Stream } from "./stream.ts";

/** What the time in a state counts as. A first attempt under way is neither up nor down yet: it counts as nothing. */
function conditionOf({ link, failures }: State): Condition | null {
  switch (link.phase) {
    case "open":
    case "offline":
      return link.phase;
    case "idle":
      return "paused";
    case "connecting":
      return failures === 0 ? null : "down";
    case "waiting":
    case "halted":
      return "down";
  }
}

export class StreamHistory {
  readonly #stream: string;
  readonly #store: HistoryStore;
  readonly #clock: Clock;
  readonly #history: History;
  /** What was stored could not be read: the history starts anew. */
  readonly damaged: boolean;
  #condition: Condition | null = null;
  /** Monotonic moment up to which the condition is already counted. */
  #countedTo = 0;

  constructor(stream: string, store: HistoryStore, clock: Clock) {
    this.#stream = stream;
    this.#store = store;
    this.#clock = clock;
    const stored = store.read(stream);
    const { history, damaged } = stored === null ? { history: emptyHistory(), damaged: false } : unpack(stored);
    this.#history = history;
    this.damaged = damaged;
  }

  /** A condition begins, the one before ends. */
  enter(condition: Condition | null): void {
    this.#settle();
    this.#condition = condition;
  }

  /** Notes a step of the machine. */
  note(stream: Stream, before: State, after: State): void {
    const now = this.#clock.utc();
    const condition = conditionOf(after);
    if (condition !== this.#condition) this.enter(condition);
    if (after.generation !== before.generation) note(this.#history, now, { type: "attempt" });
    const ended = after.link.phase === "waiting" || after.link.phase === "halted";
    if (ended && before.link.phase !== after.link.phase) note(this.#history, now, { type: "failure" });
    if (after.link.phase === "open" && before.link.phase !== "open") {
      note(this.#history, now, { type: "opened", headersMs: stream.quality.headersMs.at(-1) ?? 0 });
    }
    if (stream.grade === "POOR") note(this.#history, now, { type: "poor" });
  }

  received(records: readonly Recorded[]): void {
    let [count, bytes] = [0, 0];
    for (const { record } of records) {
      if ("mark" in record) continue;
      count += 1;
      bytes += record.bytes;
    }
    if (count > 0) note(this.#history, this.#clock.utc(), { type: "events", count, bytes });
  }

  query(span: Span): Bucket[] {
    this.#settle();
    return query(this.#history, span, this.#clock.utc());
  }

  beats(count: number): Beat[] {
    this.#settle();
    return lastBeats(this.#history, this.#clock.utc(), count);
  }

  /** Hands the present state to the store. */
  flush(): void {
    this.#settle();
    this.#store.put(this.#stream, pack(this.#history));
  }

  /** Counts the time of the present condition up to now. Measured by the monotonic clock, placed by the civil one. */
  #settle(): void {
    const now = this.#clock.mono();
    const toUtc = this.#clock.utc();
    if (this.#condition !== null && now > this.#countedTo) {
      const fromUtc = toUtc - (now - this.#countedTo);
      note(this.#history, toUtc, { type: "time", state: this.#condition, fromUtc, toUtc });
    }
    this.#countedTo = now;
  }
}
