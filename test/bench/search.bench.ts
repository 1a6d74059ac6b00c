/**
 * What the search costs over a million kept events: median of five with best and worst, against the issue's bars. The million
 * is built once, in a folder of the system's temporary one, and used again until the shapes below change.
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReceivedEvent } from "../../main/core/events/record.ts";
import type { EventJournal } from "../../main/io/journal/event-journal.ts";
import { openSearchedJournal } from "../../main/io/journal/search/searched-journal.ts";
import type { Filter } from "../../preload/contract.ts";
import { machine, report } from "./measure.ts";

const total = Number(process.env["HOLDFAST_BENCH_EVENTS"] ?? 1_000_000);
const shape = 2;
const runs = 5;
const batch = 256;
const page = 40;
const stream = "orders";
/** One in a second, the last of them when the app's clock says so. */
const startedAt = Date.now() - total * 1000;
const worker = new URL("../../main/io/journal/journal-worker.ts", import.meta.url);
const searchWorker = new URL("../../main/io/journal/search/search-worker.ts", import.meta.url);
const everything: Filter = { types: [], text: "", path: "", from: null, to: null };

const cities = ["上海", "北京", "广州", "Berlin", "Nairobi", "Lima"];
const states = ["paid", "packed", "已发货", "sent"];

/** About 180 B; some Chinese. One in 1,009 failed, one in 97 is urgent; "unique" is one alone. */
function eventOf(n: number): ReceivedEvent {
  const failed = n % 1009 === 0 ? ',"error":"支付失败 timeout"' : "";
  const urgent = n % 97 === 0 ? ',"urgent":true' : "";
  const note = n === total >> 1 ? ',"note":"unique-needle"' : "";
  const key = ((n * 2654435761) >>> 0).toString(16).padStart(8, "0");
  const data = `{"order":${n},"key":"${key}-77aa-4b1d","state":"${states[n % 4]}","city":"${cities[n % 6]}","lines":[{"sku":"A-${n % 500}","count":${n % 9}}],"total":${n % 977}.50,"by":"worker-${n % 16}"${failed}${urgent}${note}}`;
  const type = n % 3 === 0 ? "order.changed" : "order.created";
  const id = String(n);
  const receivedAt = startedAt + n * 1000;
  const common = {
    stream,
    endpoint: "https://example.org/orders",
    transport: "sse",
    generation: 1,
    flags: [],
  } as const;
  return {
    ...common,
    id,
    lastEventId: id,
    type,
    data,
    bytes: data.length + type.length + id.length,
    receivedAt,
    mono: n,
  };
}

async function open(dir: string): Promise<EventJournal> {
  const log = (code: string) => process.stdout.write(`search: ${code}\n`);
  return openSearchedJournal({ dir, worker, searchWorker, log });
}

const ask = (journal: EventJournal, filter: Partial<Filter>, limit = page) =>
  journal.tail(stream, { ...everything, ...filter }, limit);

/** Until the index has everything; null: it had. */
async function caughtUp(journal: EventJournal): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { behind } = await ask(journal, { text: "nothinglikethis" }, 1);
    if (behind === 0) return performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function build(dir: string): Promise<void> {
  fs.rmSync(dir, { recursive: true, force: true });
  const journal = await open(dir);
  const flooded = total >> 1;
  const append = async (from: number, to: number) => {
    for (let n = from; n < to; n += batch) {
      const records = Array.from({ length: Math.min(batch, to - n) }, (_, i) => eventOf(n + i));
      await journal.append(stream, records, String(n));
    }
  };
  await append(0, total - flooded);
  await caughtUp(journal);
  const from = performance.now();
  await append(total - flooded, total);
  const tookMs = performance.now() - from;
  const behindMs = await caughtUp(journal);
  process.stdout.write(
    `${flooded.toLocaleString("en")} appended in ${(tookMs / 1000).toFixed(1)} s; the index was through ${(behindMs / 1000).toFixed(1)} s after the last (bar 60 s)\n`,
  );
  await journal.close();
  fs.writeFileSync(join(dir, "built"), String(startedAt));
}

/** What was asked before is forgotten: other texts fill the search's few result sets. */
async function forget(journal: EventJournal): Promise<void> {
  for (let i = 0; i < 4; i++) await ask(journal, { text: `forget${i}` }, 1);
}

type Case = {
  readonly name: string;
  readonly bar: number | null;
  readonly run: (journal: EventJournal) => Promise<string>;
};

/** Until the first page is full, or all that there is is on it. */
const first = (filter: Partial<Filter>) => async (journal: EventJournal) => {
  for (;;) {
    const { rows, exact, matching } = await ask(journal, filter);
    if (rows.length === 0 && exact) throw new Error(`nothing was found of ${JSON.stringify(filter)}`);
    if (rows.length === page || exact) return `${rows.length} rows of ${exact ? "" : "at least "}${matching}`;
  }
};
/** Until all matches are known, or that there are none. */
const whole = (filter: Partial<Filter>, expected: number) => async (journal: EventJournal) => {
  for (;;) {
    const { exact, matching } = await ask(journal, filter);
    if (!exact) continue;
    if (matching !== expected)
      throw new Error(`${matching} instead of ${expected} were found of ${JSON.stringify(filter)}`);
    return `all ${matching}`;
  }
};

const cases = (since: number): Case[] => [
  { name: "a word in every event, first page", bar: 20, run: first({ text: "order" }) },
  { name: "a word in one of 97, first page", bar: 20, run: first({ text: "urgent" }) },
  { name: "a word that one event has", bar: 20, run: first({ text: "needle" }) },
  { name: "发货 (in every fourth), first page", bar: 100, run: first({ text: "发货" }) },
  { name: "失败 (in one of 1,009), first page", bar: 100, run: first({ text: "失败" }) },
  { name: "none found: an unknown word", bar: 300, run: whole({ text: "nowhere" }, 0) },
  { name: "none found: two words that never meet in one event", bar: 300, run: whole({ text: "packed sent" }, 0) },
  { name: "none found: a phrase of frequent words", bar: 300, run: whole({ text: '"created paid"' }, 0) },
  {
    name: "a phrase and a type, first page",
    bar: 300,
    run: first({ text: '"urgent true" 失败', types: ["order.created"] }),
  },
  {
    name: "a word, a type and an hour",
    bar: 300,
    run: whole(
      {
        text: "上海",
        types: ["order.changed"],
        from: since + (total / 2) * 1000,
        to: since + (total / 2 + 3600) * 1000,
      },
      600,
    ),
  },
  { name: "a word and a path, first page", bar: 300, run: first({ text: "urgent", path: "$.lines[?@.count == 3]" }) },
  {
    name: "a path alone, narrowed by its names, first page",
    bar: 300,
    run: first({ path: '$.lines[?@.sku == "A-123"]' }),
  },
  {
    name: "a path alone, narrowed by its names, all",
    bar: 300,
    run: whole({ path: "$.error" }, Math.ceil(total / 1009)),
  },
  { name: "a path alone that nothing narrows, first page", bar: 300, run: first({ path: "$.lines[?@.count > 7]" }) },
];

async function place(journal: EventJournal, filter: Filter, since: number): Promise<void> {
  await journal.placeOf(stream, filter, since + Math.floor(Math.random() * total) * 1000);
}

async function timed(run: () => Promise<unknown>, before: () => Promise<void>): Promise<number[]> {
  const results: number[] = [];
  for (let i = 0; i <= runs; i++) {
    await before();
    const from = performance.now();
    await run();
    results.push(performance.now() - from);
  }
  // The first warms up.
  return results.slice(1).sort((a, b) => a - b);
}

function print(name: string, results: readonly number[], bar: number | null, said = ""): void {
  const [best = 0, worst = 0, median = 0] = [results[0], results.at(-1), results[runs >> 1]];
  const holds = bar === null ? "" : ` — bar ${bar} ms: ${median <= bar ? "holds" : "MISSED"}`;
  report(`${name}${said === "" ? "" : ` (${said})`}`, { median, best, worst }, `ms${holds}`);
}

const dir = join(tmpdir(), `holdfast-search-bench-${shape}-${total}`);
process.stdout.write(`${machine()}; ${total.toLocaleString("en")} events\n`);
if (!fs.existsSync(join(dir, "built"))) await build(dir);
const since = Number(fs.readFileSync(join(dir, "built"), "utf8"));
const size = (name: string) => (fs.statSync(join(dir, name)).size / 1024 / 1024).toFixed(0);
const journal = await open(dir);
await caughtUp(journal);
process.stdout.write(`events.sqlite ${size("events.sqlite")} MiB, search.sqlite ${size("search.sqlite")} MiB\n`);
for (const { name, bar, run } of cases(since)) {
  let said = "";
  const results = await timed(
    async () => {
      said = await run(journal);
    },
    () => forget(journal),
  );
  print(name, results, bar, said);
}
const nothing = async () => undefined;
const jumps: readonly (readonly [string, Filter])[] = [
  ["jump to time, all events", everything],
  ["jump to time among 失败", { ...everything, text: "失败" }],
];
for (const [name, filter] of jumps) {
  while (!(await journal.tail(stream, filter, page)).exact);
  print(name, await timed(() => place(journal, filter, since), nothing), 50);
}
await journal.close();
