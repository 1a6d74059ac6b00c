/**
 * How a socket is made by one of the ways out: directly, through a tunnel of a proxy, or to a proxy that answers itself. It
 * replaces undici's ProxyAgent: behind a proxy that says nothing or hangs up, that one never ends (7.30.2, measured), and it
 * hides what the proxy said. Here every socket is told the moment it is made, so whoever gives up can end it.
 */
import type { Socket } from "node:net";
import { buildConnector } from "undici";
import type { ProxyRoute, ProxyServer } from "../../core/proxy/proxy-route.ts";
import { type Destroyable, keepAliveConnector, keepAliveInitialDelay } from "../connector.ts";
import type { Proxies } from "../ports.ts";
import { ProxyFailed, towardsProxy } from "./proxy-failed.ts";
import { openSocks } from "./socks.ts";
import { openTunnel, proxyAuthorization } from "./tunnel.ts";

export type Watched = {
  /** Told of each socket at once. */
  readonly made: (socket: Destroyable) => void;
  /** A request can be sent now: to the server, or to the proxy that answers in its place. */
  readonly connected: () => void;
};

/** What the way makes of a request: where to, and with which headers beside its own. */
export type Dress = {
  /** The request goes to the proxy, which answers it itself. */
  readonly absolute: boolean;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Plain http: is asked of an HTTP proxy in absolute form (RFC 9112 §3.2.2), as browsers do: many proxies refuse tunnels to
 * other ports than 443. WebSockets are always tunnelled (RFC 6455 §4.1).
 */
export function dress(route: ProxyRoute, url: URL, isWebSocket = false): Dress {
  const path = `${url.pathname}${url.search}`;
  const absolute = route.kind === "proxy" && route.scheme !== "socks5" && url.protocol === "http:" && !isWebSocket;
  return absolute
    ? { absolute, path: `${url.origin}${path}`, headers: proxyAuthorization(route) }
    : { absolute, path, headers: {} };
}

/** `answered`: the proxy that answers itself has done so. */
type Made = { readonly connector: buildConnector.connector; readonly answered: () => void };

/**
 * @param absolute as `dress` says
 * @param isLast no other way can be tried: then the machine's deadline is waited for, and only the proxy put off
 */
export function routeConnector(
  route: ProxyRoute,
  { absolute, isLast }: { absolute: boolean; isLast: boolean },
  proxies: Proxies | undefined,
  watched: Watched,
): Made {
  if (route.kind !== "proxy") {
    return { connector: keepAliveConnector(watched.made, watched.connected), answered: () => {} };
  }
  let end: (answered: boolean) => void = () => {};
  const connector: buildConnector.connector = (options, callback) => {
    const sockets: Destroyable[] = [];
    let isOver = false;
    const giveUp = () => {
      isOver = true;
      end(false);
      end = () => {};
      destroyAll(sockets);
    };
    const finish = (error: Error | null, socket: Socket | null) => {
      if (isOver) return;
      isOver = true;
      // A proxy that answers itself has done nothing yet but take the connection.
      if (error !== null || !absolute) answered();
      if (error === null && socket !== null) {
        watched.connected();
        callback(null, socket);
        return;
      }
      destroyAll(sockets);
      callback(error ?? new ProxyFailed(route, "closed"), null);
    };
    const late = () => {
      // Connected to a proxy that answers itself: what it waits for may be the server.
      if (isOver) return;
      if (isLast) proxies?.putOff(route);
      else finish(new ProxyFailed(route, "silent"), null);
    };
    watched.made({ destroy: giveUp });
    // Whoever has given up meanwhile wants no socket.
    if (isOver) {
      callback(new ProxyFailed(route, "closed"), null);
      return;
    }
    end = proxies?.patience(route, late) ?? (() => {});
    reach(route, sockets, (error, socket) => {
      if (error !== null || absolute) finish(error, socket);
      else through(route, socket, options, sockets, finish);
    });
  };
  const answered = () => {
    end(true);
    end = () => {};
  };
  return { connector, answered };
}

function destroyAll(sockets: readonly Destroyable[]): void {
  for (const socket of sockets) socket.destroy();
}

type Done = (error: Error | null, socket: Socket) => void;

/** TCP to the proxy, and TLS where it speaks it. */
function reach(route: ProxyServer, sockets: Destroyable[], done: Done): void {
  const connect = buildConnector({ timeout: 0, keepAlive: true, keepAliveInitialDelay });
  const protocol = route.scheme === "https" ? "https:" : "http:";
  const to = { hostname: route.host, host: route.host, protocol, port: `${route.port}` };
  const socket = made(connect, to, (error) => {
    // undici's socket keeps listening for errors, so one that comes later is no uncaught exception.
    done(error === null ? null : towardsProxy(route, error), socket);
  });
  sockets.push(socket);
}

/** From the proxy to the server, and TLS with it where that is asked for: the proxy only sees what it carries. */
function through(
  route: ProxyServer,
  socket: Socket,
  options: buildConnector.Options,
  sockets: Destroyable[],
  finish: (error: Error | null, socket: Socket | null) => void,
): void {
  const isSecure = options.protocol === "https:";
  const port = Number(options.port || (isSecure ? 443 : 80));
  // [WHATWG] The host of a URL keeps the brackets of an IPv6 address.
  const host = options.hostname.replace(/^\[|\]$/g, "");
  const open = route.scheme === "socks5" ? openSocks : openTunnel;
  open(socket, route, { host, port }, (error) => {
    if (error !== null || !isSecure) {
      finish(error, socket);
      return;
    }
    const secure = buildConnector({ timeout: 0, keepAlive: true, keepAliveInitialDelay });
    const inner = made(secure, { ...options, httpSocket: socket }, (failed) => finish(failed, inner));
    sockets.unshift(inner);
  });
}

/** undici's connector returns the socket it makes, though its types do not say so; it tells never before it returned. */
function made(
  connect: buildConnector.connector,
  options: buildConnector.Options,
  done: (error: Error | null) => void,
): Socket {
  const told: buildConnector.Callback = (...[error]) => done(error);
  return connect(options, told) as unknown as Socket;
}
