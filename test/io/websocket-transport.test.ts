/** The WebSocket transport on real sockets: what it asks, what it takes, and that nothing of it stays behind. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { WebSocket } from "undici";
import { expect, it, onTestFinished, vi } from "vitest";
import { sliceOf } from "../../main/core/connection/connection-state.ts";
import { bad, certificate } from "../fakes/certificate.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { accept, binary, farewell, frame, more, ping, pong, text, webSocketServer } from "../fakes/websocket-server.ts";
import { wsAttempt } from "./websocket-attempt.ts";

it("tells the way in the order it is gone: connected, opened, bytes, event", async () => {
  const { url } = await webSocketServer((peer) => void peer.send("hello"), { Server: "nginx/1.22" });
  const { told, until } = wsAttempt(`${url}?token=secret`);
  await until("events");
  expect(told.map(({ type }) => type)).toEqual(["connected", "opened", "bytes", "events"]);
  const answer = { address: url, server: "nginx/1.22", httpVersion: "1.1", askedFrom: "" };
  expect(told[1]).toEqual({ type: "opened", answer });
  expect(told[2]).toEqual({ type: "bytes", count: 7 });
  const event = { id: null, lastEventId: "", type: "message", data: "hello", bytes: 5, flags: [], stampedAt: null };
  expect(told[3]).toEqual(sliceOf([event]));
});

it("tells the frames of one read as one slice, and what stands between them in its place", async () => {
  const { url } = await webSocketServer(
    (peer) => void peer.talk.send(Buffer.concat(["a", "b", "", "c", "d"].map((one) => frame(text, one)))),
  );
  const made = wsAttempt(url, { frames: "raw" });
  await vi.waitFor(() => expect(made.data).toHaveLength(4));
  const told = made.told.map((one) => (one.type === "events" ? one.events.map(({ data }) => data).join("") : one.type));
  expect(told).toEqual(["connected", "opened", "bytes", "ab", "comment", "cd"]);
});

it("asks with the user's headers and its own name, and neither offers compression nor says what fetch would", async () => {
  const { url, peers } = await webSocketServer();
  const headers = [
    ["Authorization", "Bearer t"],
    ["X-Name", "名"],
    ["Sec-WebSocket-Key", "mine"],
  ] as const;
  const { until } = wsAttempt(url, { headers });
  await until("opened");
  const names = [...(peers[0]?.talk.request ?? "").matchAll(/^([\w-]+): /gm)].map(([, name]) => name?.toLowerCase());
  const own = ["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "cache-control", "user-agent"];
  expect(names.sort()).toEqual([...own, "host", "connection", "upgrade", "authorization", "x-name"].sort());
  expect(peers[0]?.talk.header("authorization")).toBe("Bearer t");
  expect(peers[0]?.talk.header("x-name")).toBe(Buffer.from("名").toString("latin1"));
  expect(peers[0]?.talk.header("user-agent")).toBe("Holdfast/test");
});

it("asks from the last id by header, its UTF-8 as bytes", async () => {
  const { url, peers } = await webSocketServer();
  const { until } = wsAttempt(url, { lastEventId: "é-7" });
  expect((await until("opened")).answer.askedFrom).toBe("é-7");
  expect(peers[0]?.talk.header("last-event-id")).toBe(Buffer.from("é-7").toString("latin1"));
});

it("asks from the last id by query, in place of an older one, and leaves the rest of the query as it is", async () => {
  const { url, peers } = await webSocketServer();
  const signed = "a=%20b+c&last_event_id=old&sig=%2f%2F";
  const { until } = wsAttempt(`${url}?${signed}`, { lastEventId: "7 & é", resumeQuery: "last_event_id" });
  const { answer } = await until("opened");
  expect(answer).toMatchObject({ askedFrom: "7 & é", address: url });
  const line = peers[0]?.talk.request.split("\r\n")[0];
  expect(line).toBe("GET /events?a=%20b+c&sig=%2f%2F&last_event_id=7%20%26%20%C3%A9 HTTP/1.1");
  expect(peers[0]?.talk.header("last-event-id")).toBe(null);
});

it("does not send an id that no header can hold", async () => {
  const { url, peers } = await webSocketServer();
  const { until } = wsAttempt(url, { lastEventId: "a\u0001b", resumeQuery: "from" });
  expect((await until("opened")).answer.askedFrom).toBe("");
  expect(peers[0]?.talk.request).toMatch(/^GET \/events HTTP/);
});

it("does not send the address's user and password", async () => {
  const { url, peers } = await webSocketServer();
  const { until } = wsAttempt(url.replace("ws://", "ws://me:pw@"));
  expect((await until("opened")).answer.address).toBe(url);
  expect(peers[0]?.talk.header("authorization")).toBe(null);
});

it("puts a message together from its fragments, with a ping between them", async () => {
  const { url } = await webSocketServer((peer) => {
    peer.send(
      frame(text, "one ", { last: false }),
      frame(ping),
      frame(more, "two ", { last: false }),
      frame(more, "3"),
    );
  });
  const made = wsAttempt(url);
  await made.until("events");
  expect(made.data).toEqual(["one two 3"]);
});

it("reads frames however they are cut into packets", async () => {
  const { url } = await webSocketServer(async ({ talk }) => {
    const bytes = Buffer.concat([frame(text, "ü".repeat(70)), frame(text, "x".repeat(300)), frame(text, "end")]);
    for (const byte of bytes) {
      talk.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
  });
  const made = wsAttempt(url);
  await vi.waitFor(() => expect(made.data).toEqual(["ü".repeat(70), "x".repeat(300), "end"]));
});

it("takes binary frames as text where they are, and as a data URL where not", async () => {
  const { url } = await webSocketServer((peer) => {
    peer.send(frame(binary, "grüß"), frame(binary, Buffer.from([0xff, 0, 1])));
  });
  const made = wsAttempt(url);
  await vi.waitFor(() => expect(made.data).toEqual(["grüß", "data:application/octet-stream;base64,/wAB"]));
});

it.each([ping, pong])("counts a heartbeat of the server (%i) as a whole, and as nobody's else", async (opcode) => {
  const beating = await webSocketServer((peer) => void peer.send(frame(opcode, "beat")));
  const silent = await webSocketServer();
  const other = wsAttempt(silent.url);
  await other.until("opened");
  const { told, until } = wsAttempt(beating.url);
  await until("settled");
  expect(told.slice(2)).toEqual([{ type: "bytes", count: 6 }, { type: "settled" }]);
  const heard = beating.peers[0]?.heard ?? [];
  if (opcode === ping) await vi.waitFor(() => expect(heard).toEqual([[pong, Buffer.from("beat")]]));
  expect(other.told.map(({ type }) => type)).toEqual(["connected", "opened"]);
});

it("says nothing is whole while a frame is half here", async () => {
  const { url } = await webSocketServer((peer) => void peer.talk.send(frame(text, "half", { length: 100 })));
  const { told, until } = wsAttempt(url);
  await until("bytes");
  expect(told.map(({ type }) => type)).toEqual(["connected", "opened", "bytes"]);
});

it.each([
  ["401 Unauthorized", {}, { status: 401, contentType: "", retryAfterMs: null }],
  ["403 Forbidden", { "Content-Type": "text/html" }, { status: 403, contentType: "text/html", retryAfterMs: null }],
  ["404 Not Found", {}, { status: 404, contentType: "", retryAfterMs: null }],
  ["429 Too Many", { "Retry-After": "7" }, { status: 429, contentType: "", retryAfterMs: 7000 }],
  [
    "503 Unavailable",
    { "Retry-After": "Mon, 23 Nov 2026 00:01:00 GMT", Date: "Mon, 23 Nov 2026 00:00:00 GMT" },
    { status: 503, contentType: "", retryAfterMs: 60_000 },
  ],
  ["200 OK", { "Content-Type": "text/html" }, { status: 200, contentType: "text/html", retryAfterMs: null }],
  ["426 Upgrade Required", {}, { status: 426, contentType: "", retryAfterMs: null }],
])("tells a handshake answered %s from others", async (status, headers, evidence) => {
  const server = await rawServer((talk) => void talk.answer(status, { "Content-Length": "0", ...headers }));
  const made = wsAttempt(server.url.replace("http", "ws"));
  expect(await made.evidence()).toEqual({ what: "answer", ...evidence });
  await vi.waitFor(() => expect(server.open).toBe(0));
  expect(made.told.map(({ type }) => type)).toEqual(["connected", "failed"]);
});

it("passes over 1xx before the answer", async () => {
  const { url } = await rawServer((talk) => {
    talk.answer("103 Early Hints", { Link: "</a>" });
    accept(talk).send("hello");
  });
  const made = wsAttempt(url.replace("http", "ws"));
  await made.until("events");
  expect(made.data).toEqual(["hello"]);
});

it("takes a Connection header of several words, and no answer to the offer of a subprotocol", async () => {
  const { url } = await webSocketServer((peer) => void peer.send("hello"), { Connection: "keep-alive, Upgrade" });
  const made = wsAttempt(url, { frames: "nchan" });
  await made.until("events");
  expect(made.data).toEqual(["hello"]);
});

it.each([
  ["another key", { "Sec-WebSocket-Accept": "wrong" }, "handshake"],
  ["another upgrade", { Upgrade: "h2c" }, "handshake"],
  ["compression nobody asked for", { "Sec-WebSocket-Extensions": "permessage-deflate" }, "extension"],
  ["a subprotocol nobody offered", { "Sec-WebSocket-Protocol": "mqtt" }, "subprotocol"],
])("refuses a handshake with %s, and leaves no socket", async (_name, headers, reason) => {
  const { url, server } = await webSocketServer(() => {}, headers);
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "closed", code: 1002, reason });
  await vi.waitFor(() => expect(server.open).toBe(0));
  expect(made.told.filter(({ type }) => type === "opened")).toEqual([]);
});

it.each([
  [1000, ""],
  [1001, "going away"],
  [1008, "no"],
  [1011, ""],
  [1012, "restart"],
  [1013, "später"],
  [4000, "own"],
  [4299, ""],
])("tells the server's close code %i and its reason", async (code, reason) => {
  const { url, server, peers } = await webSocketServer((peer) => void peer.send("last", farewell(code, reason)));
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "closed", code, reason });
  expect(made.data).toEqual(["last"]);
  // The server does not end the socket; it need not.
  await vi.waitFor(() => expect(server.open).toBe(0));
  expect(peers[0]?.heard.map(([opcode, body]) => [opcode, body.readUInt16BE(0)])).toEqual([[8, code]]);
});

it("calls a close frame without a code 1005", async () => {
  const { url } = await webSocketServer((peer) => void peer.send(frame(8)));
  expect(await wsAttempt(url).evidence()).toEqual({ what: "closed", code: 1005, reason: "" });
});

it("calls a connection that ends without a close frame 1006, once", async () => {
  const { url } = await webSocketServer((peer) => {
    peer.send("last");
    peer.talk.fin();
  });
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "closed", code: 1006, reason: "" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(made.told.map(({ type }) => type)).toEqual(["connected", "opened", "bytes", "events", "failed"]);
});

it("does not wait for a close where only an error is told", async () => {
  const deaf = vi.spyOn(WebSocket.prototype, "onclose", "set").mockImplementation(() => {});
  onTestFinished(() => deaf.mockRestore());
  const { url, server } = await webSocketServer((peer) => peer.talk.fin());
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "closed", code: 1006, reason: "" });
  expect(deaf).toHaveBeenCalled();
  await vi.waitFor(() => expect(server.open).toBe(0));
});

it("tells a reset from an end", async () => {
  const { url } = await webSocketServer((peer) => peer.talk.rst());
  expect(await wsAttempt(url).evidence()).toMatchObject({ what: "error", stage: "body", codes: ["ECONNRESET"] });
});

it("tells a cut before the answer, and a port where nobody is", async () => {
  const server = await rawServer((talk) => talk.fin());
  const url = server.url.replace("http", "ws");
  expect(await wsAttempt(url).evidence()).toMatchObject({ what: "error", stage: "headers", codes: ["UND_ERR_SOCKET"] });
  await server.close();
  expect(await wsAttempt(url).evidence()).toMatchObject({ what: "error", stage: "connect", codes: ["ECONNREFUSED"] });
});

it("dials ports that browsers refuse", async () => {
  const evidence = await wsAttempt("ws://127.0.0.1:6667/").evidence();
  expect(evidence).toMatchObject({ what: "error", codes: ["ECONNREFUSED"] });
});

it.each([
  ["an opcode that is none", frame(3, "x")],
  ["a reserved bit", frame(text, "x", { reserved: 0x40 })],
  ["a continuation of nothing", frame(more, "x")],
  ["a ping of 126 bytes", frame(ping, "x".repeat(126))],
])("ends a connection that sends %s as a broken protocol", async (_name, bytes) => {
  const { url, server } = await webSocketServer((peer) => void peer.send("first", bytes, "after"));
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "closed", code: 1002, reason: "invalid frame" });
  expect(made.data).toEqual(["first"]);
  await vi.waitFor(() => expect(server.open).toBe(0));
});

it("ends a connection whose text is no UTF-8", async () => {
  const { url } = await webSocketServer((peer) => void peer.send(frame(text, Buffer.from([0xff]))));
  expect(await wsAttempt(url).evidence()).toEqual({ what: "closed", code: 1007, reason: "invalid frame" });
});

it.each(["not an address", "ws://", "ftp://127.0.0.1/"])(
  "tells in a later turn that %s cannot be asked",
  async (url) => {
    const made = wsAttempt(url);
    expect(made.told).toEqual([]);
    expect(await made.evidence()).toMatchObject({ what: "bad-request" });
  },
);

it.each(Object.keys(bad))("tells no byte to a server whose certificate is %s", async (what) => {
  const server = await rawServer((talk) => void accept(talk), { tls: bad[what as keyof typeof bad]() });
  const made = wsAttempt(server.url.replace("http", "ws"));
  expect(await made.ended()).toBe("SERVER certificate");
  expect(made.told.map(({ type }) => type)).toEqual(["failed"]);
  expect(server.bytes).toBe(0);
  await vi.waitFor(() => expect(server.open).toBe(0));
});

it("speaks TLS to wss: where the certificate is trusted", async () => {
  const day = 86_400_000;
  const pair = certificate({ ip: "127.0.0.1" }, new Date(Date.now() - day), new Date(Date.now() + day));
  const before = getCACertificates("default");
  setDefaultCACertificates([pair.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
  const server = await rawServer((talk) => void accept(talk).send("hello"), { tls: pair });
  const made = wsAttempt(server.url.replace("http", "ws"));
  await made.until("events");
  expect(made.told[1]).toMatchObject({ answer: { address: server.url.replace("http", "ws") } });
  made.connection.close();
  await vi.waitFor(() => expect(server.open).toBe(0));
});
