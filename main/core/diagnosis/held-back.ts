/**
 * What is held back, by whom that may be, and how the same stream compares where it flows: leaves for the rules about late headers
 * and old events.
 */
import type { HopView } from "../../../preload/contract.ts";
import type { Facts, Watch } from "./facts.ts";
import { connectionsOf, isOpenStream, read } from "./reading.ts";
import { hopAmong } from "./rule.ts";
import { silentFromMs } from "./stopped.ts";

/** A header that is this late was held by somebody: networks and programs answer sooner, ms. */
export const lateMs = 2000;
/** Events that are this old when they arrive were kept somewhere, ms. */
export const oldMs = 700;
/** Buffers that hold answers back are pages of memory: 4 kB with the head in it. */
export const pageBytes = 3000;

/** They keep an answer until a page of memory is full. */
export const pagers = ["nginx", "openresty", "tengine"];
/** These pass headers on at once, by default and as far as was measured or their documentation says. */
const prompt = new Set([
  "haproxy",
  "caddy",
  "apache",
  "varnish",
  "squid",
  "pingora",
  "holdfast-gateway",
  "http-proxy",
  "envoy",
  "traefik",
  "go-reverse-proxy",
  "unknown",
]);

/** Who on the path may keep even the headers back: nginx does, and what is not known to be prompt may. */
export function buffererAmong(hops: readonly HopView[]): HopView | null {
  const others = hops.filter(
    ({ product, role }) => !prompt.has(product) && !pagers.includes(product) && role !== "forward",
  );
  return (
    hopAmong(hops, pagers) ??
    hopAmong(
      others,
      others.map(({ product }) => product),
      0.6,
    )
  );
}

/** The target's header was late, or never came, while a direct request had its own soon. */
export function directSooner({ direct, plain }: Facts): boolean {
  const mineMs = plain?.answer?.headersMs ?? plain?.waitedMs ?? 0;
  return isOpenStream(direct) && mineMs > 4 * direct.answer.headersMs + 1000;
}

/** A busy moment has less, or more unevenly: so many gaps are a rhythm, and fewer where they are alike. */
const [leastGaps, manyGaps, alikeTimes] = [2, 5, 2];
/** So many times its longest silence, and something is missing. */
const patience = 2.5;

/**
 * After how long a silence something is overdue, by the same stream where it flows. Its longest silence counts, from the start
 * of the watch and to its end as well: a few events together in a quiet stream are no rhythm.
 * @param fromMs what came before was seen on the other watch as well, ms
 * @returns ms; null: nobody knows what is due
 */
export function overdueMs(flowing: Watch | null, fromMs = 0): number | null {
  const arrivals = flowing?.arrivals ?? null;
  if (arrivals === null || !isOpenStream(flowing)) return null;
  const until = flowing?.ending?.openMs ?? arrivals.watchedMs;
  const times = [fromMs, ...arrivals.bursts.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs), until];
  const silences = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  const gaps = silences.slice(1, -1);
  const isRhythm = gaps.length >= manyGaps || Math.max(...gaps) <= alikeTimes * Math.min(...gaps);
  return gaps.length < leastGaps || !isRhythm ? null : patience * Math.max(...silences);
}

/** What directly comes so soon after that, came with it, ms. */
const withItMs = 300;
/** So many arrivals are none of whoever keeps everything; after more a silence is a stream's that hangs. */
const mostPassed = 3;

/**
 * Headers came at once and nothing behind them, or the first bytes and no more, for several times as long as it takes directly:
 * whoever is between keeps it, also where it is cut for its silence in the end. What directly comes after the point where it fell silent here is what counts.
 * @returns how often something came directly after that; 0: nothing is known to be kept
 */
export function keptBehindHeaders(facts: Facts): number {
  const { plain, direct } = facts;
  if (!isOpenStream(plain) || !isOpenStream(direct)) return 0;
  if (plain.encoding !== "" && plain.encoding !== "identity") return 0;
  const mine = read(plain);
  if (mine.bursts > mostPassed) return 0;
  // What came through on another connection of the path is not kept there.
  if (connectionsOf(facts).some((watch) => watch !== plain && spoken(watch) > mine.bursts)) return 0;
  const last = plain.arrivals?.bursts.at(-1) ?? null;
  const fromMs = last === null ? 0 : last.atMs + withItMs;
  const dueMs = overdueMs(direct, fromMs);
  if (dueMs === null || mine.silentMs < Math.max(silentFromMs, dueMs)) return 0;
  return direct?.arrivals?.bursts.filter(({ atMs }) => atMs >= fromMs).length ?? 0;
}

/** How often something came that says anything: the head of a compressed body does not. */
function spoken(watch: Watch | null): number {
  return watch?.arrivals?.bursts.filter(({ events, comments }) => events + comments > 0).length ?? 0;
}

/** By what flows directly something was overdue in the longest silence here: what is missing is not the origin's. */
export function speaksDirectly({ plain, direct }: Facts): boolean {
  const dueMs = overdueMs(direct);
  return dueMs !== null && read(plain).longestMs > dueMs;
}

/**
 * It comes in gulps where directly each comes alone: as many in the same time, further apart. Without stamps of the origin
 * only the comparison tells them from batches that are made there.
 */
export function isGathered({ plain, direct }: Facts): boolean {
  if (!isOpenStream(plain) || !isOpenStream(direct)) return false;
  const [mine, theirs] = [read(plain), read(direct)];
  const [gapMs, theirGapMs] = [mine.medianGapMs ?? 0, theirs.medianGapMs ?? 0];
  if (mine.gapsMs.length < 2 || theirGapMs === 0) return false;
  const alone = theirs.burstEvents <= mine.burstEvents / 2 && gapMs >= 2 * theirGapMs;
  const rates = mine.burstEvents / gapMs / (theirs.burstEvents / theirGapMs);
  return alone && rates > 0.5 && rates < 2;
}

/** Of two figures that are measured on connections of their own. */
const isNear = (mine: number, theirs: number) => theirs > 0.75 * mine && theirs < 1.34 * mine;

/** It comes in the same portions directly, as far apart: so it is made, and nobody on the path gathers it. */
export function isMadeSo({ plain, direct }: Facts): boolean {
  if (!isOpenStream(plain) || !isOpenStream(direct)) return false;
  const [mine, theirs] = [read(plain), read(direct)];
  const isOften = theirs.medianGapMs === null || isNear(mine.medianGapMs ?? 0, theirs.medianGapMs);
  return theirs.bursts > 0 && isNear(mine.burstEvents, theirs.burstEvents) && isOften;
}

/** Events are as old directly, where they have stamps. */
export function isAsOldDirectly({ plain, direct }: Facts): boolean {
  const [mine, theirs] = [read(plain), read(direct)];
  return (
    isOpenStream(direct) &&
    mine.laterLagMs !== null &&
    theirs.laterLagMs !== null &&
    theirs.laterLagMs > 0.6 * mine.laterLagMs
  );
}

/** Events are fresh directly, and old here. */
export function isFreshDirectly({ plain, direct }: Facts): boolean {
  const [mine, theirs] = [read(plain), read(direct)];
  const isFresh = theirs.laterLagMs !== null && theirs.laterLagMs < oldMs / 2;
  return isOpenStream(direct) && isFresh && (mine.laterLagMs ?? 0) > oldMs;
}

/** Directly the headers come about as late. */
export function isLateDirectly({ plain, direct }: Facts): boolean {
  const directMs = direct?.answer?.headersMs ?? 0;
  return isOpenStream(direct) && directMs >= lateMs / 2 && directMs > 0.6 * (plain?.answer?.headersMs ?? 0);
}

/** Headers that were waited for less long than this may still have come: slow is not mute, ms. */
const muteFromMs = 5000;

/** Silent before the headers for long, and still connected when the watch ended. */
export function isMute(plain: Watch | null, fromMs = muteFromMs): boolean {
  return hasNoHeaders(plain) && (plain?.waitedMs ?? 0) >= fromMs;
}

/** Let go while the headers might still have come: it says nothing. */
export function isImpatient(plain: Watch | null): boolean {
  return hasNoHeaders(plain) && !isMute(plain);
}

/** The direct request was let go while it might still have been as slow as the path was: nothing is known of it. */
export function isLetGoDirectly({ plain, direct }: Facts): boolean {
  return hasNoHeaders(direct) && !isMute(direct, Math.max(muteFromMs, plain?.answer?.headersMs ?? 0));
}

function hasNoHeaders(plain: Watch | null): boolean {
  return plain !== null && plain.answer === null && plain.failure?.kind === "headers-timeout";
}
