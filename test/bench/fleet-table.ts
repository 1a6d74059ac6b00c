/** Rows as a table for people: plain text, columns of one width, Markdown's bars, so that it can be pasted. */
import type { Row } from "./fleet-rows.ts";

export function fleetTable(rows: readonly Row[]): string {
  const head = [
    "policy",
    "outage",
    "attempts",
    "peak",
    "peak, any 1 s",
    "50 % back",
    "99 % back",
    "all back",
    "never",
    "holds",
  ];
  const body = rows.map((row) => [
    row.policy,
    `${row.outageS} s`,
    both(row.attemptsPerClient, row.worst.attemptsPerClient, plain),
    both(row.peakShare, row.worst.peakShare, percent),
    both(row.peakSlidingShare, row.worst.peakSlidingShare, percent),
    both(row.back50S, row.worst.back50S, seconds),
    both(row.back99S, row.worst.back99S, seconds),
    both(row.back100S, row.worst.back100S, seconds),
    both(row.neverShare, row.worst.neverShare, percent),
    row.holds === undefined ? "" : row.holds ? "yes" : "NO",
  ]);
  return table(head, body);
}

export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** Median, and the worst seed in brackets where it differs. */
function both<T>(median: T, worst: T, show: (value: T) => string): string {
  const [a, b] = [show(median), show(worst)];
  return a === b ? a : `${a} (${b})`;
}

function plain(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function seconds(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(1)} s`;
}
