/**
 * The table that started this project: ten flaky days, with Holdfast and with what was there before it, and what they cost.
 * `holdfast-day-unhinted` is the same day with a proxy that never says when the origin will be back; it has no bar.
 */
import type { Chance } from "../sim/chance.ts";
import { type Day, type DayClient, dayMs, holdfast, runDay, seedBefore } from "./flaky-day.ts";
import { type Costs, measureCosts } from "./flaky-day-cost.ts";
import { middle, round } from "./fleet-rows.ts";
import { table } from "./fleet-table.ts";

export type DayFigures = {
  readonly requests: number;
  /** CPU of attempts, events and decisions of the whole day. */
  readonly cpuMs: number;
  /** How much of it the events took, which are the same for everybody. */
  readonly eventsCpuMs: number;
  readonly successPerAttempt: number;
  readonly meanIntervalS: number;
  /** Mean, from a loss to open again; the time the origin was down is in it. */
  readonly recoveryS: number;
  /** Mean, from the origin's return to open again, of the times that it was down. */
  readonly afterReturnS: number;
};

export type DayRow = { readonly policy: string } & DayFigures & {
    readonly worst: DayFigures;
    readonly bar?: string;
    readonly holds?: boolean;
  };

const seeds = Array.from({ length: 10 }, (_, i) => i + 1);

const kinds: readonly (readonly [policy: string, hints: boolean, client: (chance: Chance) => DayClient])[] = [
  ["holdfast-day", true, (chance) => holdfast(chance)],
  ["holdfast-day-unhinted", false, (chance) => holdfast(chance)],
  ["seed-before-day", true, seedBefore],
];

export async function dayRows(say: (words: string) => void): Promise<readonly DayRow[]> {
  const costs = await measureCosts();
  const show = (ms: number) => ms.toFixed(3);
  say(
    `CPU: ${show(costs.refusedMs)} ms a refusal, ${show(costs.openedMs)} an opening, ${show(costs.eventMs)} an event`,
  );
  const rows = kinds.map(([policy, hints, client]): DayRow => {
    const days = seeds.map((seed) => figuresOf(seed, hints, client, costs));
    return { policy, ...pick(days, (sorted) => middle(sorted)), worst: pick(days, (sorted) => sorted.at(-1)) };
  });
  const before = rows.find(({ policy }) => policy === "seed-before-day");
  return rows.map((row) => (row.policy === "holdfast-day" && before !== undefined ? judged(row, before) : row));
}

function figuresOf(seed: number, hints: boolean, client: (chance: Chance) => DayClient, costs: Costs): DayFigures {
  const started = process.cpuUsage();
  const day = runDay(seed, hints, client);
  const { user, system } = process.cpuUsage(started);
  return {
    requests: day.attempts,
    cpuMs: round(priced(day, costs) + (user + system) / 1000, 1),
    eventsCpuMs: round(day.events * costs.eventMs, 1),
    successPerAttempt: round(day.opened / day.attempts, 4),
    meanIntervalS: round(dayMs / 1000 / day.attempts, 1),
    recoveryS: meanS(day.recoveriesMs),
    afterReturnS: meanS(day.returnsMs),
  };
}

function priced({ attempts, opened, events }: Day, costs: Costs): number {
  return (attempts - opened) * costs.refusedMs + opened * costs.openedMs + events * costs.eventMs;
}

function meanS(timesMs: readonly number[]): number {
  return round(timesMs.reduce((sum, one) => sum + one, 0) / timesMs.length / 1000, 1);
}

/** Of these more is better: their worst is the least. */
const moreIsBetter: ReadonlySet<string> = new Set(["successPerAttempt", "meanIntervalS"]);

/** @param take from the figures of all days, the best first */
function pick(days: readonly DayFigures[], take: (sorted: readonly number[]) => number | undefined): DayFigures {
  const one = (name: keyof DayFigures) => {
    const sign = moreIsBetter.has(name) ? -1 : 1;
    return take(days.map((day) => day[name]).sort((a, b) => sign * (a - b))) ?? Number.NaN;
  };
  return {
    requests: one("requests"),
    cpuMs: one("cpuMs"),
    eventsCpuMs: one("eventsCpuMs"),
    successPerAttempt: one("successPerAttempt"),
    meanIntervalS: one("meanIntervalS"),
    recoveryS: one("recoveryS"),
    afterReturnS: one("afterReturnS"),
  };
}

function judged(row: DayRow, before: DayRow): DayRow {
  const bar =
    "requests ≤ 10 % and CPU ≤ 25 % of seed-before-day, success ≥ 95 %, mean interval > 30 s, recovery < 120 s, also after a return";
  const holds =
    row.requests <= before.requests * 0.1 &&
    row.cpuMs <= before.cpuMs * 0.25 &&
    row.successPerAttempt >= 0.95 &&
    row.meanIntervalS > 30 &&
    row.recoveryS < 120 &&
    row.afterReturnS < 120;
  return { ...row, bar, holds };
}

export function dayTable(rows: readonly DayRow[]): string {
  const head = ["24 h", "requests", "CPU", "of it events", "success", "interval", "recovery", "after return", "holds"];
  const body = rows.map((row) => [
    row.policy,
    `${row.requests} (${row.worst.requests})`,
    `${Math.round(row.cpuMs)} ms (${Math.round(row.worst.cpuMs)})`,
    `${Math.round(row.eventsCpuMs)} ms`,
    `${(row.successPerAttempt * 100).toFixed(1)} % (${(row.worst.successPerAttempt * 100).toFixed(1)})`,
    `${row.meanIntervalS} s (${row.worst.meanIntervalS})`,
    `${row.recoveryS} s (${row.worst.recoveryS})`,
    `${row.afterReturnS} s (${row.worst.afterReturnS})`,
    row.holds === undefined ? "" : row.holds ? "yes" : "NO",
  ]);
  return table(head, body);
}
