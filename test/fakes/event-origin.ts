/**
 * A real HTTP server of events with a memory: it numbers what it sends, replays by Last-Event-ID, and keeps the log that
 * tests compare with. It can go away and come back on the same port, as a server does when it is deployed.
 */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Sent = { readonly id: string; readonly type: string; readonly data: string };
export type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders };

export class EventOrigin {
  /** Everything that was ever published, also while nobody listened. */
  readonly log: Sent[] = [];
  readonly asked: Asked[] = [];
  readonly #listeners = new Set<ServerResponse>();
  #server: Server | null = null;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/events`;
  }

  /** Connections that are open right now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Listens: the first time on any free port, later on the same one. */
  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.asked.push({ path: request.url ?? "", headers: request.headers });
      this.#serve(String(request.headers["last-event-id"] ?? ""), response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Gone at once: connections are reset, and new ones refused, until `start`. What is published meanwhile is kept. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Ends the open streams and goes on serving. */
  cut(): void {
    for (const response of this.#listeners) response.destroy();
  }

  publish(data: string, type = "message"): Sent {
    const sent = { id: String(this.log.length + 1), type, data };
    this.log.push(sent);
    for (const response of this.#listeners) response.write(block(sent));
    return sent;
  }

  /** Publishes so many numbered events and says which. */
  publishMany(count: number, type = "message"): Sent[] {
    return Array.from({ length: count }, () => this.publish(JSON.stringify({ n: this.log.length + 1 }), type));
  }

  /** A comment: bytes that are no event. */
  comment(): void {
    for (const response of this.#listeners) response.write(": here\n\n");
  }

  #serve(lastId: string, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", server: "origin" });
    response.flushHeaders();
    const after = this.log.findIndex(({ id }) => id === lastId);
    for (const sent of lastId === "" ? [] : this.log.slice(after + 1)) response.write(block(sent));
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
  }
}

function block({ id, type, data }: Sent): string {
  const name = type === "message" ? "" : `event: ${type}\n`;
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  return `id: ${id}\n${name}${lines.join("")}\n`;
}

/** One that lives as long as the test that asks for it. */
export async function eventOrigin(): Promise<EventOrigin> {
  const origin = await new EventOrigin().start();
  onTestFinished(() => origin.stop());
  return origin;
}
