/**
 * What a connection was like, by the minute, quarter, hour and day: counters in four rings, so that its size has a
 * limit however long it runs. It is told what happened and when; grades and words are made elsewhere.
 */
import type { Beat, Bucket } from "../../../preload/contract.ts";
import { addSample, coarse, fine, type Sketch, sketchMedian } from "./sketch.ts";

/** Time is spent in one of these; the rest of a bucket's span is time before the stream was known. */
export const conditions = ["open", "down", "paused", "asleep", "offline", "notRunning"] as const;
export type Condition = (typeof conditions)[number];

/** Something to add. Times are UTC milliseconds; `poor`: the connection was open and not good, as quality.ts judges. */
export type Delta =
  | { readonly type: "time"; readonly state: Condition; readonly fromUtc: number; readonly toUtc: number }
  /** `unopened`: an attempt ended without ever being open. `gap`: something of the stream is known to be missing. */
  | { readonly type: "attempt" | "failure" | "unopened" | "gap" | "poor" }
  | { readonly type: "opened"; readonly headersMs: number }
  /** A connection that was open has ended, however it came to its end. */
  | { readonly type: "session"; readonly lengthMs: number }
  /** Open again, so long after the first failure. */
  | { readonly type: "recovered"; readonly recoveryMs: number }
  | { readonly type: "events"; readonly count: number; readonly bytes: number };

/**
 * The numbers of one bucket, in the order in which they are packed: new ones come at the end. All add up, but for `poor`
 * (0 or 1) and `slowest` (the longest recovery, ms).
 */
// biome-ignore format: two lines read better
export const counters = [
  "open", "events", "bytes", "attempts", "down", "failures", "offline", "asleep", "paused", "poor",
  "opens", "unopened", "gaps", "notRunning", "slowest",
] as const;
export type Counter = (typeof counters)[number];

export type Cell = {
  readonly index: number;
  readonly sums: Record<Counter, number>;
  /** Times to headers and recoveries on the coarse scale, lengths of sessions on the fine one. */
  readonly headers: Sketch;
  readonly recoveries: Sketch;
  readonly sessions: Sketch;
};
/** A slot holds the bucket whose index has its remainder; what is of another time is replaced when its slot is needed. */
export type Ring = { readonly widthMs: number; readonly slots: (Cell | undefined)[] };
export type History = { readonly rings: readonly Ring[] };

const minuteMs = 60_000;
export const levels: readonly { readonly span: Span; readonly widthMs: number; readonly size: number }[] = [
  { span: "1h", widthMs: minuteMs, size: 60 },
  { span: "24h", widthMs: 15 * minuteMs, size: 96 },
  { span: "7d", widthMs: 60 * minuteMs, size: 168 },
  { span: "90d", widthMs: 24 * 60 * minuteMs, size: 90 },
];
export type Span = "1h" | "24h" | "7d" | "90d";

export function emptyHistory(): History {
  return { rings: levels.map(({ widthMs, size }) => ({ widthMs, slots: new Array<Cell | undefined>(size) })) };
}

/** Adds to the history in place: it is noted several times a second, and nobody needs the old one. */
export function note(history: History, utcMs: number, delta: Delta): void {
  for (const ring of history.rings) {
    if (delta.type === "time") addTime(ring, Math.max(utcMs, delta.toUtc), delta);
    else addTo(cellAt(ring, Math.floor(utcMs / ring.widthMs)), delta);
  }
}

/** The buckets of a span, oldest first, up to the one of now; always all of them. */
export function query(history: History, span: Span, nowUtc: number): Bucket[] {
  return cellsOf(history, span, nowUtc).map(([at, cell]) => toBucket(at, widthOf(span), cell));
}

/** Where each bucket of a span begins (UTC ms) and what is in it, oldest first. */
export function cellsOf(history: History, span: Span, nowUtc: number): [at: number, cell: Cell | null][] {
  const ring = history.rings[levels.findIndex((known) => known.span === span)];
  return ring === undefined ? [] : lastCells(ring, nowUtc, ring.slots.length);
}

function widthOf(span: Span): number {
  return levels.find((known) => known.span === span)?.widthMs ?? 0;
}

/** The beats of the last minutes, oldest first. */
export function lastBeats(history: History, nowUtc: number, count: number): Beat[] {
  const [ring] = history.rings;
  return ring === undefined ? [] : lastCells(ring, nowUtc, count).map(([, cell]) => beatOf(cell));
}

/** An empty bucket of a ring's time. */
export function emptyCell(index: number): Cell {
  const sums = Object.fromEntries(counters.map((name) => [name, 0])) as Record<Counter, number>;
  return { index, sums, headers: [], recoveries: [], sessions: [] };
}

function addTime(ring: Ring, now: number, { state, fromUtc, toUtc }: Extract<Delta, { type: "time" }>): void {
  const { widthMs, slots } = ring;
  const first = Math.max(Math.floor(fromUtc / widthMs), Math.floor(now / widthMs) - slots.length + 1);
  for (let index = first; index * widthMs < toUtc; index++) {
    const part = Math.min(toUtc, (index + 1) * widthMs) - Math.max(fromUtc, index * widthMs);
    if (part <= 0) continue;
    const cell = cellAt(ring, index);
    // When the clock was set back the same minute comes twice; it still has sixty seconds.
    const room = widthMs - conditions.reduce((sum, condition) => sum + cell.sums[condition], 0);
    cell.sums[state] += Math.min(part, room);
  }
}

function addTo({ sums, headers, recoveries, sessions }: Cell, delta: Exclude<Delta, { type: "time" }>): void {
  switch (delta.type) {
    case "attempt":
      sums.attempts++;
      return;
    case "failure":
      sums.failures++;
      return;
    case "unopened":
      sums.unopened++;
      return;
    case "gap":
      sums.gaps++;
      return;
    case "poor":
      sums.poor = 1;
      return;
    case "opened":
      sums.opens++;
      addSample(headers, coarse, delta.headersMs);
      return;
    case "session":
      addSample(sessions, fine, delta.lengthMs);
      return;
    case "recovered":
      sums.slowest = Math.max(sums.slowest, delta.recoveryMs);
      addSample(recoveries, coarse, delta.recoveryMs);
      return;
    case "events":
      sums.events += delta.count;
      sums.bytes += delta.bytes;
      return;
  }
}

/** The cell to add to. What its slot held before is older than the ring, or of a future in which the clock once was. */
function cellAt({ slots }: Ring, index: number): Cell {
  const slot = ((index % slots.length) + slots.length) % slots.length;
  const held = slots[slot];
  if (held?.index === index) return held;
  const cell = emptyCell(index);
  slots[slot] = cell;
  return cell;
}

function lastCells({ widthMs, slots }: Ring, nowUtc: number, count: number): [at: number, cell: Cell | null][] {
  const newest = Math.floor(nowUtc / widthMs);
  return Array.from({ length: count }, (_, place) => {
    const index = newest - count + 1 + place;
    const cell = count <= slots.length ? slots[((index % slots.length) + slots.length) % slots.length] : undefined;
    return [index * widthMs, cell?.index === index ? cell : null];
  });
}

function toBucket(at: number, spanMs: number, cell: Cell | null): Bucket {
  const { sums, headers } = cell ?? emptyCell(0);
  return {
    at,
    spanMs,
    beat: beatOf(cell),
    openMs: sums.open,
    downMs: sums.down,
    pausedMs: sums.paused,
    asleepMs: sums.asleep,
    offlineMs: sums.offline,
    notRunningMs: sums.notRunning,
    attempts: sums.attempts,
    failures: sums.failures,
    gaps: sums.gaps,
    events: sums.events,
    bytes: sums.bytes,
    headersMs: sketchMedian(headers, coarse),
  };
}

/** Less than this share of the time that should have been open is a stumble, not an outage. */
const outageShare = 0.05;

/**
 * The worst of a bucket's time. Faults win over everything; the rest is what most of the time was, for a night's sleep
 * does not make a bad day, and a minute's pause not a paused hour.
 */
function beatOf(cell: Cell | null): Beat {
  if (cell === null) return "none";
  const { open, down, offline, asleep, paused, notRunning, failures, poor } = cell.sums;
  if (down > 0 && down >= outageShare * (open + down)) return "down";
  if (down > 0 || failures > 0 || poor > 0) return "poor";
  const most = Math.max(open, offline, asleep, paused, notRunning);
  if (notRunning === most) return "none";
  if (offline === most) return "offline";
  if (asleep === most) return "asleep";
  return paused === most ? "paused" : "good";
}
