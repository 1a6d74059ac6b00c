/**
 * How the connections of a diagnosis ended, and what a silence had to do with it: leaves for the rules. An end is blamed on the
 * silence before it only where no connection of the path bore a longer one.
 */
import type { EndingSeen } from "../detection/observation.ts";
import type { Facts, Watch } from "./facts.ts";
import { isOpenStream, read } from "./reading.ts";

/** A silence that is shorter explains nothing, ms. */
export const idleFromMs = 2500;

/** The end of a watch that came after a silence which the stream's own rhythm does not know. */
export function idleEnd(watch: Watch | null): EndingSeen | null {
  const ending = watch?.ending ?? null;
  if (ending === null || !isOpenStream(watch) || ending.idleMs < idleFromMs) return null;
  // A stream that is as silent as this now and then was not cut for it.
  return borneMs(watch) > ending.idleMs * 0.9 ? null : ending;
}

/** The longest silence that a connection survived, ms. */
export function borneMs(watch: Watch | null): number {
  if (!isOpenStream(watch)) return 0;
  const { gapsMs, first, silentMs } = read(watch);
  return Math.max(0, first?.atMs ?? 0, ...gapsMs, watch?.ending === null ? silentMs : 0);
}

/** The same for a connection of the path: what another one there bore, for longer than timers differ, is not why this one ended. */
export function cutForSilence(
  watch: Watch | null,
  { plain, compressed, repeat, holds, listened }: Facts,
): EndingSeen | null {
  const ending = idleEnd(watch);
  const others = [plain, compressed, repeat?.watch ?? null, ...holds, listened].filter((other) => other !== watch);
  return ending !== null && others.some((other) => borneMs(other) > 1.3 * ending.idleMs + 1000) ? null : ending;
}

/** After the same silence, as far as timers are exact. */
export const isAlike = (one: EndingSeen, other: EndingSeen) =>
  Math.abs(one.idleMs - other.idleMs) < 0.15 * one.idleMs + 300;

/** An end by itself, for whatever reason but a silence. */
export type FlowEnd = {
  readonly watch: Watch;
  readonly ending: EndingSeen;
  /** On a connection that was kept open because all looked well: every one before it was let go sooner. */
  readonly kept: boolean;
};

/** How it ends by itself while bytes flow: at first, while it was held, or while it was listened to for the idle cut. */
export function flowEnd(facts: Facts): FlowEnd | null {
  const { plain, holds, listened } = facts;
  const kept = plain?.ending == null;
  const ended = (kept ? [holds[0] ?? null, listened] : [plain]).find((watch) => watch?.ending != null) ?? null;
  const ending = ended?.ending ?? null;
  if (ended === null || ending === null || !isOpenStream(ended) || cutForSilence(ended, facts) !== null) return null;
  return { watch: ended, ending, kept };
}
