/**
 * The client of the gateway's bench, a process of its own: holds raw connections and notes how old each event is when it
 * is read. Does what its parent's messages say and answers each with one.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What the parent may ask for, and what it gets back. */
export type Order =
  | { readonly do: "open"; readonly port: number; readonly count: number; readonly everyMs: number }
  | { readonly do: "forget" }
  | { readonly do: "report" }
  | { readonly do: "close" };
export type Report = {
  readonly agesMs: readonly number[];
  readonly open: number;
  readonly lost: number;
  readonly ended: number;
};

type Stream = { readonly socket: Socket; rest: string; got: number; promised: number | undefined };

const streams = new Set<Stream>();
let agesMs: number[] = [];
/** Connections are opened in small groups: a storm of them is not what is measured. */
const group = 25;

process.on("message", async (order: Order) => {
  if (order.do === "open") await open(order.port, order.count, order.everyMs);
  if (order.do === "forget") agesMs = [];
  const report = reported();
  if (order.do === "close") close();
  process.send?.(report);
});
process.once("disconnect", () => process.exit());

async function open(port: number, count: number, everyMs: number): Promise<void> {
  for (let made = 0; made < count; made += group) {
    await Promise.all(Array.from({ length: Math.min(group, count - made) }, () => begin(port, everyMs)));
    await delay(10);
  }
}

/** Settles when the header of the stream is there. */
function begin(port: number, everyMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const stream: Stream = { socket, rest: "", got: 0, promised: undefined };
    streams.add(stream);
    socket.setEncoding("latin1");
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("a stream was closed before it began")));
    socket.on("data", (text: string) => {
      const now = process.hrtime.bigint();
      resolve();
      read(stream, text, now);
    });
    socket.write(`GET /s?every=${everyMs} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);
  });
}

/** An event is one line here; a piece may end in the middle of it. */
function read(stream: Stream, text: string, now: bigint): void {
  const lines = (stream.rest + text).split("\n");
  stream.rest = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("data: end ")) stream.promised = Number(line.slice(10));
    else if (line.startsWith("data: ")) {
      stream.got++;
      agesMs.push(Number(now - BigInt(line.slice(6))) / 1e6);
    }
  }
}

/** A stream that does not know its count was cut: all that it may have missed counts as one loss at least. */
function reported(): Report {
  const all = [...streams];
  const done = all.filter((stream) => stream.promised !== undefined);
  return {
    agesMs,
    open: all.filter((stream) => !stream.socket.destroyed && stream.promised === undefined).length,
    lost: done.reduce((sum, stream) => sum + Math.max(0, (stream.promised ?? 0) - stream.got), 0),
    ended: done.length,
  };
}

function close(): void {
  for (const { socket } of streams) {
    socket.removeAllListeners("close");
    socket.on("error", () => undefined);
    socket.destroy();
  }
  streams.clear();
  agesMs = [];
}
