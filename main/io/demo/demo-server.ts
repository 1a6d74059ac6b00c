/**
 * The embedded server: live events with no account and no network, replay by Last-Event-ID, and knobs that break the
 * stream in the ways real paths do. It listens on loopback only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DemoFeed } from "./demo-feed.ts";

/** Knobs, by the names of `--fault NAME=VALUE`. What is missing is off. */
export type Faults = {
  /** Ends a connection after so many ms without an event: with a slow rate, what a proxy's idle timeout does. */
  readonly "idle-cut"?: number;
  /** Resets the connection (RST) after so many events. */
  readonly "reset-after"?: number;
  /** Keeps so many bytes back before it lets any out, as a buffering proxy does. */
  readonly buffer?: number;
  /** Answers every request with this status and no stream. */
  readonly status?: number;
  /** Sends one byte every so many ms. */
  readonly "slow-drip"?: number;
  /** 1: no heartbeat comments. */
  readonly "no-heartbeat"?: number;
  /** Ends the connection in the middle of every nth event. */
  readonly "half-event"?: number;
  /** So many events a second instead of the rate. */
  readonly flood?: number;
};

export const faultNames = [
  "idle-cut",
  "reset-after",
  "buffer",
  "status",
  "slow-drip",
  "no-heartbeat",
  "half-event",
  "flood",
] as const satisfies readonly (keyof Faults)[];

export type DemoOptions = {
  /** 0: any free port. */
  readonly port: number;
  readonly rateHz: number;
  readonly faults: Faults;
  /** Events that are there from the start, and go to each client that asks from no id; none by default. */
  readonly welcome?: number;
};

export type DemoServer = { readonly url: string; readonly port: number; close(): Promise<void> };

const heartbeatMs = 5000;
const maxConnections = 256;
const maxUnreadBytes = 8 * 1024 * 1024;

/** Starts it; rejects with Node's error (EADDRINUSE …) when the port cannot be had. */
export function startDemoServer(options: DemoOptions): Promise<DemoServer> {
  const feed = new DemoFeed(options.faults.flood ?? options.rateHz, options.welcome ?? 0);
  const server = createServer((request, response) => answer(options.faults, feed, request, response));
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", () => {
      feed.start();
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/events`, port, close: () => stop(server, feed) });
    });
  });
}

function stop(server: Server, feed: DemoFeed): Promise<void> {
  feed.stop();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function answer(faults: Faults, feed: DemoFeed, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/health") {
    response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    return;
  }
  if (faults.status !== undefined) {
    response.writeHead(faults.status, { "content-type": "text/plain" }).end();
    return;
  }
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    server: "holdfast-demo",
  });
  response.flushHeaders();
  hold(faults, feed, lastEventId(request), new Outlet(faults, response));
}

/** Header values arrive as latin1; what was sent is UTF-8. */
function lastEventId(request: IncomingMessage): string {
  const value = request.headers["last-event-id"];
  return Buffer.from(typeof value === "string" ? value : "", "latin1").toString("utf8");
}

function hold(faults: Faults, feed: DemoFeed, lastId: string, outlet: Outlet): void {
  let sent = 0;
  let cut: NodeJS.Timeout | undefined;
  const touch = () => {
    if (faults["idle-cut"] === undefined) return;
    clearTimeout(cut);
    cut = setTimeout(() => outlet.end(), faults["idle-cut"]);
  };
  const heartbeat = faults["no-heartbeat"] === 1 ? undefined : setInterval(() => outlet.write(": hb\n\n"), heartbeatMs);
  const unsubscribe = feed.subscribe(lastId, (block) => {
    if (outlet.over) return;
    sent++;
    touch();
    if (faults["half-event"] !== undefined && sent % faults["half-event"] === 0) {
      outlet.write(block.slice(0, Math.floor(block.length / 2)));
      outlet.end();
      return;
    }
    outlet.write(block);
    if (faults["reset-after"] !== undefined && sent >= faults["reset-after"]) outlet.reset();
  });
  touch();
  outlet.onClose(() => {
    unsubscribe();
    clearInterval(heartbeat);
    clearTimeout(cut);
  });
}

/** Where a connection's bytes go, with what the faults do to them. */
class Outlet {
  readonly #response: ServerResponse;
  readonly #faults: Faults;
  #held = "";
  #over = false;
  #dripping: NodeJS.Timeout | undefined;

  constructor(faults: Faults, response: ServerResponse) {
    this.#faults = faults;
    this.#response = response;
    response.on("close", () => clearInterval(this.#dripping));
  }

  write(text: string): void {
    if (this.#over) return;
    this.#held += text;
    if (this.#held.length > maxUnreadBytes) this.#response.destroy();
    const { buffer, "slow-drip": dripMs } = this.#faults;
    if (dripMs !== undefined) this.#dripping ??= setInterval(() => this.#let(1), dripMs);
    else if (buffer === undefined || this.#held.length >= buffer) this.#let(this.#held.length);
  }

  /** The connection has ended, or is about to. */
  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#let(this.#held.length);
    this.#over = true;
    this.#response.end();
  }

  /** In a later turn: what was written is on its way only at the end of this one, and a reset would take it back. */
  reset(): void {
    this.#over = true;
    setImmediate(() => this.#response.socket?.resetAndDestroy());
  }

  onClose(listener: () => void): void {
    this.#response.on("close", listener);
  }

  #let(length: number): void {
    if (length === 0 || this.#response.writableEnded) return;
    // A client that does not read is let go: it asks again by id when it is back.
    if (this.#response.writableLength > maxUnreadBytes) this.#response.destroy();
    if (this.#response.destroyed) return;
    this.#response.write(this.#held.slice(0, length));
    this.#held = this.#held.slice(length);
  }
}
