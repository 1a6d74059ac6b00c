/**
 * What every npm script calls: makes sure of packages and of a new enough Node, then hands over to build/<command>.ts or,
 * for `cli`, to main/cli.ts. Decides nothing else. Starts on Node 20; whatever it imports must too.
 *
 * The command runs in this very process whenever Node is new enough, so that signals and exit codes need no go-between.
 * Under npm one Ctrl-C arrives twice: from the terminal, and once more from npm.
 */
import { spawn } from "node:child_process";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { betterNode } from "./node-version.mjs";
import { ensurePackages } from "./packages.mjs";
import { PlainError, say } from "./progress.mjs";
import { exitCode, forwardSignals } from "./tool.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const commands = [
  "start",
  "test",
  "dev",
  "check",
  "build",
  "pack",
  "bench",
  "bench-fleet",
  "sim",
  "sim-mutants",
  "mutation",
  "lab",
  "cli",
  "guide",
];

try {
  await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof PlainError;
  say(plain ? error.message : `Unexpected failure: ${process.env["HOLDFAST_DEBUG"] ? error.stack : error.message}`);
  if (!plain && !process.env["HOLDFAST_DEBUG"])
    say("Run the same command with HOLDFAST_DEBUG=1 to see where it happened.");
  process.exit(1);
}

/** @param {string[]} args */
async function main([command = "", ...args]) {
  if (!commands.includes(command)) throw new PlainError(`Say what to run: ${commands.join(", ")}.`);
  endWithParent();
  await ensurePackages(root);
  const node = betterNode(root);
  if (node !== undefined) return respawn(node, [command, ...args]);
  // Types are stripped once per change instead of at every start: a third of what the command line client needs to begin.
  nodeModule.enableCompileCache?.(join(root, "node_modules", ".cache", "holdfast"));
  if (command === "cli") return runCli(args);
  // A closed terminal takes its output with it; the command still has to put its children away.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const { run } = await import(pathToFileURL(join(root, "build", `${command}.ts`)).href);
  process.exit(await run(args));
}

/** Whoever started us and was killed cannot pass a signal on: what runs for him ends too, in order. */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}

/**
 * The command line client ends the process itself; it must find the arguments where a program started directly would.
 * @param {string[]} args
 */
async function runCli(args) {
  const entry = join(root, "main", "cli.ts");
  process.argv = [process.execPath, entry, ...args];
  await import(pathToFileURL(entry).href);
}

/**
 * @param {string} node
 * @param {string[]} args
 */
function respawn(node, args) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], { stdio: "inherit" });
  forwardSignals(child);
  child.once("error", (error) => {
    say(
      `The Node of the packages does not start (${error.message}). Install Node.js 24, then run the same command again.`,
    );
    process.exit(1);
  });
  child.once("exit", (code, signal) => process.exit(exitCode(code, signal)));
}
