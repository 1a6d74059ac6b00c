import * as fc from "fast-check";
import { expect, it } from "vitest";
import { fold, unescaped } from "../../../main/core/search/fold.ts";
import { meets } from "../../../main/core/search/matcher.ts";
import { allOf, anyOf, cheaply, type Need, needOfQuery, nothingNeeded } from "../../../main/core/search/need.ts";
import { parseQuery, type Term } from "../../../main/core/search/query.ts";
import { addTerms, tokens } from "../../../main/core/search/tokens.ts";

const event = (data: string, type = "message", id: string | null = null) => ({ type, id, data });

it.each([
  ["发货", "订单已发货", true],
  ["发货", "发。货", false],
  ["发货", "发 货", false],
  ["发 货", "货发", true],
  ["货", "已发货", true],
  ["失败", "支付失敗", false],
  ["订单发货", "订单已发货", false],
  ["ord", "order.created", true],
  ["rder", "order.created", false],
  ["order.cre", "order created", true],
  ["order.created", "order was created", false],
  ["created order", "order.created", true],
  ["created missing", "order.created", false],
  ['"order created"', "order.created", true],
  ['"order create"', "order.created", false],
  ['"order cre', "order.created", true],
  ["“order created”", "order.created", true],
  ["「发货」", "已发货了", true],
  ["node_d", "node_down", true],
  ["USER@HOST", "user@host.example", true],
  ["abc", "ＡＢＣ", true],
  ["ＡＢＣ", "abc", true],
  ["12.5", "total 12.50", true],
  ["발송", "발송됨", true],
  ["ガイド", "ｶﾞｲﾄﾞ", true],
  ["οδος", "ΟΔΟΣ", true],
  ["🚀", "anything", true],
  ["   ", "anything", true],
  ["发货", String.raw`{"s":"\u53d1\u8d27"}`, true],
  ["next", String.raw`line\nnext`, true],
  ["nnext", String.raw`line\nnext`, true],
  ["a", "e\u0301a", false],
])("asked for %j, %j answers %s", (text, data, expected) => {
  expect(meets(parseQuery(text), event(data, "", null))).toBe(expected);
});

it("looks in type, id and data for each word, and never across two of them", () => {
  const found = event("paid", "order", "k-17");
  expect(meets(parseQuery("order paid k-17"), found)).toBe(true);
  expect(meets(parseQuery('"order paid"'), found)).toBe(false);
});

/** Short texts of characters that are likely to meet each other's edges. */
const text = fc
  .array(
    fc.constantFrom(
      ..."abAB12",
      ..."发货订",
      "が",
      "ｶ",
      "ﾞ",
      "\u0301",
      " ",
      ".",
      "_",
      '"',
      "\\n",
      "\\u53d1",
      "😀",
      "𠮷",
      "한",
      "Σ",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** The meaning, written down again as plainly as can be: tokens beside tokens. */
function plainly(term: Term, folded: string): boolean {
  const all = tokens(folded);
  return all.some((_, from) =>
    term.tokens.every((wanted, i) => {
      const token = all[from + i];
      if (token === undefined || token.isSign !== wanted.isSign) return false;
      const mustTouch = i > 0 && wanted.isSign && wanted.touches && term.tokens[i - 1]?.isSign === true;
      if (mustTouch && !token.touches) return false;
      const isLast = i === term.tokens.length - 1;
      return term.isOpen && isLast ? token.text.startsWith(wanted.text) : token.text === wanted.text;
    }),
  );
}

it("finds what the plain reading of tokens side by side finds", () => {
  fc.assert(
    fc.property(text, text, (asked, data) => {
      const query = parseQuery(asked);
      const texts = [fold(data), fold(unescaped(data) ?? "")];
      const expected = query.every((term) => texts.some((one) => plainly(term, one)));
      expect(meets(query, event(data, "", null))).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

const isMet = (need: Need, terms: ReadonlySet<string>): boolean => {
  if ("all" in need) return need.all.every((one) => isMet(one, terms));
  if ("any" in need) return need.any.some((one) => isMet(one, terms));
  return need.isPrefix ? [...terms].some((term) => term.startsWith(need.term)) : terms.has(need.term);
};

/** A text, and what may be asked of it: mostly a piece of its own, so that few of the pairs tell nothing. */
const askedOf = text.chain((data) => {
  const piece = fc
    .tuple(fc.constantFrom("", "", '"'), fc.nat(data.length), fc.nat(data.length))
    .map(([quote, from, to]) => quote + data.slice(from, to).replaceAll('"', "") + quote);
  return fc.tuple(fc.oneof(text, piece, piece), fc.constant(data));
});

it("never needs a term that a matching event has not filed", () => {
  fc.assert(
    fc.property(askedOf, text, ([asked, data], id) => {
      const query = parseQuery(asked);
      const found = event(data, "t", id);
      fc.pre(query.length > 0 && meets(query, found));
      const terms = new Set<string>();
      addTerms(found, terms);
      expect(isMet(needOfQuery(query), terms)).toBe(true);
      expect(isMet(cheaply(needOfQuery(query)), terms)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

it("finds a text by a part of itself that begins and ends between words", () => {
  fc.assert(
    fc.property(text, text, text, (before, middle, behind) => {
      fc.pre(!/["\\]/.test(middle));
      const data = `${before} ${middle} ${behind}`;
      for (const word of middle.split(" ")) expect(meets(parseQuery(word), event(data, "", null))).toBe(true);
    }),
  );
});

it("needs nothing of a choice when one of the choices needs nothing", () => {
  const a = { term: "a", isPrefix: false };
  expect(anyOf([a, nothingNeeded])).toEqual(nothingNeeded);
  expect(allOf([a, nothingNeeded])).toEqual(a);
  expect(cheaply(anyOf([a, { term: "b", isPrefix: true }]))).toEqual(nothingNeeded);
});
