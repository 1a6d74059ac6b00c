/**
 * How the connections of a diagnosis ended, what a silence had to do with it, and what a direct connection says of it: leaves for
 * the rules. An end is blamed on the silence before it only where no connection of the path bore a longer one, and on the origin
 * only where no direct connection outlived it. It is one cause's: a cut, an end, a limit of time, or the length that was declared.
 */
import type { HopView } from "../../../preload/contract.ts";
import type { EndingSeen } from "../detection/observation.ts";
import type { Facts, Watch } from "./facts.ts";
import { connectionsOf, isOpenStream, openMsOf, read } from "./reading.ts";
import { namedFrom } from "./rule.ts";

/** A silence that is shorter explains nothing, ms. */
export const idleFromMs = 2500;

/** The end of a watch that came after a silence which the stream's own rhythm does not know. */
export function idleEnd(watch: Watch | null): EndingSeen | null {
  const ending = watch?.ending ?? null;
  if (ending === null || !isOpenStream(watch) || ending.idleMs < idleFromMs) return null;
  // A stream that is as silent as this now and then was not cut for it.
  return borneMs(watch) > ending.idleMs * 0.9 ? null : ending;
}

/** The longest silence after which a connection spoke, ms. */
export function pauseMs(watch: Watch | null): number {
  if (!isOpenStream(watch)) return 0;
  const { gapsMs, first } = read(watch);
  return Math.max(0, first?.atMs ?? 0, ...gapsMs);
}

/** The longest silence that a connection survived, ms. */
export function borneMs(watch: Watch | null): number {
  if (!isOpenStream(watch)) return 0;
  return Math.max(pauseMs(watch), watch.ending === null ? read(watch).silentMs : 0);
}

/** The same for a connection of the path: what another one there bore, for longer than timers differ, is not why this one ended. */
export function cutForSilence(watch: Watch | null, facts: Facts): EndingSeen | null {
  const ending = idleEnd(watch);
  const others = connectionsOf(facts).filter((other) => other !== watch);
  return ending !== null && others.some((other) => borneMs(other) > 1.3 * ending.idleMs + 1000) ? null : ending;
}

/** After the same silence, as far as timers are exact. */
export const isAlike = (one: EndingSeen, other: EndingSeen) =>
  Math.abs(one.idleMs - other.idleMs) < 0.15 * one.idleMs + 300;

/** An end by itself, for whatever reason but a silence. */
export type FlowEnd = {
  readonly watch: Watch;
  readonly ending: EndingSeen;
  /** On a connection that was held because all looked well: every one before it was let go sooner. */
  readonly held: boolean;
};

/** How it ends by itself while bytes flow: at first, while it was held, or while it was listened to for the idle cut. */
export function flowEnd(facts: Facts): FlowEnd | null {
  const watch = endedOf(facts);
  const ending = watch?.ending ?? null;
  if (watch === null || ending === null || !isOpenStream(watch) || cutForSilence(watch, facts) !== null) return null;
  return { watch, ending, held: watch !== facts.plain };
}

/** The connection of the path whose end is to be explained: the first that was watched for long. */
export function endedOf({ plain, holds, listened }: Facts): Watch | null {
  const watched = plain?.ending == null ? [holds[0] ?? null, listened] : [plain];
  return watched.find((watch) => watch?.ending != null) ?? null;
}

/** Who is open for longer than this has outlived an end, as far as timers and departures differ, ms. */
export const outlivedMs = (openMs: number) => 1.1 * openMs + 200;

/** So long a direct connection gets for that, with what its opening takes, ms. */
export const outliveMs = (openMs: number) => 1.15 * openMs + 1500;

/** A budget in which a stream can end on the path and outlive that directly, ms. @param beforeMs what comes before both */
export const outliveNeedsMs = (openMs: number, beforeMs: number) => Math.ceil((2.3 * openMs + beforeMs) / 1000) * 1000;

/**
 * `stays`: it outlived the end, which is the path's; `ends`: it ended no later, so that it is the origin's; `short`: it was let
 * go sooner, which shows nothing; null: it was not asked, or is no stream there.
 */
export type DirectSays = "stays" | "ends" | "short" | null;

/** What a direct connection says of an end on the path. @param endMs how long the stream was open there */
export function directSays(direct: Watch | null, endMs: number): DirectSays {
  if (!isOpenStream(direct)) return null;
  if (openMsOf(direct) > outlivedMs(endMs)) return "stays";
  return direct.ending === null ? "short" : "ends";
}

/** Somebody on the path, who may not be seen: null leaves it to the rules whose lines these are. */
export function onPath(hops: readonly HopView[]): "proxy" | null {
  return hops.some(({ product, confidence }) => product !== "unknown" && confidence >= namedFrom) ? null : "proxy";
}

/** A stream that declares a length ends with it: the end needs no other cause. */
export function isDeclared({ watch, ending }: FlowEnd): boolean {
  return ending.how === "clean" && watch.answer?.framing === "length";
}

/** An end that is sooner says little about time, ms. */
const limitFromMs = 2000;

/** Whether an end is a limit of time: seen twice at the same age, or once, where the next connection did not outlive it. */
export function timeLimit(facts: Facts, end: FlowEnd): "twice" | "once" | null {
  const { ending, held } = end;
  if (ending.openMs < limitFromMs || isDeclared(end) || end.watch.saidDone === true) return null;
  if (directSays(facts.direct, ending.openMs) === "ends") return null;
  const second = held ? (facts.holds[1] ?? null) : (facts.compressed ?? facts.repeat?.watch ?? null);
  const secondMs = openMsOf(second);
  if (second?.ending != null && Math.abs(secondMs - ending.openMs) < 0.1 * ending.openMs + 200) return "twice";
  return held && secondMs <= outlivedMs(ending.openMs) ? "once" : null;
}
