/** What Stryker found, for people: the score of each file, and every mutant that no test noticed. Runs nothing. */

/** The part of Stryker's report (mutation-testing-report-schema) that is read here. */
export type Files = Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
export type Mutant = {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
};
type Place = { readonly line: number; readonly column: number };

export type Score = { readonly noticed: number; readonly valid: number; readonly score: number };

/** Noticed by a failing or an endless test ÷ all that could be tried; what no test even reaches counts as not noticed. */
export function scoreOf(mutants: readonly Pick<Mutant, "status">[]): Score {
  const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const noticed = count("Killed", "Timeout");
  const valid = noticed + count("Survived", "NoCoverage");
  return { noticed, valid, score: valid === 0 ? 100 : (noticed / valid) * 100 };
}

/** One line a file, the worst first; files without anything to break are left out. */
export function summary(files: Files): string {
  const rows = Object.entries(files).map(([name, { mutants }]) => [name, scoreOf(mutants)] as const);
  const line = (name: string, { score, noticed, valid }: Score) =>
    `${score.toFixed(1).padStart(5)} %  ${`${noticed}/${valid}`.padStart(9)}  ${name}`;
  return rows
    .filter(([, { valid }]) => valid > 0)
    .sort(([, a], [, b]) => a.score - b.score)
    .map(([name, score]) => line(name, score))
    .join("\n");
}

/** Every mutant that nobody noticed, by file and line, with what stood there and what stood there instead. */
export function survivors(files: Files): string {
  const parts = Object.entries(files).flatMap(([name, { source, mutants }]) => {
    const left = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
    if (left.length === 0) return [];
    left.sort((a, b) => a.location.start.line - b.location.start.line);
    const lines = source.split("\n");
    return [`## ${name}\n`, ...left.map((mutant) => entry(mutant, lines)), ""];
  });
  return ["# Mutants that no test noticed\n", ...parts].join("\n");
}

function entry(
  { location: { start, end }, status, mutatorName, replacement }: Mutant,
  lines: readonly string[],
): string {
  const last = start.line === end.line ? end.column - 1 : undefined;
  const was = (lines[start.line - 1] ?? "").slice(start.column - 1, last);
  const became = (replacement ?? "").split("\n")[0]?.slice(0, 100) ?? "";
  const reached = status === "NoCoverage" ? ", no test reaches it" : "";
  return `- ${start.line}:${start.column} ${mutatorName}${reached}: \`${was.trim().slice(0, 100)}\` → \`${became}\``;
}
