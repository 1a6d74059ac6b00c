/** A small SOCKS5 server (RFC 1928, 1929) on 127.0.0.1. Names lead where the test says; it writes down what it was asked. */
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type SocksOptions = {
  /** Port on 127.0.0.1 by name or address. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** `user:password` that has to be given. */
  readonly wants?: string;
  /** The reply to every request that is let in, instead of a connection. */
  readonly reply?: number;
  /** Sends its answers byte by byte. */
  readonly slow?: boolean;
};

export type SocksServer = {
  readonly port: number;
  /** `host:port` of each request. */
  readonly asked: readonly string[];
  /** Methods that were offered, then what signed in. */
  readonly greetings: readonly string[];
};

export async function socksServer({ hosts = {}, wants, reply, slow = false }: SocksOptions): Promise<SocksServer> {
  const asked: string[] = [];
  const greetings: string[] = [];
  const sockets = new Set<Socket>();
  const talk = async (socket: Socket) => {
    const read = reader(socket);
    const say = (bytes: number[]) => {
      for (const part of slow ? bytes.map((byte) => [byte]) : [bytes]) socket.write(Buffer.from(part));
    };
    const [, count = 0] = await read(2);
    const methods = [...(await read(count))];
    greetings.push(methods.join(","));
    const method = wants === undefined ? 0 : 2;
    if (!methods.includes(method)) return socket.end(Buffer.from([5, 0xff]));
    say([5, method]);
    if (wants !== undefined) {
      const [, length = 0] = await read(2);
      const user = (await read(length)).toString();
      const [wordLength = 0] = await read(1);
      const given = `${user}:${(await read(wordLength)).toString()}`;
      greetings.push(given);
      if (given !== wants) return socket.end(Buffer.from([1, 1]));
      say([1, 0]);
    }
    const [, , , type = 0] = await read(4);
    const length = type === 3 ? (await read(1))[0] : type === 1 ? 4 : 16;
    const address = await read(length ?? 0);
    const host = type === 3 ? address.toString() : type === 1 ? [...address].join(".") : address.toString("hex");
    const target = `${host}:${(await read(2)).readUInt16BE()}`;
    asked.push(target);
    const port = hosts[host];
    if (reply !== undefined || port === undefined)
      return socket.end(Buffer.from([5, reply ?? 4, 0, 1, 0, 0, 0, 0, 0, 0]));
    const on = connect(port, "127.0.0.1", () => {
      // Bound to a name, which clients tend to forget.
      say([5, 0, 0, 3, 4, ...Buffer.from("here"), 0, 80]);
      on.pipe(socket).pipe(on);
    });
    on.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => on.destroy());
    return undefined;
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    void talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port: (server.address() as { port: number }).port, asked, greetings };
}

/** Reads so many bytes; never resolves when they do not come. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  return (bytes) =>
    new Promise((resolve) => {
      const look = () => {
        const read: Buffer | null = bytes === 0 ? Buffer.alloc(0) : socket.read(bytes);
        if (read === null) return;
        socket.off("readable", look);
        resolve(read);
      };
      socket.on("readable", look);
      look();
    });
}
