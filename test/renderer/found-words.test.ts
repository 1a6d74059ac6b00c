/** Which parts of a text a filter's words are marked in. */
import { expect, it } from "vitest";
import { partsOf, patternOf } from "../../renderer/text/found-words.ts";

const marked = (text: string, query: string): string[] =>
  partsOf(text, patternOf(query))
    .filter(({ found }) => found)
    .map((part) => part.text);

it("marks each word where a word begins, ignoring case", () => {
  expect(marked('{"Order":"preorder","reorder":1,"order_id":2}', "order")).toEqual(["Order", "order"]);
  expect(marked("order.paid and paid orders", "PAID ord")).toEqual(["ord", "paid", "paid", "ord"]);
  expect(marked("Größe größer", "grö")).toEqual(["Grö", "grö"]);
  expect(marked("order.paid, order paid.late, order.unpaid", "order.paid")).toEqual(["order.paid", "order paid"]);
});

it("marks quoted words only whole and side by side", () => {
  expect(marked("not found; found not", '"not found"')).toEqual(["not found"]);
  expect(marked('{"status":"not_found"}', '"not found"')).toEqual(["not_found"]);
  expect(marked("not foundling", '"not found"')).toEqual([]);
  expect(marked("not foundling", '"not found')).toEqual(["not found"]);
  expect(marked("not found; found", "“not found”")).toEqual(["not found"]);
  expect(marked("发货失败。发货 失败", "「发货失败」")).toEqual(["发货失败"]);
});

it("marks Chinese, Japanese and Korean as they are written, wherever they stand", () => {
  expect(marked("订单发货失败，请重试", "发货失败")).toEqual(["发货失败"]);
  expect(marked("订单发货失败", "失败 订单")).toEqual(["订单", "失败"]);
  expect(marked("订单abc", "abc")).toEqual(["abc"]);
  expect(marked("テスト注文", "注文")).toEqual(["注文"]);
});

it("takes signs of a pattern for signs", () => {
  expect(marked("a+b (c) [d] \\e", "(c) .* [d")).toEqual(["c", "d"]);
  expect(patternOf("... ()[]{}|\\")).toBeNull();
  expect(patternOf("")).toBeNull();
});

it("gives back the whole text, with no more marks than wanted", () => {
  const text = "ab ".repeat(1000);
  const parts = partsOf(text, patternOf("ab"), 10);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter(({ found }) => found)).toHaveLength(10);
});
