import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { limitsOf } from "../../main/io/journal/journal-limits.ts";
import { JournalStore } from "../../main/io/journal/journal-store.ts";
import { aJournal } from "./a-journal.ts";
import { appendTo, storeStart, upkeep } from "./a-store.ts";
import { anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const every = { days: 366, events: 10_000_000, mebibytes: 4096 };
const none = { days: null, events: null, mebibytes: null };
const day = 86_400_000;
const some = (stream: string, count: number, change: Parameters<typeof anEvent>[0] = {}) =>
  Array.from({ length: count }, (_, i) => anEvent({ stream, id: String(i), data: "x".repeat(100), ...change }));

it("takes what a stream says nothing of from every stream's", () => {
  expect(
    limitsOf(every, [
      { id: "orders", retention: { ...none, days: 2, mebibytes: 1 } },
      { id: "others", retention: none },
    ]),
  ).toEqual({
    every: { maxAgeMs: 366 * day, maxRecords: 10_000_000, maxBytes: 4096 * 1024 * 1024 },
    own: [["orders", { maxAgeMs: 2 * day, maxRecords: 10_000_000, maxBytes: 1024 * 1024 }]],
  });
});

it("lets nothing go before somebody has said how much is kept", () => {
  const store = new JournalStore({ ...storeStart(temporaryFolder()), limits: null });
  appendTo(store, "orders", some("orders", 10, { receivedAt: 0 }));
  expect([upkeep(store), store.view.tail("orders", everything, 1).total]).toEqual([0, 10]);
  store.limits = limitsOf(every, []);
  upkeep(store);
  expect(store.view.tail("orders", everything, 1).total).toBe(0);
  store.close();
});

it("lets go at once what a smaller bound leaves no room for, of that stream alone", async () => {
  const journal = await aJournal(temporaryFolder());
  const total = async (stream: string) => (await journal.tail(stream, everything, 1)).total;
  for (const stream of ["orders", "others"])
    for (let n = 0; n < 6; n++) await journal.append(stream, some(stream, 100), null);
  await journal.limit(limitsOf(every, [{ id: "orders", retention: { ...none, events: 200 } }]));
  await expect.poll(() => total("orders"), { interval: 5, timeout: 4000 }).toBe(200);
  expect(await total("others")).toBe(600);
});

it("tells a worker that was started anew how much is kept", async () => {
  vi.stubEnv("HOLDFAST_TEST_CRASH", "when=before&at=4&times=1");
  const dir = join(temporaryFolder(), "journal");
  const journal = await aJournal(dir, { worker: new URL("./crashing-worker.ts", import.meta.url) });
  const old = await journal.append("orders", some("orders", 100, { receivedAt: Date.now() - 9 * day }), "1");
  await journal.limit(limitsOf({ ...every, days: 8 }, []));
  // The fourth question ends the worker, and another one is asked again.
  await journal.append("orders", some("orders", 100, { receivedAt: Date.now() - 9 * day }), "2");
  await journal.append("orders", some("orders", 1, { receivedAt: Date.now() }), "3");
  expect(readFileSync(`${dir}.crashes`, "utf8")).toBe("x");
  expect(old.unsaved).toBe(false);
  const left = async () => (await journal.tail("orders", everything, 1)).total;
  await expect.poll(left, { interval: 50, timeout: 15_000 }).toBe(1);
});
