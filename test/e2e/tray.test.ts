/** The tray as a panel reads it over D-Bus, and the app on a desktop that has none. */
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { type App, appDir, appEnv, electronProgram, launch, programArgs, say } from "./app.ts";
import { flat, needBus, privateBus, TrayItem, trayWatcher } from "./bus.ts";

function tooltip(kind: "live" | "degraded" | "paused"): string {
  return say("tray.tooltip", { status: say(`tray.count.${kind}`, { count: 1 }) });
}

function visible({ electron }: App): Promise<boolean> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()));
}

function closeWindow({ electron }: App): Promise<void> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
}

/** Another start with the same data folder. @returns its exit code */
async function startAgain({ dataDir }: App): Promise<number | null> {
  const second = spawn(electronProgram(), programArgs(dataDir), { cwd: appDir, env: appEnv(dataDir), stdio: "ignore" });
  return new Promise((resolve) => second.once("exit", (code) => resolve(code)));
}

it("puts an icon into the tray whose picture, tooltip and menu follow the streams", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  const items = await trayWatcher(bus);
  const origin = await eventOrigin();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await expect.poll(() => items.length).toBe(1);
  const item = new TrayItem(bus, items[0] ?? "");

  await expect.poll(() => item.tooltip()).toBe(say("tray.tooltip", { status: say("tray.none") }));
  const before = JSON.stringify(await item.icons());
  expect((await item.icons()).some(([width, , argb]) => width >= 16 && argb.some((byte) => byte !== 0))).toBe(true);

  const id = await app.addStream({ url: origin.url, name: "Orders & co" });
  await expect.poll(() => item.tooltip()).toBe(tooltip("live"));
  const live = JSON.stringify(await item.icons());
  expect(live).not.toBe(before);
  const labels = flat(await item.menu()).map(({ label }) => label.replaceAll("_", ""));
  expect(labels).toEqual(
    expect.arrayContaining([
      say("tray.count.live", { count: 1 }),
      ...(["open", "reconnect", "pause", "reconnectAll", "pauseAll", "quit"] as const).map((key) => say(`tray.${key}`)),
    ]),
  );
  expect(labels.some((label) => label.startsWith("Orders & co · "))).toBe(true);

  await origin.stop();
  await expect.poll(() => item.tooltip()).toBe(tooltip("degraded"));
  expect(JSON.stringify(await item.icons())).not.toBe(live);

  await origin.start();
  await item.choose(say("tray.reconnect"));
  await expect.poll(() => app.phase(id), { timeout: 5000 }).toBe("open");
  await expect.poll(async () => flat(await item.menu()).some(({ label }) => label === say("tray.pause"))).toBe(true);
  await item.choose(say("tray.pause"));
  await expect.poll(() => app.phase(id)).toBe("idle");
  await expect.poll(() => item.tooltip()).toBe(tooltip("paused"));
});

it("explains closing once, then hides into the tray, comes back by the tray, and quits by it", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  const items = await trayWatcher(bus);
  const origin = await eventOrigin();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  await expect.poll(() => items.length).toBe(1);
  const item = new TrayItem(bus, items[0] ?? "");

  await closeWindow(app);
  const dialog = app.page.getByRole("alertdialog", { name: say("closing.title") });
  await dialog.getByText(say("closing.tray")).waitFor();
  expect(await visible(app)).toBe(true);
  await app.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await visible(app)).toBe(true);

  await closeWindow(app);
  await dialog.getByRole("button", { name: say("closing.keep") }).click();
  await expect.poll(() => visible(app)).toBe(false);
  origin.publishMany(3);
  await expect.poll(() => app.ids(id)).toHaveLength(3);

  await item.choose(say("tray.open"));
  await expect.poll(() => visible(app)).toBe(true);
  await closeWindow(app);
  await expect.poll(() => visible(app)).toBe(false);
  expect(await dialog.count()).toBe(0);

  await item.activate();
  await expect.poll(() => visible(app)).toBe(true);
  const at = performance.now();
  await item.choose(say("tray.quit")).catch(() => {});
  expect(await app.exited).toBe(0);
  expect(performance.now() - at).toBeLessThan(3000);

  const again = await launch({ dataDir: app.dataDir, env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await expect.poll(() => again.phase(id)).toBe("open");
  expect(await again.ids(id)).toEqual(["1", "2", "3"]);
  await closeWindow(again);
  await expect.poll(() => visible(again)).toBe(false);
});

it("stays reachable on a desktop without a tray: closing minimises, and a second start brings the window back", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  const minimised = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized());
  await app.page.getByText(say("problem.tray-missing")).first().waitFor();

  await closeWindow(app);
  const dialog = app.page.getByRole("alertdialog", { name: say("closing.title") });
  await dialog.getByText(say("closing.noTray")).waitFor();
  // Nothing manages windows on this display, so nothing would answer the wish to be minimised: the wish itself is seen.
  await app.electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const wishes: string[] = [];
    Object.assign(globalThis, { wishes });
    if (window === undefined) return;
    const { hide } = window;
    window.minimize = () => {
      wishes.push("minimise");
      hide.call(window);
    };
    window.hide = () => void wishes.push("hide");
  });
  await dialog.getByRole("button", { name: say("closing.keep") }).click();
  const wishes = () => app.electron.evaluate(() => (globalThis as unknown as { wishes: string[] }).wishes);
  await expect.poll(wishes).toEqual(["minimise"]);
  expect(await visible(app)).toBe(false);

  expect(await startAgain(app)).toBe(0);
  await expect.poll(() => visible(app)).toBe(true);
  expect(await minimised()).toBe(false);
});

it("quits instead of hiding when the user says so, and asks never again", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  await trayWatcher(bus);
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await closeWindow(app);
  await app.page.getByRole("button", { name: say("closing.quit") }).click();
  expect(await app.exited).toBe(0);

  const again = await launch({ dataDir: app.dataDir, env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await closeWindow(again).catch(() => {});
  expect(await again.exited).toBe(0);
});
