/** The command line as a program of its own: any command, its output line by line, its end. It ends with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished } from "vitest";
import type { Line, StateLine } from "../../main/cli/lines.ts";

const root = join(import.meta.dirname, "../..");

export type Program = {
  readonly child: ChildProcess;
  /** stdout, whole lines. */
  readonly out: readonly string[];
  readonly stderr: string;
  readonly exited: Promise<number | null>;
  /** The lines as JSON; throws at one that is none. */
  readonly lines: Line[];
  readonly states: StateLine[];
  readonly events: Extract<Line, { kind: "event" }>[];
  /** Waits until a line satisfies. */
  until(what: (line: Line) => boolean, timeout?: number): Promise<Line>;
};

export function cli(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, ["main/cli.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const out: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => out.push(line));
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => void child.once("close", (code) => resolve(code)));
  const lines = () => out.map((line) => JSON.parse(line) as Line);
  return {
    child,
    out,
    exited,
    get stderr() {
      return stderr;
    },
    get lines() {
      return lines();
    },
    get states() {
      return lines().filter((line) => line.kind === "state");
    },
    get events() {
      return lines().filter((line) => line.kind === "event");
    },
    async until(what, timeout = 10_000) {
      await expect.poll(() => lines().some(what), { timeout, interval: 20 }).toBe(true);
      return lines().find(what) as Line;
    },
  };
}
export const watch = (...args: string[]): Program => cli(["watch", ...args]);
