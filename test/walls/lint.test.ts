/**
 * Every wall that Biome keeps, broken once on purpose: one file a wall, judged by the project's own settings.
 * Beside them stand files that do what is allowed there; those must pass, else a wall that forbids everything would look good.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Copy, emptyCopy } from "./copy.ts";

type Wall = readonly [name: string, path: string, code: string, rule: string];

const imports = "lint/style/noRestrictedImports";
const globals = "lint/style/noRestrictedGlobals";
const nodeModules = "lint/correctness/noNodejsModules";
/** A file that imports a value and uses it. */
const taking = (from: string) => `import { thing } from "${from}";\n\nexport const taken = thing;\n`;
const using = (expression: string) => `export const used = ${expression};\n`;

const walls: readonly Wall[] = [
  ["the core imports no package", "main/core/w1.ts", taking("zod/mini"), imports],
  ["the core imports no Node", "main/core/w2.ts", taking("node:fs"), nodeModules],
  ["the core imports no Electron", "main/core/w3.ts", taking("electron/main"), imports],
  ["the core imports no adapter", "main/core/w4.ts", taking("../io/fine.ts"), imports],
  ["the core imports no adapter lazily", "main/core/w5.ts", using('() => import("../io/fine.ts")'), imports],
  ["the core hands no adapter on", "main/core/w6.ts", 'export { thing } from "../io/fine.ts";\n', imports],
  ["the core imports no words", "main/core/w7.ts", taking("../../preload/words.ts"), imports],
  ["the core's inner rooms import no package", "main/core/deep/w1.ts", taking("zod/mini"), imports],
  ["the core's inner rooms import no adapter", "main/core/deep/w2.ts", taking("../../io/fine.ts"), imports],
  ["the core's inner rooms import no Node", "main/core/deep/w3.ts", taking("node:fs"), nodeModules],
  [
    "the core's inner rooms take no value from the contract",
    "main/core/deep/w4.ts",
    taking("../../../preload/contract.ts"),
    "plugin",
  ],
  ["the core takes no value from the contract", "main/core/w8.ts", taking("../../preload/contract.ts"), "plugin"],
  ["the core does not ask for the time", "main/core/w9.ts", using("Date.now()"), globals],
  ["the core makes no date", "main/core/w10.ts", using("new Date()"), globals],
  ["the core draws nothing", "main/core/w11.ts", using("Math.random()"), "plugin"],
  ["the core draws nothing by another spelling", "main/core/w12.ts", using('Math["random"]()'), "plugin"],
  ["an adapter does not import main", "main/io/w1.ts", taking("../main-part.ts"), imports],
  ["an adapter does not import the desktop's pictures", "main/io/w2.ts", taking("../ui/fine.ts"), imports],
  ["an adapter does not import the window", "main/io/w3.ts", taking("../../renderer/fine.ts"), imports],
  ["an adapter does not import React", "main/io/w4.ts", taking("react"), imports],
  ["an adapter says which Electron it means", "main/io/w5.ts", taking("electron"), imports],
  ["an adapter below does not import main", "main/io/sse/w1.ts", taking("../../main-part.ts"), imports],
  ["an adapter below does not import the streams", "main/io/sse/w2.ts", taking("../../streams/fine.ts"), imports],
  ["an adapter below does not import React", "main/io/sse/w3.ts", taking("react"), imports],
  ["a transport does not import the streams", "main/io/websocket/w1.ts", taking("../../streams/fine.ts"), imports],
  ["a transport imports no package of its own", "main/io/websocket/w2.ts", taking("ws"), imports],
  [
    "the search does not import the streams",
    "main/io/journal/search/w1.ts",
    taking("../../../streams/fine.ts"),
    imports,
  ],
  ["the search takes no other adapter", "main/io/journal/search/w2.ts", taking("../../sse/fine.ts"), imports],
  ["only the search imports its package", "main/io/journal/w1.ts", taking("json-p3"), imports],
  ["the streams do not import main", "main/streams/w1.ts", taking("../main-part.ts"), imports],
  ["the streams do not import Electron", "main/streams/w2.ts", taking("electron/main"), imports],
  ["the streams do not import the desktop's pictures", "main/streams/w3.ts", taking("../ui/fine.ts"), imports],
  ["the command line's parts do not import Electron", "main/cli/w1.ts", taking("electron/main"), imports],
  ["the command line's parts do not import main", "main/cli/w2.ts", taking("../main-part.ts"), imports],
  ["the desktop's pictures do not import main", "main/ui/w1.ts", taking("../main-part.ts"), imports],
  ["the desktop's pictures do not import an adapter", "main/ui/w2.ts", taking("../io/fine.ts"), imports],
  ["the desktop's pictures reach no network", "main/ui/w3.ts", taking("undici"), imports],
  ["main does not import the window", "main/w1.ts", taking("../renderer/fine.ts"), imports],
  ["main does not import the bridge", "main/w2.ts", taking("../preload/preload.ts"), imports],
  ["main leaves undici to its adapter", "main/w3.ts", taking("undici"), imports],
  ["nothing imports the entry", "main/w4.ts", taking("./main.ts"), imports],
  ["the command line runs without Electron", "main/cli.ts", taking("electron/main"), imports],
  ["the window does not import main", "renderer/w1.ts", taking("../main/main-part.ts"), imports],
  ["the window does not import the core", "renderer/deep/w2.ts", taking("../../main/core/fine.ts"), imports],
  ["the window imports no Node", "renderer/w3.ts", taking("node:fs"), nodeModules],
  ["the window imports no Electron", "renderer/w4.ts", taking("electron/renderer"), imports],
  ["the window does not import the bridge", "renderer/w5.ts", taking("../preload/preload.ts"), imports],
  ["the contract leans on nothing", "preload/contract.ts", taking("./words.ts"), imports],
  ["the words lean on catalogues only", "preload/words.ts", taking("./contract.ts"), imports],
  ["the bridge imports no words", "preload/preload.ts", taking("./words.ts"), imports],
  ["the preload imports no Node", "preload/w1.ts", taking("node:fs"), nodeModules],
  ["the preload has no process", "preload/w2.ts", using("process.env"), globals],
  ["the preload has no Buffer", "preload/w3.ts", using('Buffer.from("")'), globals],
  ["nobody imports bare electron", "test/w1.ts", taking("electron"), imports],
  ["nobody exports a default", "test/w2.ts", "export default 1;\n", "lint/style/noDefaultExport"],
  ["nobody makes a barrel", "test/w3.ts", taking("./deep/index.ts"), imports],
  ["nobody imports in a circle", "main/io/circle-a.ts", taking("./circle-b.ts"), "lint/suspicious/noImportCycles"],
  ["nobody writes an enum", "main/io/w6.ts", "export enum Colour {\n  red,\n}\n", "lint/style/noEnum"],
];

const type = (from: string) => `import type { Thing } from "${from}";\n\nexport type Taken = Thing;\n`;
const fine: readonly (readonly [path: string, code: string])[] = [
  ["main/core/fine.ts", "export const thing = Math.max(1, 2);\n"],
  ["main/core/fine-import.ts", taking("./fine.ts")],
  ["main/core/fine-type.ts", type("../../preload/contract.ts")],
  ["main/core/deep/fine.ts", taking("../fine.ts")],
  ["main/core/deep/fine-type.ts", type("../../../preload/contract.ts")],
  ["main/io/fine.ts", "export const thing = Date.now();\n"],
  ["main/io/fine-core.ts", taking("../core/fine.ts")],
  ["main/io/fine-node.ts", taking("node:fs/promises")],
  ["main/io/fine-package.ts", taking("undici")],
  ["main/io/circle-b.ts", 'import { taken } from "./circle-a.ts";\n\nexport const thing = () => taken;\n'],
  ["main/io/sse/fine.ts", taking("../../core/fine.ts")],
  ["main/io/sse/fine-above.ts", taking("../fine.ts")],
  ["main/io/websocket/fine-beside.ts", taking("../sse/fine.ts")],
  ["main/io/sse/fine-beside.ts", taking("../journal/fine.ts")],
  ["main/io/journal/fine.ts", taking("libsql")],
  ["main/streams/fine.ts", taking("../io/sse/fine.ts")],
  ["main/cli/fine.ts", taking("../streams/fine.ts")],
  ["main/ui/fine.ts", taking("electron/main")],
  ["main/ui/fine-words.ts", taking("../../preload/words.ts")],
  ["main/main-part.ts", taking("./io/fine.ts")],
  ["main/main-ui.ts", taking("./ui/fine.ts")],
  ["renderer/fine.ts", taking("../preload/words.ts")],
  ["renderer/fine-package.ts", taking("react")],
  ["test/fine.ts", taking("../main/core/fine.ts")],
];

type Diagnostic = { category: string; severity: string; location: { path: string } };
let copy: Copy;
const found = new Map<string, string[]>();
let looked = 0;

beforeAll(() => {
  copy = emptyCopy();
  for (const [, path, code] of walls) copy.write(path, code);
  for (const [path, code] of fine) copy.write(path, code);
  // A copy of the settings: from outside their folder they see no circles.
  copy.take("build/lint.json", "build/lint-core.grit");
  const settings = ["--config-path", "build/lint.json", "--reporter=json", "--max-diagnostics=500"];
  const printed = copy.run("@biomejs/biome/bin/biome", "lint", ...settings, "main", "preload", "renderer", "test");
  const report: { summary: { unchanged: number }; diagnostics: Diagnostic[] } = JSON.parse(printed);
  looked = report.summary.unchanged;
  for (const { category, severity, location } of report.diagnostics) {
    if (severity === "error") found.set(location.path, [...(found.get(location.path) ?? []), category]);
  }
});
afterAll(() => copy.remove());

it("looks at every file of the table", () => {
  expect(looked).toBe(walls.length + fine.length);
});

describe("a broken wall is named", () => {
  it.each(walls)("%s", (_name, path, _code, rule) => {
    expect(found.get(path) ?? []).toContain(rule);
  });
});

describe("what is allowed passes", () => {
  it.each(fine.filter(([path]) => !path.includes("circle")))("%s", (path) => {
    expect(found.get(path)).toBeUndefined();
  });
});
