/**
 * The policy of reconnecting as a form holds it: text somebody is typing, seconds where main has milliseconds. Pure. An
 * empty field means the default; what is wrong is said in the units of the form.
 */
import type { FieldError, PolicySettings } from "../preload/contract.ts";

export const families = ["NETWORK", "AUTH", "SERVER", "PROXY"] as const;
export const columns = ["firstMs", "capMs", "factor", "attempts"] as const;
export type Column = (typeof columns)[number];

/** Paths below `policy`: "NETWORK.firstMs", "resetAfterMs". */
export type PolicyForm = Readonly<Record<string, string>>;

export const isDelay = (column: string): boolean => column.endsWith("Ms");

/** The contract's, in the units of the form. A copy: its values would bring the parser into the window; a test compares them. */
export function rangeOf(column: Column | "resetAfterMs"): { min: number; max: number } {
  if (column === "factor") return { min: 1, max: 10 };
  return column === "attempts" ? { min: 1, max: 100 } : { min: 0.1, max: 86_400 };
}

/** A value as it is shown: seconds for a delay. */
export function shown(column: string, value: number): string {
  return String(isDelay(column) ? value / 1000 : value);
}

/** The form of a policy. */
export function policyFormOf(policy: PolicySettings): PolicyForm {
  const cells = families.flatMap((family) =>
    columns.map((column) => [`${family}.${column}`, shown(column, policy[family][column])]),
  );
  return { ...Object.fromEntries(cells), resetAfterMs: shown("resetAfterMs", policy.resetAfterMs) };
}

/** The policy of a form, or the fields that hold no number of theirs. */
export function policyOf(
  form: PolicyForm,
  before: PolicySettings,
  defaults: PolicySettings,
): { policy: PolicySettings } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const number = (path: string, column: Column | "resetAfterMs", fallback: number): number => {
    const text = (form[path] ?? "").trim().replace(",", ".");
    if (text === "") return fallback;
    const { min, max } = rangeOf(column);
    const value = Number(text);
    const fits = value >= min && value <= max && (column !== "attempts" || Number.isInteger(value));
    if (fits) return isDelay(column) ? Math.round(value * 1000) : value;
    errors.push({ field: `policy.${path}`, code: codeOf(column), params: { min, max } });
    return fallback;
  };
  const strategy = (family: (typeof families)[number]) => {
    const cell = (column: Column) => number(`${family}.${column}`, column, defaults[family][column]);
    return { firstMs: cell("firstMs"), capMs: cell("capMs"), factor: cell("factor"), attempts: cell("attempts") };
  };
  const policy = {
    ...before,
    NETWORK: strategy("NETWORK"),
    AUTH: strategy("AUTH"),
    SERVER: strategy("SERVER"),
    PROXY: strategy("PROXY"),
    resetAfterMs: number("resetAfterMs", "resetAfterMs", defaults.resetAfterMs),
  };
  return errors.length > 0 ? { errors } : { policy };
}

/** Which sentence says the range of a column. */
function codeOf(column: Column | "resetAfterMs"): string {
  if (isDelay(column)) return "seconds-between";
  return column === "attempts" ? "whole-between" : "number-between";
}

/** The defaults, except where policy or the command line decides: that value stays. */
export function resetPolicy(
  policy: PolicySettings,
  defaults: PolicySettings,
  isLocked: (path: string) => boolean,
): PolicySettings {
  const strategy = (family: (typeof families)[number]) => {
    const cell = (column: Column) => (isLocked(`${family}.${column}`) ? policy : defaults)[family][column];
    return { firstMs: cell("firstMs"), capMs: cell("capMs"), factor: cell("factor"), attempts: cell("attempts") };
  };
  return {
    NETWORK: strategy("NETWORK"),
    AUTH: strategy("AUTH"),
    SERVER: strategy("SERVER"),
    PROXY: strategy("PROXY"),
    resetAfterMs: (isLocked("resetAfterMs") ? policy : defaults).resetAfterMs,
    strict: (isLocked("strict") ? policy : defaults).strict,
  };
}
