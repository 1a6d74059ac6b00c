/**
 * A small forward proxy on 127.0.0.1: CONNECT and absolute form, with a sign-in if asked for. Names lead where the test says,
 * so a target can be called `stream.test` and never be looked up. It writes down what it was asked.
 */
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type ForwardProxyOptions = {
  /** Port on 127.0.0.1 by the name (or `name:port`) that was asked for; any other is 502. */
  readonly hosts: Readonly<Record<string, number>>;
  /** `user:password` that has to be given. */
  readonly wants?: string;
  readonly tls?: { key: string; cert: string };
};

export type ForwardProxy = {
  readonly port: number;
  /** Each request line as it came, e.g. `CONNECT stream.test:443`. */
  readonly asked: readonly string[];
  readonly headers: readonly IncomingMessage["headers"][];
  /** Connections open now, tunnels included. */
  readonly open: number;
  /** Breaks everything that goes through it; new connections are taken. */
  cut(): void;
  close(): Promise<void>;
};

export async function forwardProxy({ hosts, wants, tls }: ForwardProxyOptions): Promise<ForwardProxy> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const sockets = new Set<Socket>();
  const isLetIn = ({ headers: given }: IncomingMessage) =>
    wants === undefined || given["proxy-authorization"] === `Basic ${Buffer.from(wants).toString("base64")}`;
  const portOf = (authority: string) => hosts[authority] ?? hosts[authority.replace(/:\d+$/, "")];
  const note = (incoming: IncomingMessage) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    headers.push(incoming.headers);
  };
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("request", (incoming, answer) => {
    note(incoming);
    if (!isLetIn(incoming)) {
      answer.writeHead(407, { "proxy-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const url = URL.parse(incoming.url ?? "");
    const port = url === null ? undefined : portOf(url.host);
    if (url === null || port === undefined) {
      answer.writeHead(502, { "proxy-status": "test; error=dns_error" }).end();
      return;
    }
    const { "proxy-authorization": _, ...passed } = incoming.headers;
    const on = request({
      host: "127.0.0.1",
      port,
      method: incoming.method,
      path: url.pathname + url.search,
      headers: passed,
    });
    on.on("response", (came) => {
      answer.writeHead(came.statusCode ?? 0, { ...came.headers, via: "1.1 test" });
      answer.flushHeaders();
      came.pipe(answer);
    });
    on.on("error", () => answer.destroy());
    answer.on("close", () => on.destroy());
    incoming.pipe(on);
  });
  server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
    note(incoming);
    socket.on("error", () => {});
    const port = portOf(incoming.url ?? "");
    if (!isLetIn(incoming)) {
      socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n');
    } else if (port === undefined) socket.end("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
    else {
      const on = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        on.pipe(socket).pipe(on);
      });
      on.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => on.destroy());
    }
  });
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  };
  server.on("connection", keep).on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    port: (server.address() as { port: number }).port,
    asked,
    headers,
    cut,
    close,
    get open() {
      return sockets.size;
    },
  };
}
