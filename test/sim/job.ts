/** One job of a crowd: from its seed to the plan, the run and its tally. */
import { Chance } from "./chance.ts";
import { emptyTally, type Job, type Tally } from "./crowd.ts";
import { faults, quietFaults } from "./faults.ts";
import { mutants } from "./mutants.ts";
import { type Parts, realParts } from "./parts.ts";
import { longPlan, type Plan, quietPlan, shortPlan } from "./plan.ts";
import { runPlan } from "./run.ts";

const quietIds = quietFaults.map(({ id }) => id);

export function planOf({ length, seed, faults: named }: Job): Plan {
  const ids = named.length > 0 ? named : faults.map(({ id }) => id);
  if (length === "any" && seed % 5 === 1) return quietPlan(seed, someOf(seed, quietIds, 2));
  if (length === "any") return seed % 10 === 0 ? longPlan(seed, ids) : shortPlan(seed, someOf(seed, ids, 5));
  if (length === "quiet") return quietPlan(seed, named.length > 0 ? named : someOf(seed, quietIds, 2));
  return length === "short" ? shortPlan(seed, ids) : longPlan(seed, ids);
}

function someOf(seed: number, ids: readonly string[], most: number): string[] {
  const chance = new Chance(seed ^ 0x3c6ef372);
  return Array.from({ length: chance.between(1, most) }, () => chance.pick(ids));
}

export function partsOf({ mutant }: Job): Parts {
  return mutants.find(({ name }) => name === mutant)?.parts ?? realParts;
}

export function runJob(job: Job): Tally {
  const { plan, failed, virtualMs, events, steps, dials, met, hits } = runPlan(planOf(job), partsOf(job));
  const tally = emptyTally();
  const failures = failed === null ? [] : [{ job, plan, failed }];
  return {
    ...tally,
    runs: 1,
    virtualMs,
    steps,
    dials,
    shortestMs: virtualMs,
    fewestEvents: events,
    met: new Map(met),
    hits: new Map(hits),
    failures,
  };
}
