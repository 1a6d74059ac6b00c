/**
 * Keeps one stream's quality history up to date from what happens to it: the time spent in each condition, attempts,
 * failures, openings, sessions, recoveries, gaps, events. The roll-ups themselves are core/quality/history.ts; the disk is the
 * store's.
 */
import type { Beat, Bucket, HistorySummary } from "../../preload/contract.ts";
import type { Event, State } from "../core/connection/connection-state.ts";
import {
  type Condition,
  emptyHistory,
  type History,
  lastBeats,
  note,
  query,
  type Span,
} from "../core/quality/history.ts";
import { pack, unpack } from "../core/quality/history-pack.ts";
import { summarize } from "../core/quality/history-summary.ts";
import { emptyQuality, gradeOf, type Quality } from "../core/quality/quality.ts";
import type { Clock, HistoryStore } from "../io/ports.ts";
import type { Recorded } from "./journal-writer.ts";

/** Whose history it is: what is the case with it now. */
type Observed = { readonly state: State };

/**
 * What the time in a state counts as. An attempt that follows no failure, and the wait that the server planned, are
 * neither up nor down: such time counts as what comes of it, so that a start is no outage and a failed start is one.
 * Paused is paused, asleep or not: the user's word is the reason.
 */
function conditionOf({ link, failures, asleep }: State): Condition | "undecided" {
  if (link.phase === "idle") return "paused";
  if (asleep) return "asleep";
  switch (link.phase) {
    case "open":
    case "offline":
      return link.phase;
    case "connecting":
      return failures === 0 ? "undecided" : "down";
    case "waiting":
      return link.failure.family === "PLANNED" ? "undecided" : "down";
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
  #condition: Condition | "undecided" | null = null;
  /** Moments up to which the condition is already counted, by both clocks. */
  #countedTo: number;
  #countedToUtc: number;
  #observed: Observed | null = null;
  /** What is counted of the observed stream's quality. */
  #counted: Quality = emptyQuality;

  constructor(stream: string, store: HistoryStore, clock: Clock) {
    this.#stream = stream;
    this.#store = store;
    this.#clock = clock;
    this.#countedTo = clock.mono();
    this.#countedToUtc = clock.utc();
    const stored = store.read(stream);
    const { history, countedTo, damaged } =
      stored === null ? { history: emptyHistory(), countedTo: null, damaged: false } : unpack(stored);
    this.#history = history;
    this.damaged = damaged;
    // Since then nobody has counted. A crash leaves up to a minute of running in it.
    if (countedTo !== null) this.#add("notRunning", countedTo, this.#countedToUtc);
  }

  /** A condition begins, the one before ends. */
  enter(condition: Condition | "undecided"): void {
    this.#settle();
    this.#condition = condition;
  }

  /** Notes a step of the machine. */
  note(stream: Observed, before: State, after: State, event: Event): void {
    if (event.type === "wake" && !before.asleep) this.#stoodStill(event.stalledMs);
    const condition = conditionOf(after);
    if (condition !== this.#condition) this.enter(condition);
    if (stream !== this.#observed) this.#counted = emptyQuality;
    this.#observed = stream;
    this.#count(after.quality);
    const ended = before.link.phase === "open" ? before.link : null;
    const same = after.link.phase === "open" && after.link.generation === ended?.generation;
    if (ended !== null && !same) {
      const lengthMs = this.#clock.mono() - ended.openedAt;
      note(this.#history, this.#clock.utc(), { type: "session", lengthMs });
    }
  }

  /** What has been added to the numbers of this run. */
  #count(quality: Quality): void {
    const now = this.#clock.utc();
    const counted = this.#counted;
    this.#counted = quality;
    const times = (count: number, type: "attempt" | "unopened" | "failure"): void => {
      for (let n = 0; n < count; n++) note(this.#history, now, { type });
    };
    times(quality.attemptsEver - counted.attemptsEver, "attempt");
    times(quality.endedEver - counted.endedEver, "unopened");
    times(quality.failedEver - counted.failedEver, "failure");
    if (quality.opensEver === counted.opensEver) return;
    note(this.#history, now, { type: "opened", headersMs: quality.headersMs.at(-1) ?? 0 });
    const recoveryMs = quality.recoveriesMs === counted.recoveriesMs ? undefined : quality.recoveriesMs.at(-1);
    if (recoveryMs !== undefined) note(this.#history, now, { type: "recovered", recoveryMs });
  }

  received(records: Recorded["records"]): void {
    const now = this.#clock.utc();
    let [count, bytes] = [0, 0];
    for (const record of records) {
      if (!("mark" in record)) {
        count += 1;
        bytes += record.bytes;
      } else if (record.mark === "gap") note(this.#history, now, { type: "gap" });
    }
    if (count > 0) note(this.#history, now, { type: "events", count, bytes });
  }

  query(span: Span): Bucket[] {
    this.#settle();
    return query(this.#history, span, this.#clock.utc());
  }

  summary(span: Span): HistorySummary {
    this.#settle();
    return summarize(this.#history, span, this.#clock.utc());
  }

  beats(count: number): Beat[] {
    this.#settle();
    return lastBeats(this.#history, this.#clock.utc(), count);
  }

  /** Hands the present state to the store. */
  flush(): void {
    this.#settle();
    this.#store.put(this.#stream, pack(this.#history, this.#clock.utc()));
  }

  /**
   * Counts the time of the present condition up to now. Measured by the monotonic clock, placed by the civil one: a clock
   * that is set adds no time. Only sleep is measured by the civil clock too, for the monotonic one may stand still in it.
   */
  #settle(): void {
    const [now, utc, condition] = [this.#clock.mono(), this.#clock.utc(), this.#condition];
    // Nobody knows yet what it is: it is counted with what comes of it.
    if (condition === "undecided") return;
    const passedMs = now - this.#countedTo;
    const lengthMs = condition === "asleep" ? Math.max(passedMs, utc - this.#countedToUtc) : passedMs;
    if (condition !== null) this.#add(condition, utc - lengthMs, utc);
    [this.#countedTo, this.#countedToUtc] = [now, utc];
    const quality = this.#observed?.state.quality;
    if (condition === "open" && quality !== undefined && gradeOf(quality, now) === "POOR") {
      note(this.#history, utc, { type: "poor" });
    }
  }

  /**
   * We did not run and nobody had told us before: that was sleep, and not what we took it for.
   * @param stalledMs how much of it has passed on the monotonic clock
   */
  #stoodStill(stalledMs: number): void {
    const [now, utc, condition] = [this.#clock.mono(), this.#clock.utc(), this.#condition];
    const passedMs = now - this.#countedTo;
    const fromUtc = utc - Math.max(passedMs, utc - this.#countedToUtc);
    const sleptFrom = fromUtc + Math.max(0, passedMs - stalledMs);
    if (condition !== null && condition !== "paused") {
      if (condition !== "undecided") this.#add(condition, fromUtc, sleptFrom);
      this.#add("asleep", sleptFrom, utc);
      [this.#countedTo, this.#countedToUtc] = [now, utc];
    }
  }

  #add(state: Condition, fromUtc: number, toUtc: number): void {
    if (toUtc > fromUtc) note(this.#history, toUtc, { type: "time", state, fromUtc, toUtc });
  }
}
