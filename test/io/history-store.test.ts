import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { emptyHistory } from "../../main/core/quality/history.ts";
import { pack } from "../../main/core/quality/history-pack.ts";
import type { Clock } from "../../main/io/ports.ts";
import { openHistory } from "../../main/io/stores/history-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A clock whose one timer is fired by hand. */
function aClock(): Clock & { wake: () => void; delays: number[] } {
  const delays: number[] = [];
  let wakes: (() => void)[] = [];
  return {
    mono: () => 0,
    utc: () => Date.UTC(2026, 0, 1),
    after(delayMs, wake) {
      delays.push(delayMs);
      wakes.push(wake);
      return () => {
        wakes = wakes.filter((one) => one !== wake);
      };
    },
    wake: () => wakes.shift()?.(),
    delays,
  };
}
const snapshot = (ring: string) => ({ ...pack(emptyHistory(), 7), rings: [ring, "", "", ""] });
const stored = (dir: string) => JSON.parse(readFileSync(join(dir, "history.json"), "utf8"));

it("writes once a minute what has changed, and the rest at the end", async () => {
  const dir = temporaryFolder();
  const clock = aClock();
  const store = openHistory({ dir, clock });
  expect(store.read("orders")).toBeNull();
  store.put("orders", snapshot("A"));
  expect(existsSync(join(dir, "history.json"))).toBe(false);
  clock.wake();
  await store.flushLater();
  await expect.poll(() => existsSync(join(dir, "history.json"))).toBe(true);
  expect(stored(dir)).toEqual({ version: 2, streams: { orders: snapshot("A") } });
  expect(clock.delays).toEqual([60_000, 60_000]);
  store.put("orders", snapshot("B"));
  store.put("trades", snapshot("C"));
  store.remove("orders");
  store.close();
  expect(stored(dir).streams).toEqual({ trades: snapshot("C") });
  expect(openHistory({ dir, clock }).read("trades")).toEqual(snapshot("C"));
});

it("sets rubbish aside and says so, and never writes over a newer file", () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, "history.json"), "{");
  const store = openHistory({ dir, clock: aClock() });
  expect(store.problems.map(({ code }) => code)).toEqual(["history-set-aside"]);
  const newer = JSON.stringify({ version: 3, streams: {} });
  writeFileSync(join(dir, "history.json"), newer);
  const reader = openHistory({ dir, clock: aClock() });
  reader.put("orders", snapshot("A"));
  reader.close();
  expect(reader.problems.map(({ code }) => code)).toEqual(["history-newer"]);
  expect(readFileSync(join(dir, "history.json"), "utf8")).toBe(newer);
});

it("reads the file of the version before, and writes it as its own", () => {
  const dir = temporaryFolder();
  const older = { version: 1, rings: ["", "", "", ""] };
  writeFileSync(join(dir, "history.json"), JSON.stringify({ version: 1, streams: { orders: older } }));
  const store = openHistory({ dir, clock: aClock() });
  expect([store.read("orders"), store.problems]).toEqual([older, []]);
  store.put("trades", snapshot("C"));
  store.close();
  expect(stored(dir)).toEqual({ version: 2, streams: { orders: older, trades: snapshot("C") } });
});

it("holds the main loop for less than 5 ms when it writes 10 full streams", async () => {
  const store = openHistory({ dir: temporaryFolder(), clock: aClock() });
  for (let n = 0; n < 10; n++) store.put(`stream-${n}`, snapshot("x".repeat(52_000)));
  await store.flushLater();
  const held: number[] = [];
  for (let round = 0; round < 11; round++) {
    store.put("stream-0", snapshot("x".repeat(52_000)));
    const before = performance.now();
    const done = store.flushLater();
    held.push(performance.now() - before);
    await done;
  }
  const median = held.sort((a, b) => a - b)[5] ?? 0;
  expect(median).toBeLessThan(5);
});
