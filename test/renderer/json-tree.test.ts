/** What the tree of an event may be made of. */
import { expect, it } from "vitest";
import { deepest, depthOf, longest, openNodes, treeOf, widest } from "../../renderer/text/json-tree.ts";

const drawn = (text: string): unknown => {
  const tree = treeOf(text);
  return tree.kind === "tree" ? tree.value : tree.kind;
};

it("is a tree only for objects and lists", () => {
  expect(drawn('{"a":[1,true,null]}')).toEqual({ a: [1, true, null] });
  expect(drawn(" [1]")).toEqual([1]);
  for (const text of ["", "hello", "12", '"x"', "{", '{"a":}']) expect(drawn(text), text).toBe("plain");
});

it("refuses what is too deep before it parses, and what is too long", () => {
  expect(depthOf('{"a":"]]]{{{","b":[[]]}')).toBe(3);
  expect(drawn("[".repeat(deepest + 1) + "]".repeat(deepest + 1))).toBe("too-deep");
  expect(drawn("[".repeat(100_000))).toBe("too-deep");
  expect(drawn(`["${"x".repeat(longest)}"]`)).toBe("too-long");
});

it("counts the children it leaves out", () => {
  const tree = treeOf(JSON.stringify(Array.from({ length: widest + 7 }, () => 1)));
  expect(tree).toMatchObject({ kind: "tree", left: 7 });
});

it("keeps whole numbers exact that a double cannot hold", () => {
  expect(drawn('{"id":12345678901234567890}')).toEqual({ id: 12_345_678_901_234_567_890n });
});

it("makes text in keys and values visible", () => {
  expect(drawn('{"a\\u202Eb":"x\\u0000\\n\\u200b"}')).toEqual({ "a\\u202Eb": "x\\u0000\\n\\u200B" });
});

it("takes a key named __proto__ for a key", () => {
  const value = drawn('{"__proto__":{"polluted":1}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

it("starts with no more lines open than a window can lay out at once", () => {
  const forty = (child: unknown): unknown[] => Array.from({ length: 40 }, () => child);
  const tree = treeOf(JSON.stringify(forty(forty(forty(1)))));
  if (tree.kind !== "tree") throw new Error(tree.kind);
  const open = openNodes(tree.value);
  const lines = [...open].reduce((sum, node) => sum + Object.keys(node).length, 0);
  expect(lines).toBeGreaterThan(300);
  expect(lines).toBeLessThanOrEqual(600);
});

it("opens a small one wholly, and a wide child not at all", () => {
  const tree = treeOf(JSON.stringify({ a: { b: { c: 1 } }, wide: Array.from({ length: 300 }, () => 1) }));
  if (tree.kind !== "tree") throw new Error(tree.kind);
  const { a, wide } = tree.value as { a: { b: object }; wide: object };
  const open = openNodes(tree.value);
  expect([tree.value, a, a.b, wide].map((node) => open.has(node))).toEqual([true, true, true, false]);
});
