import { expect, it } from "vitest";
import { appendTo, aStore, upkeep } from "./a-store.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { filesHolding, temporaryFolder } from "./temporary-folder.ts";

const some = (count: number, change: Parameters<typeof anEvent>[0] = {}) =>
  Array.from({ length: count }, (_, i) => anEvent({ data: `says ${i}`, id: String(i), ...change }));
const total = (store: ReturnType<typeof aStore>, stream = "orders") => store.view.tail(stream, everything, 1).total;

it("lets the oldest go beyond a number of records, whole blocks at a time, and keeps the cursor", () => {
  const store = aStore(temporaryFolder(), { maxRecords: 1000 });
  for (let n = 0; n < 20; n++) appendTo(store, "orders", some(100), String(n));
  appendTo(store, "others", some(100, { stream: "others" }));
  expect(upkeep(store)).toBeGreaterThan(1);
  const { rows, types } = store.view.window("orders", everything, 0, 1) && store.view.tail("orders", everything, 2000);
  expect([rows.length, rows[0]?.seq, rows.at(-1)?.seq, types]).toEqual([
    1000,
    1001,
    2000,
    [{ type: "message", count: 1000 }],
  ]);
  expect(rows.every(({ kind }) => kind === "event")).toBe(true);
  expect([store.cursor("orders"), total(store, "others"), store.view.get(1000)]).toEqual(["19", 100, null]);
});

it("lets go what is too old", () => {
  const store = aStore(temporaryFolder(), { maxAgeMs: 60_000 });
  appendTo(store, "orders", some(10, { receivedAt: Date.now() - 120_000 }));
  appendTo(store, "orders", some(10, { receivedAt: Date.now() }));
  upkeep(store);
  expect(store.view.tail("orders", everything, 1)).toMatchObject({ total: 10, rows: [{ seq: 20 }] });
});

it("lets go what is too much, and what went is nowhere in the file", () => {
  const dir = temporaryFolder();
  const store = aStore(dir, { maxBytes: 500_000 });
  appendTo(store, "orders", [anEvent({ data: `canary-0816 ${"y".repeat(50_000)}` })]);
  for (let n = 0; n < 30; n++) appendTo(store, "orders", [anEvent({ data: "x".repeat(50_000) })]);
  upkeep(store);
  expect([total(store) > 5, total(store) < 11]).toEqual([true, true]);
  store.close();
  expect(filesHolding(dir, "canary-0816")).toEqual([]);
});

it("does a little at a time", () => {
  const store = aStore(temporaryFolder(), { maxRecords: 1 });
  for (let n = 0; n < 100; n++) appendTo(store, "orders", some(64));
  const before = total(store);
  expect(store.keepUp(["orders"])).toBe(true);
  expect(before - total(store)).toBe(8 * 64);
});

it("merges the small blocks of a slow stream, and nobody sees a difference", () => {
  const dir = temporaryFolder();
  const store = aStore(dir);
  for (let n = 0; n < 300; n++) {
    const id = String(n);
    appendTo(store, "orders", n % 50 === 0 ? [aMark()] : [anEvent({ data: `says ${n}`, id, mono: n * 700 })], id);
    appendTo(store, "others", [anEvent({ stream: "others" })]);
  }
  const look = () => [
    store.view.tail("orders", everything, 500),
    store.view.read("orders", everything, 0, 500),
    store.view.recent("orders", Number.MAX_SAFE_INTEGER, 500).prints,
    [1, 2, 101, 102, 599].map((seq) => store.view.get(seq)),
  ];
  const before = look();
  expect(upkeep(store)).toBeGreaterThan(5);
  expect(look()).toEqual(before);
  store.close();
  const again = aStore(dir);
  const { rows } = again.view.tail("orders", everything, 500);
  expect(rows).toEqual((before[0] as { rows: unknown }).rows);
  // And there is nothing left to do: the file was made smaller once.
  expect(upkeep(again)).toBe(0);
});

it("touches nothing of a stream that keeps nothing", () => {
  const store = aStore(temporaryFolder(), { maxRecords: 1 });
  store.keepNothing("quiet", true);
  for (let n = 0; n < 40; n++) appendTo(store, "quiet", [anEvent({ stream: "quiet" })]);
  expect([upkeep(store), total(store, "quiet")]).toEqual([0, 40]);
});
