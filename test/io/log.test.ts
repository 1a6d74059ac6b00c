/** The log in a real folder: its lines, its rotation, what it must never hold, and that losing it harms nobody. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type LogOptions, openLog } from "../../main/io/log.ts";

let dataDir: string;
const onProblem = vi.fn();
const file = (name = "holdfast.log") => join(dataDir, "logs", name);
const lines = (name?: string) => readFileSync(file(name), "utf8").split("\n").slice(0, -1);
const open = (more: Partial<LogOptions> = {}) =>
  openLog({ dataDir, now: () => Date.UTC(2026, 10, 22, 9, 30), onProblem, ...more });

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "holdfast-log-"));
  onProblem.mockReset();
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
});

describe("an entry", () => {
  it("is one line with time, level and message", async () => {
    const log = open();
    log.info("started");
    log.warn("slow");
    log.error("broken", "why");
    await log.flush();
    expect(lines()).toEqual([
      "2026-11-22T09:30:00.000Z INFO started",
      "2026-11-22T09:30:00.000Z WARN slow",
      "2026-11-22T09:30:00.000Z ERROR broken: why",
    ]);
  });

  it("tells of a retry in exactly these words", async () => {
    const log = open();
    log.retry("PROXY", "POOR", 1500, "outage");
    await log.flush();
    expect(lines()).toEqual([
      "2026-11-22T09:30:00.000Z INFO Smart reconnect: PROXY, quality: POOR, delay: 1500ms, rule: outage",
    ]);
  });

  it("stays one line that a terminal obeys nothing of", async () => {
    const log = open();
    log.info("a\r\nb\u001b[2Jc\u2028d\u0085");
    await log.flush();
    expect(lines()).toEqual(["2026-11-22T09:30:00.000Z INFO a\\r\\nb\\u001b[2Jc\\u2028d\\u0085"]);
  });

  it("holds an error's stack, on its line", async () => {
    const log = open();
    log.error("broken", new TypeError("no such thing"));
    await log.flush();
    expect(lines()).toEqual([expect.stringMatching(/broken: TypeError: no such thing\\n +at .*log\.test/)]);
  });

  it("is cut when it is huge", async () => {
    const log = open();
    log.info("x ".repeat(500_000));
    await log.flush();
    expect(statSync(file()).size).toBeLessThan(10_000);
  });

  it("holds none of the secrets that reach the log", async () => {
    const log = open();
    const canary = "c4n4ry";
    const planted = [
      `https://bob:${canary}@example.com/x`,
      `GET https://example.com/x?token=${canary}&b=${canary}`,
      `Authorization: Bearer ${canary}`,
      `authorization: Basic ${canary}==`,
      `Cookie: sid=${canary}`,
      `{"x-api-key":"${canary}"}`,
    ];
    for (const text of planted) {
      log.info(text);
      log.warn(text);
      log.error("failed", new Error(text));
      log.error(text, { toString: () => text });
    }
    await log.flush();
    expect(lines()).toHaveLength(planted.length * 4);
    expect(readFileSync(file(), "utf8")).not.toContain(canary);
  });
});

describe("the files", () => {
  it("are private, in a private folder", async () => {
    const log = open();
    log.info("x");
    await log.flush();
    expect([statSync(file()).mode & 0o777, statSync(join(dataDir, "logs")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it("rotate: five of them, none over its size, the newest entries kept in order", async () => {
    const log = open({ maxBytes: 1000 });
    for (let number = 0; number < 500; number += 1) log.info(`entry ${number}`);
    await log.flush();
    const names = readdirSync(join(dataDir, "logs")).sort();
    expect(names).toEqual(["holdfast.log", "holdfast.log.1", "holdfast.log.2", "holdfast.log.3", "holdfast.log.4"]);
    for (const name of names) expect(statSync(file(name)).size).toBeLessThanOrEqual(1000);
    const numbers = names.reverse().flatMap((name) => lines(name).map((line) => Number(/\d+$/.exec(line)?.[0])));
    expect(numbers.length).toBeGreaterThan(90);
    expect(numbers).toEqual(numbers.map((_, index) => 500 - numbers.length + index));
  });

  it("go on where the last run stopped", async () => {
    for (const text of ["one", "two"]) {
      const log = open();
      log.info(text);
      await log.flush();
    }
    expect(lines()).toEqual([expect.stringMatching(/one$/), expect.stringMatching(/two$/)]);
  });

  it("take an entry larger than a file alone, without turning for ever", async () => {
    const log = open({ maxBytes: 50 });
    log.info("y".repeat(200));
    log.info("z");
    await log.flush();
    expect([lines().length, lines("holdfast.log.1").length]).toEqual([1, 1]);
  });
});

describe("a log that cannot be written", () => {
  it.each<[string, () => void, string]>([
    ["a file where the folder should be", () => writeFileSync(join(dataDir, "logs"), ""), "EEXIST"],
    ["a folder where the file should be", () => mkdirSync(file(), { recursive: true }), "EISDIR"],
  ])("counts what is lost, says so once, and never throws: %s", async (_what, spoil, reason) => {
    spoil();
    const log = open();
    log.info("one");
    await log.flush();
    log.info("two");
    log.error("three");
    await log.flush();
    expect(log.lost()).toBe(3);
    expect(onProblem).toHaveBeenCalledExactlyOnceWith({ code: "log-failing", params: { reason } });
  });

  it("is not written through a link", async () => {
    mkdirSync(join(dataDir, "logs"));
    writeFileSync(join(dataDir, "victim"), "untouched");
    symlinkSync(join(dataDir, "victim"), file());
    const log = open();
    log.info("x");
    await log.flush();
    expect(readFileSync(join(dataDir, "victim"), "utf8")).toBe("untouched");
    expect([log.lost(), onProblem.mock.calls.length]).toEqual([1, 1]);
  });

  it("works again when the fault is gone", async () => {
    writeFileSync(join(dataDir, "logs"), "");
    const log = open();
    log.info("lost");
    await log.flush();
    rmSync(join(dataDir, "logs"));
    log.info("kept");
    await log.flush();
    expect(lines()).toEqual([expect.stringMatching(/kept$/)]);
  });

  it("lets a bounded amount wait while the disk is slow", async () => {
    const log = open();
    for (let number = 0; number < 1000; number += 1) log.info("w ".repeat(4000));
    expect(log.lost()).toBeGreaterThan(800);
    await log.flush();
    expect(statSync(file()).size).toBeLessThan(1_100_000);
  });
});
