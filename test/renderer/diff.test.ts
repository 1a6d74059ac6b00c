/** How two events differ: by lines, by values, and laid out alike. */
import { describe, expect, it } from "vitest";
import { diffLines, mostLines } from "../../renderer/text/diff-lines.ts";
import { diffPaths, mostChanges } from "../../renderer/text/diff-paths.ts";
import { layOut } from "../../renderer/text/json-lines.ts";
import { parseJson } from "../../renderer/text/json-tree.ts";

/** More than enough on any machine. */
const soonMs = 60_000;

describe("by lines", () => {
  it("lists what is in only one of them, and folds what is equal away", () => {
    const equal = Array.from({ length: 20 }, (_, at) => `same ${at}`);
    const diff = diffLines(["a", ...equal, "b"].join("\n"), ["A", ...equal, "b"].join("\n"), soonMs);
    expect(diff).toMatchObject({ less: 1, more: 1, left: 0 });
    expect(diff?.lines.slice(0, 2)).toEqual([
      { kind: "less", text: "a" },
      { kind: "more", text: "A" },
    ]);
    expect(diff?.lines.slice(2).map((line) => (line.kind === "fold" ? line.count : line.text))).toEqual([
      "same 0",
      "same 1",
      "same 2",
      18,
    ]);
  });

  it("says how many lines it does not list, and cuts one of a MiB", () => {
    const before = Array.from({ length: 3000 }, (_, at) => `a${at}`).join("\n");
    const listed = diffLines(before, "x".repeat(1024 * 1024), soonMs);
    if (listed === null) throw new Error("three thousand lines against one were not compared in the time");
    expect(listed.lines).toHaveLength(mostLines);
    expect(listed.left).toBe(1001);
    const one = diffLines("x".repeat(1024 * 1024), "y", soonMs);
    expect(one?.lines[0]?.kind === "less" && one.lines[0].text.length).toBe(4001);
  });

  it("gives up on what would take too long instead of holding up the window", () => {
    const lines = (salt: number) => Array.from({ length: 200_000 }, (_, at) => (at * 7919 + salt) % 100_003).join("\n");
    expect(diffLines(lines(1), lines(50_000), 20)).toBeNull();
  });
});

describe("by values", () => {
  const diff = (before: string, after: string) => {
    const [a, b] = [parseJson(before), parseJson(after)];
    if (a.kind !== "json" || b.kind !== "json") throw new Error("no JSON");
    return diffPaths(a.value, b.value);
  };

  it("names each with a path that a filter takes", () => {
    const before = '{"a":1,"b":{"c":[1,2]},"it\'s":true,"gone":null,"订单":1}';
    expect(diff(before, '{"a":"1","b":{"c":[1,3,4]},"it\'s":false,"订单":2}').changes).toEqual([
      { path: "$.a", before: "1", after: '"1"' },
      { path: "$.b.c[1]", before: "2", after: "3" },
      { path: "$.b.c[2]", before: null, after: "4" },
      { path: "$['it\\'s']", before: "true", after: "false" },
      { path: "$.gone", before: "null", after: null },
      { path: "$.订单", before: "1", after: "2" },
    ]);
  });

  it("tells whole numbers apart that a double cannot", () => {
    expect(diff('{"id":12345678901234567890}', '{"id":12345678901234567891}').changes).toEqual([
      { path: "$.id", before: "12345678901234567890", after: "12345678901234567891" },
    ]);
  });

  it("takes no key of Object.prototype for one that was sent", () => {
    expect(diff("{}", '{"constructor":1,"__proto__":2}').changes.map(({ path, before }) => [path, before])).toEqual([
      ["$.constructor", null],
      ["$.__proto__", null],
    ]);
  });

  it("finds nothing where only order and spaces differ", () => {
    expect(diff('{"a":1,"b":[ ]}', '{ "b":[], "a":1.0 }')).toEqual({ changes: [], left: 0 });
  });

  it("counts what it does not list, of a list of a hundred thousand", () => {
    const list = (from: number) => JSON.stringify(Array.from({ length: 100_000 }, (_, at) => at + from));
    const { changes, left } = diff(list(0), list(1));
    expect(changes).toHaveLength(mostChanges);
    expect(left).toBe(100_000 - mostChanges);
  });
});

describe("laid out", () => {
  it("puts one value on a line and leaves each as it was written", () => {
    expect(layOut('{"a":[1.0,{"b":"x, {y}: \\"z\\""}], "e":{ },"f":[]}')).toBe(
      '{\n  "a": [\n    1.0,\n    {\n      "b": "x, {y}: \\"z\\""\n    }\n  ],\n  "e": {},\n  "f": []\n}',
    );
  });

  it("means the same as before, however deep", () => {
    const text = `${'{"a":['.repeat(200)}1${"]}".repeat(200)}`;
    expect(JSON.parse(layOut(text))).toEqual(JSON.parse(text));
    expect(
      Math.max(
        ...layOut(text)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThan(100);
  });
});
