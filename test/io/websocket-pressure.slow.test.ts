/** What a server can do with size, silence and speed, and what `close` and `pause` are worth then. */
import { expect, it, vi } from "vitest";
import { defaultLimits } from "../../main/io/sse/sse-decoder.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { frame, more, type Peer, ping, pong, text, webSocketServer } from "../fakes/websocket-server.ts";
import { wsAttempt } from "./websocket-attempt.ts";

const limit = defaultLimits.eventBytes;
const nextTurn = () => new Promise(setImmediate);

/** Writes as fast as the client takes it, until it does not for a while; returns how many bytes that were. */
async function flood(peer: Peer, bytes: Buffer, atMost: number, patienceMs = 300): Promise<number> {
  let sent = 0;
  for (; sent < atMost && !peer.talk.socket.destroyed; sent += bytes.length) {
    if (peer.talk.socket.write(bytes)) continue;
    const drained = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      const goOn = () => {
        clearTimeout(timer);
        resolve(true);
      };
      peer.talk.socket.once("drain", goOn).once("close", goOn);
    });
    if (!(await drained)) break;
  }
  return sent;
}

it("stops reading while it is paused, so that the server feels it, and goes on without loss", async () => {
  const message = "x".repeat(10_000);
  const { url, peers } = await webSocketServer();
  const made = wsAttempt(url, { frames: "raw" });
  await made.until("opened");
  made.connection.pause();
  const peer = peers[0] as Peer;
  const sent = await flood(peer, frame(text, message), 500_000_000);
  // The buffers of two sockets; without a pause it would have been all.
  expect(sent).toBeLessThan(50_000_000);
  expect(made.data.length).toBe(0);

  made.connection.resume();
  const frames = Math.ceil((sent + message.length) / (message.length + 4));
  await vi.waitFor(() => expect(made.data.length).toBeGreaterThanOrEqual(frames - 2), { timeout: 10_000 });
  expect(new Set(made.data)).toEqual(new Set([message]));
});

it("stays paused although undici, behind a flood, would read on", async () => {
  const { url, peers } = await webSocketServer();
  const made = wsAttempt(url, { frames: "raw" });
  await made.until("opened");
  const peer = peers[0] as Peer;
  const flooded = flood(peer, frame(text, "y".repeat(50_000)), 500_000_000);
  await vi.waitFor(() => expect(made.data.length).toBeGreaterThan(10), { interval: 1 });
  made.connection.pause();
  const before = made.data.length;
  expect(await flooded).toBeLessThan(450_000_000);
  // What was in the chunk at hand, no more.
  expect(made.data.length - before).toBeLessThan(5);
});

it("does not begin to read when it was paused before it was open", async () => {
  const { url, peers } = await webSocketServer((peer) => void peer.send("early"));
  const made = wsAttempt(url);
  made.connection.pause();
  await made.until("opened");
  expect(await flood(peers[0] as Peer, frame(text, "z".repeat(50_000)), 500_000_000)).toBeLessThan(50_000_000);
  expect(made.told.map(({ type }) => type)).toEqual(["connected", "opened"]);
  made.connection.resume();
  await made.until("events");
  expect(made.data[0]).toBe("early");
});

it("takes an event of the limit's size, and passes over one beyond it", async () => {
  const { url } = await webSocketServer((peer) => {
    peer.send("a".repeat(limit), "b".repeat(limit + 1), "after");
  });
  const made = wsAttempt(url, { frames: "raw" });
  await vi.waitFor(() => expect(made.data.length).toBe(2), { timeout: 10_000 });
  expect(made.data.map(({ length }) => length)).toEqual([limit, 5]);
  const skipped = made.told.filter(({ type }) => type === "skipped");
  expect(skipped).toEqual([{ type: "skipped", reason: "event-too-large", bytes: limit + 1 }]);
});

it("ends a connection that announces a message of twice the limit, before any of it has come", async () => {
  const { url, server } = await webSocketServer((peer) => {
    peer.send("first", frame(text, "x", { length: 2 * limit + 1 }));
  });
  const made = wsAttempt(url);
  expect(await made.evidence()).toEqual({ what: "too-large", limitBytes: 2 * limit });
  expect(made.data).toEqual(["first"]);
  await vi.waitFor(() => expect(server.open).toBe(0));
});

it("ends a message without end, by its size and by its number of pieces", async () => {
  const bySize = await webSocketServer(async (peer) => {
    peer.send(frame(text, "", { last: false }));
    await flood(peer, frame(more, "x".repeat(65_536), { last: false }), 100_000_000, 5000);
  });
  expect(await wsAttempt(bySize.url).evidence()).toEqual({ what: "too-large", limitBytes: 2 * limit });

  const byPieces = await webSocketServer(async (peer) => {
    peer.send(frame(text, "", { last: false }));
    await flood(peer, frame(more, "x", { last: false }), 10_000_000, 5000);
  });
  expect(await wsAttempt(byPieces.url).evidence()).toEqual({ what: "too-large", limitBytes: 2 * limit });
  for (const { server } of [bySize, byPieces]) await vi.waitFor(() => expect(server.open).toBe(0));
});

it("takes a hundred thousand tiny frames in order", async () => {
  const all = Array.from({ length: 100_000 }, (_, i) => String(i));
  const { url } = await webSocketServer(
    (peer) => void peer.talk.send(Buffer.concat(all.map((one) => frame(text, one)))),
  );
  const made = wsAttempt(url);
  await vi.waitFor(() => expect(made.data.length).toBe(100_000), { timeout: 20_000 });
  expect(made.data).toEqual(all);
});

it("does not let answers to a flood of pings pile up", async () => {
  const { url, peers } = await webSocketServer();
  const made = wsAttempt(url);
  await made.until("opened");
  const peer = peers[0] as Peer;
  // Nobody reads the pongs.
  peer.talk.socket.pause();
  const sent = await flood(peer, frame(ping, "x".repeat(125)), 500_000_000);
  expect(sent).toBeLessThan(100_000_000);
  peer.talk.socket.resume();
  await vi.waitFor(() => expect(peer.heard.length).toBeGreaterThan(10_000), { timeout: 20_000 });
  expect(peer.heard.every(([opcode]) => opcode === pong)).toBe(true);
});

it.each<[string, (url: string) => string, "connected" | "opened" | "events" | null]>([
  ["that never answers", (url) => url, "connected"],
  ["that has answered", (url) => `${url}?open`, "opened"],
  ["that floods", (url) => `${url}?flood`, "events"],
  ["at once", (url) => `${url}?open`, null],
])("closes a connection %s at once, and nothing is told afterwards", async (_name, at, stage) => {
  const open = await webSocketServer((peer) => {
    if (peer.talk.request.includes("flood")) void flood(peer, frame(text, "x".repeat(1000)), 1_000_000_000);
  });
  const mute = await rawServer(() => {});
  const server = stage === "connected" ? mute : open.server;
  const made = wsAttempt(at(server.url.replace("http", "ws")));
  if (stage !== null) await made.until(stage);
  made.connection.close();
  const told = made.told.length;
  await vi.waitFor(() => expect(server.open).toBe(0), { timeout: 1000 });
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  expect(made.told.length).toBe(told);
  made.connection.pause();
  made.connection.resume();
  made.connection.close();
});

it("says goodbye with 1000 when it closes an open connection", async () => {
  const { url, peers } = await webSocketServer();
  const made = wsAttempt(url);
  await made.until("opened");
  made.connection.close();
  await vi.waitFor(() =>
    expect(peers[0]?.heard.map(([code, body]) => [code, body.readUInt16BE(0)])).toEqual([[8, 1000]]),
  );
});

it("leaves neither sockets nor listeners after two hundred attempts of every fate", async () => {
  const { channel } = await import("node:diagnostics_channel");
  let next = 0;
  const server = await webSocketServer((peer) => {
    const fate = next++ % 4;
    if (fate === 0) peer.talk.rst();
    if (fate === 1) peer.talk.fin();
    if (fate === 2) peer.send(frame(3, "broken"));
    if (fate === 3) peer.send(frame(8));
  });
  const before = process.getActiveResourcesInfo().length;
  for (let i = 0; i < 200; i++) await wsAttempt(server.url).until("failed");
  await vi.waitFor(() => expect(server.server.open).toBe(0));
  await vi.waitFor(() => expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 2));
  expect(channel("undici:websocket:ping").hasSubscribers).toBe(false);
});
