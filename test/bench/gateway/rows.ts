/** The rows of the gateway's bench, and the small sums behind them. */

/** One measured thing against its bar: `value` may be at most `bar`. What could not be measured has no verdict. */
export type Row = {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly bar: number | null;
  readonly holds: boolean | null;
};

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, value, unit, bar, holds }) => {
    const verdict = holds === null ? "not measured" : holds ? "holds" : "MISSED";
    return `${name.padEnd(width)}  ${value ?? "–"} ${unit} (bar ${bar ?? "–"})  ${verdict}`;
  });
  return lines.join("\n");
}
