/** Numbers in words, and shares that sum to a hundred. */
import { describe, expect, it } from "vitest";
import { axisTop, sharesOfTime, timeShares } from "../../renderer/history.ts";
import { Hues } from "../../renderer/hue.ts";
import { isLoopback } from "../../renderer/loopback.ts";
import { cutMiddle } from "../../renderer/text/cut-middle.ts";
import { sharesOf } from "../../renderer/text/format.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";
import { fakeSummary } from "./fake-data.ts";

const en = makeLanguage("en").format;
const zh = makeLanguage("zh-CN").format;

it.each([
  [0, "0 ms", "0 毫秒"],
  [38, "38 ms", "38 毫秒"],
  [1400, "1.4 s", "1.4 秒"],
  [61_400, "61.4 s", "61.4 秒"],
  [60_000, "60 s", "60 秒"],
  [8_040_000, "2 h 14 min", "2 小时 14 分"],
  [259_200_000, "3 d", "3 天"],
])("says %s ms as %s and %s", (ms, english, chinese) => {
  expect(en.duration(ms)).toBe(english);
  expect(zh.duration(ms)).toBe(chinese);
});

it.each([
  [0, "0:00"],
  [-5, "0:00"],
  [1, "0:01"],
  [6_999, "0:07"],
  [60_000, "1:00"],
  [3_723_000, "1:02:03"],
])("counts %s ms down as %s", (ms, shown) => {
  expect(en.countdown(ms)).toBe(shown);
});

it.each([
  [497, "497 B"],
  [1400, "1.4 kB"],
  [999_960, "1 MB"],
  [2_400_000_000, "2.4 GB"],
])("says %s bytes as %s", (bytes, shown) => {
  expect(en.bytes(bytes)).toBe(shown);
});

describe("shares", () => {
  it.each([[[1, 1, 1]], [[99.5, 0.5, 0]], [[1, 2, 3, 1000]], [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]]])(
    "of %j sum to 100",
    (parts) => {
      expect(sharesOf(parts).reduce((sum, share) => sum + share, 0)).toBe(100);
    },
  );

  it("of nothing are nothing", () => {
    expect(sharesOf([0, 0])).toEqual([0, 0]);
  });

  it.each(["1h", "24h", "7d", "90d"] as const)("of the history of %s sum to 100", (span) => {
    const found = timeShares(fakeSummary(span, 1_790_000_000_000));
    const { open = 0, down = 0, paused = 0, asleep = 0, offline = 0, notRunning = 0, away } = found ?? {};
    expect(open + down + paused + asleep + offline + notRunning).toBe(100);
    expect(away).toBe(asleep + offline + notRunning);
  });

  it("of a history of which nothing is known are none", () => {
    expect(timeShares({ ...fakeSummary("1h", 1_790_000_000_000), coveredMs: 0 })).toBeNull();
  });

  const none = { openMs: 0, downMs: 0, pausedMs: 0, asleepMs: 0, offlineMs: 0, notRunningMs: 0 };
  const bucket = { at: 5000, spanMs: 1000, ...none };

  it.each([
    [{ openMs: 700, downMs: 295 }, 6000, "open 70, down 30, unknown 0"],
    [{ openMs: 150, asleepMs: 300 }, 6000, "open 15, asleep 30, unknown 55"],
    [{ openMs: 150, pausedMs: 50, offlineMs: 100, notRunningMs: 100 }, 9000, "paused 5, offline 10, notRunning 10"],
    [{ openMs: 150, asleepMs: 50 }, 5999, "open 75, asleep 25, unknown 0"],
    [{}, 6000, "unknown 100"],
    [{}, 5500, "unknown 100"],
  ])("of a bucket with %j at %s are of one and the same time: %s", (times, now, said) => {
    const shares = sharesOfTime({ ...bucket, ...times }, now);
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBe(100);
    const found = Object.entries(shares).map(([kind, share]) => `${kind} ${share}`);
    expect(found).toEqual(expect.arrayContaining(said.split(", ")));
  });
});

it("ends an axis where its half is round as well", () => {
  expect([0, 1, 3, 5, 7, 118, 201].map(axisTop)).toEqual([2, 2, 4, 10, 10, 200, 400]);
  expect(axisTop(150_000)).toBe(240_000);
});

it("cuts the middle of an address and keeps both ends", () => {
  expect(cutMiddle("https://api.shop.example/v1/orders/stream", 21)).toBe("https://ap…ers/stream");
  expect(cutMiddle("short", 21)).toBe("short");
});

describe("hues", () => {
  const six = ["order.created", "order.shipped", "order.paid", "stock.low", "order.refunded", "message"];

  it("of the first six types differ, and stay", () => {
    const hues = new Hues();
    const first = six.map((type) => hues.of(type));
    expect(new Set(first).size).toBe(6);
    expect(hues.of("a seventh")).toBe(hues.of("a seventh"));
    expect(six.map((type) => hues.of(type))).toEqual(first);
  });

  it("begin at the same place for the same name", () => {
    for (const type of six) expect(new Hues().of(type)).toBe(new Hues().of(type));
  });
});

it.each([
  [38, "38 ms"],
  [61_400, "61.4 s"],
  [99_960, "1.7 min"],
  [754_000, "13 min"],
  [5_400_000, "1.5 h"],
  [259_200_000, "3 d"],
])("says a gap of %s ms as %s in both languages", (ms, shown) => {
  expect([en.gap(ms), zh.gap(ms)]).toEqual([shown, shown]);
});

it.each([
  ["http://127.0.0.1:8080", true],
  ["http://127.8.9.1", true],
  ["http://[::1]:9000", true],
  ["http://localhost", true],
  ["http://127.0.0.1.evil.example", false],
  ["http://localhost.evil.example", false],
  ["http://192.168.0.1", false],
  ["nonsense", false],
])("takes %s for this computer: %s", (origin, here) => {
  expect(isLoopback(origin)).toBe(here);
});
