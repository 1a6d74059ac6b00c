import { expect, it } from "vitest";
import { fold, unescaped } from "../../../main/core/search/fold.ts";
import { addTerms, tokens } from "../../../main/core/search/tokens.ts";

const cut = (text: string) => tokens(fold(text)).map((token) => token.text);

it.each([
  ["order.created", ["order", "created"]],
  ["node_down", ["node", "down"]],
  ["user@host-7", ["user", "host", "7"]],
  ["9F0C2B1E-77aa-4b1d", ["9f0c2b1e", "77aa", "4b1d"]],
  ["12.50 €", ["12", "50"]],
  ["订单已发货", ["订", "单", "已", "发", "货"]],
  ["abc发货2", ["abc", "发", "货", "2"]],
  ["ＡＢＣ１２", ["abc12"]],
  ["ｶﾞｲﾄﾞ", ["ガ", "イ", "ド"]],
  ["결제 실패", ["결", "제", "실", "패"]],
  ["Straße ΟΔΟΣ", ["straße", "οδοσ"]],
  ["cafe\u0301", ["café"]],
  ["ship\u00ADment", ["shipment"]],
  ["🚀 go 👩‍🚀", ["go"]],
  ["𠮷野", ["𠮷", "野"]],
  ["人々", ["人", "々"]],
  ["สั่ง", ["สั่", "ง"]],
  ["", []],
])("cuts %j into %j", (text, expected) => {
  expect(cut(text)).toEqual(expected);
});

it.each([
  ["发货", [false, true]],
  ["发 货", [false, false]],
  ["a发b", [false, true, true]],
  ["a.b", [false, false]],
  [" 发货", [false, true]],
  ["\u0301发", [false]],
])("knows of the tokens of %j which stand right behind another: %j", (text, expected) => {
  expect(tokens(text).map(({ touches }) => touches)).toEqual(expected);
});

it.each([
  ["a发1", [false, true, false]],
  ["𠮷か한ส", [true, true, true, true]],
])("knows of the tokens of %j which are signs: %j", (text, expected) => {
  expect(tokens(text).map(({ isSign }) => isSign)).toEqual(expected);
});

it("reads escapes as the characters they stand for, and says when there are none", () => {
  expect(unescaped(String.raw`{"s":"\u53d1\u8d27\nnext \"x\" \\ \/"}`)).toBe('{"s":"发货\nnext "x" \\ /"}');
  expect(unescaped("plain")).toBeNull();
  expect(unescaped(String.raw`C:\Windows`)).toBeNull();
});

it("files signs in pairs, the last one of a run by itself, and words cut to their beginning", () => {
  const terms = new Set<string>();
  addTerms({ type: "Paid", id: "A-1", data: `已发货 ok ${"x".repeat(100)}` }, terms);
  expect([...terms].filter((term) => !term.startsWith("="))).toEqual(
    expect.arrayContaining(["paid", "a", "1", "已发", "发货", "货", "ok", "x".repeat(32)]),
  );
  expect([...terms].filter((term) => term.startsWith("="))).toHaveLength(1);
});

it("folds by its short way only what the long way would cut into the same tokens", () => {
  for (let unit = 1; unit < 0xd800; unit++) {
    const text = `a${String.fromCharCode(unit)}b`;
    const long = text.normalize("NFKC").toLowerCase();
    if (fold(text) === text.toLowerCase() && text.toLowerCase() !== long)
      expect(tokens(fold(text))).toEqual(tokens(long));
  }
});
