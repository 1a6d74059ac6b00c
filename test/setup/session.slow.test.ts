import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { openSession } from "../../build/setup/session.ts";

const has = (program: string) => spawnSync("which", [program]).status === 0;

it("brings a display and a bus of its own, and takes both away again", async (ctx) => {
  if (!has("Xvfb")) ctx.skip("no Xvfb on this machine");
  if (!has("dbus-daemon")) ctx.skip("no dbus-daemon on this machine");
  const session = await openSession({ bring: "own", env: { ...process.env, WAYLAND_DISPLAY: "wayland-9" } });
  const socket = `/tmp/.X11-unix/X${session.env["DISPLAY"]?.slice(1)}`;
  expect(session.display).toBe("virtual");
  expect(existsSync(socket)).toBe(true);
  expect(session.env["DBUS_SESSION_BUS_ADDRESS"]).toMatch(/^unix:/);
  expect(session.env["WAYLAND_DISPLAY"]).toBeUndefined();
  await session.end();
  expect(existsSync(socket)).toBe(false);
});

it("leaves a desktop that is there as it is", async () => {
  const env = { DISPLAY: ":7", DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
  const session = await openSession({ bring: "missing", env });
  expect(session.env).toEqual(env);
  expect(session.display).toBe("real");
  await session.end();
});
