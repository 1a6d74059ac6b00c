/**
 * What arrives of an event stream, counted and timed while it is watched: bursts, events, comments, delays. It keeps a hash
 * of what came, to recognize it on another connection, and no contents.
 */
import { createHash } from "node:crypto";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { ParsedEvent } from "../../core/connection/connection-state.ts";
import type { ArrivalsSeen } from "../../core/detection/observation.ts";
import { wholeNumber } from "../../core/events/fingerprint.ts";
import { SseDecoder } from "../sse/sse-decoder.ts";

/** Reads that are no further apart count as one burst, which lasts no longer than the second, ms. */
const [togetherMs, burstMs] = [20, 100];
const [maxBursts, maxKept] = [1000, 2000];

type Burst = { atMs: number; readMs: number; bytes: number; events: number; comments: number; lagMs: number | null };

/** One event as it is recognized: its id, if it has one, and a hash of all of it. */
export type Met = { readonly id: string | null; readonly hash: string };

export class BodyWatch {
  readonly #startedAt = performance.now();
  readonly #bursts: Burst[] = [];
  readonly #decoder: SseDecoder;
  readonly #inflate: Transform | null;
  #leastLagMs = Number.POSITIVE_INFINITY;
  #endedAt: number | null = null;
  #broken = false;
  #lastId: number | null = null;
  /** Its ids, where they are whole numbers: how often one followed on the last, and how many were left out. */
  readonly ids = { steps: 0, missing: 0 };
  /** The body is not what its encoding says. */
  unreadable = false;
  /** The last event was `[DONE]`. */
  saidDone = false;
  bytes = 0;
  lastByteMs = 0;
  readonly met: Met[] = [];

  /** @param encoding value of Content-Encoding; what is not known is counted in bytes only */
  constructor(encoding: string) {
    this.#inflate = inflater(encoding);
    this.#decoder = new SseDecoder("", {
      events: (events) => {
        for (const event of events) this.#event(event);
      },
      comment: () => this.#last(({ comments }) => ({ comments: comments + 1 })),
      retry: () => {},
      cursor: () => {},
      skipped: () => {},
      settled: () => {},
    });
    this.#inflate?.on("data", (chunk: Buffer) => this.#decode(chunk));
    this.#inflate?.on("error", () => {
      this.#broken = true;
      // What is called "deflate" comes in two forms, and browsers read both.
      this.unreadable = encoding !== "deflate" && !this.#over;
    });
  }

  /** Since the headers, ms. */
  get nowMs(): number {
    return (this.#endedAt ?? performance.now()) - this.#startedAt;
  }

  take(chunk: Buffer): void {
    const atMs = this.nowMs;
    const open = this.#bursts.at(-1);
    if (open !== undefined && atMs - open.readMs <= togetherMs && atMs - open.atMs <= burstMs) {
      open.readMs = atMs;
      open.bytes += chunk.length;
    } else this.#bursts.push({ atMs, readMs: atMs, bytes: chunk.length, events: 0, comments: 0, lagMs: null });
    this.bytes += chunk.length;
    this.lastByteMs = atMs;
    if (this.#inflate === null) this.#decode(chunk);
    else if (!this.#broken) this.#inflate.write(chunk);
  }

  get #over(): boolean {
    return this.#endedAt !== null;
  }

  end(): void {
    this.#endedAt ??= performance.now();
  }

  get seen(): ArrivalsSeen {
    const least = this.#leastLagMs;
    const bursts = this.#bursts
      .slice(0, maxBursts)
      .map(({ readMs, lagMs, ...burst }) => ({ ...burst, lagMs: lagMs === null ? null : lagMs - least }));
    return { what: "arrivals", firstByteMs: bursts[0]?.atMs ?? null, watchedMs: this.nowMs, bursts };
  }

  #decode(chunk: Buffer): void {
    this.#broken ||= !this.#decoder.feed(chunk);
  }

  #event({ id, data, stampedAt }: ParsedEvent): void {
    if (this.met.length < maxKept)
      this.met.push({ id, hash: createHash("sha256").update(`${id}\n${data}`).digest("base64url") });
    this.saidDone = data.trim() === "[DONE]";
    this.#count(id);
    const lagMs = stampedAt === null || stampedAt === undefined ? null : Date.now() - stampedAt;
    if (lagMs !== null) this.#leastLagMs = Math.min(this.#leastLagMs, lagMs);
    this.#last((burst) => ({
      events: burst.events + 1,
      lagMs: burst.lagMs === null ? lagMs : Math.max(burst.lagMs, lagMs ?? 0),
    }));
  }

  #count(id: string | null): void {
    const next = id === null ? null : wholeNumber(id);
    const last = this.#lastId;
    this.#lastId = next ?? last;
    if (next === null || last === null || next <= last) return;
    if (next === last + 1) this.ids.steps++;
    else this.ids.missing += next - last - 1;
  }

  #last(change: (burst: Burst) => Partial<Burst>): void {
    const last = this.#bursts.at(-1);
    if (last !== undefined) Object.assign(last, change(last));
  }
}

function inflater(encoding: string): Transform | null {
  if (encoding === "gzip" || encoding === "x-gzip") return createGunzip();
  if (encoding === "deflate") return createInflate();
  return encoding === "br" ? createBrotliDecompress() : null;
}
