/** One vitest run in a process of its own, and what it came to. A run that dies before its end counts as one failure. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Counts } from "./closing-line.ts";
import { root } from "./root.ts";
import { exitCode, forwardSignals } from "./setup/tool.mjs";

/** What vitest came to; `code` is its own verdict, which knows more than the counts (a wrong filter, say). */
export type VitestResult = Counts & { code: number };

/** Runs vitest with the project's settings, its output on our own. */
export async function runVitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<VitestResult> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  const countsFile = join(folder, "counts.json");
  try {
    const code = await vitest(args, { ...env, HOLDFAST_COUNTS: countsFile });
    return { ...readCounts(countsFile, code), code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function vitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const cli = join(root, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [cli, "run", "--config", "build/vitest.config.ts", ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  const release = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      release();
      resolve(exitCode(code, signal));
    });
  });
}

function readCounts(file: string, code: number): Counts {
  try {
    const counts: Counts = JSON.parse(readFileSync(file, "utf8"));
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
