/** Banners as the desktop gets them: of chosen events only, as plain text, and a click that leads to the stream. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { end, start } from "../../build/setup/children.ts";
import { eventOrigin } from "../fakes/event-origin.ts";
import { launch, temporaryFolder } from "./app.ts";
import { dial, needBus, notificationDaemon, privateBus } from "./bus.ts";

const rule = { on: true, types: ["stock.low"], contains: "Gdańsk" };

it("tells the desktop of an event that the stream's rule chooses, without markup, and a click opens the stream", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  const daemon = await notificationDaemon(bus);
  const origin = await eventOrigin();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await app.addStream({ url: origin.url, name: "A first stream" });
  const id = await app.addStream({ url: origin.url, name: "Shop <b>", notify: rule });
  await expect.poll(() => app.phase(id)).toBe("open");

  origin.publish("Gdańsk", "order.paid");
  origin.publish("store Oslo", "stock.low");
  origin.publish(
    '<b>bold</b> <a href="https://evil.test">GDAŃSK</a> & <img src="https://evil.test/x.png">',
    "stock.low",
  );
  await expect.poll(() => daemon.banners.length).toBe(1);
  await expect.poll(() => app.ids(id)).toHaveLength(3);
  const [banner] = daemon.banners;
  expect(banner?.summary).toContain("Shop");
  expect(banner?.summary).toContain("stock.low");
  expect(banner?.body).not.toMatch(/<(?!\/?$)/);
  expect(banner?.body).toContain("&lt;b&gt;bold");
  expect(daemon.banners).toHaveLength(1);

  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  daemon.click(1);
  const shown = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
  await expect.poll(shown).toBe(true);
  await app.page.getByRole("heading", { level: 1, name: "Shop <b>" }).waitFor();
});

it("tells nobody when the user has turned notifications off", async (ctx) => {
  needBus(ctx);
  const bus = await privateBus();
  const daemon = await notificationDaemon(bus);
  const origin = await eventOrigin();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  await app.setGeneral({ notifications: false });
  const id = await app.addStream({ url: origin.url, notify: { on: true, types: [], contains: "" } });
  await expect.poll(() => app.phase(id)).toBe("open");
  origin.publish("one");
  await expect.poll(() => app.ids(id)).toHaveLength(1);
  await app.setGeneral({ notifications: true });
  origin.publish("two");
  await expect.poll(() => daemon.banners.map(({ body }) => body)).toEqual(["two"]);
});

it("shows a banner on the screen through a real daemon", async (ctx) => {
  needBus(ctx);
  if (!existsSync("/usr/bin/dunst")) ctx.skip("dunst is not installed (Debian: apt-get install dunst)");
  if (!existsSync("/usr/bin/dunstctl")) ctx.skip("dunstctl is not installed");
  const bus = await privateBus();
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus, HOME: temporaryFolder("dunst") };
  const dunst = start("/usr/bin/dunst", [], { env, stdio: "ignore" });
  onTestFinished(() => end(dunst));
  const watcher = dial(bus);
  const about = await watcher.getProxyObject("org.freedesktop.DBus", "/org/freedesktop/DBus");
  const names = about.getInterface("org.freedesktop.DBus");
  await expect.poll(() => names["NameHasOwner"]?.("org.freedesktop.Notifications")).toBe(true);

  const origin = await eventOrigin();
  const app = await launch({ env: { DBUS_SESSION_BUS_ADDRESS: bus } });
  const id = await app.addStream({ url: origin.url, name: "Shop", notify: { on: true, types: [], contains: "" } });
  await expect.poll(() => app.phase(id)).toBe("open");
  origin.publish("the <b>kettle</b> is on");
  const displayed = () => spawnSync("dunstctl", ["count", "displayed"], { env }).stdout.toString().trim();
  await expect.poll(displayed).toBe("1");
});
