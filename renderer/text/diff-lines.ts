/**
 * How two texts differ, by lines, with what is equal folded away. The comparison itself is the package's; here are its bounds, for two
 * texts of a MiB that have nothing in common must not hold up the window.
 */
import { diffArrays } from "diff";

/** Signs as in a patch; a fold says how many equal lines it hides. */
export type DiffLine =
  | { readonly kind: "same" | "less" | "more"; readonly text: string }
  | { readonly kind: "fold"; readonly count: number };

export type LineDiff = {
  readonly lines: readonly DiffLine[];
  readonly less: number;
  readonly more: number;
  /** Lines that are not listed any more. */
  readonly left: number;
};

/** Equal lines that stay beside a difference. */
const around = 3;
export const mostLines = 2000;
/** A line is cut here: nobody reads a MiB on one line, and laying it out takes seconds. */
const longestLine = 4000;
const patienceMs = 300;

/** The difference of two texts; null when they are too different to be compared in the time. */
export function diffLines(before: string, after: string, withinMs = patienceMs): LineDiff | null {
  const parts = diffArrays(before.split("\n"), after.split("\n"), { timeout: withinMs });
  if (parts === undefined) return null;
  const lines: DiffLine[] = [];
  let less = 0;
  let more = 0;
  parts.forEach(({ value, added, removed }, at) => {
    if (removed) less += value.length;
    else if (added) more += value.length;
    const kind = removed ? "less" : added ? "more" : "same";
    if (kind === "same") lines.push(...folded(value, at === 0, at === parts.length - 1));
    else for (const text of value) lines.push({ kind, text: cut(text) });
  });
  return { lines: lines.slice(0, mostLines), less, more, left: Math.max(0, lines.length - mostLines) };
}

function folded(equal: readonly string[], first: boolean, last: boolean): DiffLine[] {
  const head = first ? 0 : around;
  const tail = last ? 0 : around;
  const line = (text: string): DiffLine => ({ kind: "same", text: cut(text) });
  // A fold that hides one line saves none.
  if (equal.length <= head + tail + 1) return equal.map(line);
  const count = equal.length - head - tail;
  return [...equal.slice(0, head).map(line), { kind: "fold", count }, ...equal.slice(equal.length - tail).map(line)];
}

function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}
