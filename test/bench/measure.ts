/** Measures by repetition: median, best and worst of at least five runs after one that is thrown away. Absolute numbers belong to a machine. */
import { cpus } from "node:os";

export type Measured = { readonly median: number; readonly best: number; readonly worst: number };

/** @param run does the work once and says how much of it was done in a second, or how long it took: `lowerIsBetter` tells which */
export async function measure(
  run: () => number | Promise<number>,
  lowerIsBetter: boolean,
  runs = 7,
): Promise<Measured> {
  await run();
  const results: number[] = [];
  for (let i = 0; i < runs; i++) results.push(await run());
  results.sort((a, b) => (lowerIsBetter ? a - b : b - a));
  const at = (index: number) => results[index] ?? Number.NaN;
  return { median: at(Math.floor(runs / 2)), best: at(0), worst: at(runs - 1) };
}

/** Prints one row: what, median, best, worst, unit. */
export function report(what: string, { median, best, worst }: Measured, unit: string): void {
  const show = (value: number) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));
  process.stdout.write(`${what}: median ${show(median)} ${unit} (best ${show(best)}, worst ${show(worst)})\n`);
}

export function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, Node ${process.versions.node}`;
}
