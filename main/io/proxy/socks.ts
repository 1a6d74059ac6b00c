/**
 * SOCKS5 (RFC 1928, sign-in by RFC 1929) over a socket to the proxy that is already open. Names are looked up by the proxy.
 * Deadlines are the caller's: undici's own client has its own, and keeps its sockets to itself.
 */
import type { Socket } from "node:net";
import { parseIp } from "../../core/proxy/ip-address.ts";
import type { ProxyServer } from "../../core/proxy/proxy-route.ts";
import { ProxyFailed } from "./proxy-failed.ts";
import type { Destination } from "./tunnel.ts";

const version = 5;
const method = { none: 0, password: 2, refused: 0xff } as const;
const connect = 1;
const addressType = { ip4: 1, name: 3, ip6: 4 } as const;
/** RFC 1928 §6: 2 is the proxy's own rules; the others are about the way from it to the server. */
const notAllowed = 2;

/** What is read next: so many bytes, and what to make of them. */
type Wanted = { readonly bytes: number; readonly take: (bytes: Buffer) => Wanted | null };

/** Tells once: null when the socket leads to the destination, else why not. */
export function openSocks(
  socket: Socket,
  route: ProxyServer,
  destination: Destination,
  done: (error: Error | null) => void,
): void {
  let wanted: Wanted | null = greeting(socket, route, destination);
  let read = Buffer.alloc(0);
  const end = (error: Error | null) => {
    socket.off("readable", onReadable).off("end", onEnd).off("error", onError);
    if (error === null && read.length > 0) socket.unshift(read);
    done(error);
  };
  const onReadable = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      read = Buffer.concat([read, chunk]);
    }
    try {
      while (wanted !== null && read.length >= wanted.bytes) {
        const bytes = read.subarray(0, wanted.bytes);
        read = read.subarray(wanted.bytes);
        wanted = wanted.take(bytes);
      }
    } catch (error) {
      end(error as Error);
      return;
    }
    if (wanted === null) end(null);
  };
  const onEnd = () => end(new ProxyFailed(route, "closed"));
  const onError = (error: NodeJS.ErrnoException) => end(new ProxyFailed(route, "closed", error.code));
  socket.on("readable", onReadable).on("end", onEnd).on("error", onError);
}

function greeting(socket: Socket, route: ProxyServer, destination: Destination): Wanted {
  const methods = route.credentials === null ? [method.none] : [method.none, method.password];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  return {
    bytes: 2,
    take: ([answered, chosen]) => {
      if (answered !== version) throw new ProxyFailed(route, "protocol", "not SOCKS5");
      if (chosen === method.none) return ask(socket, route, destination);
      if (chosen === method.password && route.credentials !== null) return signIn(socket, route, destination);
      throw new ProxyFailed(route, "auth");
    },
  };
}

function signIn(socket: Socket, route: ProxyServer, destination: Destination): Wanted {
  const { username, password } = route.credentials ?? { username: "", password: "" };
  const [user, word] = [Buffer.from(username, "utf8"), Buffer.from(password, "utf8")];
  if (user.length > 255 || word.length > 255) throw new ProxyFailed(route, "auth");
  socket.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([word.length]), word]));
  return {
    bytes: 2,
    take: ([, status]) => {
      if (status !== 0) throw new ProxyFailed(route, "auth");
      return ask(socket, route, destination);
    },
  };
}

function ask(socket: Socket, route: ProxyServer, { host, port }: Destination): Wanted {
  const ip = parseIp(host);
  const name = Buffer.from(host, "utf8");
  const address =
    ip === null
      ? Buffer.concat([Buffer.from([addressType.name, name.length]), name])
      : Buffer.from([ip.length === 4 ? addressType.ip4 : addressType.ip6, ...ip]);
  socket.write(Buffer.concat([Buffer.from([version, connect, 0]), address, Buffer.from([port >> 8, port & 0xff])]));
  const bound = (bytes: number): Wanted => ({ bytes: bytes + 2, take: () => null });
  return {
    bytes: 5,
    take: ([answered, reply = 0, , type, length = 0]) => {
      if (answered !== version) throw new ProxyFailed(route, "protocol", "not SOCKS5");
      if (reply !== 0)
        throw new ProxyFailed(route, reply === notAllowed ? "refused" : "gateway", `SOCKS5 reply ${reply}`);
      // Where the proxy has bound us: of no interest, but to be read. Its first byte has been.
      if (type === addressType.ip4) return bound(3);
      if (type === addressType.ip6) return bound(15);
      if (type === addressType.name) return bound(length);
      throw new ProxyFailed(route, "protocol", "not SOCKS5");
    },
  };
}
