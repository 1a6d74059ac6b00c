/** Text from outside on its way to a banner, a menu, a log. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMarkup, plainText } from "../../main/core/plain-text.ts";

describe("plainText", () => {
  it.each([
    ["control characters", "a\u0000b\u001b[31mc\u007f\u009b", "ab[31mc"],
    ["what reorders text", "safe\u202etxt.exe\u202c \u2066x\u2069\u200f", "safetxt.exe x"],
    ["what cannot be seen", "pass\u200bword\ufeff\u00ad\u2060", "password"],
    ["tags", "ok\u{e0041}\u{e007f}", "ok"],
    ["halves of characters", "a\ud800b\udc00", "ab"],
  ])("drops %s", (_what, text, expected) => {
    expect(plainText(text, 100)).toBe(expected);
  });

  it.each([
    ["breaks become spaces", " one\r\n\ttwo\u2028three ", "one two three"],
    ["joined emoji and Persian stay", "👩‍🚀 می‌خواهم", "👩‍🚀 می‌خواهم"],
    ["accents stay, heaps of them do not", `e\u0301 Z${"\u0334".repeat(50)}`, `e\u0301 Z${"\u0334".repeat(4)}`],
    ["Chinese stays", "订单已到期", "订单已到期"],
  ])("%s", (_what, text, expected) => {
    expect(plainText(text, 100)).toBe(expected);
  });

  it("cuts between characters and says so", () => {
    expect(plainText("😀😀😀😀", 3)).toBe("😀😀…");
    expect(plainText("abc", 3)).toBe("abc");
    expect(plainText(`a${"\u200b".repeat(100)}b`, 3)).toBe("a…");
  });

  it("is never longer than allowed, never broken, and looks at no more than the start of a huge text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (text, max) => {
        const shown = plainText(text, max);
        expect([...shown].length).toBeLessThanOrEqual(max);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
    expect([...plainText("\u202e".repeat(2_000_000), 240)].length).toBeLessThanOrEqual(240);
  });
});

it("escapes what a notification service would read as markup", () => {
  expect(escapeMarkup('<b>&amp; <a href="x">')).toBe('&lt;b&gt;&amp;amp; &lt;a href="x"&gt;');
});
