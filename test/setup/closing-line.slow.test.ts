import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closingLine } from "../../build/closing-line.ts";

const root = join(import.meta.dirname, "../..");

const vitest = `import { beforeAll, describe, expect, it } from "vitest";`;
const good = `${vitest} it("adds", () => expect(1 + 1).toBe(2)); it("adds again", () => {});`;
const files = {
  "ok.test.ts": good,
  "bad.test.ts": `${vitest} it("fails", () => expect(1).toBe(2));`,
  "broken.test.ts": `import "./not-there.ts"; ${vitest} it("never runs", () => {});`,
  "skips.test.ts": `${vitest} it("needs nginx", (ctx) => ctx.skip("no nginx here")); it.skip("is left out", () => {});`,
  "hook.test.ts": `${vitest} describe("part", () => {
    beforeAll(() => { throw new Error("hook"); });
    it("has no chance", () => {});
  });`,
};
const endless = { "ok.test.ts": good, "loop.test.ts": `${vitest} it("loops", () => { for (;;) {} });` };

const config = (source: (name: string) => string) => `
  import { ClosingLine } from ${source("closing-line.ts")};
  import { StuckFiles } from ${source("stuck-files.ts")};
  const closing = new ClosingLine();
  const giveUp = (ended, names) => {
    console.log(names.join(), "is stuck");
    closing.conclude(ended, names.length);
    process.exit(1);
  };
  const stuck = new StuckFiles({ nameAfterMs: 2000, giveUpAfterMs: 4000, giveUp });
  export default { test: { reporters: ["default", closing, stuck], maxWorkers: 2 } };`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** What a real vitest prints with our reporters over these files. */
function runOn(tests: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-closing-"));
  folders.push(folder);
  mkdirSync(join(folder, "test"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(tests)) writeFileSync(join(folder, "test", name), text);
  const source = (name: string) => JSON.stringify(pathToFileURL(join(root, "build", name)).href);
  writeFileSync(join(folder, "vitest.config.mjs"), config(source));
  // The outer run's variables would make the inner one a part of it.
  const outer = /^(VITEST|HOLDFAST|NODE_ENV|TEST$)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
  const program = join(root, "node_modules/vitest/vitest.mjs");
  return spawnSync(process.execPath, [program, "run"], { cwd: folder, env, encoding: "utf8" }).stdout;
}

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1);

let output: string;
beforeAll(() => {
  output = runOn(files);
}, 60_000);

it("ends with one line that counts tests, files that do not load and hooks that fail", () => {
  // 2 pass; fails, the broken file and the hook; nginx, the left out one, and the one that had no chance
  expect(lastLine(output)).toBe("2 passed, 3 failed, 3 skipped");
});

it("says why something was skipped", () => {
  expect(output).toContain("skipped: needs nginx: no nginx here");
  expect(output).toContain("skipped: is left out: no reason given");
});

it("gives up on a file that never ends, names it and still counts the others", { timeout: 60_000 }, () => {
  // A loop that never yields is out of reach for vitest's own limits: only the process around it can end it.
  const stopped = runOn(endless);
  expect(stopped).toMatch(/still running: .*loop\.test\.ts/);
  expect(stopped).toMatch(/loop\.test\.ts is stuck/);
  expect(lastLine(stopped)).toBe("2 passed, 1 failed, 0 skipped");
});

it("has the shape that others read", () => {
  expect(closingLine({ passed: 1, failed: 0, skipped: 2 })).toBe("1 passed, 0 failed, 2 skipped");
});
