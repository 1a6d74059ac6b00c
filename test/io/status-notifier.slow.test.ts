/** The question to the session bus, against a bus of our own that speaks the wire format byte for byte. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { call, replyIn } from "../../main/io/bus/bus-message.ts";
import { busSocket, trayAvailable } from "../../main/io/bus/status-notifier.ts";

describe("busSocket", () => {
  it.each<[Record<string, string>, string | null]>([
    [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1000/bus" }, "/run/user/1000/bus"],
    [{ DBUS_SESSION_BUS_ADDRESS: "unix:guid=12,path=/a%20b,x=y" }, "/a b"],
    [{ DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/tmp/dbus-x,guid=12" }, "\0/tmp/dbus-x"],
    [{ DBUS_SESSION_BUS_ADDRESS: "tcp:host=localhost,port=1;unix:path=/b" }, "/b"],
    [{ DBUS_SESSION_BUS_ADDRESS: "", XDG_RUNTIME_DIR: "/run/user/7" }, "/run/user/7/bus"],
    [{ DBUS_SESSION_BUS_ADDRESS: "autolaunch:" }, null],
    [{}, null],
  ])("reads %j", (env, path) => {
    expect(busSocket(env)).toBe(path);
  });
});

/** A bus that answers the authentication with `welcome` and every question with `reply`. */
async function bus(welcome: string, reply: (question: Buffer, socket: Socket) => void) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bus-"));
  const path = join(folder, "bus");
  const asked: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      asked.push(chunk);
      if (asked.length === 1) socket.write(welcome);
      else reply(chunk, socket);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  server.listen(path);
  await once(server, "listening");
  return { env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }, asked };
}

/** A method return (2) or error (3) to a serial, in either byte order, whose body is `body`. */
function message(type: 2 | 3, serial: number, body: Buffer, little = true): Buffer {
  const fields = Buffer.alloc(16);
  const head = Buffer.alloc(16);
  const word = (target: Buffer, value: number, at: number) =>
    little ? target.writeUInt32LE(value, at) : target.writeUInt32BE(value, at);
  // First a field to skip: signature "v"; then the serial that is answered.
  fields.set([8, 1, 0x67, 0, 1, 0x76, 0, 0]);
  fields.set([5, 1, 0x75, 0], 8);
  word(fields, serial, 12);
  head.set([little ? 0x6c : 0x42, type, 1, 1]);
  word(head, body.length, 4);
  word(head, 900, 8);
  word(head, fields.length, 12);
  return Buffer.concat([head, fields, body]);
}
const variant = (value: boolean, little = true) =>
  Buffer.from([1, 0x62, 0, 0, ...(little ? [Number(value), 0, 0, 0] : [0, 0, 0, Number(value)])]);
const helloReply = message(2, 1, Buffer.from([5, 0, 0, 0, 0x3a, 0x31, 0x2e, 0x34, 0x32, 0]));
const ok = "OK 1234deadbeef\r\n";

describe("trayAvailable", () => {
  it.each<[string, Buffer, boolean]>([
    ["a host is there", message(2, 2, variant(true)), true],
    ["a host is there, on a big-endian bus", message(2, 2, variant(true, false), false), true],
    ["a watcher without a host", message(2, 2, variant(false)), false],
    ["no watcher", message(3, 2, Buffer.alloc(0)), false],
  ])("says what the bus says: %s", async (_what, reply, expected) => {
    const { env } = await bus(ok, (_question, socket) => socket.write(Buffer.concat([helloReply, reply])));
    expect(await trayAvailable("linux", env)).toBe(expected);
  });

  it("reads a reply that comes byte by byte, after a signal", async () => {
    const { env } = await bus(ok, (_question, socket) => {
      for (const byte of Buffer.concat([helloReply, message(2, 7, variant(false)), message(2, 2, variant(true))])) {
        socket.write(Buffer.from([byte]));
      }
    });
    expect(await trayAvailable("linux", env)).toBe(true);
  });

  it("introduces itself as the user it is, and asks for the host without starting a service", async () => {
    const { env, asked } = await bus(ok, (_question, socket) => socket.write(message(3, 2, Buffer.alloc(0))));
    await trayAvailable("linux", env);
    const uid = Buffer.from(String(process.getuid?.())).toString("hex");
    expect(asked[0]?.toString()).toBe(`\0AUTH EXTERNAL ${uid}\r\n`);
    const question = asked[1]?.toString("latin1") ?? "";
    expect(question.startsWith("BEGIN\r\nl\u0001\u0002\u0001")).toBe(true);
    for (const part of ["Hello", "/StatusNotifierWatcher", "Get", "IsStatusNotifierHostRegistered"])
      expect(question).toContain(part);
  });

  it.each<[string, string, (question: Buffer, socket: Socket) => void]>([
    ["refuses us", "REJECTED EXTERNAL\r\n", () => {}],
    ["hangs up", ok, (_question, socket) => socket.destroy()],
    ["talks nonsense", ok, (_question, socket) => socket.end(Buffer.alloc(64, 0xff))],
  ])("sees no tray when the bus %s", async (_what, welcome, reply) => {
    const { env } = await bus(welcome, reply);
    expect(await trayAvailable("linux", env)).toBe(false);
  });

  it("gives a bus that says nothing 2 s", async () => {
    const { env } = await bus("", () => {});
    const began = performance.now();
    expect(await trayAvailable("linux", env)).toBe(false);
    expect(performance.now() - began).toBeGreaterThan(1900);
  });

  it("sees no tray without a bus", async () => {
    expect(await trayAvailable("linux", {})).toBe(false);
    expect(await trayAvailable("linux", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" })).toBe(false);
  });

  it.each(["win32", "darwin"] as const)("takes the tray of %s for granted", async (platform) => {
    expect(await trayAvailable(platform, {})).toBe(true);
  });
});

it("writes a call whose parts are where the specification wants them", () => {
  const bytes = call(2, { path: "/A", to: "b.C", on: "d.E", method: "Get", arguments: ["one", "four"] });
  const bodyLength = bytes.readUInt32LE(4);
  const fieldsLength = bytes.readUInt32LE(12);
  const bodyStart = 16 + Math.ceil(fieldsLength / 8) * 8;
  expect(bytes.length).toBe(bodyStart + bodyLength);
  expect(bytes.readUInt32LE(8)).toBe(2);
  expect(bytes.subarray(bodyStart)).toEqual(Buffer.from("\u0003\0\0\0one\0\u0004\0\0\0four\0", "latin1"));
  expect(bytes.subarray(16, 26)).toEqual(Buffer.from([1, 1, 0x6f, 0, 2, 0, 0, 0, 0x2f, 0x41]));
  expect(replyIn(bytes, 2)).toBeNull();
});
