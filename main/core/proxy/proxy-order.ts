/**
 * In which order the ways of a list are tried. A proxy that failed is put off for some minutes: it goes behind all others,
 * and is not forgotten, since a list of bad proxies is still what there is.
 */
import { type ProxyRoute, routeName } from "./proxy-route.ts";

/** Chromium's own time for a proxy that failed (proxy_retry_info), ms. */
export const putOffMs = 300_000;

/** By the proxy's name, until when it is put off, mono ms. */
export type PutOff = ReadonlyMap<string, number>;

export function inOrder(routes: readonly ProxyRoute[], putOff: PutOff, now: number): ProxyRoute[] {
  const isPutOff = (route: ProxyRoute) => (putOff.get(routeName(route) ?? "") ?? now) > now;
  return [...routes.filter((route) => !isPutOff(route)), ...routes.filter(isPutOff)];
}

/** With one more that failed just now; those whose time is over are let go. */
export function withPutOff(putOff: PutOff, route: ProxyRoute, now: number): PutOff {
  const name = routeName(route);
  const kept = [...putOff].filter(([, until]) => until > now);
  return new Map(name === null ? kept : [...kept, [name, now + putOffMs]]);
}
