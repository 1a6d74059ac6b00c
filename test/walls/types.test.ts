/**
 * Every wall that the compiler keeps, broken once on purpose: the project's own tsconfigs over a copy that holds the
 * contract, one good file a part, and one file a wall. No file here drags Node's types in, which would hide the others.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Copy, emptyCopy } from "./copy.ts";

type Wall = readonly [name: string, path: string, code: string, error: string];

const using = (expression: string) => `export const used = ${expression};\n`;
const taking = (from: string, name = "thing") => `import { ${name} } from "${from}";\nexport const taken = ${name};\n`;
const unknownName = "TS2304";
const nodeName = "TS2591";
const consoleName = "TS2584";
const outside = "TS6307";

const walls: readonly Wall[] = [
  ["the core has no timer", "main/core/w1.ts", using("setTimeout(() => {}, 1)"), unknownName],
  ["the core has no network", "main/core/w2.ts", using('fetch("")'), unknownName],
  ["the core has no console", "main/core/w3.ts", using("console"), consoleName],
  ["the core has no process", "main/core/w4.ts", using("process.env"), nodeName],
  ["the core has no Buffer", "main/core/w5.ts", using('Buffer.from("")'), nodeName],
  ["the core has no performance clock", "main/core/w6.ts", using("performance.now()"), unknownName],
  ["the core has no Node module", "main/core/w7.ts", taking("node:fs", "readFileSync"), nodeName],
  ["the core does not reach an adapter", "main/core/w8.ts", taking("../io/fine.ts"), outside],
  ["the core does not reach the window", "main/core/w9.ts", taking("../../renderer/fine.ts"), outside],
  ["the contract has no Node", "preload/contract.ts", using("process.env"), nodeName],
  ["the contract has no page", "preload/words.ts", using("document.title"), consoleName],
  ["the window has no Node", "renderer/w1.ts", using("process.env"), nodeName],
  ["the window has no Node module", "renderer/w2.ts", taking("node:fs", "readFileSync"), nodeName],
  ["the window has no Electron", "renderer/w3.ts", taking("electron/renderer", "ipcRenderer"), "TS2307"],
  ["the window does not reach the core", "renderer/w4.ts", taking("../main/core/fine.ts"), outside],
];

const fine = ["main/core/fine.ts", "main/io/fine.ts", "renderer/fine.ts"];

let copy: Copy;
let printed: string;
const errorsOf = (path: string) =>
  [...printed.matchAll(/^(.+?)\(\d+,\d+\): error (TS\d+)/gm)].flatMap(([, file, code]) =>
    file === path ? (code ?? []) : [],
  );

beforeAll(() => {
  copy = emptyCopy();
  copy.take("build/tsconfig.base.json", "preload/tsconfig.json", "main/core/tsconfig.json", "renderer/tsconfig.json");
  for (const path of fine) copy.write(path, "export const thing = Math.max(1, 2);\n");
  for (const [, path, code] of walls) copy.write(path, code);
  printed = copy.run("typescript/bin/tsc", "-b", "main/core", "renderer", "--pretty", "false");
});
afterAll(() => copy.remove());

describe("a broken wall is named", () => {
  it.each(walls)("%s", (_name, path, _code, error) => {
    expect(errorsOf(path)).toContain(error);
  });
});

it.each(["main/core/fine.ts", "renderer/fine.ts"])("what is allowed passes: %s", (path) => {
  expect(errorsOf(path)).toEqual([]);
});
