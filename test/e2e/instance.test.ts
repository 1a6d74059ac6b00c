/** One app for each data folder: a second start shows the first one's window; another folder and the command line stand beside it. */
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { watching } from "../lab/watch-process.ts";
import { App, appDir, appEnv, electronProgram, launch, programArgs, say, temporaryFolder } from "./app.ts";

/** A start without Playwright. */
async function start(
  args: readonly string[],
  home: string,
): Promise<{ code: number | null; output: string; took: number }> {
  const at = performance.now();
  const child = spawn(electronProgram(), args, { cwd: appDir, env: appEnv(home) });
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output, took: performance.now() - at };
}

it("leaves the data folder to the app that has it: a second start exits with 0 and brings the first window to the front", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());

  const second = await start(programArgs(app.dataDir), app.dataDir);
  expect(second.code).toBe(0);
  expect(second.output).toContain(say("app.already-running"));
  expect(second.took).toBeLessThan(5000);
  const visible = () =>
    app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()));
  await expect.poll(visible).toEqual([true]);
  expect(await app.phase(id)).toBe("open");
  expect(origin.listeners).toBe(1);
});

it("runs beside an app with another data folder, and beside the command line", async () => {
  const origin = await eventOrigin();
  const first = await launch();
  const second = await launch();
  const ids = [await first.addStream({ url: origin.url }), await second.addStream({ url: origin.url })];
  const watch = watching(origin.url);
  await watch.reaches("open");
  await expect
    .poll(async () => [await first.phase(ids[0] ?? ""), await second.phase(ids[1] ?? "")])
    .toEqual(["open", "open"]);
  expect(origin.listeners).toBe(3);
  origin.publishMany(2);
  await expect.poll(() => first.ids(ids[0] ?? "")).toEqual(["1", "2"]);
  await expect.poll(() => second.ids(ids[1] ?? "")).toEqual(["1", "2"]);
  await expect.poll(() => watch.ids).toEqual(["1", "2"]);
});

it("can be started again after a crash: the lock dies with its holder", async () => {
  const app = await launch();
  await app.kill();
  const again = await launch({ dataDir: app.dataDir });
  expect(await again.streams()).toEqual([]);
});

it.each<[string, string[], RegExp]>([
  ["a flag it does not know", ["--data-dri", "/tmp/x"], /--data-dri/],
  ["a flag without its value", ["--stats-port"], /--stats-port/],
  ["a port that is none", ["--stats-port", "99999"], /99999/],
])("refuses %s with exit 2 and a sentence that names it, and makes nothing", async (_name, args, says) => {
  const home = temporaryFolder("flags");
  const { code, output } = await start([...programArgs(home), ...args], home);
  expect(code).toBe(2);
  expect(output).toMatch(says);
  expect(output).not.toMatch(/\n\s+at /);
});

it("quits within three seconds with streams open and events on their way, and has written all of them", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  origin.publishMany(500);
  await expect.poll(async () => (await app.stream(id))?.events).toBe(500);
  expect(await app.quit()).toBeLessThan(3000);
  expect(await app.exited).toBe(0);
  await expect.poll(() => origin.listeners).toBe(0);

  const again = await App.launch({ dataDir: app.dataDir });
  try {
    expect(await again.ids(id)).toEqual(origin.log.map((sent) => sent.id));
  } finally {
    await again.end();
  }
});
