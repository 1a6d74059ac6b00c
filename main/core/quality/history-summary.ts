/** What a span of the history amounts to: rates, recoveries, shares of time, lengths of sessions. Sums only; no judgement. */
import type { HistorySummary } from "../../../preload/contract.ts";
import { type Condition, type Counter, cellsOf, conditions, type History, type Span } from "./history.ts";
import { coarse, fine, joined, rangeOf, sketchMedian } from "./sketch.ts";

/** @param nowUtc the end of the span, UTC ms */
export function summarize(history: History, span: Span, nowUtc: number): HistorySummary {
  const cells = cellsOf(history, span, nowUtc).flatMap(([, cell]) => cell ?? []);
  const sum = (name: Counter): number => cells.reduce((total, { sums }) => total + sums[name], 0);
  const coveredMs = conditions.reduce((total, condition) => total + sum(condition), 0);
  const share = (condition: Condition): number => (coveredMs === 0 ? 0 : sum(condition) / coveredMs);
  const opens = sum("opens");
  const ended = opens + sum("unopened");
  const recoveries = joined(cells.map((cell) => cell.recoveries));
  const slowestMs = Math.max(0, ...cells.map(({ sums }) => sums.slowest));
  const typicalMs = sketchMedian(recoveries, coarse);
  return {
    coveredMs,
    openShare: share("open"),
    downShare: share("down"),
    asleepShare: share("asleep"),
    offlineShare: share("offline"),
    pausedShare: share("paused"),
    notRunningShare: share("notRunning"),
    successRate: ended === 0 ? null : opens / ended,
    meanIntervalMs: meanIntervalMs(sum("attempts"), sum("open") + sum("down")),
    // A rounded median must not be longer than the longest.
    recoveryP50Ms: typicalMs === null ? null : Math.min(typicalMs, slowestMs),
    recoveryMaxMs: typicalMs === null ? null : slowestMs,
    sessions: joined(cells.map((cell) => cell.sessions)).map(([step, count]) => ({ ...rangeOf(fine, step), count })),
    gaps: sum("gaps"),
  };
}

/**
 * By the time in which there could be attempts: a night asleep or a paused week does not make a storm rare. One attempt
 * has no interval.
 */
function meanIntervalMs(attempts: number, activeMs: number): number | null {
  return attempts < 2 ? null : activeMs / attempts;
}
