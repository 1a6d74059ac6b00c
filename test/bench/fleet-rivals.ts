/**
 * Delay rules of others, as published, for the fleet bench: attempt → ms. Each is told only how often it failed and one
 * draw; none has classes, floors or memory. Where a number is not part of the published rule the comment says so.
 */
import type { Chance } from "../sim/chance.ts";
import type { Clients } from "./fleet.ts";

/** @param failures in a row, ≥ 1. Returns null when it gives up for good. */
type DelayRule = (failures: number, random: number) => number | null;

const exponential = (firstMs: number, factor: number, capMs: number, failures: number) =>
  Math.min(capMs, firstMs * factor ** Math.min(failures - 1, 64));

const rules = {
  /** launchdarkly-eventsource 2.2.0 as node-server-sdk sets it: 1 s ×2 up to 30 s, minus up to a half. */
  launchdarkly: (failures, random) => exponential(1000, 2, 30_000, failures) * (1 - random / 2),
  /** centrifuge-js 5.8.0: 500 ms + anything up to 500 ms × 2ⁿ, at most 20 s. */
  centrifuge: (failures, random) => Math.min(20_000, 500 + random * exponential(500, 2, 20_000, failures)),
  /** "Full jitter": anything up to 1 s × 2ⁿ. The article leaves numbers open; 1 s and 30 s are launchdarkly's. */
  "aws-full-jitter": (failures, random) => exponential(1000, 2, 30_000, failures) * random,
  /** The plan's table taken literally: the PROXY row, no jitter, and its attempts as an end. */
  "seed-literal": (failures) => (failures > 4 ? null : exponential(15_000, 2.5, 900_000, failures)),
  /** Not a policy of anybody's plan: the model's own check, whose result (1,460 s) was known before. */
  "no-jitter": (failures) => exponential(1000, 2, 30_000, failures),
} as const satisfies Record<string, DelayRule>;

/** The same delay whatever happens. `native-3s`: a browser's EventSource; `seed-before`: one class, 1 s. */
const constants = { "native-3s": 3000, "seed-before": 1000 } as const;

export type Rival = keyof typeof rules | keyof typeof constants;

export function isRival(policy: string): policy is Rival {
  return policy in rules || policy in constants;
}

/** Clients that follow one of these rules and nothing else. */
export function rivalClients(rival: Rival, clients: number, chance: Chance): Clients {
  if (rival in constants) {
    const everyMs = constants[rival as keyof typeof constants];
    const again = (_: number, atMs: number) => atMs + everyMs;
    return { lost: again, refused: again, opened: () => undefined, everyMs };
  }
  const rule: DelayRule = rules[rival as keyof typeof rules];
  const failures = new Int32Array(clients);
  const again = (i: number, atMs: number) => {
    const count = (failures[i] ?? 0) + 1;
    failures[i] = count;
    const delayMs = rule(count, chance.draw());
    return delayMs === null ? Number.POSITIVE_INFINITY : atMs + Math.round(delayMs);
  };
  return { lost: again, refused: again, opened: () => undefined };
}
