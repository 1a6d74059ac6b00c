/** `npm start` on a machine without a display: the picture shows events, the page says so, and Ctrl-C takes everything away. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../fakes/free-port.ts";
import { appDir, electronProgram, temporaryFolder } from "./app.ts";
import { family } from "./process-tree.ts";

it("prints a picture of live events and the address of a page on which the stream is open, and Ctrl-C ends every process it began", async () => {
  const folder = temporaryFolder("start");
  const port = await freePort();
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, DBUS_SESSION_BUS_ADDRESS: _bus, ...rest } = process.env;
  const env = { ...rest, ELECTRON_OVERRIDE_DIST_PATH: dirname(electronProgram()) };
  const args = ["build/setup/run.mjs", "start", "--data-dir", join(folder, "data"), "--stats-port", String(port)];
  // A group of its own, as a terminal gives one: Ctrl-C reaches all of it at once.
  const started = spawn(process.execPath, args, { cwd: appDir, env, detached: true });
  onTestFinished(() => {
    if (started.exitCode === null) started.kill("SIGKILL");
  });
  let output = "";
  for (const pipe of [started.stdout, started.stderr]) pipe.on("data", (text) => (output += String(text)));
  const exited = new Promise<number | null>((resolve) => started.once("exit", resolve));

  await expect.poll(() => output, { timeout: 60_000 }).toMatch(/^screenshot: .+\.png$/m);
  const picture = /^screenshot: (.+)$/m.exec(output)?.[1] ?? "";
  // An empty window of this size is a PNG of some 20 kB.
  expect(statSync(picture).size).toBeGreaterThan(60_000);

  const url = /^stats: (.+)$/m.exec(output)?.[1] ?? "";
  expect(url).toBe(`http://127.0.0.1:${port}/debug/sse-stats`);
  const stats = async () =>
    ((await (await fetch(url)).json()) as { streams: { phase: string; events: number }[] }).streams;
  await expect.poll(stats).toMatchObject([{ phase: "open", events: expect.any(Number) }]);
  const events = (await stats())[0]?.events ?? 0;
  expect(events).toBeGreaterThan(0);
  await expect.poll(async () => (await stats())[0]?.events).toBeGreaterThan(events);

  const began = family(started.pid ?? 0);
  expect(began.length).toBeGreaterThan(4);
  process.kill(-(started.pid ?? 0), "SIGINT");
  expect(await exited).toBe(0);
  const alive = () =>
    began.filter((pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    });
  await expect.poll(alive, { timeout: 5000 }).toEqual([]);
}, 120_000);
