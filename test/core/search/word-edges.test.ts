/** Where a word that is looked for may begin and end in the text. The rest of what is found stands in matcher.test.ts. */
import { expect, it } from "vitest";
import { meets } from "../../../main/core/search/matcher.ts";
import { parseQuery } from "../../../main/core/search/query.ts";

const isFound = (text: string, data: string) => meets(parseQuery(text), { type: "", id: null, data });

it.each([
  ["at the very start", "ab", "ab cd", true],
  ["at the very end", "cd", "ab cd", true],
  ["as all there is", "ab", "ab", true],
  ["behind a single character", "b", ".b", true],
  ["not behind a letter", "b", "ab", false],
  ["not behind a letter that is two units long", "b", "\u{10400}b", false],
  ["behind a picture that is two units long", "b", "🚀b", true],
  ["behind half a pair", "b", "\ud83db", true],
  ["behind a sign", "b", "发b", true],
  ["behind a sign that is two units long", "b", "𠮷b", true],
  ["not behind a letter's mark", "b", "x\u0301\u0301b", false],
  ["behind a sign's mark", "b", "发\u0301b", true],
  ["behind a gap's mark", "b", " \u0301b", true],
  ["behind a mark that the text begins with", "b", "\u0301b", true],
  ["later, where it is first met inside a word", "ab", "cab ab", true],
  ["not where it only overlaps itself", "aa", "baaa", false],
  ["before a sign", '"a"', "a发", true],
  ["not before a letter", '"a"', "ab", false],
  ["not before a mark", '"a"', "a\u0301\u0301b c", false],
  ["not before a mark when there is only its letter", '"x"', "x\u0301", false],
  ["before a letter when it may go on", "a", "ab", true],
  ["before a mark when it may go on", "x", "x\u0301", true],
])("finds a word %s: %j in %j is %s", (_, text, data, expected) => {
  expect(isFound(text, data)).toBe(expected);
});

it.each([
  ["alone among others", "货", "已发货了", true],
  ["at the start", "已", "已发货", true],
  ["at the end", "货", "已发货", true],
  ["between letters", "发", "a发b", true],
  ["two units long, in a run", "𠮷", "野𠮷野", true],
  ["before a mark, when it may go on", "发", "发\u0301", true],
  ["not before a mark, in quotes", '"发"', "发\u0301", false],
  ["not before a mark inside a term", "发货", "发\u0301货", false],
  ["as a pair in a run", "发货", "已发货了", true],
  ["as a pair, later", "发货", "发了 发货", true],
  ["not as a pair that is parted", "发货", "发.货", false],
  ["as two that are parted here and touch there", '"发 货"', "发货", true],
  ["not as the other way round", "货发", "发货", false],
  ["with a letter before it, touching or not", "a发", "a 发", true],
  ["with a letter behind it, touching or not", "发a", "发 a", true],
  ["not with the rest of another word behind it", "发a", "发ba", false],
  ["as three, of which the last two are parted there", "发货了", "发货 了", false],
  ["with a word between two signs", "发a货", "发 a 货", true],
])("finds a sign %s: %j in %j is %s", (_, text, data, expected) => {
  expect(isFound(text, data)).toBe(expected);
});

it.each([
  ["whatever is between them", '"order created"', "order --> created", true],
  ["at the end of the text", '"order created"', "the order created", true],
  ["and not when the text ends before the last", '"order created"', "the order", false],
  ["and only the last may go on", "order.cre", "orders created", false],
  ["and the last goes on to its end", '"order created"', "order createds", false],
  ["with an open quote as well", '"order cre', "order was created", false],
  ["from where all of them follow", '"a b"', "a c a b", true],
])("finds words side by side %s: %j in %j is %s", (_, text, data, expected) => {
  expect(isFound(text, data)).toBe(expected);
});

it.each([
  [null, "null", false],
  ["k-17", "17", true],
  ["", "17", false],
])("an event with the id %j is found by %j: %s", (id, text, expected) => {
  expect(meets(parseQuery(text), { type: "message", id, data: "" })).toBe(expected);
});

it("asks for nothing when nothing is asked for", () => {
  expect(meets([], { type: "", id: null, data: "" })).toBe(true);
});

it("needs every word, be it plain or escaped", () => {
  const data = String.raw`plain \u53d1\u8d27 end`;
  expect(isFound("发货 plain", data)).toBe(true);
  expect(isFound("发货 end 53d1", data)).toBe(false);
  expect(isFound("u53d1 发货", data)).toBe(true);
});
