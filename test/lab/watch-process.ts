/** The command line as a program of its own: `watch URL` started, its lines read as they come, and stopped by a signal. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished } from "vitest";
import type { Line, StateLine } from "../../main/cli/lines.ts";

const root = join(import.meta.dirname, "../..");

type EventLine = Extract<Line, { kind: "event" }>;

export class WatchProcess {
  readonly lines: Line[] = [];
  /** What was printed and is no JSON line: must stay empty. */
  readonly rubbish: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #stderr = "";

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, ["main/cli.ts", "watch", ...args], { cwd: root });
    this.#child = child;
    this.exited = new Promise((resolve) => child.once("close", (code) => resolve(code)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      try {
        this.lines.push(JSON.parse(line));
      } catch {
        this.rubbish.push(line);
      }
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  get events(): EventLine[] {
    return this.lines.filter((line) => line.kind === "event");
  }

  get ids(): (string | null)[] {
    return this.events.map(({ id }) => id);
  }

  get states(): StateLine[] {
    return this.lines.filter((line) => line.kind === "state");
  }

  /** The failures that were told of, in order, each as FAMILY/kind. */
  get failures(): string[] {
    return this.states.flatMap(({ failure }) => (failure === null ? [] : [`${failure.family}/${failure.kind}`]));
  }

  /** Waits until the stream is in this phase now. */
  async reaches(phase: StateLine["phase"], timeout = 20_000): Promise<void> {
    await expect.poll(() => this.states.at(-1)?.phase, { timeout }).toBe(phase);
  }

  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null> {
    this.#child.kill("SIGINT");
    return this.exited;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** `watch` with these arguments; ends with the test. */
export function watching(...args: string[]): WatchProcess {
  const watch = new WatchProcess(args);
  onTestFinished(() => watch.kill());
  return watch;
}
