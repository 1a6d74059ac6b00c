/** What is held back, and by whom that may be: leaves for the rules about late headers and old events. */
import type { HopView } from "../../../preload/contract.ts";
import type { Facts, Watch } from "./facts.ts";
import { isOpenStream, read } from "./reading.ts";
import { hopAmong } from "./rule.ts";

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

/** A silence that is shorter shows nothing of what is held back, ms. */
const heldFromMs = 3000;

/**
 * Headers came at once and nothing behind them, for several times as long as it takes directly: whoever is between keeps it.
 * @returns how often something came directly in that watch; 0: nothing is known to be kept
 */
export function keptBehindHeaders({ plain, direct, compressed, repeat, holds }: Facts): number {
  if (!isOpenStream(plain) || !isOpenStream(direct) || plain.ending !== null) return 0;
  if (plain.bodyBytes > 0 || (plain.encoding !== "" && plain.encoding !== "identity")) return 0;
  const [mine, theirs] = [read(plain), read(direct)];
  // One arrival has no rhythm: that it came in the direct watch may be chance, as with a heartbeat that all streams share.
  if (mine.bursts > 0 || theirs.gapsMs.length === 0) return 0;
  // What came through on another connection of the path is not kept there.
  const others = [compressed, repeat?.watch ?? null, ...holds].map(read);
  if (others.some(({ events, comments }) => events + comments > 0)) return 0;
  const usualMs = Math.max(...theirs.gapsMs);
  return mine.silentMs >= Math.max(heldFromMs, 3 * usualMs) ? theirs.bursts : 0;
}

/** It speaks directly, and more often than it is silent here: what is missing is not the origin's. */
export function speaksDirectly({ plain, direct }: Facts): boolean {
  const theirs = read(direct);
  return isOpenStream(direct) && theirs.bursts > 1 && 2 * theirs.longestMs < read(plain).longestMs;
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

function hasNoHeaders(plain: Watch | null): boolean {
  return plain !== null && plain.answer === null && plain.failure?.kind === "headers-timeout";
}
