/**
 * Runs the program that gives a token: program and arguments as they stand, no shell, nothing to read, no terminal. What
 * it prints is nobody's but the caller's; what it complains of (stderr) goes nowhere, since programs complain with secrets.
 *
 * The user agreed to this command in a native dialog. Nothing here decides whether it may be run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import type { Clock } from "../ports.ts";
import { codeOf } from "../stores/safe-file.ts";
import { CredentialError } from "./credential-error.ts";
import { maxTokenBytes } from "./token-text.ts";

/** Helpers that the program leaves running may hold its output open; what it said before its end is here by then, ms. */
const lastWordsMs = 500;
const hasGroups = process.platform !== "win32";

/**
 * Resolves with what it printed when it has ended with 0. Rejects with CredentialError, or with the reason of the signal,
 * whose abort ends the program and all that it started.
 */
export function runTokenProgram(argv: readonly string[], clock: Clock, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const printed: Buffer[] = [];
    let bytes = 0;
    let over = false;
    let stopLast = (): void => {};
    const child = start(argv);
    const finish = (act: () => void): void => {
      over = true;
      signal.removeEventListener("abort", aborted);
      stopLast();
      child.stdout?.destroy();
      act();
    };
    const fail = (error: unknown): void => finish(() => reject(error));
    const aborted = (): void => {
      kill(child);
      fail(signal.reason);
    };
    const ended = (code: number | null, by: string | null): void => {
      if (code === 0) finish(() => resolve(Buffer.concat(printed)));
      else fail(new CredentialError("exit", code ?? by ?? ""));
    };
    signal.addEventListener("abort", aborted);
    child.on("error", (error) => fail(new CredentialError("not-started", codeOf(error))));
    child.on("exit", (code, by) => {
      if (!over) stopLast = clock.after(lastWordsMs, () => ended(code, by));
    });
    child.on("close", ended);
    child.stdout?.on("error", () => {});
    child.stdout?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      printed.push(chunk);
      if (bytes <= maxTokenBytes) return;
      kill(child);
      fail(new CredentialError("too-large"));
    });
    if (signal.aborted) aborted();
  });
}

/** In the home folder: what lies in the folder that the app was started from has no say in which program is found. */
function start([program = "", ...args]: readonly string[]): ChildProcess {
  try {
    return spawn(program, args, {
      cwd: homedir(),
      stdio: ["ignore", "pipe", "ignore"],
      shell: false,
      windowsHide: true,
      // A group of its own, so that a script's children can be ended with it.
      detached: hasGroups,
    });
  } catch (error) {
    // Its message quotes the arguments.
    throw new CredentialError("not-started", codeOf(error));
  }
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, "SIGKILL");
    // Windows has no such groups: what the program has started there lives on, but nobody reads it any more.
    else child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
