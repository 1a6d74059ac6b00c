/** The SSE transport against real sockets: what it sends, how each fault ends, and that its end is one. */
import { createServer } from "node:net";
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { attempt } from "../fakes/attempt.ts";
import { bad, type Pair } from "../fakes/certificate.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Script, type Talk } from "../fakes/raw-server.ts";

const event = "id: 1\ndata: a\n\n";
const half = "data: hal";
const good: Script = (talk) => void talk.stream().chunk(event);

it("asks as an event stream wants to be asked, uncompressed and uncached", async () => {
  const server = await rawServer(good);
  const { until } = attempt(server.url, {
    headers: [
      ["X-Team", "naïve"],
      ["Accept-Language", "de"],
    ],
    lastEventId: "",
  });
  await until("event");
  const talk = server.talks[0] as Talk;
  expect(talk.request).toMatch(/^GET \/events HTTP\/1\.1\r\n/);
  expect(talk.header("accept")).toBe("text/event-stream");
  expect(talk.header("cache-control")).toBe("no-cache");
  expect(talk.header("accept-encoding")).toBe("identity");
  expect(talk.header("user-agent")).toBe("Holdfast/test");
  expect(talk.header("accept-language")).toBe("de");
  expect(talk.header("last-event-id")).toBeNull();
  expect(Buffer.from(talk.header("x-team") ?? "", "latin1").toString("utf8")).toBe("naïve");
});
it.each(["42", "€", "😀", "陈晓", "a b", "é", "x".repeat(1024)])("sends the id %s as its UTF-8 bytes", async (id) => {
  const server = await rawServer(good);
  const { until } = attempt(server.url, { lastEventId: id });
  expect((await until("opened")).answer.askedFrom).toBe(id);
  expect(Buffer.from(server.talks[0]?.header("last-event-id") ?? "", "latin1").toString("utf8")).toBe(id);
});
it.each(["a\u001bb", "a\u007f", "a\r\nX-Evil: 1", "a\0", "x".repeat(1025)])(
  "connects without an id that cannot be sent, and says so (%j)",
  async (id) => {
    const server = await rawServer(good);
    const { until } = attempt(server.url, { lastEventId: id });
    expect((await until("opened")).answer.askedFrom).toBe("");
    expect(server.talks[0]?.request).not.toMatch(/last-event-id|x-evil/i);
  },
);
it.each([
  ["X-A\r\nX-Evil", "1"],
  ["X-A", "1\r\nX-Evil: 1"],
  ["X A", "1"],
  ["X-A", "\0"],
])("never sends the header %j: %j", async (name, value) => {
  const server = await rawServer(good);
  expect(await attempt(server.url, { headers: [[name, value]] }).ended()).toBe("NETWORK bad-url");
  expect(server.talks).toHaveLength(0);
});
it("sends a body with the method that was asked for", async () => {
  const server = await rawServer(good);
  await attempt(server.url, {
    method: "POST",
    body: '{"q":"é"}',
    headers: [["Content-Type", "application/json"]],
  }).until("event");
  expect(server.talks[0]?.request).toMatch(/^POST \/events/);
  expect(server.talks[0]?.body).toBe(Buffer.from('{"q":"é"}').toString("latin1"));
});

const closing: Record<string, string> = { Connection: "close" };
const faults: readonly (readonly [fault: string, script: Script, becomes: string, events?: string[]])[] = [
  ["204", (t) => void t.answer("204 No Content"), "SERVER no-content"],
  ["404", (t) => void t.answer("404 Not Found", { "Content-Length": "0" }), "SERVER not-found"],
  [
    "200 text/html",
    (t) => void t.answer("200 OK", { "Content-Type": "text/html", ...closing }).send(event),
    "PROXY wrong-type",
  ],
  ["200 without a type", (t) => void t.answer("200 OK", closing).send(event), "PROXY wrong-type"],
  [
    "200 text/event-streams",
    (t) => void t.answer("200 OK", { "Content-Type": "text/event-streams", ...closing }),
    "PROXY wrong-type",
  ],
  ["an end between events", (t) => void t.stream().chunk(event).send("0\r\n\r\n"), "PROXY ended", ["a"]],
  ["FIN before headers", (t) => t.fin(), "PROXY closed-early"],
  ["FIN in the headers", (t) => t.send("HTTP/1.1 200 OK\r\nContent-").fin(), "PROXY closed-early"],
  ["RST before headers", (t) => t.rst(), "NETWORK reset"],
  [
    "RST in an event",
    (t) =>
      t
        .stream()
        .chunk(event + half)
        .rst(),
    "NETWORK reset",
    ["a"],
  ],
  ["FIN in a chunk", (t) => t.stream().chunk(event).send("ff\r\ndata: ha").fin(), "PROXY dropped", ["a"]],
  ["FIN without a last chunk", (t) => t.stream().chunk(event).fin(), "PROXY dropped", ["a"]],
  [
    "FIN before Content-Length is full",
    (t) =>
      t
        .stream({ "Content-Length": "900" })
        .send(event + half)
        .fin(),
    "PROXY dropped",
    ["a"],
  ],
  [
    "FIN of a close-delimited body",
    (t) =>
      t
        .stream(closing)
        .send(event + half)
        .fin(),
    "PROXY ended",
    ["a"],
  ],
  [
    "RST of a close-delimited body",
    (t) =>
      t
        .stream(closing)
        .send(event + half)
        .rst(),
    "PROXY ended",
    ["a"],
  ],
  ["garbage", (t) => t.send("what do you want\r\n\r\n").fin(), "SERVER protocol"],
  ["a bad chunk size", (t) => void t.stream().chunk(event).send("zz\r\n"), "SERVER protocol", ["a"]],
  ["NUL in a header", (t) => void t.answer("200 OK", { "X-A": "a\0b" }), "SERVER protocol"],
  ["a header of 20 KiB", (t) => void t.answer("200 OK", { "X-A": "a".repeat(20_000) }), "SERVER protocol"],
  ["two Content-Lengths", (t) => void t.stream({ "Content-Length": "5", "content-length": "6" }), "SERVER protocol"],
  [
    "101 unasked",
    (t) => void t.answer("101 Switching Protocols", { Upgrade: "x", Connection: "upgrade" }),
    "SERVER protocol",
  ],
  ["an unknown coding", (t) => void t.stream({ "Content-Encoding": "compress" }).send(event), "PROXY protocol"],
];
it.each(faults)("%s ends as it should", async (_, script, becomes, events = []) => {
  const server = await rawServer(script);
  const one = attempt(server.url);
  expect(await one.ended()).toBe(becomes);
  expect(one.data).toEqual(events);
  expect(one.told.filter(({ type }) => type === "failed")).toHaveLength(1);
  await expect.poll(() => server.open).toBe(0);
  expect(server.accepted).toBe(1);
});
it("takes a stream for one whatever stands after its type, and 1xx for no answer", async () => {
  const server = await rawServer(
    (t) =>
      void t
        .answer("103 Early Hints")
        .answer("200 OK", { "Content-Type": "Text/Event-Stream; charset=utf-8", Server: "s/1" })
        .send(event),
  );
  const one = attempt(server.url);
  expect((await one.until("opened")).answer).toEqual({
    address: server.url,
    server: "s/1",
    httpVersion: "1.1",
    askedFrom: "",
  });
  await one.until("event");
  expect(one.told.map(({ type }) => type)).toEqual(["connected", "opened", "bytes", "event"]);
});
it.each([
  ["7", 7000],
  ["Sun, 06 Nov 1994 08:49:44 GMT", 7000],
])("hands on Retry-After: %s, by the server's own clock", async (value, ms) => {
  const server = await rawServer(
    (t) =>
      void t.answer("503 Busy", { "Retry-After": value, Date: "Sun, 06 Nov 1994 08:49:37 GMT", "Content-Length": "0" }),
  );
  expect(await attempt(server.url).evidence()).toEqual({
    what: "answer",
    status: 503,
    contentType: "",
    retryAfterMs: ms,
  });
});
it("says refused of a port where nobody listens, and dns of a name that does not exist", async () => {
  expect(await attempt(`http://127.0.0.1:${await freePort()}/`).ended()).toBe("NETWORK refused");
  expect(await attempt("http://nobody.invalid/").ended()).toMatch(/^NETWORK dns/);
});

it.each(Object.keys(bad))("tells no byte to a server whose certificate is %s", async (what) => {
  const tls: Pair = bad[what as keyof typeof bad]();
  const server = await rawServer(good, { tls });
  const one = attempt(server.url, { headers: [["Authorization", "Bearer s3cret"]], lastEventId: "42" });
  expect(await one.ended()).toBe("SERVER certificate");
  expect(one.told.map(({ type }) => type)).toEqual(["failed"]);
  expect([server.bytes, server.talks.length]).toEqual([0, 0]);
});
it("tells TLS from plain on the wrong port", async () => {
  const plain = await rawServer(() => {}, {
    onConnection: (s) => s.once("data", () => s.end("HTTP/1.1 400 Bad\r\n\r\n")),
  });
  expect(await attempt(plain.url.replace("http:", "https:")).ended()).toBe("SERVER tls");
  const tls = await rawServer(good, { tls: bad["self-signed"]() });
  const evidence = await attempt(tls.url.replace("https:", "http:")).evidence();
  expect(evidence).toMatchObject({ what: "error", stage: "headers", bytesRead: 0 });
});

const coded: Record<string, (text: string) => Buffer> = {
  gzip: (text) => gzipSync(text),
  "x-gzip": (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text),
};
it.each(Object.keys(coded))("inflates %s, to the last event before the end", async (coding) => {
  const text = Array.from({ length: 3000 }, (_, n) => `data: event ${n}\n\n`).join("");
  const server = await rawServer((t) =>
    t
      .stream({ "Content-Encoding": coding, ...closing })
      .send((coded[coding] as (s: string) => Buffer)(text))
      .fin(),
  );
  const one = attempt(server.url);
  expect(await one.ended()).toBe("PROXY ended");
  expect(one.data).toHaveLength(3000);
});
it("gives events of a compressed stream out as they come", async () => {
  const server = await rawServer((t) => {
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    gzip.on("data", (data) => t.chunk(data));
    t.stream({ "Content-Encoding": "gzip", "Transfer-Encoding": "chunked" });
    gzip.write(event);
  });
  await attempt(server.url).until("event");
});
it("drops what a cut compressed stream does not finish, and names the cut", async () => {
  const whole = gzipSync(`${event}data: ${"lorem ipsum ".repeat(999)}`);
  const server = await rawServer((t) =>
    t.stream({ "Content-Encoding": "gzip", "Transfer-Encoding": "chunked" }).chunk(whole.subarray(0, -12)).fin(),
  );
  const one = attempt(server.url);
  expect(await one.ended()).toBe("PROXY dropped");
  expect(one.data).toEqual(["a"]);
});
it.each(["gzip", "br"])("says protocol of a body that is not the %s it says", async (coding) => {
  const server = await rawServer(
    (t) =>
      void t
        .stream({ "Content-Encoding": coding, "Transfer-Encoding": "chunked" })
        .chunk("this is no such thing at all"),
  );
  expect(await attempt(server.url).ended()).toBe("SERVER protocol");
});

const states: Record<string, Script> = {
  "waits for headers": () => {},
  "is open": good,
  "is in the middle of an event": (t) => void t.stream().chunk(half),
};
it.each(Object.keys(states))("closes its socket within 200 ms when it %s, and tells nothing more", async (name) => {
  const server = await rawServer(states[name] as Script);
  const one = attempt(server.url);
  await expect.poll(() => server.talks.length, { interval: 5 }).toBe(1);
  if (name !== "waits for headers") await one.until("bytes");
  const told = one.told.length;
  const began = performance.now();
  one.connection.close();
  expect((await (server.talks[0] as Talk).closed) - began).toBeLessThan(200);
  expect(one.told).toHaveLength(told);
});
it("closes at once what was just begun: the server hears nothing", async () => {
  const server = await rawServer(good);
  for (let n = 0; n < 20; n++) attempt(server.url).connection.close();
  await attempt(server.url).until("event");
  expect(server.talks).toHaveLength(1);
});
it("closes a TLS handshake that nobody answers", async () => {
  const silent = createServer((socket) => void socket.on("error", () => {}).resume());
  const connections = () => new Promise((resolve) => silent.getConnections((_, n) => resolve(n)));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void silent.close());
  const one = attempt(`https://127.0.0.1:${(silent.address() as { port: number }).port}/`);
  await expect.poll(connections).toBe(1);
  one.connection.close();
  await expect.poll(connections).toBe(0);
  expect(one.told).toEqual([]);
});
/** Waits until a number has stayed the same for a while. */
async function settled(read: () => number): Promise<void> {
  let last = Number.NaN;
  const isSame = () => {
    const before = last;
    last = read();
    return before === last;
  };
  await expect.poll(isSame, { interval: 200, timeout: 5000 }).toBe(true);
}
it.each(["plain", "gzip"])(
  "stops reading when it is paused, so that the server feels it, and loses nothing (%s)",
  async (coding) => {
    const kilobyte = `data: ${"x".repeat(1000)}\n\n`;
    const amount = 40_000;
    const server = await rawServer((t) => {
      t.stream(coding === "gzip" ? { "Content-Encoding": "gzip", ...closing } : closing);
      if (coding === "gzip") t.send(gzipSync(kilobyte.repeat(amount), { level: 0 })).fin();
      else t.send(kilobyte.repeat(amount)).fin();
    });
    const one = attempt(server.url);
    await one.until("event");
    one.connection.pause();
    const unsent = () => server.talks[0]?.socket.writableLength ?? 0;
    await expect.poll(() => unsent() > 0 && unsent(), { interval: 50 }).toBeTruthy();
    await settled(() => one.told.length);
    expect(one.data.length).toBeLessThan(amount / 2);
    expect(unsent()).toBeGreaterThan(1_000_000);
    one.connection.resume();
    await one.until("failed");
    expect(one.data).toHaveLength(amount);
  },
);
it("gives up an event that does not end, and closes", async () => {
  const server = await rawServer((t) => void t.stream().chunk(`data: ${"x".repeat(3000)}`));
  expect(await attempt(server.url, {}, { eventBytes: 64, idBytes: 8, typeChars: 8 }).ended()).toBe(
    "SERVER event-too-large",
  );
  await expect.poll(() => server.open).toBe(0);
});
