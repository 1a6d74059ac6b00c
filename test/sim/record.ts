/** One run written down step by step: for measuring the machine over what really happens to it, and for stepping it again. */
import type { Event, Moment, Policy } from "../../main/core/connection/connection-state.ts";
import type { Taken } from "./client.ts";
import { faults } from "./faults.ts";
import { longPlan, type Plan } from "./plan.ts";
import { runPlan } from "./run.ts";

export type Recorded = {
  readonly policy: Policy;
  readonly steps: readonly { readonly event: Event; readonly moment: Moment }[];
};

/** The first stream of a day of everything, from the last start of the program. */
export function recordRun(seed: number): Recorded {
  const ids = faults.map(({ id }) => id).filter((id) => !/^K0[12]/.test(id));
  const taken = stepsOf(longPlan(seed, ids), "s0");
  const steps = taken.map(({ event, now, random }) => ({ event, moment: { now, random } }));
  const [first] = taken;
  if (first === undefined) throw new Error("nothing happened");
  return { policy: first.client.spec.policy, steps };
}

function stepsOf(plan: Plan, stream: string): Taken[] {
  const steps: Taken[] = [];
  let last: Taken["client"] | null = null;
  runPlan(plan, undefined, (taken) => {
    if (taken.client.spec.name !== stream) return;
    if (taken.client !== last) steps.length = 0;
    last = taken.client;
    steps.push(taken);
  });
  return steps;
}

/** JSON has no infinity, and a `retry:` of 400 digits is one. */
function finite(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : value;
}

/** A run of one stream as `watch --replay` reads it: one line of facts, then one a step. */
export function ringOf(plan: Plan, stream: string): string {
  const taken = stepsOf(plan, stream);
  const [first] = taken;
  if (first === undefined) return "";
  const { spec } = first.client;
  const worked = first.before.standings.flatMap(({ worked: has }, i) =>
    has ? [spec.policy.candidates[i]?.key ?? ""] : [],
  );
  const lines = taken.map(({ now, random, event, after }) => ({ at: now, random, event, phase: after.link.phase }));
  return [{ kind: "ring", policy: spec.policy, worked }, ...lines]
    .map((line) => `${JSON.stringify(line, finite)}\n`)
    .join("");
}
