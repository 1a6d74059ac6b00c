/** The search field's text, read: terms of tokens, and whether the last word may go on. */
import { expect, it } from "vitest";
import { parseQuery } from "../../../main/core/search/query.ts";

/** Tokens with what parts them (a dot when they touch), and … where the last word may go on. */
const written = (text: string) =>
  parseQuery(text).map(({ tokens, isOpen }) => {
    const words = tokens.map((token, i) => `${i === 0 ? "" : token.touches ? "·" : " "}${token.text}`);
    return `${words.join("")}${isOpen ? "…" : ""}`;
  });

it.each([
  ["", []],
  ["   ", []],
  ["🚀 -- . ", []],
  ['""', []],
  ['"🚀"', []],
  ["paid", ["paid…"]],
  ["  Paid  ", ["paid…"]],
  ["paid 17", ["paid…", "17…"]],
  ["order.created", ["order created…"]],
  ["发货", ["发·货…"]],
  ["发。货", ["发 货…"]],
  ["a发", ["a·发…"]],
  ['"order created"', ["order created"]],
  ['"order created', ["order created…"]],
  ['"order" created', ["order", "created…"]],
  ['id"17"x', ["id…", "17", "x…"]],
  ['"a" "b', ["a", "b…"]],
  ["„bezahlt“", ["bezahlt"]],
  ["“paid”", ["paid"]],
  ["«payé»", ["payé"]],
  ["「発送」", ["発·送"]],
  ["『発 送", ["発 送…"]],
  ["“paid", ["paid…"]],
  ["it's", ["it s…"]],
])("reads %j as %j", (text, terms) => {
  expect(written(text)).toEqual(terms);
});
