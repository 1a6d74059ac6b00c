/** CONNECT (RFC 9110 §9.3.6) over a socket to an HTTP proxy that is already open. node:http reads the answer; deadlines are the caller's. */
import { request } from "node:http";
import type { Socket } from "node:net";
import type { ProxyServer } from "../../core/proxy/proxy-route.ts";
import { refusal } from "./proxy-answer.ts";
import { ProxyFailed } from "./proxy-failed.ts";

export type Destination = { readonly host: string; readonly port: number };

/** Tells once: null when the socket leads to the destination, else why not. Nothing is told of a socket that we destroyed. */
export function openTunnel(
  socket: Socket,
  route: ProxyServer,
  { host, port }: Destination,
  done: (error: Error | null) => void,
): void {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const asked = request({
    createConnection: () => socket,
    method: "CONNECT",
    path: authority,
    setHost: false,
    // Without a word of ours node says `close`, which some proxies take at its word.
    headers: { host: authority, connection: "keep-alive", ...proxyAuthorization(route) },
  });
  asked.once("connect", (answer, _socket, head: Buffer) => {
    const { statusCode: status = 0, headers } = answer;
    if (status < 200 || status > 299) {
      done(refusal(route, status, headers));
      return;
    }
    if (head.length > 0) socket.unshift(head);
    done(null);
  });
  asked.on("error", (error: NodeJS.ErrnoException) => {
    const code = error.code ?? "";
    done(new ProxyFailed(route, code.startsWith("HPE_") ? "protocol" : "closed", code));
  });
  asked.end();
}

/** RFC 7617 §2.1: UTF-8. Empty where nobody signs in. */
export function proxyAuthorization({ credentials }: ProxyServer): Record<string, string> {
  if (credentials === null) return {};
  const { username, password } = credentials;
  return { "proxy-authorization": `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}` };
}
