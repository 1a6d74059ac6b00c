/** Reading the command line: what is wrong is said by name, with exit 2 and without a stack trace. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A mistake of the caller. `usage` is shown below the message. */
export class CliError extends Error {
  readonly usage: string | null;
  constructor(message: string, usage: string | null = null) {
    super(message);
    this.usage = usage;
  }
}

export type CliArguments<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true; strict: true }>
>;

/** @throws CliError naming the flag that is not known or lacks its value */
export function parse<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O, usage: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true }) as CliArguments<O>;
  } catch (error) {
    const first = error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error);
    throw new CliError(first, usage);
  }
}

/** The longest that a timer of Node holds, some 24 days: a longer one would fire at once. */
const longestMs = 2_147_483_647;

/** Whole milliseconds of a flag, or null when it was not given. @throws CliError */
export function milliseconds(flag: string, value: string | undefined, min: number): number | null {
  return whole(flag, value, min, longestMs, "milliseconds");
}

/** A whole number ≥ 1, or null when it was not given. @throws CliError */
export function count(flag: string, value: string | undefined): number | null {
  return whole(flag, value, 1, Number.MAX_SAFE_INTEGER, "a count");
}

/** @throws CliError naming flag and range */
export function whole(flag: string, value: string | undefined, min: number, max: number, what: string): number | null {
  if (value === undefined) return null;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new CliError(`${flag} "${value}": wants ${what}, a whole number from ${min} to ${max}`);
}
