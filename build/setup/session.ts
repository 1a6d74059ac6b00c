/**
 * A desktop to run on where there is none: a virtual display (Xvfb) and a private session bus, both our own children.
 * Not a window manager, not a notification daemon: tests start those in it when they want them.
 */
import type { Readable } from "node:stream";
import { end, type Running, start } from "./children.ts";
import { PlainError } from "./progress.mjs";

/** A session's environment for the programs in it, and its end. */
export type Session = { env: NodeJS.ProcessEnv; display: "virtual" | "real"; end: () => Promise<void> };

/** What to bring: "missing" brings only what the environment lacks, "own" brings both in any case. */
export type SessionOptions = { bring: "missing" | "own"; env?: NodeJS.ProcessEnv; width?: number; height?: number };

/** Starts what is asked for. Without a bus daemon the session simply has no bus: the app must cope with that anyway. */
export async function openSession({
  bring,
  env = process.env,
  width = 1440,
  height = 900,
}: SessionOptions): Promise<Session> {
  const own = bring === "own";
  const running: Running[] = [];
  const result: NodeJS.ProcessEnv = { ...env };
  const close = async () => {
    // The display goes last: programs that the bus started may still be drawing on it.
    for (const program of running.reverse()) await end(program, 1000);
  };
  try {
    const needsDisplay = process.platform === "linux" && (own || !(env["DISPLAY"] || env["WAYLAND_DISPLAY"]));
    if (needsDisplay) {
      const xvfb = startDisplay(width, height);
      running.push(xvfb);
      result["DISPLAY"] = `:${await firstLine(xvfb, 3, "Xvfb")}`;
      delete result["WAYLAND_DISPLAY"];
      result["XDG_SESSION_TYPE"] = "x11";
    }
    if (process.platform === "linux" && (own || !env["DBUS_SESSION_BUS_ADDRESS"])) {
      const bus = start("dbus-daemon", ["--session", "--nofork", "--print-address=3"], {
        stdio: ["ignore", "ignore", "ignore", "pipe"],
        env: result,
      });
      const address = await firstLine(bus, 3, "dbus-daemon").catch(() => undefined);
      if (address !== undefined) {
        running.push(bus);
        result["DBUS_SESSION_BUS_ADDRESS"] = address;
      }
    }
    return { env: result, display: needsDisplay ? "virtual" : "real", end: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Xvfb picks a free number itself and tells it on descriptor 3: no race between two sessions, no lock file of ours. */
function startDisplay(width: number, height: number): Running {
  const args = ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp", "-noreset"];
  return start("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
}

function firstLine({ child, exited }: Running, descriptor: number, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new PlainError(`${name} did not start. On Debian: sudo apt-get install -y xvfb dbus`));
    const timer = setTimeout(refuse, 10_000);
    let text = "";
    const pipe = child.stdio[descriptor] as Readable | null;
    pipe?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const newline = text.indexOf("\n");
      if (newline < 0) return;
      clearTimeout(timer);
      resolve(text.slice(0, newline).trim());
    });
    void exited.then(() => {
      clearTimeout(timer);
      refuse();
    });
  });
}
