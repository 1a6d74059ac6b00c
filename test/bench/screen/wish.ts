/** What the bench's command line asks for. A misspelt flag would otherwise measure for forty minutes what nobody wanted. */
import { PlainError } from "../../../build/setup/progress.mjs";

export type Wish = {
  readonly quick: boolean;
  readonly table: boolean;
  /** Subjects; none: all. */
  readonly only: readonly string[];
  readonly seconds: number | null;
  readonly runs: number | null;
};

const flags: Readonly<Record<string, "alone" | "with a value">> = {
  "--json": "alone",
  "--table": "alone",
  "--quick": "alone",
  "--only": "with a value",
  "--runs": "with a value",
  "--seconds": "with a value",
};

function refuseUnknown(args: readonly string[]): void {
  args.forEach((argument, at) => {
    const isValue = flags[args[at - 1] ?? ""] === "with a value";
    if (isValue || flags[argument] !== undefined) return;
    throw new PlainError(`"${argument}" is not known here. There are ${Object.keys(flags).join(", ")}.`);
  });
}

/** @throws PlainError that names what is wrong */
export function readWish(args: readonly string[]): Wish {
  refuseUnknown(args);
  return {
    quick: args.includes("--quick"),
    table: args.includes("--table"),
    only: names(args),
    seconds: count(args, "--seconds"),
    runs: count(args, "--runs"),
  };
}

function names(args: readonly string[]): string[] {
  const given = values(args, "--only");
  if (given.includes("")) throw new PlainError("--only takes names, with commas between them.");
  return given;
}

function values(args: readonly string[], flag: string): string[] {
  return args.flatMap((argument, at) => (argument === flag ? (args[at + 1] ?? "").split(",") : []));
}

function count(args: readonly string[], flag: string): number | null {
  const [value] = values(args, flag);
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new PlainError(`${flag} takes a whole number, 1 or more.`);
  return number;
}
