/** Questions that make those speak who stand on the path and leave no mark on a stream. */
import { randomUUID } from "node:crypto";
import type { Place } from "./place.ts";
import { isTunnelled } from "./route.ts";
import { type Session, tailMs } from "./session.ts";

/** A proxy that works answers for itself sooner, ms. */
const leastAloneMs = 500;

/** Makes gateways speak that leave no mark on what they pass on. */
export async function probeUnrouted(session: Session, place: Place): Promise<void> {
  const url = new URL(`/.holdfast-no-such-path-${randomUUID().slice(0, 8)}`, place.url);
  const asked = await session.put(
    { ...place, url },
    { unrouted: true, headersLimitMs: Math.min(2000, session.leftMs), enough: () => true },
  );
  session.know({ unrouted: asked?.answer ?? null });
}

/**
 * Where whole addresses stay unanswered, whatever they name, asks the forward proxy for itself: one that works answers that,
 * if only with an error. One that does not has kept every question from the origin, and nothing was measured of that.
 */
export async function probeProxyAlone(session: Session, { url, route }: Place): Promise<void> {
  const limitMs = Math.min(1500, session.leftMs - tailMs);
  if (route.kind === "direct" || isTunnelled(route, url) || limitMs < leastAloneMs) return;
  const proxy: Place = { url: new URL("/", route.url), headers: [], route: { kind: "direct" } };
  const from = performance.now();
  const asked = await session.put(proxy, { headersLimitMs: limitMs, enough: () => true });
  if (asked?.failure?.kind !== "headers-timeout") return;
  const trouble = { why: "silent", status: null, squidError: null } as const;
  const tookMs = (session.facts.plain?.waitedMs ?? 0) + performance.now() - from;
  session.know({ plain: null, proxy: { tookMs, trouble, answer: null } });
}
