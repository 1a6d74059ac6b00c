/**
 * How an open stream arrives, counted and never quoted: reads that come together, what they completed, and how late they were
 * by the server's own stamps. Only the beginning of a connection is looked at; that is enough for a beat to show.
 */
import type { Event } from "../core/connection/connection-state.ts";
import type { ArrivalsSeen } from "../core/detection/observation.ts";
import type { Clock } from "../io/ports.ts";

/** Reads this close together are one, ms. */
const togetherMs = 20;
/** So many bursts are enough to look at. */
const enough = 40;

type Burst = { atMs: number; bytes: number; events: number; comments: number; lateMs: number | null };

export class ArrivalsLog {
  readonly #clock: Pick<Clock, "mono" | "utc">;
  #openedAt: number | null = null;
  #lastAt = 0;
  #bursts: Burst[] = [];

  constructor(clock: Pick<Clock, "mono" | "utc">) {
    this.#clock = clock;
  }

  /** @returns whether there is now enough to look at; true once a connection */
  take(event: Event): boolean {
    if (event.type === "opened") {
      this.#openedAt = this.#clock.mono();
      this.#bursts = [];
    }
    const isFull = this.#bursts.length >= enough;
    if (this.#openedAt === null || isFull) return false;
    if (event.type === "bytes") this.#read(event.count, this.#openedAt);
    const last = this.#bursts.at(-1);
    if (last === undefined) return false;
    if (event.type === "comment") last.comments += 1;
    if (event.type === "events") {
      last.events += event.count;
      const [stampedAt] = event.stamps;
      if (stampedAt !== undefined) last.lateMs ??= this.#clock.utc() - stampedAt;
    }
    return this.#bursts.length >= enough;
  }

  #read(bytes: number, openedAt: number): void {
    const now = this.#clock.mono();
    const last = this.#bursts.at(-1);
    if (last !== undefined && now - this.#lastAt <= togetherMs) last.bytes += bytes;
    else this.#bursts.push({ atMs: now - openedAt, bytes, events: 0, comments: 0, lateMs: null });
    this.#lastAt = now;
  }

  /** The present connection, or the last one; nothing before the first. */
  seen(): ArrivalsSeen[] {
    if (this.#openedAt === null) return [];
    const late = this.#bursts.flatMap(({ lateMs }) => (lateMs === null ? [] : [lateMs]));
    const least = Math.min(...late);
    const bursts = this.#bursts.map(({ lateMs, ...burst }) => ({
      ...burst,
      lagMs: lateMs === null ? null : lateMs - least,
    }));
    const watchedMs = this.#clock.mono() - this.#openedAt;
    return [{ what: "arrivals", firstByteMs: bursts[0]?.atMs ?? null, watchedMs, bursts }];
  }
}
