/**
 * A server on 127.0.0.1 that does to each connection exactly what its script says, byte by byte, and writes down what it
 * was sent. It understands no more of HTTP than where a request's head ends.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";

/** One connection, from the server's side. */
export class Talk {
  readonly socket: Socket;
  /** 1 for the first connection of this server. */
  readonly number: number;
  /** The head of the request as it came, as latin1. */
  readonly request: string;
  readonly body: string;
  /** Resolves with performance.now() when the connection is gone. */
  readonly closed: Promise<number>;

  constructor(socket: Socket, number: number, head: string, body: string, closed: Promise<number>) {
    this.socket = socket;
    this.number = number;
    this.request = head;
    this.body = body;
    this.closed = closed;
  }

  /** The value of a request header as latin1, or null. */
  header(name: string): string | null {
    return new RegExp(`^${name}: ?(.*)$`, "im").exec(this.request)?.[1]?.replace(/\r$/, "") ?? null;
  }

  send(data: string | Uint8Array): this {
    this.socket.write(data);
    return this;
  }

  /** A final answer with chunks of its own choosing after it. */
  answer(status: string, headers: Record<string, string> = {}): this {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.send(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`);
  }

  /** The head of an event stream, chunked unless told otherwise. */
  stream(headers: Record<string, string> = { "Transfer-Encoding": "chunked" }): this {
    return this.answer("200 OK", { "Content-Type": "text/event-stream", ...headers });
  }

  chunk(data: string | Uint8Array): this {
    const bytes = Buffer.from(data as string);
    return this.send(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]));
  }

  fin(): void {
    this.socket.end();
  }

  /** In a later turn, so that what was sent is on its way. */
  rst(): void {
    setTimeout(() => this.socket.resetAndDestroy(), 20);
  }
}

export type Script = (talk: Talk) => void | Promise<void>;
export type RawServer = {
  readonly port: number;
  readonly url: string;
  /** All requests so far. */
  readonly talks: readonly Talk[];
  /** Connections accepted, whether they said anything or not. */
  readonly accepted: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Bytes that came, TLS handshakes not counted. */
  readonly bytes: number;
  close(): Promise<void>;
};
type Options = {
  readonly tls?: { key: string; cert: string };
  readonly host?: string;
  readonly onConnection?: (socket: Socket) => void;
};

/** Starts one; it ends with the test. @param options.onConnection is done before anything is read */
export async function rawServer(script: Script, options: Options = {}): Promise<RawServer> {
  const talks: Talk[] = [];
  const sockets = new Set<Socket>();
  let [accepted, bytes] = [0, 0];
  const take = (socket: Socket) => {
    const number = ++accepted;
    sockets.add(socket);
    socket.setNoDelay(true);
    const closed = new Promise<number>((resolve) => {
      socket.on("close", () => {
        sockets.delete(socket);
        resolve(performance.now());
      });
    });
    socket.on("error", () => {});
    options.onConnection?.(socket);
    let text = "";
    let heard = false;
    socket.on("data", (data) => {
      bytes += data.length;
      text += data.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
      if (heard || end < 0 || text.length < end + 4 + length) return;
      heard = true;
      const talk = new Talk(socket, number, text.slice(0, end + 2), text.slice(end + 4), closed);
      talks.push(talk);
      void script(talk);
    });
  };
  const server: Server = options.tls === undefined ? createServer(take) : createTlsServer(options.tls, take);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, options.host ?? "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    port,
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}/events`,
    talks,
    close,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    get bytes() {
      return bytes;
    },
  };
}
