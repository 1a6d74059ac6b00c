/**
 * The general settings value by value. Each value ("leaf") has its own source, its own lock and its own default, and a
 * wrong one costs only itself.
 */
import type * as z from "zod/mini";
import {
  type FieldError,
  type General,
  general,
  type PolicySettings,
  policyRanges,
  type Retention,
  retentionRanges,
} from "../../../preload/contract.ts";
import { defaultDeadlines } from "../../core/connection/connection-state.ts";
import { defaultStrategies, type RetryFamily } from "../../core/connection/strategy.ts";
import { isObject, type Json } from "./strict-json.ts";

type Paths<T> = { [K in keyof T & string]: T[K] extends object ? `${K}.${Paths<T[K]>}` : K }[keyof T & string];

/** One value of the general settings, by its path in SettingsView.sources without "general.". */
export type Leaf = Paths<General>;
export type Leaves = ReadonlyMap<Leaf, unknown>;

type Some<T> = { readonly [K in keyof T]?: (T[K] extends object ? Some<T[K]> : T[K]) | undefined };
/** Some of the general settings, at any depth. Missing and undefined both mean: as it was. */
export type GeneralPatch = Some<General>;

export const families: readonly RetryFamily[] = ["NETWORK", "AUTH", "SERVER", "PROXY"];

/** How patiently failures are met where nobody chose otherwise. */
export const defaultPolicy: PolicySettings = {
  ...structuredClone(defaultStrategies),
  resetAfterMs: defaultDeadlines.resetAfterMs,
  strict: false,
};

/** Months of a busy stream, and a bound for one that floods. */
export const defaultRetention: Retention = { days: 366, events: 10_000_000, mebibytes: 4096 };

const defaultGeneral: General = {
  language: "system",
  theme: "system",
  closeToTray: true,
  closeExplained: false,
  notifications: true,
  stats: { on: false, port: 1420 },
  retention: defaultRetention,
  policy: defaultPolicy,
  proxy: { mode: "system", url: "", username: "" },
};

const schemaOf = (leaf: Leaf): z.ZodMiniType => {
  let schema: z.ZodMiniType = general;
  for (const key of leaf.split(".")) schema = (schema as typeof general).shape[key as keyof General];
  return schema;
};

export const defaults: Leaves = leavesOf(defaultGeneral, "");
const leafSchemas = new Map([...defaults.keys()].map((leaf) => [leaf, schemaOf(leaf)]));

function leavesOf(value: object, path: string): Map<Leaf, unknown> {
  const leaves = new Map<Leaf, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}${key}`;
    if (isObject(inner)) for (const [leaf, deep] of leavesOf(inner, `${at}.`)) leaves.set(leaf, deep);
    else leaves.set(at as Leaf, inner);
  }
  return leaves;
}

/** General settings as leaves, those that there are; values are not judged here. */
export function flatten(patch: GeneralPatch): Map<Leaf, unknown> {
  const leaves = new Map<Leaf, unknown>();
  for (const leaf of leafSchemas.keys()) {
    let value: unknown = patch;
    for (const key of leaf.split(".")) value = isObject(value) ? value[key] : undefined;
    if (value !== undefined) leaves.set(leaf, value);
  }
  return leaves;
}

/** Leaves as objects in each other. */
export function nest(leaves: Leaves): Json {
  const nested: Json = {};
  for (const [leaf, value] of leaves) {
    const keys = leaf.split(".");
    const last = keys.pop() ?? "";
    let at = nested;
    for (const key of keys) {
      at[key] ??= {};
      at = at[key] as Json;
    }
    at[last] = value;
  }
  return nested;
}

/** The whole general settings of a complete set of leaves. */
export const toGeneral = (leaves: Leaves): General => nest(leaves) as General;

/** What is wrong with a value, or null. */
export function leafError(leaf: Leaf, value: unknown): FieldError | null {
  const parsed = leafSchemas.get(leaf)?.safeParse(value);
  if (parsed?.success === true) return null;
  const range = rangeOf(leaf);
  if (range === null) return { field: leaf, code: "invalid", params: {} };
  return { field: leaf, code: leaf.startsWith("retention.") ? "whole-between" : "number-between", params: range };
}

/** Between which numbers a value must lie. */
function rangeOf(leaf: Leaf): { min: number; max: number } | null {
  if (/^policy\..*Ms$/.test(leaf)) return policyRanges.delayMs;
  if (leaf.startsWith("retention.")) return retentionRanges[leaf.slice(10) as keyof Retention];
  if (leaf.endsWith(".factor")) return policyRanges.factor;
  return leaf.endsWith(".attempts") ? policyRanges.attempts : null;
}

/** What does not fit together in a policy whose values are each fine. */
export function policyErrors(policy: PolicySettings): FieldError[] {
  return families
    .filter((family) => policy[family].capMs < policy[family].firstMs)
    .map((family) => ({ field: `policy.${family}.capMs`, code: "cap-below-first", params: {} }));
}

/** Reads stored general settings leniently. @param ignored gets the paths of what is wrong or unknown */
export function readLeaves(stored: unknown, ignored: string[]): Leaves {
  const leaves = new Map<Leaf, unknown>();
  if (!isObject(stored)) {
    ignored.push("general");
    return leaves;
  }
  const visit = (path: string, value: unknown): void => {
    const isBranch = isObject(value) && [...leafSchemas.keys()].some((leaf) => leaf.startsWith(`${path}.`));
    if (isBranch) for (const [key, inner] of Object.entries(value)) visit(`${path}.${key}`, inner);
    else if (leafSchemas.get(path as Leaf)?.safeParse(value).success === true) leaves.set(path as Leaf, value);
    else ignored.push(`general.${path}`);
  };
  for (const [key, value] of Object.entries(stored)) visit(key, value);
  return leaves;
}
