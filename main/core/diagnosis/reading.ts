/**
 * What a watch amounts to in figures: its bursts, rhythm, silences and delays; and which watches of the path there are. Pure
 * arithmetic; the rules judge.
 */
import type { AnswerSeen, ArrivalsSeen } from "../detection/observation.ts";
import type { Facts, Watch } from "./facts.ts";

type Burst = ArrivalsSeen["bursts"][number];

/** First value of a header of an answer, "" without it. */
export function header(answer: AnswerSeen | null, name: string): string {
  return answer?.headers.find(([given]) => given.toLowerCase() === name)?.[1] ?? "";
}

/** The middle of the values; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export type Reading = {
  readonly bursts: number;
  readonly events: number;
  readonly comments: number;
  /** Between the starts of neighbouring bursts, ms. */
  readonly gapsMs: readonly number[];
  readonly medianGapMs: number | null;
  /** From the last burst, or from the headers, to the end of the watch or of the stream, ms. */
  readonly silentMs: number;
  /** The longest silence of the watch, the last one included, ms. */
  readonly longestMs: number;
  /** How late the oldest event of the first burst was; null without stamps, or where that one is repeated, ms. */
  readonly firstLagMs: number | null;
  /** The median of the same over the later bursts, without those that repeat, ms. */
  readonly laterLagMs: number | null;
  /** Median bytes and events of a burst. */
  readonly burstBytes: number;
  readonly burstEvents: number;
  /** The first burst. */
  readonly first: { readonly atMs: number; readonly bytes: number; readonly events: number } | null;
};

const nothing: Reading = {
  bursts: 0,
  events: 0,
  comments: 0,
  gapsMs: [],
  medianGapMs: null,
  silentMs: 0,
  longestMs: 0,
  firstLagMs: null,
  laterLagMs: null,
  burstBytes: 0,
  burstEvents: 0,
  first: null,
};

export function read(watch: Watch | null): Reading {
  const arrivals = watch?.arrivals ?? null;
  if (arrivals === null) return nothing;
  const { bursts } = arrivals;
  const gapsMs = bursts.slice(1).map(({ atMs }, i) => atMs - (bursts[i]?.atMs ?? 0));
  const lags = bursts.map((burst) => (isRepeated(burst, watch?.answer?.headersMs ?? 0) ? null : burst.lagMs));
  const later = lags.slice(1).filter((lagMs) => lagMs !== null);
  const until = watch?.ending?.openMs ?? arrivals.watchedMs;
  const silentMs = Math.max(0, until - (bursts.at(-1)?.atMs ?? 0));
  const sum = (of: "events" | "comments") => bursts.reduce((all, burst) => all + burst[of], 0);
  return {
    bursts: bursts.length,
    events: sum("events"),
    comments: sum("comments"),
    gapsMs,
    medianGapMs: median(gapsMs),
    silentMs,
    longestMs: Math.max(silentMs, bursts[0]?.atMs ?? 0, ...gapsMs),
    firstLagMs: lags[0] ?? null,
    laterLagMs: median(later),
    burstBytes: median(bursts.map(({ bytes }) => bytes)) ?? 0,
    burstEvents: median(bursts.map(({ events }) => events)) ?? 0,
    first: bursts[0] ?? null,
  };
}

/** Clocks and departures are not told finer than this, ms. */
const slackMs = 100;

/**
 * What was made before it was asked for is repeated to whoever connects: a history, or the last known value. Nobody can have
 * held it back from this connection, so that its age says nothing of the path.
 */
function isRepeated({ atMs, lagMs }: Burst, headersMs: number): boolean {
  return lagMs !== null && lagMs > headersMs + atMs + slackMs;
}

/** An event stream that opened. */
export function isOpenStream(watch: Watch | null): watch is Watch & { readonly answer: AnswerSeen } {
  return watch?.answer?.status === 200 && watch.isStream;
}

/** Every connection of the path that asked for the stream, whether it opened or not, in their order. */
export function connectionsOf(facts: Facts): Watch[] {
  const { plain, compressedBefore, compressed, repeat, reconnects, holds, listened } = facts;
  const later = [...reconnects.map(({ watch }) => watch), ...holds, listened];
  return [plain, compressedBefore, compressed, repeat?.watch ?? null, ...later].filter((watch) => watch !== null);
}

/** So long a stream was open while it was watched, ms. */
export function openMsOf(watch: Watch | null): number {
  return watch?.ending?.openMs ?? watch?.arrivals?.watchedMs ?? 0;
}
