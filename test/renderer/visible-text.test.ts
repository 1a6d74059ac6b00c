/** What is unseen must show. */
import { expect, it } from "vitest";
import { visibleBlock, visibleLine } from "../../renderer/text/visible-text.ts";

it.each([
  ["\u0000", "␀"],
  ["a\tb", "a␉b"],
  ["a\nb", "a↵b"],
  ["a\r\nb", "a↵b"],
  ["a\rb", "a␍b"],
  ["\u001b[31m", "␛[31m"],
  ["\u007f", "␡"],
  ["\u0085", "\\u0085"],
  ["user\u202Egnp.exe", "user\\u202Egnp.exe"],
  ["\u2066x\u2069", "\\u2066x\\u2069"],
  ["\u200e\u200f\u061c", "\\u200E\\u200F\\u061C"],
  ["pay\u200bpal", "pay\\u200Bpal"],
  ["\ufeffx", "\\uFEFFx"],
  ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["\u{e0041}", "\\u{E0041}"],
  ["\ud800x", "\\uD800x"],
])("shows %j as %j", (text, shown) => {
  expect(visibleLine(text)).toBe(shown);
});

it.each(["Orders · EU", "订单 · 欧洲", "مرحبا", "naïve", "👩‍👩‍👧", "🇳🇱", "<b>&amp;"])("leaves %s as it is", (text) => {
  expect(visibleLine(text)).toBe(text);
  expect(visibleBlock(text)).toBe(text);
});

it("keeps lines and tabs where there is room for them, and nothing else", () => {
  expect(visibleBlock("a\n\tb\u202E\r\n\u0007")).toBe("a\n\tb\\u202E␍\n␇");
});
