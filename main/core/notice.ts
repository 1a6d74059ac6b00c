/**
 * When an event becomes a banner, and what the banner says. At most one banner in 5 s for a stream; what comes in between
 * becomes one summary, and what a reconnect replays becomes one digest. It knows no clock and no desktop.
 */
import { escapeMarkup, plainText } from "./plain-text.ts";

/** An event that the rules ask to tell. */
export type Arrival = {
  readonly stream: string;
  /** The stream's name as the user wrote it. */
  readonly name: string;
  readonly type: string;
  readonly preview: string;
  readonly seq: number;
  /** It came again after Last-Event-ID was sent. */
  readonly replayed: boolean;
};

/** `more`: events between two banners. `digest`: only events that a reconnect brought. `latest` is where a click leads. */
export type Notice =
  | { readonly kind: "event"; readonly latest: Arrival }
  | { readonly kind: "more" | "digest"; readonly latest: Arrival; readonly count: number };

/** What is remembered of one stream between its banners. Times are monotonic milliseconds. */
export type Lane = {
  /** No banner before. */
  readonly quietUntil: number;
  /** Events that wait for the next banner, how many of them were replayed, and the newest. */
  readonly held: number;
  readonly replayed: number;
  readonly latest: Arrival | null;
  /** When the replay began that is being collected. */
  readonly replaySince: number | null;
};

const paceMs = 5000;
/** A replay that goes on and on is told of at last. */
const longestReplayMs = 60_000;

export const emptyLane: Lane = { quietUntil: 0, held: 0, replayed: 0, latest: null, replaySince: null };

/** An event came: shows it at once, or holds it until `quietUntil` (then call `settle`). */
export function arrive(lane: Lane, arrival: Arrival, now: number): readonly [Lane, Notice | null] {
  if (!arrival.replayed && lane.held === 0 && now >= lane.quietUntil) {
    return [
      { ...emptyLane, quietUntil: now + paceMs },
      { kind: "event", latest: arrival },
    ];
  }
  const held = { ...lane, held: lane.held + 1, latest: arrival };
  if (!arrival.replayed) return [held, null];
  const replaySince = lane.replaySince ?? now;
  const quietUntil = Math.max(lane.quietUntil, Math.min(now + paceMs, replaySince + longestReplayMs));
  return [{ ...held, replayed: lane.replayed + 1, replaySince, quietUntil }, null];
}

/** The quiet time is over: one banner for all that was held, if anything was. */
export function settle(lane: Lane, now: number): readonly [Lane, Notice | null] {
  const { latest, held, replayed } = lane;
  if (latest === null || now < lane.quietUntil) return [lane, null];
  const next = { ...emptyLane, quietUntil: now + paceMs };
  if (held === 1 && replayed === 0) return [next, { kind: "event", latest }];
  return [next, { kind: replayed === held ? "digest" : "more", latest, count: held }];
}

const titleMax = 120;
const bodyMax = 240;

/**
 * A banner's two lines.
 * @param summary the sentence of a `more` or `digest` ("7 more events"); an `event` has its own text
 * @param markup the desktop reads markup in the body (Linux), so it is escaped
 */
export function bannerText(notice: Notice, summary: string, markup: boolean): { title: string; body: string } {
  const { name, type, preview } = notice.latest;
  const named = notice.kind === "event" && type !== "message";
  const body = plainText(notice.kind === "event" ? preview : summary, bodyMax);
  return { title: plainText(named ? `${name} · ${type}` : name, titleMax), body: markup ? escapeMarkup(body) : body };
}
