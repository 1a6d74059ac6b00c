/**
 * The origin of the bench, a program of its own on 127.0.0.1, so that what it costs is not counted as anybody else's. Prints its port.
 *
 * GET  /stream?key=K&…   a stream that says nothing but its opening until /go
 *      kind=flood&n=N    N events of 180 bytes as fast as they are read, then silence (or the end, with `ends`)
 *      kind=rate&perS=R&seconds=S  R events a second for S seconds
 *      kind=beat&everyMs=M         a comment each M ms, from the opening on
 * POST /go?key=K         lets it begin; answers when it has
 * GET  /told?key=K       what was sent, and when
 * GET  /page/NAME        the rivals' pages
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { pages } from "./pages.ts";

/** Nobody floods without end, however he was called. */
const mostEvents = 2_000_000;
const mostSeconds = 600;
/** Bytes of one event on the wire. */
const eventBytes = 180;
const pieceEvents = 364; // some 64 kB
/** So much is written before anybody is waited for: on a busy machine the origin must not be the one who comes too late. */
const aheadBytes = 8 * 1024 * 1024;
const tickMs = 2;

/** What a stream has sent: UTC ms of its first and last event, and [number of the first event, ms] of each write of a paced one. */
export type Told = {
  readonly openings: number;
  readonly sent: number;
  readonly beganAt: number | null;
  readonly endedAt: number | null;
  readonly writes: readonly (readonly [first: number, at: number])[];
};

type Stream = { -readonly [K in keyof Told]: Told[K] } & {
  go: () => void;
  readonly gone: Promise<void>;
  writes: [number, number][];
};

const streams = new Map<string, Stream>();

function streamOf(key: string): Stream {
  let stream = streams.get(key);
  if (stream === undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    stream = { openings: 0, sent: 0, beganAt: null, endedAt: null, writes: [], go: resolve, gone: promise };
    streams.set(key, stream);
  }
  return stream;
}

/** One event of exactly 180 bytes; `n` is found in what is shown of it. */
export function eventText(n: number): string {
  const head = `id: ${n}\ndata: {"n":${n},"type":"order.paid","total":12.5,"text":"`;
  const tail = `"}\n\n`;
  return `${head}${"x".repeat(eventBytes - head.length - tail.length)}${tail}`;
}

function piece(from: number, to: number): Buffer {
  let text = "";
  for (let n = from; n < to; n++) text += eventText(n);
  return Buffer.from(text, "latin1");
}

/** Made before the first is let go: making them must not slow anybody down. */
const floods = new Map<number, Buffer[]>();
function floodOf(n: number): Buffer[] {
  let flood = floods.get(n);
  if (flood === undefined) {
    flood = [];
    for (let from = 0; from < n; from += pieceEvents) flood.push(piece(from, Math.min(n, from + pieceEvents)));
    floods.clear();
    floods.set(n, flood);
  }
  return flood;
}

async function flood(stream: Stream, response: ServerResponse, n: number, ends: boolean): Promise<void> {
  const pieces = floodOf(n);
  await stream.gone;
  stream.beganAt = Date.now();
  for (const bytes of pieces) {
    if (response.destroyed) return;
    response.write(bytes);
    if (response.writableLength > aheadBytes) await drained(response);
  }
  stream.sent = n;
  stream.endedAt = Date.now();
  if (ends) response.end();
}

/** Even ticks; what a late tick missed goes with the next one. */
async function pace(stream: Stream, response: ServerResponse, perS: number, seconds: number): Promise<void> {
  await stream.gone;
  const startedAt = performance.now();
  stream.beganAt = Date.now();
  const all = perS * seconds;
  while (stream.sent < all && !response.destroyed) {
    const due = Math.min(all, Math.floor(((performance.now() - startedAt) / 1000) * perS));
    if (due > stream.sent) {
      const bytes = piece(stream.sent, due);
      stream.writes.push([stream.sent, Date.now()]);
      stream.sent = due;
      if (!response.write(bytes)) await drained(response);
    }
    await delay(tickMs);
  }
  stream.endedAt = Date.now();
}

async function beat(response: ServerResponse, everyMs: number): Promise<void> {
  // Fifty hearts that beat in the same millisecond would be no fleet.
  await delay(Math.random() * everyMs);
  while (!response.destroyed) {
    response.write(": beat\n\n");
    await delay(everyMs);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

function open(response: ServerResponse, query: URLSearchParams): void {
  const stream = streamOf(query.get("key") ?? "");
  const number = (name: string, most: number): number => Math.min(most, Number(query.get(name) ?? 0));
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": here\n\n");
  stream.openings += 1;
  const kind = query.get("kind");
  if (kind === "beat") void beat(response, Math.max(1000, number("everyMs", 600_000)));
  // Who comes again has had its flood.
  if (stream.openings > 1) return;
  if (kind === "flood") void flood(stream, response, number("n", mostEvents), query.has("ends"));
  if (kind === "rate") void pace(stream, response, number("perS", 100_000), number("seconds", mostSeconds));
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  const stream = streamOf(searchParams.get("key") ?? "");
  const page = pages[pathname.replace("/page/", "")];
  if (pathname === "/stream") return open(response, searchParams);
  if (pathname === "/go" && request.method === "POST") {
    stream.go();
    response.end();
  } else if (pathname === "/told") {
    const { openings, sent, beganAt, endedAt, writes } = stream;
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ openings, sent, beganAt, endedAt, writes }));
  } else if (page !== undefined) response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  else response.writeHead(404).end();
});

if (import.meta.main) {
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
  process.once("disconnect", () => process.exit());
}
