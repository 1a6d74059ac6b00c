/** What the index is asked: terms, written here with * for the beginning of one, + for "and", | for "or". */
import { expect, it } from "vitest";
import {
  allOf,
  anyOf,
  cheaply,
  type Need,
  needOfQuery,
  needOfString,
  needOfTypes,
  nothingNeeded,
} from "../../../main/core/search/need.ts";
import { parseQuery } from "../../../main/core/search/query.ts";
import { addTerms, typeTerm } from "../../../main/core/search/tokens.ts";

function written(need: Need): string {
  if ("all" in need) return `(${need.all.map(written).join(" + ")})`;
  if ("any" in need) return `(${need.any.map(written).join(" | ")})`;
  return need.isPrefix ? `${need.term}*` : need.term;
}

const x = (count: number) => "x".repeat(count);

it.each([
  ["", "()"],
  ["ord", "ord*"],
  ['"ord"', "ord"],
  ["order.cre", "(order + cre*)"],
  ["paid 17", "(paid* + 17*)"],
  ["发", "发*"],
  ['"发"', "发*"],
  ["发货", "发货*"],
  ['"发货"', "发货"],
  ["已发货", "(已发 + 发货*)"],
  ['"已发货"', "(已发 + 发货)"],
  ['"发 货"', "(发* + 货*)"],
  ["发货a", "(发货 + a*)"],
  ["发a", "(发* + a*)"],
  ["a发", "(a + 发*)"],
  ["a发b", "(a + 发* + b*)"],
  ["a发货", "(a + 发货*)"],
  ['"发货 了"', "(发货 + 了*)"],
  ['"发 货了"', "(发* + 货了)"],
  ["a.发", "(a + 发*)"],
  [x(31), `${x(31)}*`],
  [x(32), x(32)],
  [x(33), x(32)],
  [`"${x(31)}"`, x(31)],
  [`"${x(40)}"`, x(32)],
])("needs for %j the terms %s", (text, need) => {
  expect(written(needOfQuery(parseQuery(text)))).toBe(need);
});

it.each([
  ["Paid", "paid"],
  ["order.created", "(order + created)"],
  ["发货", "发货"],
  ["发", "发*"],
  ["--", "()"],
])("needs for the whole string %j the terms %s", (text, need) => {
  expect(written(needOfString(text))).toBe(need);
});

it("needs of types any of their names, exactly as they are, and of no types nothing", () => {
  expect(needOfTypes([])).toEqual(nothingNeeded);
  expect(needOfTypes(["Paid"])).toEqual({ term: typeTerm("Paid"), isPrefix: false });
  expect(written(needOfTypes(["Paid", "paid"]))).toBe(`(${typeTerm("Paid")} | ${typeTerm("paid")})`);
});

const term = (text: string, isPrefix = false): Need => ({ term: text, isPrefix });

it.each([
  [allOf([]), "()"],
  [allOf([term("a")]), "a"],
  [allOf([term("a"), nothingNeeded]), "a"],
  [allOf([allOf([term("a"), term("b")]), term("c")]), "(a + b + c)"],
  [allOf([anyOf([term("a"), term("b")]), term("c")]), "((a | b) + c)"],
  [anyOf([]), "(|)"],
  [anyOf([term("a")]), "a"],
  [anyOf([term("a"), term("b")]), "(a | b)"],
  [anyOf([term("a"), allOf([term("b"), term("c")])]), "(a | (b + c))"],
  [anyOf([term("a"), nothingNeeded]), "()"],
])("joins %j to %s", (need, expected) => {
  // A choice of none is never met, which is not the same as needing nothing.
  expect("any" in need && need.any.length === 0 ? "(|)" : written(need)).toBe(expected);
});

it.each([
  [term("a", true), "()"],
  [term("7"), "()"],
  [term("ab"), "ab"],
  [term("1a", true), "1a*"],
  [term("é"), "é"],
  [term("发", true), "发*"],
  [allOf([term("a"), term("order"), term("paid")]), "(order + paid)"],
  [anyOf([term("order"), term("paid")]), "(order | paid)"],
  [anyOf([term("order"), term("a")]), "()"],
])("asks for %j, cheaply, %s", (need, expected) => {
  expect(written(cheaply(need))).toBe(expected);
});

it.each([
  ["order.created", ["created", "order"]],
  ["已发货", ["发货", "已发", "货"]],
  ["发 货", ["发", "货"]],
  ["a发b", ["a", "b", "发"]],
  ["发货a", ["a", "发货", "货"]],
  ["a发货", ["a", "发货", "货"]],
  ["发a货", ["a", "发", "货"]],
  ["𠮷野家", ["家", "野家", "𠮷野"]],
  [x(33), [x(32)]],
  [x(32), [x(32)]],
  ["发\\u8d27", ["u8d27", "发", "发货", "货"]],
  ["...", []],
  ["", []],
])("files %j under %j", (data, terms) => {
  const filed = new Set<string>();
  addTerms({ type: "", id: null, data }, filed);
  filed.delete(typeTerm(""));
  expect([...filed].sort()).toEqual([...terms].sort());
});

it("files type and id too, and a type once more by its exact name", () => {
  const filed = new Set<string>();
  addTerms({ type: "Order.Paid", id: "K-17", data: "" }, filed);
  expect([...filed].sort()).toEqual([typeTerm("Order.Paid"), "order", "paid", "k", "17"].sort());
});

/** From the published vectors of FNV-1a, 32 bits. */
it.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("names the type %j by its hash", (type, hash) => {
  expect(typeTerm(type)).toBe(`=${hash.toString(36)}`);
});
