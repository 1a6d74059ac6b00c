/**
 * `--policy FILE.json`: how patiently each family of failures is met. What is missing keeps its default; what is wrong is
 * named with file and field, because half a policy would be another one.
 */
import { readFileSync } from "node:fs";
import type { PolicySettings } from "../../preload/contract.ts";
import { defaultPolicy, defaults, type Leaf, leafError, policyErrors, toGeneral } from "../io/stores/general-leaves.ts";
import { isObject, type Json, parseObject } from "../io/stores/strict-json.ts";
import { CliError } from "./arguments.ts";

/** The policy of a file, or the defaults without one. @throws CliError naming file and field */
export function policyArgument(path: string | undefined): PolicySettings {
  if (path === undefined) return defaultPolicy;
  const refuse = (field: string, says: string) => new CliError(`watch: --policy ${path}: ${field}: ${says}`);
  const leaves = new Map(defaults);
  const take = (value: Json, prefix: string): void => {
    for (const [key, inner] of Object.entries(value)) {
      const field = `${prefix}${key}`;
      const leaf = `policy.${field}` as Leaf;
      if (leaves.has(leaf)) {
        const error = leafError(leaf, inner);
        if (error !== null) throw refuse(field, wants(error.params));
        leaves.set(leaf, inner);
      } else if (![...leaves.keys()].some((known) => known.startsWith(`${leaf}.`)))
        throw refuse(field, "not a setting");
      else if (isObject(inner)) take(inner, `${field}.`);
      else throw refuse(field, "wants an object");
    }
  };
  take(readPolicyFile(path), "");
  const { policy } = toGeneral(leaves);
  const [error] = policyErrors(policy);
  if (error !== undefined) throw refuse(error.field.replace(/^policy\./, ""), "must not be less than firstMs");
  return policy;
}

function wants({ min, max }: Record<string, string | number>): string {
  return min === undefined
    ? "wants true or false"
    : `wants a number from ${min} to ${max}, whole unless it is the factor`;
}

function readPolicyFile(path: string): Json {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch {
    throw new CliError(`watch: --policy ${path}: the file cannot be read`);
  }
  try {
    return parseObject(text);
  } catch {
    throw new CliError(`watch: --policy ${path}: the file holds no JSON object`);
  }
}
