import { describe, expect, it } from "vitest";
import type { Need } from "../../../main/core/search/need.ts";
import { addTerms } from "../../../main/core/search/tokens.ts";
import { jsonOf, parsePath } from "../../../main/io/journal/search/json-path.ts";

const terms = (need: Need): unknown =>
  "term" in need ? need.term : "all" in need ? need.all.map(terms) : { any: need.any.map(terms) };

const order = '{"order":{"id":17,"status":"paid","items":[{"sku":"A-1","n":2},{"sku":"发货","n":0}]},"note":null}';

it.each([
  ["$.order.status", true],
  ["$.order.missing", false],
  ["$..sku", true],
  ["$.order.items[?@.n > 1]", true],
  ["$.order.items[?@.n > 2]", false],
  ['$.order.items[?@.sku == "发货"]', true],
  ['$[?@.status == "paid" && @.id == 17]', true],
  ["$.note", true],
  ["$.order.items[2]", false],
  ["$.order.items[-1]", true],
  ['$.order.items[?match(@.sku, "A-.")]', true],
  ["$[?@.a == @.b]", true],
])("%s selects something: %s", (path, expected) => {
  expect(parsePath(path).selects(jsonOf(order) as never)).toBe(expected);
});

it.each([
  ["$.a[", 5],
  ["$..", 4],
  ["a.b", 1],
  ["", 1],
  ["$[?@.a==]", 9],
  ["$[?exec(@.a)]", 4],
  ["$[?match(@.a)]", 4],
  ["$.a b", 5],
  ["$[(@.length-1)]", 3],
])("says where %j stops being a path", (path, at) => {
  expect(() => parsePath(path)).toThrowError(expect.objectContaining({ code: "filter-path-invalid", params: { at } }));
});

it("takes data that is no JSON for nothing", () => {
  expect(jsonOf("hello")).toBeUndefined();
  expect(jsonOf('{"a":')).toBeUndefined();
});

describe("what an index must have", () => {
  it.each([
    ["$", []],
    ["$.orderId", "orderid"],
    ["$.order.status", ["order", "status"]],
    ["$.a[0]..b[*]", ["a", "b"]],
    ["$['a','b'].c", [{ any: ["a", "b"] }, "c"]],
    ["$['a',0].c", "c"],
    ['$[?@.sku == "A-1"]', ["sku", "a", "1"]],
    ['$[?@.sku != "x"]', []],
    ["$[?@.n > 3]", "n"],
    ["$[?@.a == @.b]", []],
    ["$[?!@.a]", []],
    ["$[?@.a || @.b]", { any: ["a", "b"] }],
    ["$[?@.a && !@.b]", "a"],
    ["$[?length(@.a) == 3]", []],
    ['$[?match(@.a, "x")]', []],
    ['$[?@.s == "已发货"]', ["s", "已发", "发货"]],
  ])("%s: %j", (path, expected) => {
    expect(terms(parsePath(path).need)).toEqual(expected);
  });

  it("is there however the JSON was escaped", () => {
    const { need, selects } = parsePath('$[?@.order_id == "发货"]');
    const data = String.raw`[{"order\u005fid":"\u53d1\u8d27"}]`;
    expect(selects(jsonOf(data) as never)).toBe(true);
    const filed = new Set<string>();
    addTerms({ type: "message", id: null, data }, filed);
    for (const term of terms(need) as string[]) expect(filed).toContain(term);
  });
});
