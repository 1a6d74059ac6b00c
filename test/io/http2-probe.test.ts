/** The question over HTTP/2, to a real server that speaks it over TLS. */
import { once } from "node:events";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { askHttp2 } from "../../main/io/probe/http2-probe.ts";
import { bad } from "../fakes/certificate.ts";

const headers = [
  ["accept", "text/event-stream"],
  ["X-Key", "mine"],
] as const;

/** Asks a server that answers so, and gives what came of it and the headers that it was asked with. */
async function asked(answer: (stream: ServerHttp2Stream) => void, limitMs = 5000) {
  const pair = bad["self-signed"]();
  const server = createSecureServer(pair);
  const seen: Record<string, unknown>[] = [];
  server.on("stream", (stream, given) => {
    seen.push(given);
    stream.on("error", () => {});
    answer(stream);
  });
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, ca: pair.cert, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  expect(socket.alpnProtocol).toBe("h2");
  const url = new URL(`https://127.0.0.1:${port}/events?of=1`);
  const came = await askHttp2(socket, url, headers, limitMs, new AbortController().signal);
  return { came, seen, socket };
}

const open = (stream: ServerHttp2Stream) => stream.respond({ ":status": 200, "content-type": "text/event-stream" });

it("sees a stream come, asks for it as it was told, and leaves no connection behind", async () => {
  const { came, seen, socket } = await asked((stream) => {
    open(stream);
    stream.write("data: 1\n\n");
  });
  expect(came).toMatchObject({ offered: true, streams: true });
  expect(came.headersMs).toBeGreaterThan(0);
  expect(seen).toEqual([
    expect.objectContaining({
      ":method": "GET",
      ":path": "/events?of=1",
      accept: "text/event-stream",
      "x-key": "mine",
    }),
  ]);
  expect(socket.destroyed).toBe(true);
});

it("takes one that opens and is silent for a stream", async () => {
  expect((await asked(open)).came).toMatchObject({ streams: true });
});

it.each<[string, (stream: ServerHttp2Stream) => void]>([
  ["another status", (stream) => stream.respond({ ":status": 404 }, { endStream: true })],
  ["a page", (stream) => stream.respond({ ":status": 200, "content-type": "text/html" })],
  ["a reset", (stream) => stream.close(2)],
  ["the end of the connection", (stream) => stream.session?.destroy()],
])("takes %s for none", async (_, answer) => {
  expect((await asked(answer)).came).toMatchObject({ offered: true, streams: false });
});

it("does not wait for headers for longer than it may", async () => {
  expect((await asked(() => {}, 150)).came).toEqual({ offered: true, streams: false, headersMs: null });
});
