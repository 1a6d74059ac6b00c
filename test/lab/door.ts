/**
 * A door for clients that know no forward proxy: a port of loopback in front of one origin, whose connections go by the proxy.
 * By whole addresses or by a tunnel, as a client would ask itself; bytes and how the connection ended are passed on as they are.
 * What the proxy answers to a CONNECT is handed on when it is a refusal. Takes one request a connection.
 */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { RunningProxy } from "./configuration.ts";

export type Door = {
  /** Stands for the origin's address. */
  readonly url: string;
  close(): Promise<void>;
};

type Kind = "forward" | "connect";

/** Opens a door through a forward proxy that runs. @param credentials `name:password` for the proxy; "" for none */
export async function openDoor({ url, proxyUrl }: RunningProxy, kind: Kind, credentials = ""): Promise<Door> {
  const proxy = new URL(proxyUrl ?? "");
  const target = new URL(url);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const far = connect({ port: Number(proxy.port), host: proxy.hostname, allowHalfOpen: true });
    for (const socket of [client, far]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => open.delete(socket));
    }
    pass(client, far);
    pass(far, client);
    const enter = kind === "forward" ? askWhole(target.origin, credentials) : tunnel(target.host, credentials);
    enter(client, far);
  });
  await listening(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** An end is an end and a reset a reset on the other side too. */
function pass(from: Socket, to: Socket): void {
  let broken = false;
  from.on("error", () => {
    broken = true;
    to.resetAndDestroy();
  });
  from.on("end", () => to.end());
  from.on("close", () => {
    if (!broken) to.end();
  });
}

const headEnd = "\r\n\r\n";

/** Calls with everything up to the first blank line and what came behind it; then `from` flows into nobody. */
function head(from: Socket, take: (head: string, rest: Buffer) => void): void {
  let all = Buffer.alloc(0);
  const read = (data: Buffer) => {
    all = Buffer.concat([all, data]);
    const at = all.indexOf(headEnd);
    if (at < 0) return;
    from.off("data", read);
    from.pause();
    take(all.subarray(0, at + headEnd.length).toString("latin1"), all.subarray(at + headEnd.length));
  };
  from.on("data", read);
}

function flow(from: Socket, to: Socket): void {
  from.on("data", (data) => to.write(data));
  from.resume();
}

/** `GET /path` becomes `GET http://origin/path`. */
function askWhole(origin: string, credentials: string) {
  return (client: Socket, far: Socket) => {
    flow(far, client);
    head(client, (lines, rest) => {
      const whole = lines.replace(/^(\S+) \//, `$1 ${origin}/`).replace("\r\n", `\r\n${authorization(credentials)}`);
      far.write(Buffer.concat([Buffer.from(whole, "latin1"), rest]));
      flow(client, far);
    });
  };
}

function tunnel(host: string, credentials: string) {
  return (client: Socket, far: Socket) => {
    client.pause();
    far.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n${authorization(credentials)}\r\n`);
    head(far, (lines, rest) => {
      const accepted = /^HTTP\/1\.\d 200/.test(lines);
      client.write(accepted ? rest : Buffer.concat([Buffer.from(lines, "latin1"), rest]));
      flow(far, client);
      if (accepted) flow(client, far);
    });
  };
}

function authorization(credentials: string): string {
  return credentials === "" ? "" : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString("base64")}\r\n`;
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
}
