import * as fs from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { EventJournal } from "../../../main/io/journal/event-journal.ts";
import { openSearchedJournal } from "../../../main/io/journal/search/searched-journal.ts";
import type { Filter } from "../../../preload/contract.ts";
import { anEvent, everything, realWorker } from "../journal-samples.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const searchWorker = new URL("../../../main/io/journal/search/search-worker.ts", import.meta.url);
const filter = (change: Partial<Filter>): Filter => ({ ...everything, ...change });

/** Not so long ago that retention takes it. */
const base = 1_800_000_000_000;

let dir: string;
let log: string[];

beforeEach(() => {
  dir = temporaryFolder();
  log = [];
});

async function aJournal(options: { searchAfter?: Promise<unknown> } = {}): Promise<EventJournal> {
  const journal = await openSearchedJournal({
    dir,
    worker: realWorker,
    searchWorker,
    log: (code) => void log.push(code),
    ...options,
  });
  onTestFinished(() => journal.close());
  return journal;
}

const append = (journal: EventJournal, from: number, count: number, data: (n: number) => string, type = "message") =>
  journal.append(
    "orders",
    Array.from({ length: count }, (_, i) => anEvent({ type, data: data(from + i), receivedAt: base + from + i })),
    null,
  );

/** Asks until the search is through and has indexed everything. */
async function settled(journal: EventJournal, wanted: Filter, limit = 10) {
  for (;;) {
    const tail = await journal.tail("orders", wanted, limit);
    if (tail.exact && tail.behind === 0) return tail;
  }
}

const shown = (rows: readonly { kind: string }[]) => rows.map((row) => ("preview" in row ? row.preview : row.kind));

it("finds what is kept, in both languages, with rows, counts and places", async () => {
  const journal = await aJournal();
  for (let n = 0; n < 2000; n += 200) {
    await append(journal, n, 200, (i) => (i % 100 === 0 ? `order ${i} 发货失败` : `order ${i} paid`));
  }
  const tail = await settled(journal, filter({ text: "失败" }), 3);
  expect(tail).toMatchObject({ total: 2000, matching: 20, types: [{ type: "message", count: 2000 }] });
  expect(shown(tail.rows)).toEqual(["order 1700 发货失败", "order 1800 发货失败", "order 1900 发货失败"]);
  const window = await journal.window("orders", filter({ text: "失败" }), 2, 2);
  expect(shown(window.rows)).toEqual(["order 200 发货失败", "order 300 发货失败"]);
  expect(await journal.placeOf("orders", filter({ text: "失败" }), base + 1450)).toMatchObject({
    place: 15,
    exact: true,
  });
  const read = await journal.read("orders", filter({ text: "失败 order" }), 0, 5);
  expect(read.map(({ data }) => data)).toEqual([0, 100, 200, 300, 400].map((n) => `order ${n} 发货失败`));
  expect(log).toEqual([]);
});

it("answers a question that comes before the time at which it was to begin", async () => {
  const journal = await aJournal({ searchAfter: new Promise(() => {}) });
  await append(journal, 0, 10, (n) => `order ${n}`);
  expect(await settled(journal, filter({ text: "order" }))).toMatchObject({ total: 10, matching: 10 });
  expect(log).toEqual([]);
});

it("finds what came this moment, before it is indexed", async () => {
  const journal = await aJournal();
  await append(journal, 0, 300, (n) => `order ${n}`);
  await settled(journal, filter({ text: "order" }));
  await append(journal, 300, 1, () => "a straggler");
  expect((await journal.tail("orders", filter({ text: "straggler" }), 5)).matching).toBe(1);
});

it("says where a path is wrong", async () => {
  const journal = await aJournal();
  await append(journal, 0, 1, () => "{}");
  await expect(journal.tail("orders", filter({ path: "$.a[" }), 5)).rejects.toMatchObject({
    code: "filter-path-invalid",
    params: { at: 5 },
  });
});

it("stops a path that takes too long, says so, and goes on for everybody else", async () => {
  const journal = await aJournal();
  await append(journal, 0, 50, (n) => JSON.stringify({ n, s: n === 20 ? `${"a".repeat(40)}!` : "b" }));
  const slow = filter({ path: '$[?match(@, "(a*)*b")]' });
  await expect(journal.tail("orders", slow, 5)).rejects.toMatchObject({ code: "search-too-slow" });
  // At once, from now on: nobody tries it again and again.
  await expect(journal.tail("orders", slow, 5)).rejects.toMatchObject({ code: "search-too-slow" });
  expect(log).toEqual(["search-too-slow", "search-too-slow"]);
  expect(await settled(journal, filter({ path: "$[?@ == 20]" }))).toMatchObject({ matching: 1 });
  expect(await settled(journal, filter({ text: "b" }))).toMatchObject({ matching: 49 });
});

it("leaves nothing of a cleared stream in any file once that is answered", async () => {
  const journal = await aJournal();
  await append(journal, 0, 300, (n) => `geheimnis${n}`);
  await settled(journal, filter({ text: "geheimnis1" }));
  const holding = () => fs.readdirSync(dir).filter((name) => fs.readFileSync(join(dir, name)).includes("geheimnis"));
  expect(holding()).not.toEqual([]);
  await journal.clear("orders");
  expect(holding()).toEqual([]);
  expect(await settled(journal, filter({ text: "geheimnis1" }))).toMatchObject({ matching: 0, total: 0 });
});

it("takes up its index after the journal was closed and opened", async () => {
  const first = await aJournal();
  await append(first, 0, 500, (n) => `order ${n}`);
  await settled(first, filter({ text: "order" }));
  await first.close();
  const second = await aJournal();
  expect(await second.tail("orders", filter({ text: "order 321" }), 5)).toMatchObject({ matching: 1, behind: 0 });
  expect(log).toEqual([]);
});

it("ends in the middle of indexing by itself, without a thread stopped and with the file where it was", async () => {
  const terminate = vi.spyOn(Worker.prototype, "terminate");
  onTestFinished(() => terminate.mockRestore());
  const journal = await aJournal();
  for (let n = 0; n < 12_000; n += 200) void append(journal, n, 200, (i) => `order ${i} paid with a quick brown fox`);
  await journal.append("orders", [anEvent()], "last");
  await Promise.all([journal.close(), journal.close()]);
  await journal.close();
  expect(terminate).not.toHaveBeenCalled();
  expect(fs.readdirSync(dir).filter((name) => name.includes("corrupt"))).toEqual([]);
  const again = await aJournal();
  expect([(await again.tail("orders", everything, 1)).total, await again.cursor("orders")]).toEqual([12_001, "last"]);
});
