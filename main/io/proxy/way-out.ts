/**
 * The ways out of one hop, one after the other: what the transports and the token address have in common. It makes no request;
 * `leave` does, with the connector and the dress that it is given.
 */
import type { buildConnector } from "undici";
import type { Via } from "../../core/connection/connection-state.ts";
import type { Evidence } from "../../core/failure/failure.ts";
import { direct, type ProxyRoute, routeName } from "../../core/proxy/proxy-route.ts";
import type { Proxies, Target } from "../ports.ts";
import { isProxysFault, movesOn, ProxyFailed } from "./proxy-failed.ts";
import { type Dress, dress, routeConnector, type Watched } from "./route-connector.ts";

/** One way, ready to be used. */
export type Leg = Dress & {
  /** What is to be told of it; null where nobody chooses proxies. */
  readonly via: Via | null;
  readonly route: ProxyRoute;
  readonly connector: buildConnector.connector;
  /** The proxy that answers itself has begun to; until then whoever gives up has learned that it does not. */
  readonly answered: () => void;
  /** The next way, when this error is a proxy's and there is one. Remembers whose fault it was. */
  readonly after: (error: unknown) => Leg | null;
};

/** The first way to this address, or why none can be tried. */
export async function wayOut(
  { proxies }: Pick<Target, "proxies">,
  url: URL,
  watched: Watched,
  kind: "http" | "websocket" = "http",
): Promise<Leg | { readonly evidence: Evidence }> {
  const asked = kind === "websocket" ? url.href.replace(/^http/, "ws") : url.href;
  const routes = proxies === undefined ? [direct] : await proxies.waysTo(asked);
  // What cannot be used is left out while something else can.
  const usable = routes.filter((route) => route.kind !== "unusable");
  const [first] = usable;
  if (first === undefined) return { evidence: unusable(routes) };
  return legOf(first, usable.slice(1));

  function legOf(route: ProxyRoute, others: readonly ProxyRoute[]): Leg {
    const dressed = dress(route, url, kind === "websocket");
    const isProxy = route.kind === "proxy";
    const isLast = others.length === 0;
    const { connector, answered } = routeConnector(route, { absolute: dressed.absolute, isLast }, proxies, watched);
    return {
      ...dressed,
      route,
      via: proxies === undefined ? null : { proxy: routeName(route), tunnel: isProxy && !dressed.absolute },
      connector,
      answered,
      after: (error) => next(proxies, route, error, others, legOf),
    };
  }
}

function next(
  proxies: Proxies | undefined,
  route: ProxyRoute,
  error: unknown,
  others: readonly ProxyRoute[],
  legOf: (route: ProxyRoute, others: readonly ProxyRoute[]) => Leg,
): Leg | null {
  if (!(error instanceof ProxyFailed)) return null;
  if (isProxysFault(error)) proxies?.putOff(route);
  const { why, signedIn } = error.evidence;
  if (why === "auth" && signedIn) proxies?.refused(route);
  const [following, ...rest] = others;
  return following === undefined || !movesOn(error) ? null : legOf(following, rest);
}

function unusable(routes: readonly ProxyRoute[]): Evidence {
  const [refused] = routes.flatMap((route) => (route.kind === "unusable" ? (route.refused ?? []) : []));
  if (refused !== undefined) {
    return { what: "proxy", why: "auth", proxy: refused, status: 407, code: "", signedIn: true };
  }
  const where = routes.map((route) => (route.kind === "unusable" ? route.where : "")).find((each) => each !== "") ?? "";
  if (where === "password") return { what: "secret-missing" };
  return { what: "proxy", why: "settings", proxy: "", status: null, code: where, signedIn: false };
}
