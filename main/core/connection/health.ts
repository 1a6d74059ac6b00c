/**
 * What silence means: how long an open connection may be quiet before it counts as silent, as held back, as mute, or as
 * lost. Pure and without state: the rhythm is learned in rhythm.ts, the moments are the machine's.
 */
import type { Health } from "../../../preload/contract.ts";
import type { Link, Policy } from "./connection-state.ts";
import { p95GapMs, type Rhythm } from "./rhythm.ts";

const idleUnlearnedMs = 300_000;
const idleFloorMs = 15_000;
const silentUnlearnedMs = 60_000;
const silentFloorMs = 5000;
/** Something has begun, or nothing has come at all, and no byte for this long: the path may be holding them, ms. */
export const heldAfterMs = 15_000;

/** Silence after which an open connection is given up, ms. */
export function idleTimeoutMs(policy: Pick<Policy, "idleTimeoutMs">, rhythm: Rhythm): number {
  const p95 = p95GapMs(rhythm);
  const unlearnedMs = Math.max(idleUnlearnedMs, 2 * rhythm.quietMs);
  return policy.idleTimeoutMs ?? (p95 === null ? unlearnedMs : Math.max(idleFloorMs, 3 * p95));
}

type OpenLink = Extract<Link, { phase: "open" }>;

/** Earliest moments at which an open connection stops being live, without news. */
export function healthLimits(policy: Policy, link: OpenLink, rhythm: Rhythm): { silentAt: number; heldAt: number } {
  const p95 = p95GapMs(rhythm);
  const usualMs = p95 === null ? silentUnlearnedMs : Math.max(silentFloorMs, 2 * p95);
  const silentAt = link.byteAt + Math.min(usualMs, idleTimeoutMs(policy, rhythm));
  return { silentAt, heldAt: muteAt(link, rhythm, Number.POSITIVE_INFINITY) };
}

/**
 * When the path has to be suspected of holding back what was sent: something began and does not end, or nothing came but a greeting.
 * @param suspectAt from then on nothing at all is suspicious of itself, because there is another way to look; Infinity: there
 *   is none. Then it is only in a stream that is known to speak more often than that.
 */
export function muteAt(link: OpenLink, rhythm: Rhythm, suspectAt: number): number {
  // From the last byte: a large event on a slow line takes its time, and nobody holds it.
  if (link.pendingSince !== null) return link.byteAt + heldAfterMs;
  if (link.wordAt !== null) return Number.POSITIVE_INFINITY;
  const p95 = p95GapMs(rhythm);
  const speaksOften = p95 !== null && 3 * p95 <= heldAfterMs;
  return Math.max(link.byteAt + heldAfterMs, speaksOften ? 0 : suspectAt);
}

/** How an open connection does at this moment. */
export function healthOf(policy: Policy, link: OpenLink, rhythm: Rhythm, now: number): Health {
  const { silentAt, heldAt } = healthLimits(policy, link, rhythm);
  if (now >= heldAt) return "held";
  return now >= silentAt ? "silent" : "live";
}
