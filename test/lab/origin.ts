/**
 * The lab's origin: an HTTP/1.1 server of stamped events with every fault, one at each path (origin-behaviours.ts). Each
 * address, query included, is a stream of its own with its own numbers: two that must not disturb each other ask for
 * `/events?of=one` and `/events?of=two`. It keeps what it sent and counts what it was asked.
 *
 * Understood in every stream's query: `rate` (events a second), `every` (seconds between two), `total` (silent after so
 * many), `pad` (characters), `hb` (seconds between heartbeats; 0: none),
 * `again` (begins so many events before the one after the id that it was asked from).
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Behaviour, behaviours, numberOf } from "./origin-behaviours.ts";
import { type Sent, Topic } from "./origin-topic.ts";

export type Asked = {
  readonly at: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With it: the name of the stream. */
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
};

export type LabOrigin = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Everything that it was asked, by whomever. */
  readonly asked: readonly Asked[];
  /** How often it was asked: at all, or for this path (without its query). */
  requests(path?: string): number;
  /** What the stream of this address (path and query) sent so far. */
  sent(address: string): readonly Sent[];
  /** Answers that are not over. */
  readonly open: number;
  /** The most that were open at once since the last `forget`. */
  readonly mostOpen: number;
  /** Forgets requests and counts; streams and their logs stay. */
  forget(): void;
  close(): Promise<void>;
};

/** Starts one on a free port of loopback. */
export async function labOrigin(): Promise<LabOrigin> {
  const topics = new Map<string, Topic>();
  const sockets = new Set<Socket>();
  const asked: Asked[] = [];
  let [open, mostOpen] = [0, 0];

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const address = request.url ?? "/";
    const { pathname, searchParams } = new URL(address, "http://origin.invalid");
    const method = request.method ?? "GET";
    asked.push({ at: Date.now(), method, path: pathname, address, headers: request.headers });
    mostOpen = Math.max(mostOpen, ++open);
    response.on("close", () => open--);
    const behaviour = behaviours[pathname];
    if (behaviour === undefined) return missing(response, pathname);
    // A stream's HEAD is its header.
    if (method === "HEAD") response.write = () => true;
    const topic = topics.get(address) ?? new Topic(tempoOf(behaviour, searchParams));
    topics.set(address, topic);
    behaviour.serve({ query: searchParams, lastEventId: lastIdOf(request), response, topic });
    if (method === "HEAD" && response.headersSent) response.end();
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, serve);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    requests: (path) => (path === undefined ? asked.length : asked.filter((one) => one.path === path).length),
    sent: (address) => topics.get(address)?.log ?? [],
    get open() {
      return open;
    },
    get mostOpen() {
      return mostOpen;
    },
    forget() {
      asked.length = 0;
      mostOpen = open;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const topic of topics.values()) topic.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function tempoOf({ tempo = {} }: Behaviour, query: URLSearchParams) {
  const usual = tempo.everyMs === undefined ? 100 : tempo.everyMs;
  const rate = numberOf(query, "rate", 0);
  const every = numberOf(query, "every", 0);
  return {
    everyMs: rate > 0 ? 1000 / rate : every > 0 ? every * 1000 : usual,
    each: tempo.each ?? 1,
    total: numberOf(query, "total", Number.POSITIVE_INFINITY),
    pad: numberOf(query, "pad", tempo.pad ?? 0),
  };
}

function lastIdOf(request: IncomingMessage): string {
  return String(request.headers["last-event-id"] ?? "");
}

function missing(response: ServerResponse, path: string): void {
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: `nothing at ${path}` }));
}
