/** What a crowd of runs came to, in words, and what was not tried often enough to mean anything. */
import type { Tally } from "./crowd.ts";
import { faults, quietFaults } from "./faults.ts";

const dayMs = 86_400_000;
const least = 50;
const all = [...faults, ...quietFaults];

const phases = ["idle", "offline", "halted", "waiting", "connecting", "open"] as const;
/** What can happen in any phase. */
const anywhere = ["start", "stop", "retryNow", "timer", "network", "suspend", "wake"] as const;
/** What a connection tells; in `open` it may be the probe's. */
const ofConnections = {
  connecting: ["dialling", "connected", "opened", "failed"],
  open: [
    "dialling",
    "connected",
    "opened",
    "bytes",
    "events",
    // Several events that one read has completed.
    "slice",
    "comment",
    "cursor",
    "retry",
    "unread",
    "settled",
    "skipped",
    "failed",
  ],
} as const;

/** Every pair of phase and event that the machine can meet. */
export const arms: readonly string[] = [
  ...phases.flatMap((phase) => anywhere.map((event) => `${phase} ${event}`)),
  ...Object.entries(ofConnections).flatMap(([phase, events]) => events.map((event) => `${phase} ${event}`)),
];

/** Faults and arms that fired less than fifty times. */
export function rare({ met, hits }: Tally): string[] {
  const seldom = (what: string, count: number) => (count < least ? [`${what}: ${count}`] : []);
  return [
    ...all.flatMap(({ id }) => seldom(id, hits.get(id) ?? 0)),
    ...arms.flatMap((arm) => seldom(arm, met.get(arm) ?? 0)),
  ];
}

export function summary(tally: Tally, seconds: number): string {
  const { runs, virtualMs, steps, dials, shortestMs, fewestEvents } = tally;
  const days = Math.round(virtualMs / dayMs);
  const shortest = Math.floor(shortestMs / 60_000);
  return `${runs} runs, ${days} virtual days, ${steps} steps, ${dials} connections in ${seconds.toFixed(0)} s; the shortest ${shortest} virtual minutes, at least ${fewestEvents} events`;
}

/** How often each fault and each pair of phase and event fired. */
export function counts({ hits, met }: Tally): string {
  const row = (name: string, count: number) => `  ${name.padEnd(44)} ${String(count).padStart(10)}`;
  return [
    "fault",
    ...all.map(({ id }) => row(id, hits.get(id) ?? 0)),
    "phase and event",
    ...[...met].toSorted(([a], [b]) => a.localeCompare(b)).map(([arm, count]) => row(arm, count)),
  ].join("\n");
}
