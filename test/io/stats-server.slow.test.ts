/** The statistics over real sockets: who is answered, who is not, and that nobody can hold the door shut. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { metrics, type Stats } from "../../main/io/stats/stats-format.ts";
import { type StatsServer, serveStats } from "../../main/io/stats/stats-server.ts";

const stats: Stats = {
  version: "1.2.3",
  uptimeS: 42,
  journalQueue: { appends: 1, bytes: 2, mostBytes: 3 },
  limits: { eventBytes: 8_388_608, typeNames: 500 },
  streams: [
    {
      id: "orders",
      origin: 'https://a"b\\c.test',
      phase: "open",
      transport: "sse",
      quality: "GOOD",
      proxy: "nginx",
      events: 7,
      bytes: 900,
      attempts: 3,
      successRate: 0.5,
      meanIntervalS: 1.25,
      recoveryS: { last: 2, p50: 3, max: 4 },
      lastFailure: { family: "PROXY", kind: "idle-timeout", status: null },
      unknownFailures: 0,
      duplicates: 5,
      oversized: 1,
      unsaved: 2,
      waiting: { bytes: 10, mostBytes: 20, limitBytes: 30, pauses: 4 },
    },
    {
      id: "quiet",
      origin: "http://127.0.0.1:8080",
      phase: "waiting",
      transport: "sse",
      quality: "UNKNOWN",
      proxy: null,
      events: 0,
      bytes: 0,
      attempts: 1,
      successRate: null,
      meanIntervalS: null,
      recoveryS: { last: null, p50: null, max: null },
      lastFailure: null,
      unknownFailures: 2,
      duplicates: 0,
      oversized: 0,
      unsaved: 0,
      waiting: { bytes: 0, mostBytes: 0, limitBytes: 30, pauses: 0 },
    },
  ],
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serving(read: () => Stats = () => stats): Promise<StatsServer> {
  const server = await serveStats(0, read);
  if (!("url" in server)) throw new Error(server.code);
  ends.push(() => server.close());
  return server;
}

/** A raw socket that is closed with the test, whatever happens to it. */
async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  ends.unshift(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Unlike `once`, a reset is an end like any other. */
const closed = (socket: Socket) =>
  new Promise((resolve) => (socket.closed ? resolve(true) : socket.once("close", resolve)));

/** Sends these bytes and reads until the server closes. */
async function exchange(port: number, bytes: string): Promise<{ status: number; head: string; body: string }> {
  const socket = await dial(port);
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString();
  });
  socket.write(bytes);
  await closed(socket);
  const [head = "", body = ""] = heard.split("\r\n\r\n", 2);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head: head.toLowerCase(), body };
}

const request = (port: number, line = "GET /debug/sse-stats HTTP/1.1", headers: readonly string[] = []) =>
  `${[line, ...(headers.some((header) => /^host/i.test(header)) ? [] : [`Host: 127.0.0.1:${port}`]), ...headers].join("\r\n")}\r\n\r\n`;

describe("what is served", () => {
  it("serves the numbers as JSON at /debug/sse-stats", async () => {
    const { port, url } = await serving();
    expect(url).toBe(`http://127.0.0.1:${port}/debug/sse-stats`);
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(await response.json()).toEqual(stats);
  });

  it("asks for the numbers anew at each request", async () => {
    let uptimeS = 0;
    const { url } = await serving(() => ({ ...stats, uptimeS: ++uptimeS }));
    await fetch(url);
    expect(await (await fetch(url)).json()).toMatchObject({ uptimeS: 2 });
  });

  it("serves every number as Prometheus text, and no line for what is not known", async () => {
    const { port } = await serving();
    const { status, head, body } = await exchange(port, request(port, "GET /metrics HTTP/1.1"));
    expect([status, /content-type: (.*)/.exec(head)?.[1]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(body).toBe(metrics(stats));
    const orders = '{stream="orders",origin="https://a\\"b\\\\c.test"';
    const lines = body.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        'holdfast_build_info{version="1.2.3"} 1',
        "holdfast_uptime_seconds 42",
        `holdfast_stream_info${orders},phase="open",transport="sse",quality="GOOD",proxy="nginx"} 1`,
        `holdfast_stream_open${orders}} 1`,
        `holdfast_stream_events_total${orders}} 7`,
        `holdfast_stream_bytes_total${orders}} 900`,
        `holdfast_stream_attempts_total${orders}} 3`,
        "holdfast_journal_queue_appends 1",
        "holdfast_journal_queue_bytes 2",
        "holdfast_journal_queue_most_bytes 3",
        "holdfast_event_limit_bytes 8388608",
        "holdfast_type_names_limit 500",
        `holdfast_stream_duplicates_total${orders}} 5`,
        `holdfast_stream_oversized_events_total${orders}} 1`,
        `holdfast_stream_unsaved_records_total${orders}} 2`,
        `holdfast_stream_waiting_bytes${orders}} 10`,
        `holdfast_stream_waiting_most_bytes${orders}} 20`,
        `holdfast_stream_waiting_limit_bytes${orders}} 30`,
        `holdfast_stream_reading_pauses_total${orders}} 4`,
        `holdfast_stream_success_ratio${orders}} 0.5`,
        `holdfast_stream_attempt_interval_seconds${orders}} 1.25`,
        `holdfast_stream_recovery_seconds${orders},stat="p50"} 3`,
        'holdfast_stream_open{stream="quiet",origin="http://127.0.0.1:8080"} 0',
      ]),
    );
    expect(body).not.toMatch(/null|quiet.*(ratio|recovery|interval)/);
    expect(body.endsWith("\n")).toBe(true);
    const named = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => /^\w+/.exec(line)?.[0]);
    for (const name of named) expect(body).toMatch(new RegExp(`# HELP ${name} .+\n# TYPE ${name} (gauge|counter)\n`));
  });

  it("answers HEAD without a body", async () => {
    const { port } = await serving();
    const { status, body } = await exchange(port, request(port, "HEAD /debug/sse-stats HTTP/1.1"));
    expect([status, body]).toEqual([200, ""]);
  });

  it("answers 500 and lives on when the numbers cannot be made", async () => {
    const { port } = await serving(() => {
      throw new Error("s3cret");
    });
    for (const _ of [1, 2]) expect(await exchange(port, request(port))).toMatchObject({ status: 500, body: "" });
  });
});

describe("who is answered", () => {
  it.each<[string, (port: number) => string, number]>([
    ["curl by address", (port) => request(port), 200],
    ["curl by name", (port) => request(port, undefined, [`Host: localhost:${port}`]), 200],
    ["a name in capitals", (port) => request(port, undefined, [`Host: LOCALHOST:${port}`]), 200],
    ["IPv6's name for this machine", (port) => request(port, undefined, [`Host: [::1]:${port}`]), 200],
    ["a browser's address bar", (port) => request(port, undefined, ["Sec-Fetch-Site: none"]), 200],
    ["a query", (port) => request(port, "GET /debug/sse-stats?x=1 HTTP/1.1"), 200],
    ["a rebound name", (port) => request(port, undefined, [`Host: evil.test:${port}`]), 403],
    ["a host without the port", (port) => request(port, undefined, ["Host: 127.0.0.1"]), 403],
    ["another port", (port) => request(port, undefined, ["Host: 127.0.0.1:1"]), 403],
    ["two hosts", (port) => request(port, undefined, [`Host: 127.0.0.1:${port}`, `Host: evil.test:${port}`]), 403],
    ["HTTP/1.0 without a host", () => "GET /debug/sse-stats HTTP/1.0\r\n\r\n", 403],
    ["a page's fetch", (port) => request(port, undefined, ["Origin: https://evil.test"]), 403],
    ["a page without an origin", (port) => request(port, undefined, ["Origin: null"]), 403],
    ["its own origin", (port) => request(port, undefined, [`Origin: http://127.0.0.1:${port}`]), 403],
    ["a page's image", (port) => request(port, undefined, ["Sec-Fetch-Site: cross-site"]), 403],
    ["a page of the same site", (port) => request(port, undefined, ["Sec-Fetch-Site: same-site"]), 403],
    ["POST", (port) => request(port, "POST /debug/sse-stats HTTP/1.1", ["Content-Length: 0"]), 405],
    ["OPTIONS", (port) => request(port, "OPTIONS * HTTP/1.1"), 405],
    ["another path", (port) => request(port, "GET / HTTP/1.1"), 404],
    ["a path that climbs", (port) => request(port, "GET /debug/../debug/sse-stats HTTP/1.1"), 404],
    ["a proxy request", (port) => request(port, "GET http://127.0.0.1/debug/sse-stats HTTP/1.1"), 404],
    ["a foreign origin before its path and method", (port) => request(port, "POST /x HTTP/1.1", ["Origin: null"]), 403],
  ])("%s: %#", async (_who, bytes, status) => {
    const { port } = await serving();
    const reply = await exchange(port, bytes(port));
    expect(reply.status).toBe(status);
    expect(reply.head).toContain("x-content-type-options: nosniff");
    expect(reply.head).not.toContain("access-control");
    if (status !== 200) expect(reply.body).toBe("");
  });

  it.each([
    [
      "a WebSocket",
      (port: number) => request(port, undefined, ["Connection: Upgrade", "Upgrade: websocket", "Origin: null"]),
    ],
    ["a tunnel", () => "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n"],
    ["garbage", () => "\u0016\u0003\u0001 hello\r\n\r\n"],
    ["an endless header", (port: number) => request(port, undefined, [`X: ${"a".repeat(100_000)}`])],
  ])("gives %s no number", async (_who, bytes) => {
    const { port } = await serving();
    const { status, body } = await exchange(port, bytes(port));
    expect(status).not.toBe(200);
    expect(body).not.toContain("orders");
  });
});

describe("the port", () => {
  it("is named once when another program holds it, and the app goes on", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    let visitors = 0;
    other.on("connection", () => {
      visitors += 1;
    });
    expect(await serveStats(port, () => stats)).toEqual({
      code: "stats-port-taken",
      params: { port, reason: "EADDRINUSE" },
    });
    expect(visitors).toBe(0);
  });

  it("is on this machine's loopback only", async () => {
    const { port } = await serving();
    const stranger = connect(port, "::1");
    const [error] = await once(stranger, "error");
    expect(error).toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|EADDRNOTAVAIL/) });
  });

  it("is free again after close", async () => {
    const { port, close } = await serving();
    const visitor = await dial(port);
    await close();
    await closed(visitor);
    const again = await serveStats(port, () => stats);
    expect(again).toHaveProperty("url");
    if ("close" in again) await again.close();
  });
});

it("holds sixteen connections and drops the next at once", async () => {
  const { port } = await serving();
  const held = await Promise.all(Array.from({ length: 16 }, () => dial(port)));
  const next = await dial(port);
  await closed(next.resume());
  expect(held.filter((socket) => socket.resume().closed)).toEqual([]);
});

it("closes 40 sockets that dawdle within 5.5 s, in whatever way they do, and serves again", async () => {
  const { port, url } = await serving();
  const began = performance.now();
  const dawdlers = await Promise.all(Array.from({ length: 40 }, () => dial(port)));
  const drips: NodeJS.Timeout[] = [];
  onTestFinished(() => drips.forEach(clearInterval));
  for (const [index, socket] of dawdlers.entries()) {
    socket.resume();
    if (index % 4 === 1) socket.write("GET /debug");
    if (index % 4 === 2) drips.push(setInterval(() => socket.write("X"), 200));
    if (index % 4 === 3) socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 9\r\n\r\n`);
  }
  await Promise.all(dawdlers.map(closed));
  expect(performance.now() - began).toBeLessThan(5500);
  expect((await fetch(url)).status).toBe(200);
});
