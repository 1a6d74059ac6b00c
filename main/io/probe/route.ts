/** Which way the requests of a diagnosis go. Who chooses it is not here: it is handed in, as it stood when it began. */

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
