/**
 * A row of the bench: one figure with its spread, and whether it keeps what was promised. Says nothing of how it was measured.
 *
 * How to read one: `value` is the median of `runs` runs, `best` and `worst` are the ends, whichever way is better for this figure.
 * `bar` is the promise in words, `holds` whether the median keeps it; both are null for rivals and for what only explains another row.
 * A row that could not be measured has the value null, does not hold, and says why in `note`.
 */

/** A promise: the figure at most, or at least, so much. */
export type Bar = { readonly atMost: number } | { readonly atLeast: number };

export type Row = {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly bar: string | null;
  readonly holds: boolean | null;
  readonly best: number | null;
  readonly worst: number | null;
  readonly runs: number;
  readonly note?: string;
};

type Shape = { readonly name: string; readonly unit: string; readonly note?: string };

/** A figure with a promise. */
export function judged({ name, unit, note }: Shape, figures: readonly number[], bar: Bar): Row {
  const lowerIsBetter = "atMost" in bar;
  const spread = spreadOf(figures, lowerIsBetter);
  const { value } = spread;
  const holds = value !== null && ("atMost" in bar ? value <= bar.atMost : value >= bar.atLeast);
  const words = "atMost" in bar ? `≤ ${bar.atMost} ${unit}` : `≥ ${bar.atLeast} ${unit}`;
  return { name, value, unit, bar: words.trim(), holds, ...rest(spread), ...(note === undefined ? {} : { note }) };
}

/** A rival's figure, or one that explains another. */
export function told({ name, unit, note }: Shape, figures: readonly number[], lowerIsBetter = true): Row {
  const spread = spreadOf(figures, lowerIsBetter);
  const { value } = spread;
  return { name, value, unit, bar: null, holds: null, ...rest(spread), ...(note === undefined ? {} : { note }) };
}

/** What could not be measured, and why. A promise that nobody could look at is not kept. */
export function unmeasured(name: string, reason: string): Row {
  return { name, value: null, unit: "", bar: null, holds: false, best: null, worst: null, runs: 0, note: reason };
}

type Spread = { value: number | null; best: number | null; worst: number | null; runs: number };

function spreadOf(figures: readonly number[], lowerIsBetter: boolean): Spread {
  const sorted = figures.filter(Number.isFinite).sort((a, b) => (lowerIsBetter ? a - b : b - a));
  const at = (index: number): number | null => {
    const figure = sorted[index];
    return figure === undefined ? null : Number(figure.toPrecision(4));
  };
  return { value: at(Math.floor(sorted.length / 2)), best: at(0), worst: at(sorted.length - 1), runs: sorted.length };
}

function rest({ best, worst, runs }: Spread): Omit<Spread, "value"> {
  return { best, worst, runs };
}

/** The value below which a share of them lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Ratios run by run: what disturbed one of a pair mostly disturbed the other too. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((figure, run) => figure / (theirs[run] ?? Number.NaN));
}

/** The rows as a table for docs/performance.md. */
export function table(rows: readonly Row[]): string {
  const show = (value: number | null): string =>
    value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 3 });
  const lines = rows.map(({ name, value, best, worst, unit, bar, holds, note }) => {
    const verdict = holds === null ? "" : holds ? "yes" : "**no**";
    const spread = `${show(value)} ${unit}`.trim();
    return `| ${name}${note === undefined ? "" : ` (${note})`} | ${spread} | ${show(best)} | ${show(worst)} | ${bar ?? ""} | ${verdict} |`;
  });
  return ["| row | median | best | worst | bar | holds |", "|---|---|---|---|---|---|", ...lines].join("\n");
}
