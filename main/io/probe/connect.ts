/** Asks a forward proxy for a way to the target: CONNECT, or the handshake of SOCKS5 (RFC 1928, 1929). */
import type { Socket } from "node:net";
import type { AnswerSeen } from "../../core/detection/observation.ts";
import type { ProxyTrouble } from "../../core/diagnosis/facts.ts";
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

/** Replies of RFC 1928 §6 as the statuses of CONNECT that mean the same. */
const socksStatus: Readonly<Record<number, number>> = {
  1: 502,
  2: 403,
  3: 502,
  4: 502,
  5: 502,
  6: 504,
  7: 405,
  8: 405,
};

/** @param login `user:password`, sent only where the proxy asks for it */
export async function socks(
  socket: Socket,
  target: URL,
  login: string | undefined,
  limitMs: number,
): Promise<Tunnelled> {
  const until = performance.now() + limitMs;
  const trouble = (why: "closed" | "silent"): Tunnelled => ({
    trouble: { why, status: null, squidError: null },
    answer: null,
  });
  const refused = (status: number): Tunnelled => ({ trouble: troubleOf(status, null), answer: null });
  const take = (count: number) => readBytes(socket, count, until - performance.now());
  socket.write(Buffer.from(login === undefined ? [5, 1, 0] : [5, 2, 0, 2]));
  const choice = await take(2);
  if (choice === null) return trouble(socket.readableEnded ? "closed" : "silent");
  if (choice[1] === 0xff) return refused(407);
  if (choice[1] === 2) {
    const [user = "", ...rest] = (login ?? "").split(":");
    const [name, password] = [Buffer.from(user), Buffer.from(rest.join(":"))];
    socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([password.length]), password]));
    const accepted = await take(2);
    if (accepted === null) return trouble("closed");
    if (accepted[1] !== 0) return refused(407);
  }
  const host = Buffer.from(hostOf(target));
  const port = portOf(target);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, host.length]), host, Buffer.from([port >> 8, port & 255])]));
  const reply = await take(5);
  if (reply === null) return trouble(socket.readableEnded ? "closed" : "silent");
  const status = reply[1] === 0 ? 200 : (socksStatus[reply[1] ?? 1] ?? 502);
  if (status !== 200) return refused(status);
  const addressBytes = reply[3] === 1 ? 4 : reply[3] === 4 ? 16 : 1 + (reply[4] ?? 0);
  const rest = await take(addressBytes - 1 + 2);
  return rest === null ? trouble("closed") : { trouble: null, answer: null };
}

/** Exactly so many bytes, or null when they do not come in time. */
async function readBytes(socket: Socket, count: number, limitMs: number): Promise<Buffer | null> {
  let bytes = Buffer.alloc(0);
  const take = (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    return bytes.length >= count;
  };
  await readUntil(socket, take, limitMs);
  if (bytes.length < count) return null;
  if (bytes.length > count) socket.unshift(bytes.subarray(count));
  return bytes.subarray(0, count);
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
