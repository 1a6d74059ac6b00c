/** What the fleet bench has to run: every policy, outage and seed by itself, so that any worker can take any of them. */
import { Chance } from "../sim/chance.ts";
import { horizonMs, runFleet } from "./fleet.ts";
import { sights, stepClients } from "./fleet-clients.ts";
import { isRival, rivalClients } from "./fleet-rivals.ts";
import { type Figures, figuresOf } from "./fleet-rows.ts";
import { runSite } from "./fleet-site.ts";

export type Task = {
  readonly policy: string;
  readonly outageS: number;
  readonly seed: number;
  readonly clients: number;
};

export const policies = [
  "holdfast-proxy",
  "holdfast-server",
  "native-3s",
  "launchdarkly",
  "centrifuge",
  "aws-full-jitter",
  "seed-literal",
  "seed-before",
  "no-jitter",
] as const;
export const outagesS = [10, 60, 300, 3600] as const;
export const seeds = 10;

/** A site is a twentieth of the fleet; a lone client is asked about a thousand times. */
export const siteShare = 0.05;
export const loneRuns = 1000;
const siteOutageS = 60;
const loneOutageS = 10;

/** All tasks of a bench, the long ones first, so that no worker is left alone with one at the end. */
export function tasksOf(clients: number): Task[] {
  const tasks = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) => [
    ...policies.flatMap((policy) => outagesS.map((outageS) => ({ policy, outageS, seed, clients }))),
    { policy: "holdfast-site", outageS: siteOutageS, seed, clients },
    { policy: "holdfast-lone", outageS: loneOutageS, seed, clients: 1 },
  ]);
  return tasks.sort((a, b) => b.outageS - a.outageS);
}

export function runTask({ policy, outageS, seed, clients }: Task): Figures {
  const chance = new Chance(seed);
  const outageMs = outageS * 1000;
  if (policy === "holdfast-site") {
    return figuresOf(runSite(Math.round(clients * siteShare), outageMs, chance), clients);
  }
  if (policy === "holdfast-lone") return figuresOf(runSite(loneRuns, outageMs, chance));
  const sight = sights[policy as keyof typeof sights];
  const kind = isRival(policy) ? rivalClients(policy, clients, chance) : stepClients(sight, clients, chance);
  return figuresOf(runFleet({ clients, outageMs, horizonMs }, kind, chance));
}
