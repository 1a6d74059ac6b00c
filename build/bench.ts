/**
 * `npm run bench`: runs test/bench/*.bench.ts one after the other, each in a Node of its own, and says when there are none.
 * With `--json` or `--table` it is journal and screen on the built app instead: test/bench/screen/main.ts.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";
import { exitCode, forwardSignals, runTool } from "./setup/tool.mjs";

/** The command; arguments select files by a part of their name. */
export async function run(args: readonly string[]): Promise<number> {
  if (args.some((argument) => argument.startsWith("--"))) {
    const bench = join(root, "test", "bench", "screen", "main.ts");
    const { code } = await runTool(process.execPath, [bench, ...args], { cwd: root, inherit: true });
    return code;
  }
  const folder = join(root, "test", "bench");
  const files = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".bench.ts") && (args.length === 0 || args.some((part) => name.includes(part))))
    .sort();
  if (files.length === 0) process.stdout.write("There are no benchmarks to run in test/bench.\n");
  let worst = 0;
  for (const file of files) {
    process.stdout.write(`\n${file}\n`);
    worst = Math.max(worst, await runNode(join(folder, file)));
  }
  return worst;
}

function runNode(file: string): Promise<number> {
  // Measurements of memory need to ask for a collection first.
  const child = spawn(process.execPath, ["--expose-gc", file], { cwd: root, stdio: "inherit" });
  const release = forwardSignals(child);
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      release();
      resolve(exitCode(code, signal));
    });
  });
}
