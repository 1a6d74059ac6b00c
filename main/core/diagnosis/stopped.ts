/**
 * A stream that spoke and fell silent while it stayed open: dead, or through with its greeting; held-back.ts knows what is kept back.
 * Leaves for the rules; the probe asks them how long it is worth to look.
 */
import { pauseMs } from "./ends.ts";
import type { Facts, Watch } from "./facts.ts";
import { connectionsOf, isOpenStream, type Reading, read } from "./reading.ts";

/** A silence that is shorter shows nothing, ms. */
export const silentFromMs = 3000;

/** It had a rhythm, and lost it: not a greeting of a few events before a quiet time. */
export function wentDead(watch: Watch): boolean {
  const { gapsMs, medianGapMs, silentMs } = read(watch);
  const gap = medianGapMs ?? 0;
  if (!isOpenStream(watch) || watch.ending !== null || gapsMs.length < 3 || gap < 50) return false;
  return Math.max(...gapsMs) <= 3 * Math.min(...gapsMs) + 60 && silentMs >= Math.max(silentFromMs, 12 * gap);
}

/** Of another pause, so much is as long as this one: nobody looks at the same moment. */
const likePause = 0.8;

/** It went dead, and no other connection, directly or on the path, spoke again after a pause that is about as long. */
export function isHung(watch: Watch, facts: Facts): boolean {
  if (!wentDead(watch)) return false;
  const others = [...connectionsOf(facts), facts.direct].filter((other) => other !== watch);
  return !others.some((other) => pauseMs(other) > likePause * read(watch).silentMs);
}

/** Events and comments: both are said. */
export const saidIn = ({ events, comments }: Reading): number => events + comments;

/** So long a connection has to be silent behind what it said to be silent like this one, ms. */
export const restMs = (dead: Watch): number => Math.max(800, 4 * (read(dead).medianGapMs ?? 0));

/** Whether another connection said as much as this one and then nothing. */
function stopsAlike(dead: Watch, other: Watch | null): boolean {
  if (!isOpenStream(other) || other.ending !== null) return false;
  const seen = read(other);
  return saidIn(seen) === saidIn(read(dead)) && seen.silentMs >= restMs(dead);
}

/**
 * How other connections of the path take it. What begins in the same words on each and stops at the same place is a greeting: the
 * stream is like this. New events that stop at the same place each time are none, and still somebody's habit.
 */
export function habitOf(dead: Watch, facts: Facts): "greeting" | "alike" | null {
  const { repeat } = facts;
  if (!connectionsOf(facts).some((other) => other !== dead && stopsAlike(dead, other))) return null;
  const events = read(repeat?.watch ?? null).events;
  return events > 0 && (repeat?.seenBefore ?? 0) >= events ? "greeting" : "alike";
}

/** It falls silent directly as well. */
export function silentLikewise(dead: Watch, direct: Watch | null): boolean {
  return direct !== null && (wentDead(direct) || stopsAlike(dead, direct));
}
