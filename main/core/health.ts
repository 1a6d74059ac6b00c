/**
 * What silence means: how long an open connection may be quiet before it counts as silent, as held back, or as lost.
 * Pure and without state: the rhythm is learned in rhythm.ts, the moments are the machine's.
 */
import type { Health } from "../../preload/contract.ts";
import type { Link, Policy, State } from "./connection-state.ts";
import { p95GapMs, type Rhythm } from "./rhythm.ts";

const idleUnlearnedMs = 300_000;
const idleFloorMs = 15_000;
const silentUnlearnedMs = 60_000;
const silentFloorMs = 5000;
/** Bytes that complete nothing, or no byte at all, for this long: the path may be holding them. */
const heldAfterMs = 15_000;

/** Silence after which an open connection is given up, ms. */
export function idleTimeoutMs(policy: Policy, rhythm: Rhythm): number {
  const p95 = p95GapMs(rhythm);
  return policy.idleTimeoutMs ?? (p95 === null ? idleUnlearnedMs : Math.max(idleFloorMs, 3 * p95));
}

type OpenLink = Extract<Link, { phase: "open" }>;

/** Earliest moments at which an open connection stops being live, without news. */
export function healthLimits(policy: Policy, link: OpenLink, rhythm: Rhythm): { silentAt: number; heldAt: number } {
  const p95 = p95GapMs(rhythm);
  const usualMs = p95 === null ? silentUnlearnedMs : Math.max(silentFloorMs, 2 * p95);
  const silentAt = link.byteAt + Math.min(usualMs, idleTimeoutMs(policy, rhythm));
  // Mute from the start is only suspicious in a stream that is known to speak more often than that.
  const mute = p95 !== null && 3 * p95 <= heldAfterMs && link.progressAt === null;
  const since = link.pendingSince ?? (mute ? link.openedAt : Number.POSITIVE_INFINITY);
  return { silentAt, heldAt: since + heldAfterMs };
}

/** How an open connection does at this moment; what is not open is not asked. */
export function healthOf(policy: Policy, { link, rhythm }: State, now: number): Health {
  if (link.phase !== "open") return "live";
  const { silentAt, heldAt } = healthLimits(policy, link, rhythm);
  if (now >= heldAt) return "held";
  return now >= silentAt ? "silent" : "live";
}
