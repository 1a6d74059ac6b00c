/**
 * Programs that stay while we do: started in a process group of their own, ended politely and then for certain.
 * Not for tools that run to their end by themselves: those are tool.mjs.
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { exitCode } from "./tool.mjs";

/** A running program; `exited` settles with its exit code and never rejects. */
export type Running = { child: ChildProcess; exited: Promise<number> };

/** How long a program may take to say goodbye before it is killed. */
const graceMs = 3000;

const alive = new Set<number>();
process.on("exit", () => {
  for (const pid of alive) killGroup(pid);
});

/** Starts a program as the leader of its own group, so that everything it starts can be ended with it. */
export function start(file: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const [program = file, ...rest] = bound(file, args);
  const child = spawn(program, rest, { ...options, detached: process.platform !== "win32" });
  const { pid } = child;
  if (pid !== undefined) alive.add(pid);
  const exited = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code, signal) => resolve(exitCode(code, signal)));
  });
  return { child, exited };
}

/** Linux can end a child when its parent is gone, however that went: even after a `kill -9` of ours nothing stays. */
function bound(file: string, args: readonly string[]): string[] {
  if (!existsSync("/usr/bin/setpriv")) return [file, ...args];
  return ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--", file, ...args];
}

/**
 * Ends a program: SIGTERM to it alone, so that it can end its own children in its order; when it is gone or the grace
 * is over, SIGKILL to whatever is left of its group.
 */
export async function end({ child, exited }: Running, patienceMs = graceMs): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await Promise.race([exited, delay(patienceMs, undefined, { ref: false })]);
  }
  killGroup(child.pid);
  alive.delete(child.pid);
  await exited;
}

/** Kills a group at once; it is no fault when nothing is left of it. */
export function killGroup(pid: number): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
