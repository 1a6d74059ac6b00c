/**
 * Numbers about the streams for curl and Prometheus, on 127.0.0.1 only: no contents, no headers, of addresses the origin.
 * It has no token, because the address is meant to be typed; so it answers nobody who could be a web page (stats-guard.ts),
 * and it can change nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { metrics, type Stats } from "./stats-format.ts";
import { statsGuard } from "./stats-guard.ts";

export type StatsServer = {
  /** Address of the JSON. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
};

/** Why there is no server: { code: "stats-port-taken", params: { port } } … */
export type StatsProblem = {
  readonly code: "stats-port-taken" | "stats-port-denied";
  readonly params: { port: number; reason: string };
};

export const statsPort = 1420;
const jsonPath = "/debug/sse-stats";
const patienceMs = 3000;

/**
 * Serves what `stats` says at each request. Tries the port once: who holds it is not ours to fight.
 * @param port 0 for any free one
 */
export function serveStats(port: number, stats: () => Stats): Promise<StatsServer | StatsProblem> {
  const limits = {
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    connectionsCheckingInterval: 500,
    maxHeaderSize: 8192,
  };
  const server = createServer(limits, (request, response) => send(response, answer(request, stats)));
  server.maxConnections = 16;
  server.on("clientError", (_error, socket) => socket.destroy());
  return new Promise((resolve) => {
    server.on("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? "unknown";
      resolve({ code: reason === "EADDRINUSE" ? "stats-port-taken" : "stats-port-denied", params: { port, reason } });
    });
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${bound}${jsonPath}`, port: bound, close });
    });
  });
}

type Answer = { readonly status: number; readonly type: string; readonly body: string };

const empty = (status: number): Answer => ({ status, type: "text/plain", body: "" });

/** What a request gets. Never throws: a fault in the numbers must not end the app that is being looked at. */
function answer(request: IncomingMessage, stats: () => Stats): Answer {
  try {
    return route(request, stats);
  } catch {
    return empty(500);
  }
}

function route(request: IncomingMessage, stats: () => Stats): Answer {
  const refused = statsGuard(request.method, request.headersDistinct, request.socket.localPort);
  if (refused !== null) return empty(refused);
  switch (request.url?.replace(/\?.*$/s, "")) {
    case jsonPath:
      return { status: 200, type: "application/json; charset=utf-8", body: `${JSON.stringify(stats(), null, 2)}\n` };
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: metrics(stats()) };
    default:
      return empty(404);
  }
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    // No connection outlives its answer: sixteen idle ones would lock everybody out.
    Connection: "close",
    ...(status === 405 ? { Allow: "GET, HEAD" } : {}),
  });
  response.end(body);
}
