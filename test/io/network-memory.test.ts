import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createNetworkMemory, openNetworkMemory } from "../../main/io/stores/network-memory.ts";
import { fakeClock } from "../fakes/stream-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const hourMs = 3_600_000;
const sse = "sse https://a.example/events";
const ws = "ws wss://a.example/ws";
const aPath = (idleCutMs: number | null) => ({
  hops: [{ product: "nginx", version: "1.22.1", role: "reverse" as const, confidence: 0.95 }],
  idleCutMs,
});

describe("the memory", () => {
  it("tells what proved useful on each network, the last word counting", () => {
    const memory = createNetworkMemory(fakeClock());
    memory.remember("orders", "home", sse);
    memory.remember("orders", "office", sse);
    memory.remember("orders", "office", ws);
    expect(memory.recall("orders", "home")).toBe(sse);
    expect(memory.recall("orders", "office")).toBe(ws);
    expect(memory.recall("orders", "train")).toBeNull();
    expect(memory.recall("trades", "home")).toBeNull();
  });

  it.each([
    ["almost a day later", 24 * hourMs - 1, ws],
    ["a day later", 24 * hourMs, null],
    ["when the clock was put right by a minute", -60_000, ws],
    ["when the clock was set back by an hour", -hourMs, null],
    ["when the clock was set back by ten years", -87_600 * hourMs, null],
  ])("is asked %s", (_name, byMs, recalled) => {
    const clock = fakeClock();
    const memory = createNetworkMemory(clock);
    memory.remember("orders", "office", ws);
    clock.setUtc(clock.utc() + byMs);
    expect(memory.recall("orders", "office")).toBe(recalled);
  });

  it("knows for good what was ever open, each once", () => {
    const clock = fakeClock();
    const memory = createNetworkMemory(clock);
    for (const key of [sse, ws, sse]) memory.noteWorked("orders", key);
    clock.setUtc(clock.utc() + 10_000 * hourMs);
    expect(memory.worked("orders")).toEqual([sse, ws]);
    expect(memory.worked("trades")).toEqual([]);
  });

  it("tells what a path showed on each network, for a day, and nothing of another network", () => {
    const clock = fakeClock();
    const memory = createNetworkMemory(clock);
    memory.notePath("orders", "office", sse, aPath(60_000));
    memory.notePath("orders", "office", ws, aPath(null));
    memory.notePath("orders", "", sse, aPath(1));
    expect(memory.recallPath("orders", "office", sse)).toEqual(aPath(60_000));
    expect(memory.recallPath("orders", "office", ws)).toEqual(aPath(null));
    expect(memory.recallPath("orders", "home", sse)).toBeNull();
    expect(memory.recallPath("orders", "", sse)).toBeNull();
    clock.setUtc(clock.utc() + 24 * hourMs);
    expect(memory.recallPath("orders", "office", sse)).toBeNull();
  });

  it("keeps forty-eight paths of a stream: the oldest goes", () => {
    const memory = createNetworkMemory(fakeClock());
    for (let n = 0; n < 49; n++) memory.notePath("orders", `network-${n}`, sse, aPath(n + 1000));
    expect(memory.recallPath("orders", "network-0", sse)).toBeNull();
    expect(memory.recallPath("orders", "network-1", sse)).toEqual(aPath(1001));
  });

  it("forgets a stream with all of it", () => {
    const memory = createNetworkMemory(fakeClock());
    memory.remember("orders", "home", ws);
    memory.noteWorked("orders", ws);
    memory.forget("orders");
    expect([memory.recall("orders", "home"), memory.worked("orders")]).toEqual([null, []]);
  });

  it("keeps sixteen networks, 32 candidates and 256 streams: the oldest goes", () => {
    const memory = createNetworkMemory(fakeClock());
    for (let n = 0; n < 16; n++) memory.remember("orders", `network-${n}`, ws);
    memory.remember("orders", "network-0", sse);
    memory.remember("orders", "another", ws);
    expect(memory.recall("orders", "network-0")).toBe(sse);
    expect(memory.recall("orders", "network-1")).toBeNull();
    for (let n = 0; n < 40; n++) memory.noteWorked("orders", `key-${n}`);
    expect(memory.worked("orders")).toHaveLength(32);
    expect(memory.worked("orders").at(-1)).toBe("key-39");
    for (let n = 0; n < 256; n++) memory.noteWorked(`stream-${n}`, sse);
    expect(memory.worked("orders")).toEqual([]);
    expect(memory.worked("stream-0")).toEqual([sse]);
  });

  it("keeps nothing of a network without a name, and no endless address", () => {
    const memory = createNetworkMemory(fakeClock());
    memory.remember("orders", "", ws);
    memory.remember("orders", "home", "x".repeat(5000));
    memory.noteWorked("orders", "x".repeat(5000));
    expect([memory.recall("orders", ""), memory.recall("orders", "home")]).toEqual([null, null]);
    expect(memory.worked("orders")).toEqual([]);
  });
});

describe("its file", () => {
  const path = (dir: string) => join(dir, "network-memory.json");

  it("brings everything over a restart, in the same order", () => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    const before = openNetworkMemory({ dir, clock });
    // Names that look like numbers, the later one smaller.
    for (let n = 116; n > 100; n--) before.remember("orders", `${n}`, ws);
    before.noteWorked("orders", sse);
    before.notePath("orders", "101", sse, aPath(60_000));
    before.close();
    const after = openNetworkMemory({ dir, clock });
    expect(after.worked("orders")).toEqual([sse]);
    expect(after.recallPath("orders", "101", sse)).toEqual(aPath(60_000));
    after.remember("orders", "new", sse);
    expect([after.recall("orders", "116"), after.recall("orders", "101")]).toEqual([null, ws]);
    expect(after.problems).toEqual([]);
  });

  it("is written ten seconds after a change, and never without one", async () => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    const memory = openNetworkMemory({ dir, clock });
    expect(clock.timers).toBe(0);
    memory.noteWorked("orders", sse);
    memory.remember("orders", "home", sse);
    expect(clock.timers).toBe(1);
    await clock.advance(9999);
    expect(existsSync(path(dir))).toBe(false);
    await clock.advance(1);
    await expect.poll(() => existsSync(path(dir))).toBe(true);
    memory.noteWorked("orders", sse);
    expect(clock.timers).toBe(0);
    memory.close();
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["zeros", "\0".repeat(100)],
    ["a trap", '{"__proto__":{"x":1}}'],
  ])("that holds %s is set aside, and the memory starts empty", (_name, content) => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    writeFileSync(path(dir), content);
    const memory = openNetworkMemory({ dir, clock });
    expect(memory.problems.map(({ code }) => code)).toEqual(["network-memory-set-aside"]);
    expect(memory.worked("orders")).toEqual([]);
    memory.noteWorked("orders", sse);
    memory.close();
    expect(openNetworkMemory({ dir, clock }).worked("orders")).toEqual([sse]);
    expect(readdirSync(dir).filter((name) => name.includes(".corrupt-"))).toHaveLength(1);
  });

  it("costs only the values that are wrong", () => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    const at = clock.utc();
    const good = { network: "home", candidate: ws, at };
    const hints = [good, null, 7, { network: "a", candidate: 1, at }, { network: "b", candidate: ws, at: "now" }];
    const place = { network: "home", candidate: ws, at };
    const hops = [...aPath(1).hops, { product: 5 }, { ...aPath(1).hops[0], confidence: 7 }];
    const paths = [{ ...place, hops, idleCutMs: -1 }, { ...place, network: 5 }, null];
    const orders = { stream: "orders", hints, worked: [sse, 5], paths };
    const streams = [null, { stream: 1 }, orders, { stream: "x", hints: {}, paths: {} }];
    writeFileSync(path(dir), JSON.stringify({ version: 1, streams }));
    const memory = openNetworkMemory({ dir, clock });
    expect(memory.recall("orders", "home")).toBe(ws);
    expect([memory.recall("orders", "a"), memory.recall("orders", "b")]).toEqual([null, null]);
    expect([memory.worked("orders"), memory.worked("x")]).toEqual([[sse], []]);
    expect(memory.recallPath("orders", "home", ws)).toEqual(aPath(null));
  });

  it("of a newer version is read and never written", () => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    const newer = JSON.stringify({ version: 2, streams: [{ stream: "orders", worked: [sse] }] });
    writeFileSync(path(dir), newer);
    const memory = openNetworkMemory({ dir, clock });
    memory.noteWorked("orders", ws);
    memory.close();
    expect(memory.worked("orders")).toEqual([sse, ws]);
    expect(memory.problems.map(({ code }) => code)).toEqual(["network-memory-newer"]);
    expect(readFileSync(path(dir), "utf8")).toBe(newer);
  });

  it("that cannot be written is a line for the log, and the memory goes on", async () => {
    const [dir, clock] = [temporaryFolder(), fakeClock()];
    const shelf = () => ({ read: () => ({}), write: () => "ENOSPC", writeLater: async () => "ENOSPC" });
    const memory = openNetworkMemory({ dir, clock, shelf });
    memory.noteWorked("orders", sse);
    await clock.advance(10_000);
    await memory.flushLater();
    expect(memory.problems).toEqual([
      { code: "network-memory-not-saved", params: { path: "network-memory.json", reason: "ENOSPC" } },
    ]);
    expect(clock.timers).toBe(0);
    expect(memory.worked("orders")).toEqual([sse]);
    memory.close();
  });
});
