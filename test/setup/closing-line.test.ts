import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closingLine } from "../../build/closing-line.ts";

const root = join(import.meta.dirname, "../..");
let output: string;
let folder: string;

const files = {
  "ok.test.ts": `import { it, expect } from "vitest"; it("adds", () => expect(1 + 1).toBe(2)); it("adds again", () => {});`,
  "bad.test.ts": `import { it, expect } from "vitest"; it("fails", () => expect(1).toBe(2));`,
  "broken.test.ts": `import "./not-there.ts"; import { it } from "vitest"; it("never runs", () => {});`,
  "skips.test.ts": `import { it } from "vitest"; it("needs nginx", (ctx) => ctx.skip("no nginx here")); it.skip("is left out", () => {});`,
  "hook.test.ts": `import { beforeAll, describe, it } from "vitest"; describe("part", () => { beforeAll(() => { throw new Error("hook"); }); it("has no chance", () => {}); });`,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-closing-"));
  mkdirSync(join(folder, "test"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "test", name), text);
  const reporter = pathToFileURL(join(root, "build/closing-line.ts")).href;
  writeFileSync(
    join(folder, "vitest.config.mjs"),
    `import { ClosingLine } from ${JSON.stringify(reporter)}; export default { test: { reporters: ["default", new ClosingLine()], maxWorkers: 1 } };`,
  );
  // The outer run's variables would make the inner one a part of it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|HOLDFAST|NODE_ENV|TEST$)/.test(name)),
  );
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  output = spawnSync(process.execPath, [vitest, "run"], { cwd: folder, env, encoding: "utf8" }).stdout;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

it("ends with one line that counts tests, files that do not load and hooks that fail", () => {
  // 2 pass; fails, the broken file and the hook; nginx, the left out one, and the one that had no chance
  expect(output.trimEnd().split("\n").at(-1)).toBe("2 passed, 3 failed, 3 skipped");
});

it("says why something was skipped", () => {
  expect(output).toContain("skipped: needs nginx: no nginx here");
  expect(output).toContain("skipped: is left out: no reason given");
});

it("has the shape that others read", () => {
  expect(closingLine({ passed: 1, failed: 0, skipped: 2 })).toBe("1 passed, 0 failed, 2 skipped");
});
