/** What the handshake says: address and headers of the request, and what is made of the answer. Pure. */
import type { Target } from "../ports.ts";
import { isSendable } from "../sse/sse-decoder.ts";
import { nchanProtocol } from "./frame-text.ts";

/** What undici's WebSocket is told; the real address is put in behind it, because fetch refuses a list of ports. */
export const anyAddress = "ws://localhost/";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** The id that is asked from, "" when there is none that can be sent. */
export function askedFrom(target: Target): string {
  return isSendable(target.lastEventId) ? target.lastEventId : "";
}

/**
 * The address that is dialled: the id in its query where that is where it goes, no user and password. The rest of the query
 * stays letter by letter, because it may be signed.
 */
export function dialledUrl(target: Target): string {
  const url = new URL(target.url);
  url.username = "";
  url.password = "";
  url.hash = "";
  const name = target.resumeQuery;
  const id = askedFrom(target);
  if (name === null || id === "") return url.href;
  const rest = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && decoded(pair.split("=")[0] ?? "") !== name);
  url.search = [...rest, `${encodeURIComponent(name)}=${encodeURIComponent(id)}`].join("&");
  return url.href;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}

/** Subprotocols that are offered: the user's own word where he gave it, otherwise nchan's where it could be of use. */
export function offeredProtocols(target: Target): readonly string[] {
  const own = target.headers.filter(([name]) => name.toLowerCase() === "sec-websocket-protocol");
  if (own.length > 0) return own.flatMap(([, value]) => value.split(",").map((one) => one.trim()));
  return target.frames === "auto" || target.frames === "nchan" ? [nchanProtocol] : [];
}

/** They belong to the handshake, or speak of a body that there is not. */
const notTheUsers =
  /^(connection|upgrade|keep-alive|te|trailer|transfer-encoding|content-length|sec-websocket-(key|version|extensions|accept|protocol))$/;

/**
 * Headers of the request. undici's WebSocket would add those of fetch, and offer compression, which a bomb could use: of its
 * own only the key and the version are taken.
 */
export function handshakeHeaders(target: Target, userAgent: string, key: string): Record<string, string> {
  const headers: Record<string, string> = { "cache-control": "no-cache", "user-agent": userAgent };
  for (const [name, value] of target.headers) {
    if (!notTheUsers.test(name.toLowerCase())) headers[name.toLowerCase()] = wire(value);
  }
  const id = askedFrom(target);
  if (target.resumeQuery === null && id !== "") headers["last-event-id"] = wire(id);
  headers["sec-websocket-key"] = key;
  headers["sec-websocket-version"] = "13";
  const offered = offeredProtocols(target);
  if (offered.length > 0) headers["sec-websocket-protocol"] = offered.join(", ");
  return headers;
}

/** UTF-8 bytes as undici puts them on the wire: it writes header text as latin1 and refuses anything beyond. */
function wire(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

/**
 * The headers of a 101 as undici's WebSocket can take them, or why they are refused. undici wants `Connection` to be the one
 * word, and an answer to every offer of a subprotocol, which RFC 6455 §4.2.2 leaves to the server.
 */
export function judgeUpgrade(headers: Headers, offered: readonly string[]) {
  const extensions = headerOf(headers, "sec-websocket-extensions");
  const protocol = headerOf(headers, "sec-websocket-protocol");
  if (extensions !== null && extensions.trim() !== "") return { refused: "extension" } as const;
  if (protocol !== null && !offered.includes(protocol)) return { refused: "subprotocol" } as const;
  const { "sec-websocket-protocol": _, "sec-websocket-extensions": __, ...rest } = headers;
  const tokens =
    headerOf(headers, "connection")
      ?.toLowerCase()
      .split(/\s*,\s*/) ?? [];
  const connection = tokens.includes("upgrade") ? { connection: "upgrade" } : {};
  return { refused: null, headers: { ...rest, ...connection }, protocol } as const;
}

/** ws: and wss: as the http: and https: that their handshake is; anything else as it is. */
export function asHttp(url: string): string {
  return url.replace(/^ws(s?):/i, "http$1:");
}

export function asWebSocket(url: string): string {
  return url.replace(/^http(s?):/i, "ws$1:");
}

/** The nonce that undici made and will look for in the answer. fetch hands its headers over as an object. */
export function keyOf(headers: unknown): string {
  return (headers as Readonly<Record<string, string>>)["sec-websocket-key"] ?? "";
}
