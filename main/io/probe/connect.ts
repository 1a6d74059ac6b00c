/**
 * Asks a forward proxy for a way to the target: SOCKS5 as the transport does, CONNECT by hand. The transport's tunnel reads the
 * answer with node:http and says what follows from it; a diagnosis needs the head as it stood on the wire, and the page behind it.
 */
import type { Socket } from "node:net";
import type { AnswerSeen } from "../../core/detection/observation.ts";
import type { ProxyTrouble } from "../../core/diagnosis/facts.ts";
import type { ProxyServer } from "../../core/proxy/proxy-route.ts";
import { ProxyFailed } from "../proxy/proxy-failed.ts";
import { openSocks } from "../proxy/socks.ts";
import { hostOf, portOf } from "./route.ts";

export type Tunnelled = { readonly trouble: ProxyTrouble | null; readonly answer: AnswerSeen | null };

const [keptBodyChars, maxHeadChars] = [4096, 65_536];
/** How long the page behind a refusal is waited for, ms. */
const pageMs = 300;

/** CONNECT over a socket to the proxy. What comes after its 200 stays in the socket. Never rejects. */
export async function connect(
  socket: Socket,
  target: URL,
  authorization: string | undefined,
  limitMs: number,
): Promise<Tunnelled> {
  const startedAt = performance.now();
  const authority = `${target.hostname}:${portOf(target)}`;
  const sign = authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${sign}\r\n`);
  let text = "";
  const complete = (more: Buffer) => {
    text += more.toString("latin1");
    return text.includes("\r\n\r\n") || text.length > maxHeadChars;
  };
  const came = await readUntil(socket, complete, limitMs);
  const headersMs = performance.now() - startedAt;
  const end = text.indexOf("\r\n\r\n");
  if (end < 0)
    return { trouble: { why: came === "closed" ? "closed" : "silent", status: null, squidError: null }, answer: null };
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const [, httpVersion = "1.1", code = "0"] = /^HTTP\/(\d\.\d) (\d{3})/.exec(first) ?? [];
  const status = Number(code);
  if (status >= 200 && status < 300) {
    const rest = text.slice(end + 4);
    if (rest !== "") socket.unshift(Buffer.from(rest, "latin1"));
  } else {
    const page = (more: Buffer) => {
      text += more.toString("latin1");
      return text.length > end + keptBodyChars;
    };
    await readUntil(socket, page, pageMs);
  }
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
  const body = Buffer.from(text.slice(end + 4), "latin1")
    .toString("utf8")
    .slice(0, keptBodyChars);
  const answer: AnswerSeen = {
    what: "answer",
    to: "connect",
    forwarded: true,
    unrouted: false,
    status,
    httpVersion,
    headers,
    framing: "none",
    body: status < 300 ? "" : body,
    headersMs,
  };
  const squidError = headers.find(([name]) => name.toLowerCase() === "x-squid-error")?.[1]?.slice(0, 60) ?? null;
  return { trouble: troubleOf(status, squidError), answer };
}

function troubleOf(status: number, squidError: string | null): ProxyTrouble | null {
  if (status >= 200 && status < 300) return null;
  if (status === 407) return { why: "auth", status, squidError };
  return { why: status === 403 || status === 405 || status === 401 ? "denied" : "refused", status, squidError };
}

/** Replies of RFC 1928 §6 as the statuses of CONNECT that mean the same; what is not here is 502. */
const socksStatus: Readonly<Record<string, number>> = {
  "SOCKS5 reply 2": 403,
  "SOCKS5 reply 6": 504,
  "SOCKS5 reply 7": 405,
  "SOCKS5 reply 8": 405,
};

/** The handshake is the transport's own (proxy/socks.ts); here its failures become what a diagnosis knows. Never rejects. */
export function socks(socket: Socket, target: URL, route: ProxyServer, limitMs: number): Promise<Tunnelled> {
  const trouble = (why: "closed" | "silent"): Tunnelled => ({
    trouble: { why, status: null, squidError: null },
    answer: null,
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(trouble("silent")), Math.max(1, limitMs));
    openSocks(socket, route, { host: hostOf(target), port: portOf(target) }, (error) => {
      clearTimeout(timer);
      if (error === null) return resolve({ trouble: null, answer: null });
      const { why, code } = error instanceof ProxyFailed ? error.evidence : { why: "closed", code: "" };
      if (why === "auth") return resolve({ trouble: troubleOf(407, null), answer: null });
      if (why !== "refused" && why !== "gateway") return resolve(trouble("closed"));
      resolve({ trouble: troubleOf(socksStatus[code] ?? 502, null), answer: null });
    });
  });
}

/** Reads until it is enough; what is not read stays in the socket, paused. */
function readUntil(
  socket: Socket,
  enough: (more: Buffer) => boolean,
  limitMs: number,
): Promise<"enough" | "closed" | "late"> {
  return new Promise((resolve) => {
    const over = (why: "enough" | "closed" | "late") => {
      clearTimeout(timer);
      socket.pause();
      socket.off("data", data);
      socket.off("close", closed);
      socket.off("end", closed);
      resolve(why);
    };
    const data = (more: Buffer) => {
      if (enough(more)) over("enough");
    };
    const closed = () => over("closed");
    const timer = setTimeout(() => over("late"), Math.max(1, limitMs));
    socket.on("data", data);
    socket.once("close", closed);
    socket.once("end", closed);
    if (socket.destroyed) closed();
    else socket.resume();
  });
}
