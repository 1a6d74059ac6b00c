/** Numbers in words, and shares that sum to a hundred. */
import { describe, expect, it } from "vitest";
import { roundUp, summaryOf } from "../../renderer/history.ts";
import { hueOf } from "../../renderer/hue.ts";
import { cutMiddle } from "../../renderer/text/cut-middle.ts";
import { sharesOf } from "../../renderer/text/format.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";
import { fakeHistory } from "./fake-data.ts";

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
    const { open, down, paused, unknown } = summaryOf(fakeHistory(span, 1_790_000_000_000));
    expect(open + down + paused + unknown).toBe(100);
    expect(unknown).toBeGreaterThan(0);
  });
});

it("rounds the top of an axis up to 1, 2 or 5", () => {
  expect([0, 1, 3, 7, 118, 200, 201].map(roundUp)).toEqual([1, 1, 5, 10, 200, 200, 500]);
});

it("cuts the middle of an address and keeps both ends", () => {
  expect(cutMiddle("https://api.shop.example/v1/orders/stream", 21)).toBe("https://ap…ers/stream");
  expect(cutMiddle("short", 21)).toBe("short");
});

it("gives a type the same hue always", () => {
  expect(hueOf("order.paid")).toBe(hueOf("order.paid"));
  expect(
    new Set(["a", "b", "c", "d", "e", "f", "order.created", "order.paid", "message", "ping"].map(hueOf)).size,
  ).toBeGreaterThan(3);
});
