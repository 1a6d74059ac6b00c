/** One client of the transport's rows, in a process of its own: reads a stream of N events to its end and prints the CPU of one of them, µs. */
import { EventSource } from "eventsource";
import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";
import type { TransportEvent } from "../../../main/core/connection/connection-state.ts";
import { createSseTransport } from "../../../main/io/sse/sse-transport.ts";

const [kind, url = "", wanted] = process.argv.slice(2);
const n = Number(wanted);
let seen = 0;
let begun: NodeJS.CpuUsage | null = null;

/** The first thing that is heard: everything before it belongs to starting. */
function begin(): void {
  begun ??= process.cpuUsage();
}

function finish(): never {
  const { user, system } = process.cpuUsage(begun ?? undefined);
  if (seen !== n) {
    process.stderr.write(`${kind}: ${seen} of ${n} events\n`);
    process.exit(1);
  }
  process.stdout.write(`${(user + system) / n}\n`);
  process.exit(0);
}

const clients: Record<string, () => void | Promise<void>> = { ours, bare, eventsource };
await clients[kind ?? ""]?.();

function ours(): void {
  const transport = createSseTransport({ userAgent: "bench", utc: Date.now });
  const target = {
    url,
    method: "GET",
    body: null,
    headers: [],
    lastEventId: "",
    resumeQuery: null,
    frames: "auto",
  } as const;
  transport.open(target, (event) => {
    seen += eventsIn(event);
    if (event.type === "opened") begin();
    if (event.type === "failed") finish();
  });
}

/** How many events this tells of. */
function eventsIn(event: TransportEvent): number {
  return event.type === "events" ? event.count : 0;
}

async function bare(): Promise<void> {
  const utf8 = new TextDecoder();
  const parser = createParser({ onEvent: () => void seen++ });
  const { body } = await request(url, { dispatcher: new Agent({ bodyTimeout: 0, headersTimeout: 0 }) });
  begin();
  for await (const chunk of body) parser.feed(utf8.decode(chunk, { stream: true }));
  finish();
}

function eventsource(): void {
  const source = new EventSource(url);
  source.onopen = begin;
  source.onmessage = () => void seen++;
  // The end of the stream, after which it would come again.
  source.onerror = () => {
    source.close();
    finish();
  };
}
