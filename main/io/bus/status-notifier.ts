/**
 * Whether this desktop shows tray icons. On Linux that is one question on the session bus: has the status-notifier watcher
 * a host? Asked by hand over the bus's socket (one call, no package, no child process): what fails counts as "no tray".
 * [spec] D-Bus 0.43: message protocol and EXTERNAL authentication; freedesktop StatusNotifierItem.
 */
import { connect } from "node:net";
import { call, replyIn } from "./bus-message.ts";

const limitMs = 2000;
const watcher = "org.kde.StatusNotifierWatcher";

/** Where a session bus listens: a path, or an abstract name (which begins with NUL). The first address we can use, or null. */
export function busSocket(env: Readonly<Record<string, string | undefined>>): string | null {
  const runtime = env["XDG_RUNTIME_DIR"];
  const addresses = env["DBUS_SESSION_BUS_ADDRESS"] || (runtime ? `unix:path=${runtime}/bus` : "");
  for (const address of addresses.split(";")) {
    const found = /^unix:(?:[^,]*,)*?(path|abstract)=([^,]+)/.exec(address);
    if (found?.[2] === undefined) continue;
    const name = found[2].replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return found[1] === "abstract" ? `\0${name}` : name;
  }
  return null;
}

/** Whether an icon would be seen. Never rejects; answers within 2 s. */
export async function trayAvailable(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  if (platform !== "linux") return true;
  const path = busSocket(env);
  return path === null ? false : ask(path, process.getuid?.() ?? 0);
}

function ask(path: string, uid: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  const timer = setTimeout(() => end(false), limitMs);
  const end = (answer: boolean): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(answer);
  };
  const hello = call(1, {
    path: "/org/freedesktop/DBus",
    to: "org.freedesktop.DBus",
    on: "org.freedesktop.DBus",
    method: "Hello",
  });
  const question = call(2, {
    path: "/StatusNotifierWatcher",
    to: watcher,
    on: "org.freedesktop.DBus.Properties",
    method: "Get",
    arguments: [watcher, "IsStatusNotifierHostRegistered"],
  });
  let heard = Buffer.alloc(0);
  let known = false;
  socket.once("connect", () => socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`));
  socket.on("error", () => end(false));
  socket.on("close", () => end(false));
  socket.on("data", (chunk) => {
    heard = Buffer.concat([heard, chunk]);
    if (!known) {
      const line = heard.indexOf("\r\n");
      if (line < 0) return;
      if (!heard.subarray(0, line).toString("latin1").startsWith("OK ")) return end(false);
      known = true;
      heard = heard.subarray(line + 2);
      socket.write(Buffer.concat([Buffer.from("BEGIN\r\n"), hello, question]));
    }
    const reply = replyIn(heard, 2);
    if (reply !== null) end(reply === 1);
  });
  return promise;
}
