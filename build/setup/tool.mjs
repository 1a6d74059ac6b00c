/**
 * Runs one outside program to its end (npm, apt-get, tar) and never outlives or abandons it.
 * Not for the app itself: children.ts looks after programs that stay. Runs on Node 20.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const forwarded = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * @typedef {object} ToolOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeoutMs] after this the tool is ended and counts as failed
 * @property {boolean} [inherit] let the tool talk to the terminal itself; otherwise its output is returned
 */

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {ToolOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, stderr: string, timedOut: boolean }>}
 */
export function runTool(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.inherit ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill("SIGKILL");
          }, options.timeoutMs);
    let interruption = 0;
    const release = forwardSignals(child, (signal) => {
      interruption = constants.signals[signal];
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      release();
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      release();
      // Whoever pressed Ctrl-C wants no explanation of why the tool did not finish.
      if (interruption > 0) process.exit(128 + interruption);
      resolve({ code: exitCode(code, signal), stdout, stderr, timedOut });
    });
  });
}

/**
 * The code a shell would report: a program that was ended by signal N counts as 128 + N.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCode(code, signal) {
  return code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0));
}

/**
 * Passes our signals on to a child until the returned function is called. A terminal's Ctrl-C reaches the whole group
 * by itself, so the copy waits a moment: a child that already left is not asked twice.
 * @param {import("node:child_process").ChildProcess} child
 * @param {(signal: NodeJS.Signals) => void} [seen] told of each signal at once
 * @returns {() => void}
 */
export function forwardSignals(child, seen) {
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      seen?.(signal);
      setTimeout(() => child.exitCode === null && child.signalCode === null && child.kill(signal), 100);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const off of handlers) off();
  };
}
