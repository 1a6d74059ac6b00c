/** The body of a stream on real sockets: compressed though asked not to, held back, given up, ended by us. */
import { createServer } from "node:net";
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { attempt } from "../fakes/attempt.ts";
import { rawServer, type Script, type Talk } from "../fakes/raw-server.ts";

const event = "id: 1\ndata: a\n\n";
const half = "data: hal";
const good: Script = (talk) => void talk.stream().chunk(event);
const closing: Record<string, string> = { Connection: "close" };

it("tells what one read has completed as one slice, and what stands between events in its place", async () => {
  const text = "id: 1\ndata: a\n\nid: 2\ndata: b\n\n: hello\n\nid: 3\n\ndata: c\n\nretry: 700\n\ndata: d\n\nid: 4\n\n";
  const server = await rawServer((talk) => void talk.stream().chunk(text));
  const one = attempt(server.url);
  await one.until("cursor");
  const told = one.told.flatMap((event) => {
    if (event.type === "events")
      return [event.events.map(({ data, lastEventId }) => `${data}${lastEventId}`).join(" ")];
    return ["comment", "retry", "cursor"].includes(event.type) ? [event.type] : [];
  });
  expect(told).toEqual(["a1 b2", "comment", "c3", "retry", "d3", "cursor"]);
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
  await attempt(server.url).until("events");
});
it.each([
  ["between events", event, true],
  ["in the midst of one", `${event}${half}`, false],
])("says of a compressed body that ends %s whether nothing is half here", async (_where, text, isSettled) => {
  const server = await rawServer((t) => {
    const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    gzip.on("data", (data) => t.chunk(data));
    gzip.on("end", () => t.chunk("").fin());
    t.stream({ "Content-Encoding": "gzip", "Transfer-Encoding": "chunked" });
    gzip.write(text, () => gzip.end());
  });
  const one = attempt(server.url);
  await one.ended();
  expect(one.told.at(-2)?.type === "settled").toBe(isSettled);
});
it("calls a cut a cut, also where the answer said that the connection would be closed", async () => {
  const both = { "Transfer-Encoding": "chunked", ...closing };
  const server = await rawServer((t) => t.stream(both).chunk(event).fin());
  const one = attempt(server.url);
  expect(await one.ended()).toBe("PROXY dropped");
  expect(one.data.length).toBe(1);
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
  await attempt(server.url).until("events");
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
    await one.until("events");
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
it("holds back what one compressed chunk inflates to, when it is paused", async () => {
  const amount = 20_000;
  const bomb = gzipSync(`data: ${"x".repeat(1000)}\n\n`.repeat(amount));
  const server = await rawServer((t) =>
    t
      .stream({ "Content-Encoding": "gzip", ...closing })
      .send(bomb)
      .fin(),
  );
  const one = attempt(server.url);
  await one.until("events");
  one.connection.pause();
  await settled(() => one.told.length);
  expect(one.data.length).toBeLessThan(2000);
  one.connection.resume();
  await one.until("failed");
  expect(one.data).toHaveLength(amount);
});
it("gives up an event that does not end, and closes", async () => {
  const server = await rawServer((t) => void t.stream().chunk(`data: ${"x".repeat(3000)}`));
  expect(await attempt(server.url, {}, { eventBytes: 64, idBytes: 8, typeChars: 8 }).ended()).toBe(
    "SERVER event-too-large",
  );
  await expect.poll(() => server.open).toBe(0);
});
