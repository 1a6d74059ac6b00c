/** What is held back, and by whom that may be: leaves for the rules about late headers and old events. */
import type { HopView } from "../../../preload/contract.ts";
import type { Facts, Watch } from "./facts.ts";
import { isOpenStream } from "./reading.ts";
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
  const directMs = direct?.answer?.headersMs;
  const mineMs = plain?.answer?.headersMs ?? plain?.waitedMs ?? 0;
  return directMs !== undefined && isOpenStream(direct) && mineMs > 4 * directMs + 1000;
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
