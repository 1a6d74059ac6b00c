/** Which ways the requests of a diagnosis go: those that the streams' own would take, as they stand when an address is asked for. */
import { type ProxyRoute, type ProxyServer, routeName } from "../../core/proxy/proxy-route.ts";
import type { Proxies } from "../ports.ts";
import { proxyAuthorization } from "../proxy/tunnel.ts";

export type ProbeRoute =
  | { readonly kind: "direct" }
  | {
      readonly kind: "http" | "https" | "socks5";
      /** Scheme, host and port; without credentials. */
      readonly url: string;
      /** HTTP: the value of Proxy-Authorization. SOCKS5: `user:password`. */
      readonly authorization?: string;
      /** Ask an HTTP proxy for a tunnel to http targets too, instead of handing it whole addresses. */
      readonly tunnel?: boolean;
    };

/**
 * The ways to an address in the order in which a stream would try them; what cannot be used is left out. Empty: nothing else is
 * there, which is never taken for a direct way.
 */
export type Ways = (url: string) => Promise<readonly ProbeRoute[]>;

export function waysOf(proxies: Proxies): Ways {
  return async (url) => {
    const all = (await proxies.waysTo(url)).map(probeRoute);
    return all.filter((way) => way.kind !== "unusable");
  };
}

/** The same way to everywhere. */
export const always =
  (route: ProbeRoute): Ways =>
  async () => [route];

/** The way that is tried first, or why none can be. */
export async function firstWay(proxies: Proxies, url: string): Promise<ProbeRoute | Unusable> {
  const all = (await proxies.waysTo(url)).map(probeRoute);
  return all.find((way) => way.kind !== "unusable") ?? all[0] ?? { kind: "direct" };
}

/** A proxy is meant and cannot be used: `where` says what would have to be changed. */
export type Unusable = Extract<ProxyRoute, { kind: "unusable" }>;

function probeRoute(way: ProxyRoute): ProbeRoute | Unusable {
  if (way.kind !== "proxy") return way;
  const { scheme, credentials } = way;
  const url = routeName(way) ?? "";
  if (credentials === null) return { kind: scheme, url };
  const login = `${credentials.username}:${credentials.password}`;
  return {
    kind: scheme,
    url,
    authorization: scheme === "socks5" ? login : `${proxyAuthorization(way)["proxy-authorization"]}`,
  };
}

/** A proxy as the transport's own code knows it. */
export function proxyServer({ kind, url, authorization }: Exclude<ProbeRoute, { kind: "direct" }>): ProxyServer {
  const address = new URL(url);
  const [username = "", ...password] = (authorization ?? "").split(":");
  const credentials = authorization === undefined ? null : { username, password: password.join(":") };
  return { kind: "proxy", scheme: kind, host: hostOf(address), port: portOf(address), credentials };
}

/** Whether requests for this target go through a tunnel of the proxy. */
export function isTunnelled(route: ProbeRoute, target: URL): boolean {
  return route.kind !== "direct" && (route.kind === "socks5" || target.protocol === "https:" || route.tunnel === true);
}

export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : protocol.startsWith("socks") ? 1080 : 80;
}

/** The host as a socket wants it: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
