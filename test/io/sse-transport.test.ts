/** The SSE transport against real sockets: what it sends, how each fault ends, and that its end is one. */
import { expect, it } from "vitest";
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
  await until("events");
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
  }).until("events");
  expect(server.talks[0]?.request).toMatch(/^POST \/events/);
  expect(server.talks[0]?.body).toBe(Buffer.from('{"q":"é"}').toString("latin1"));
});

const closing: Record<string, string> = { Connection: "close" };
const faults: [fault: string, script: Script, becomes: string, events?: string[]][] = [
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
  await one.until("events");
  expect(one.told.map(({ type }) => type)).toEqual(["connected", "opened", "bytes", "events"]);
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
