/** One way out of this computer: directly, or by a proxy. What a list of them means is proxy-list.ts and proxy-order.ts. */

export type ProxyScheme = "http" | "https" | "socks5";

/** What signs in at a proxy. It is in no name, no log and no view. */
export type ProxyCredentials = { readonly username: string; readonly password: string };

export type ProxyServer = {
  readonly kind: "proxy";
  /** How the proxy itself is spoken to. */
  readonly scheme: ProxyScheme;
  /** A name or an address, in lower case; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly credentials: ProxyCredentials | null;
};

export type ProxyRoute =
  | { readonly kind: "direct" }
  | ProxyServer
  /**
   * Somebody set up a proxy that cannot be used. `where`: what would have to be changed, never its value. `refused`: the proxy
   * of this name does not accept its sign-in.
   */
  | { readonly kind: "unusable"; readonly where: string; readonly refused?: string };

export const direct: ProxyRoute = { kind: "direct" };

/** Scheme, host and port of a proxy, never its credentials; null: there is none. */
export function routeName(route: ProxyRoute): string | null {
  if (route.kind !== "proxy") return null;
  const { scheme, host, port } = route;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
