import * as fs from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { SearchEngine } from "../../../main/io/journal/search/search-engine.ts";
import { SearchIndex } from "../../../main/io/journal/search/search-index.ts";
import type { Filter } from "../../../preload/contract.ts";
import { anEvent, everything } from "../journal-samples.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { BlockStock } from "./block-stock.ts";

let dir: string;
let stock: BlockStock;
let log: string[];

beforeEach(() => {
  dir = temporaryFolder();
  stock = new BlockStock();
  log = [];
});

/** An engine over the stock; its index is in the test's folder unless there is to be none. */
async function anEngine(options: { index?: SearchIndex | null; patient?: boolean } = {}): Promise<SearchEngine> {
  const index = options.index === undefined ? new SearchIndex(dir) : options.index;
  const engine = new SearchEngine({
    source: stock,
    index,
    watch: { begin: () => undefined, end: () => undefined },
    now: () => 0,
    log: (code) => log.push(code),
    wake: () => undefined,
  });
  onTestFinished(() => engine.close());
  await engine.start();
  return engine;
}

const indexAll = async (engine: SearchEngine): Promise<void> => {
  while (await engine.step());
};

const textFilter = (text: string, change: Partial<Filter> = {}): Filter => ({ ...everything, text, ...change });
const tail = (engine: SearchEngine, filter: Filter, limit = 100) =>
  engine.ask({ ask: "tail", stream: "orders", filter, limit });
/** Asks until the set is whole. */
async function whole(engine: SearchEngine, filter: Filter, limit = 100) {
  for (;;) {
    const answer = await tail(engine, filter, limit);
    if (answer.exact) return answer;
  }
}

const some = (from: number, count: number, data: (n: number) => string) =>
  Array.from({ length: count }, (_, i) => anEvent({ data: data(from + i), receivedAt: 1000 + from + i }));

/** Ten blocks of a hundred; every fiftieth is shipped. */
function shipped(): void {
  for (let block = 0; block < 10; block++) {
    stock.add(
      "orders",
      some(block * 100, 100, (n) => (n % 50 === 0 ? `order ${n} 已发货` : `order ${n} 处理中`)),
    );
  }
}

it("finds the same with an index and without", async () => {
  shipped();
  const engine = await anEngine();
  const before = await whole(engine, textFilter("发货"));
  await indexAll(engine);
  const other = await whole(engine, textFilter("发货 order"));
  expect(before.seqs).toEqual([
    1, 51, 101, 151, 201, 251, 301, 351, 401, 451, 501, 551, 601, 651, 701, 751, 801, 851, 901, 951,
  ]);
  expect(other.seqs).toEqual(before.seqs);
  expect([before.behind, other.behind]).toEqual([1000, 0]);
});

it("reads only the blocks that can have what is asked for", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  stock.reads = [];
  expect((await whole(engine, textFilter("733"))).seqs).toEqual([734]);
  // The newest two are looked through without asking the index.
  expect(stock.reads).toEqual([901, 801, 701]);
  expect((await whole(engine, textFilter("nowhere"))).seqs).toEqual([]);
  expect(stock.reads).toEqual([901, 801, 701, 901, 801]);
});

it("gives the newest page first and says that it is not all", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const first = await tail(engine, textFilter("order"), 3);
  expect(first).toMatchObject({ seqs: [998, 999, 1000], exact: false });
  expect(first.matching).toBeLessThan(1000);
  expect(await whole(engine, textFilter("order"), 3)).toMatchObject({ seqs: [998, 999, 1000], matching: 1000 });
});

it("goes on with blocks that come, indexed or not", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const filter = textFilter("发货");
  await whole(engine, filter);
  const seq = stock.add(
    "orders",
    some(2000, 1, () => "今天发货"),
  );
  expect(await tail(engine, filter, 1)).toMatchObject({ seqs: [seq], matching: 21, exact: true, behind: 1 });
});

it("combines words, types, times and a path", async () => {
  const events = Array.from({ length: 400 }, (_, n) =>
    anEvent({
      type: n % 2 === 0 ? "paid" : "sent",
      data: JSON.stringify({ n, to: n % 4 === 0 ? "上海" : "北京" }),
      receivedAt: n,
    }),
  );
  stock.add("orders", events.slice(0, 200));
  stock.add("orders", events.slice(200));
  const engine = await anEngine();
  await indexAll(engine);
  const filter = textFilter("上海", { types: ["paid"], path: "$[?@ > 250]", from: 100, to: 300 });
  const expected = events.flatMap(({ receivedAt: n }) => (n % 4 === 0 && n > 250 && n < 300 ? [n + 1] : []));
  expect((await whole(engine, filter)).seqs).toEqual(expected);
  expect(expected.length).toBeGreaterThan(5);
});

it("answers windows and places among what matches", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const filter = textFilter("发货");
  await whole(engine, filter);
  const ask = { stream: "orders", filter } as const;
  expect((await engine.ask({ ask: "window", from: 5, limit: 3, ...ask })).seqs).toEqual([251, 301, 351]);
  expect(await engine.ask({ ask: "placeOf", at: 1260, ...ask })).toMatchObject({ place: 6, matching: 20, exact: true });
  expect(await engine.ask({ ask: "placeOf", at: 9999, ...ask })).toMatchObject({ place: 20 });
});

it("reads on from a number, oldest first, until there is no more", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const read = (after: number) =>
    engine.ask({ ask: "read", stream: "orders", filter: textFilter("发货"), after, limit: 8 });
  const found: number[] = [];
  for (let page = await read(0); page.seqs.length > 0; page = await read(found.at(-1) ?? 0)) found.push(...page.seqs);
  expect(found).toHaveLength(20);
  expect(found).toEqual([...found].sort((a, b) => a - b));
});

it("keeps what was found when blocks are merged, and does not index them again", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const filter = textFilter("发货");
  const before = await whole(engine, filter);
  stock.merge("orders", 1, 101);
  expect((await tail(engine, filter)).behind).toBe(0);
  expect((await whole(engine, filter)).seqs).toEqual(before.seqs);
  expect((await whole(engine, textFilter("order 150"))).seqs).toEqual([151]);
});

it("forgets what retention took", async () => {
  shipped();
  const engine = await anEngine();
  await indexAll(engine);
  const filter = textFilter("发货");
  await whole(engine, filter);
  stock.remove("orders", [1, 101]);
  expect(await tail(engine, filter)).toMatchObject({ matching: 16, exact: true });
  await indexAll(engine);
  engine.close();
  const index = new SearchIndex(dir);
  expect(index.groups("orders", { term: "order", isPrefix: false }, 0, 10_000, "ASC", 1)).toEqual([201]);
  index.close();
});

it("leaves nothing of a cleared stream in its files", async () => {
  stock.add(
    "orders",
    some(0, 300, (n) => `geheimnis${n} 机密`),
  );
  const engine = await anEngine();
  await indexAll(engine);
  const files = () => ["", "-wal"].map((end) => join(dir, `search.sqlite${end}`)).filter((path) => fs.existsSync(path));
  const holds = () => files().some((path) => fs.readFileSync(path).includes("geheimnis"));
  expect(holds()).toBe(true);
  stock.clear("orders");
  expect(holds()).toBe(false);
  expect(await tail(engine, textFilter("geheimnis"))).toMatchObject({ matching: 0, exact: true });
});

it("writes nothing of blocks that are in memory only, and finds them all the same", async () => {
  stock.add(
    "orders",
    some(0, 10, (n) => `geheimnis${n}`),
    false,
  );
  const engine = await anEngine();
  await indexAll(engine);
  expect(await tail(engine, textFilter("geheimnis7"))).toMatchObject({ seqs: [8], exact: true, behind: 0 });
  engine.close();
  for (const name of fs.readdirSync(dir)) expect(fs.readFileSync(join(dir, name)).includes("geheimnis")).toBe(false);
});

it("takes up what an earlier run indexed, and only that", async () => {
  shipped();
  const first = await anEngine();
  await indexAll(first);
  first.close();
  stock.reads = [];
  const second = await anEngine();
  expect((await whole(second, textFilter("733"))).seqs).toEqual([734]);
  expect(await second.step()).toBe(false);
  expect(stock.reads).toEqual([901, 801, 701]);
});

it("does not take blocks of another journal for those it knows by number", async () => {
  shipped();
  const first = await anEngine();
  await indexAll(first);
  first.close();
  stock = new BlockStock();
  // The same numbers with other contents; more blocks than are looked through before the index is asked.
  for (let block = 0; block < 5; block++)
    stock.add(
      "orders",
      some(5000 + block * 100, 100, (n) => `other ${n}`),
    );
  const second = await anEngine();
  expect((await whole(second, textFilter("5070"))).seqs).toEqual([71]);
  await indexAll(second);
  expect((await whole(second, textFilter("other 5071"))).seqs).toEqual([72]);
});

it.each([
  ["broken", (path: string) => fs.writeFileSync(path, "no database at all".repeat(500))],
  ["missing", (path: string) => fs.rmSync(path)],
  [
    "a folder",
    (path: string) => {
      fs.rmSync(path);
      fs.mkdirSync(path);
    },
  ],
])("makes the index anew when its file is %s", async (_, harm) => {
  shipped();
  const first = await anEngine();
  await indexAll(first);
  first.close();
  harm(join(dir, "search.sqlite"));
  const second = await anEngine();
  await indexAll(second);
  expect(await whole(second, textFilter("order 733"))).toMatchObject({ seqs: [734], behind: 0 });
});

it("finds everything without any index", async () => {
  shipped();
  const engine = await anEngine({ index: null });
  expect(await engine.step()).toBe(false);
  expect((await whole(engine, textFilter("733"))).seqs).toEqual([734]);
});

it("makes the index anew when it breaks while it is open", async () => {
  shipped();
  const index = new SearchIndex(dir);
  const engine = await anEngine({ index });
  await indexAll(engine);
  index.close();
  expect((await whole(engine, textFilter("733"))).seqs).toEqual([734]);
  expect(log).toHaveLength(1);
  await indexAll(engine);
  expect(await whole(engine, textFilter("order 733"))).toMatchObject({ seqs: [734], behind: 0 });
});

it("finds with an index exactly what it finds without, whatever comes and goes", async () => {
  const word = fc.constantFrom("order", "paid", "发货", "失败", "x1", "ab");
  const data = fc.array(word, { maxLength: 4 }).map((words) => words.join(" "));
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.array(data, { minLength: 1, maxLength: 20 }) }) },
    { weight: 1, arbitrary: fc.constant({ index: true }) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ merge: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 12 }),
      fc.array(word, { minLength: 1, maxLength: 2 }),
      async (actions, words) => {
        dir = temporaryFolder();
        stock = new BlockStock();
        const engine = await anEngine();
        const plain = textFilter(words.join(" "));
        let at = 0;
        for (const one of actions) {
          const blocks = await stock.blocks("orders");
          if ("add" in one)
            stock.add(
              "orders",
              one.add.map((data) => anEvent({ data, receivedAt: ++at })),
            );
          if ("index" in one) await indexAll(engine);
          if ("remove" in one && blocks.length > 0)
            stock.remove("orders", [blocks[one.remove % blocks.length]?.first ?? 0]);
          const [left, right] = "merge" in one ? blocks.slice(one.merge % Math.max(1, blocks.length)) : [];
          if (left !== undefined && right !== undefined) stock.merge("orders", left.first, right.first);
          if ("index" in one) await tail(engine, plain, 5);
        }
        const expected = (stock.streamsHeld.get("orders") ?? []).flatMap(({ block, events }) =>
          events.flatMap(({ data }, i) =>
            words.every((one) => ` ${data}`.includes(one)) ? [[block, i] as const] : [],
          ),
        );
        const { seqs } = await whole(engine, plain, 100_000);
        expect(seqs).toHaveLength(expected.length);
        engine.close();
      },
    ),
    { numRuns: 40 },
  );
});
