/** From runs to rows: the figures of one run, the median and the worst of ten seeds, and the bars that some rows must hold. */
import type { FleetResult } from "./fleet.ts";

/** Seconds are counted from the server's return; null: it did not come to that. */
export type Figures = {
  readonly attemptsPerClient: number;
  /** Of the fleet, in the fullest second; seconds are counted from the cut. */
  readonly peakShare: number;
  /** The same in the fullest 1,000 ms, wherever they begin (to a tenth of a second). */
  readonly peakSlidingShare: number;
  readonly back50S: number | null;
  readonly back99S: number | null;
  readonly back100S: number | null;
  readonly neverShare: number;
};

export type Row = { readonly policy: string; readonly clients: number; readonly outageS: number } & Figures & {
    readonly worst: Figures;
    /** What this row promises, in words, and whether its median keeps it. */
    readonly bar?: string;
    readonly holds?: boolean;
  };

/** @param fleet shares are of so many, where it is more than took part */
export function figuresOf(result: FleetResult, fleet = result.clients): Figures {
  const back = (share: number) => {
    const ms = result.backMs[Math.ceil(share * result.clients) - 1];
    return ms === undefined ? null : ms / 1000;
  };
  return {
    attemptsPerClient: round(result.attempts / result.clients, 3),
    peakShare: round(fullestSecond(result.tenths, 10) / fleet, 5),
    peakSlidingShare: round(fullestSecond(result.tenths, 1) / fleet, 5),
    back50S: back(0.5),
    back99S: back(0.99),
    back100S: back(1),
    neverShare: round(1 - result.backMs.length / result.clients, 5),
  };
}

/** @param every tenths of a second between the beginnings of two seconds that are compared */
function fullestSecond(tenths: Int32Array, every: number): number {
  let [fullest, sum] = [0, 0];
  for (const [i, count] of tenths.entries()) {
    sum += count - (tenths[i - 10] ?? 0);
    if ((i + 1) % every === 0) fullest = Math.max(fullest, sum);
  }
  return fullest;
}

const names = [
  "attemptsPerClient",
  "peakShare",
  "peakSlidingShare",
  "back50S",
  "back99S",
  "back100S",
  "neverShare",
] as const satisfies readonly (keyof Figures)[];

/** The middle of the seeds, name by name, or their worst; less is better everywhere, and never is worst. */
export function summary(seeds: readonly Figures[], take: "median" | "worst"): Figures {
  const one = (name: keyof Figures) => {
    const sorted = seeds.map((figures) => figures[name] ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const value = take === "median" ? middle(sorted) : (sorted.at(-1) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return Object.fromEntries(names.map((name) => [name, one(name)])) as Figures;
}

/** The median; of an even number the mean of the two in the middle. @param sorted ascending */
export function middle(sorted: readonly number[]): number {
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  const [a, b] = [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
  return a === b ? a : round((a + b) / 2, 5);
}

/** The plan promises its shares for fleets of this size: in a small one chance alone moves the fullest second by a percent. */
const promisedFrom = 100_000;

/** Adds what the plan asks of a row. `launchdarkly` is the row of the same outage, for comparison. */
export function judged(row: Row, launchdarkly: Row | undefined): Row {
  if (row.clients > 1 && row.clients < promisedFrom) return row;
  const bars = barsOf(row, launchdarkly);
  if (bars.length === 0) return row;
  return { ...row, bar: bars.map(([words]) => words).join(", "), holds: bars.every(([, holds]) => holds) };
}

type Bar = readonly [words: string, holds: boolean];

function barsOf(row: Row, launchdarkly: Row | undefined): readonly Bar[] {
  const most = (value: number | null, limit: number) => value !== null && value <= limit;
  const peak = (limit: number): Bar => [`peak ≤ ${round(limit * 100, 1)} %`, most(row.peakSlidingShare, limit)];
  const in99 = (limit: number): Bar => [`99 % back ≤ ${limit} s`, most(row.back99S, limit)];
  const nobodyLost: Bar = ["nobody abandoned", row.neverShare === 0];
  switch (row.policy) {
    case "holdfast-proxy": {
      const bars = [peak(0.05), in99(110), nobodyLost];
      bars.push(["all back ≤ 130 s", most(row.back100S, 130)]);
      if (row.outageS >= 10 && row.outageS <= 300) bars.push(in99(90));
      if (launchdarkly !== undefined) {
        const half = launchdarkly.attemptsPerClient / 2;
        bars.push(["attempts ≤ half of launchdarkly's", most(row.attemptsPerClient, half)]);
      }
      return bars;
    }
    case "holdfast-server":
      return [peak(0.07), in99(110), nobodyLost];
    case "holdfast-site":
      return [peak(0.04), nobodyLost];
    case "holdfast-lone":
      return [["half back ≤ 2 s", most(row.back50S, 2)], nobodyLost];
    default:
      return [];
  }
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
