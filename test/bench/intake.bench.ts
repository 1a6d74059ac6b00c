/**
 * From the socket to a counted event: what one event of 180 B costs the thread that reads it, in processor time of that thread
 * alone. The rival is the least that can be done in Node, undici's body and eventsource-parser. Above it our transport (limits,
 * ids, stamps), and above that a whole stream with everything but the disk: machine, facts, once, gaps, marks, the writer.
 * The server is a thread of its own that sends the same bytes again and again.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { createParser } from "eventsource-parser";
import { request } from "undici";
import { createMemoryJournal } from "../../main/io/journal/memory-journal.ts";
import type { Target } from "../../main/io/ports.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { blankEndpoint } from "../../main/io/stores/settings-schema.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { planOf } from "../../main/streams/endpoint-plan.ts";
import { Stream } from "../../main/streams/stream.ts";
import { machine } from "./measure.ts";

const events = 200_000;
const [warmUp, runs] = [1, 7];

function serve(): void {
  const pad = "x".repeat(96);
  const block = (i: number) =>
    `id: ${1_000_000 + i}\nevent: order.paid\ndata: {"order":${1_000_000 + i},"total":12.5,"note":"${pad}"}\n\n`;
  const parts: Buffer[] = [];
  for (let i = 0; i < events; i += 1000) {
    parts.push(Buffer.from(Array.from({ length: 1000 }, (_, k) => block(i + k)).join("")));
  }
  const server = createServer((_asked, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    const sendFrom = (at: number): void => {
      for (let i = at; i < parts.length; i++) {
        if (answer.write(parts[i])) continue;
        answer.once("drain", () => sendFrom(i + 1));
        return;
      }
    };
    sendFrom(0);
  });
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage(server.address()));
}

/** Processor time of this thread and time by the clock, both µs an event. */
type Cost = { readonly cpuUs: number; readonly clockUs: number };

async function cost(run: (seen: (count: number) => void) => () => void | Promise<void>): Promise<Cost> {
  let left = events;
  const { promise, resolve } = Promise.withResolvers<void>();
  const [cpu, startedAt] = [process.threadCpuUsage(), performance.now()];
  const end = run((count) => {
    left -= count;
    if (left <= 0) resolve();
  });
  await promise;
  const [{ user, system }, clockMs] = [process.threadCpuUsage(cpu), performance.now() - startedAt];
  await end();
  return { cpuUs: (user + system) / events, clockUs: (clockMs * 1000) / events };
}

const bare = (url: string) => (seen: (count: number) => void) => {
  const stop = new AbortController();
  void (async () => {
    const { body } = await request(url, { signal: stop.signal, bodyTimeout: 0 });
    const utf8 = new TextDecoder();
    let count = 0;
    const parser = createParser({ onEvent: () => void count++ });
    for await (const chunk of body) {
      count = 0;
      parser.feed(utf8.decode(chunk as Buffer, { stream: true }));
      seen(count);
    }
  })().catch(() => undefined);
  return () => stop.abort();
};

const sse = createSseTransport({ userAgent: "Holdfast/bench", utc: Date.now });
const blank: Omit<Target, "url"> = {
  method: "GET",
  body: null,
  headers: [],
  lastEventId: "",
  resumeQuery: null,
  frames: "auto",
};

const transport = (url: string) => (seen: (count: number) => void) => {
  const connection = sse.open({ ...blank, url }, (told) => {
    if (told.type === "events") seen(told.count);
  });
  return () => connection.close();
};

const whole = (url: string) => (seen: (count: number) => void) => {
  const plan = planOf(
    { ...blankEndpoint, id: "bench", name: "Bench", url },
    defaultPolicy,
    () => null,
    () => {
      throw new Error("nobody asked for one");
    },
  );
  const spec = { id: "bench", plan, lastEventId: "", source: "settings" } as const;
  const memory = { worked: () => [], noteWorked: () => undefined, remember: () => undefined };
  const world = {
    clock: systemClock,
    random: Math.random,
    transports: { sse, websocket: sse },
    turns: createDialTurns(systemClock),
    journal: createMemoryJournal(),
    memory,
  };
  const recorded = (_: Stream, { records }: { records: readonly object[] }) =>
    seen(records.reduce((sum: number, record) => sum + ("data" in record ? 1 : 0), 0));
  const stream = new Stream(spec, world, { recorded }, 100);
  stream.start();
  return () => stream.close();
};

async function main(): Promise<void> {
  const server = new Worker(fileURLToPath(import.meta.url));
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  const url = `http://127.0.0.1:${port}/events`;
  const rivals = {
    "undici and eventsource-parser alone": bare(url),
    "our transport": transport(url),
    "a stream without a disk": whole(url),
  };
  process.stdout.write(`${machine()}\n`);
  const costs = new Map<string, Cost[]>(Object.keys(rivals).map((name) => [name, []]));
  // In turn, so that what else happens on the machine happens to all of them.
  for (let i = 0; i < warmUp + runs; i++) {
    for (const [name, run] of Object.entries(rivals)) {
      const one = await cost(run);
      if (i >= warmUp) costs.get(name)?.push(one);
    }
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const [first] = [...costs.values()].map((all) => middle(all.map(({ cpuUs }) => cpuUs)));
  for (const [name, all] of costs) {
    const cpu = all.map(({ cpuUs }) => cpuUs);
    const median = middle(cpu);
    const [best, worst] = [Math.min(...cpu), Math.max(...cpu)];
    process.stdout.write(
      `${name}: median ${median.toFixed(2)} µs of processor an event (best ${best.toFixed(2)}, worst ${worst.toFixed(2)}), ` +
        `${Math.round(1_000_000 / median).toLocaleString("en")} events/s of a core, ratio ${(median / (first ?? 1)).toFixed(2)}, ` +
        `by the clock ${middle(all.map(({ clockUs }) => clockUs)).toFixed(2)} µs\n`,
    );
  }
  await server.terminate();
}

if (isMainThread) await main();
else serve();
