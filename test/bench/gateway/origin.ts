/**
 * The origin of the gateway's bench, a process of its own: event streams whose events carry the moment they were written.
 * `GET /s?every=MS` begins one; the message "finish" ends all, each with its count. Started with an IPC channel.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Stream = { readonly response: ServerResponse; readonly timer: NodeJS.Timeout; sent: number };

const streams = new Set<Stream>();

const server = createServer((request, response) => {
  const everyMs = Number(new URL(request.url ?? "/", "http://origin").searchParams.get("every"));
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  // A phase of its own: streams of a real service do not tick together.
  const first = setTimeout(() => {
    const stream: Stream = { response, sent: 0, timer: setInterval(() => send(stream), everyMs) };
    streams.add(stream);
    send(stream);
    response.once("close", () => {
      clearInterval(stream.timer);
      streams.delete(stream);
    });
  }, Math.random() * everyMs);
  response.once("close", () => clearTimeout(first));
});

/** The monotonic clock is the same one in every process of the machine. */
function send(stream: Stream): void {
  stream.response.write(`data: ${process.hrtime.bigint()}\n\n`);
  stream.sent++;
}

process.on("message", () => {
  for (const stream of streams) {
    clearInterval(stream.timer);
    stream.response.end(`data: end ${stream.sent}\n\n`);
  }
});
process.once("disconnect", () => process.exit());

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
