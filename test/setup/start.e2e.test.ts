/** `npm start` as a person without a display meets it: what it prints, how it ends, what it leaves behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const electron = process.env["HOLDFAST_ELECTRON"];

let data: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "holdfast-start-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});

/** Every process that was started by one of ours carries the mark in its environment. */
function alive(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

const direct = [process.execPath, "build/setup/run.mjs", "start"];
const byNpm = ["npm", "start", "--"];

function startWithoutDisplay(mark: string, [program = "", ...args] = direct) {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, DBUS_SESSION_BUS_ADDRESS: _bus, ...rest } = process.env;
  const env = { ...rest, HOLDFAST_MARK: mark, ELECTRON_OVERRIDE_DIST_PATH: dirname(electron ?? "") };
  const started = spawn(program, [...args, "--data-dir", data], { cwd: root, env });
  child = started;
  let output = "";
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const exited = new Promise<number | null>((resolve) => started.once("exit", resolve));
  return { started, exited, output: () => output };
}

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "shows a picture and an address, and %s ends everything it began",
  async (signal) => {
    const mark = randomUUID();
    const { started, exited, output } = startWithoutDisplay(mark);
    await expect.poll(output, { timeout: 60_000 }).toMatch(/^screenshot: .+\.png$/m);
    await expect.poll(output, { timeout: 10_000 }).toMatch(/^stats: http:\/\/127\.0\.0\.1:\d+/m);
    const picture = /^screenshot: (.+)$/m.exec(output())?.[1] ?? "";
    expect(readFileSync(picture).subarray(1, 4).toString()).toBe("PNG");
    expect(alive(mark).length).toBeGreaterThan(3);

    started.kill(signal);
    expect(await exited).toBe(0);
    await expect.poll(() => alive(mark), { timeout: 5000 }).toEqual([]);
  },
);

it("leaves nothing behind even when it is killed outright", async () => {
  const mark = randomUUID();
  const { started, output } = startWithoutDisplay(mark);
  await expect.poll(output, { timeout: 60_000 }).toMatch(/^screenshot: /m);
  started.kill("SIGKILL");
  await expect.poll(() => alive(mark), { timeout: 10_000 }).toEqual([]);
});

// npm tells a shell, and not every shell passes it on: what a person starts is npm.
it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("leaves nothing behind when npm alone gets %s", async (signal) => {
  const mark = randomUUID();
  const { started, output } = startWithoutDisplay(mark, byNpm);
  await expect.poll(output, { timeout: 60_000 }).toMatch(/^screenshot: /m);
  started.kill(signal);
  await expect.poll(() => alive(mark), { timeout: 10_000 }).toEqual([]);
});
