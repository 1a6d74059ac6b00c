/** What network-memory.ts keeps of a path, and how it is read back: what is not as it should be costs only itself. */
import type { KnownHop, KnownPath } from "../../core/detection/known-path.ts";
import { isObject } from "./strict-json.ts";

export type KeptPath = KnownPath & { readonly network: string; readonly candidate: string; readonly at: number };

/** Of one stream: its ways on the networks it was used in last. */
export const maxPaths = 48;
const maxHops = 8;
const maxNameChars = 64;
const maxKeyChars = 2048;
/** A cut that is not between these was not learned by us, ms. */
const [leastCutMs, mostCutMs] = [1000, 86_400_000];

export function pathFrom(stored: unknown): KeptPath[] {
  if (!isObject(stored)) return [];
  const { network, candidate, at, hops, idleCutMs } = stored;
  if (!isText(network, maxKeyChars) || !isText(candidate, maxKeyChars) || typeof at !== "number") return [];
  const kept = Array.isArray(hops) ? hops.flatMap(hopFrom).slice(0, maxHops) : [];
  const isCut = typeof idleCutMs === "number" && idleCutMs >= leastCutMs && idleCutMs <= mostCutMs;
  return [{ network, candidate, at, hops: kept, idleCutMs: isCut ? idleCutMs : null }];
}

function hopFrom(stored: unknown): KnownHop[] {
  if (!isObject(stored)) return [];
  const { product, version, role, confidence } = stored;
  if (!isText(product, maxNameChars) || typeof confidence !== "number" || !isRole(role)) return [];
  if (!(confidence > 0 && confidence <= 1)) return [];
  return [{ product, version: isText(version, maxNameChars) ? version : null, role, confidence }];
}

function isRole(value: unknown): value is KnownHop["role"] {
  return value === "reverse" || value === "forward" || value === "gateway" || value === "unknown";
}

function isText(value: unknown, max: number): value is string {
  return typeof value === "string" && value.length <= max;
}
