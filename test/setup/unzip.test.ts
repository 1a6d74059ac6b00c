import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { unzip } from "../../build/setup/unzip.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-unzip-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Item = { name: string; content: string; mode?: number; stored?: boolean };

/** A zip file of our own making: the smallest that shows what real ones have. */
function zipOf(items: readonly Item[]): string {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644, stored = false } of items) {
    const raw = Buffer.from(content);
    const packed = stored ? raw : deflateRawSync(raw);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02\x14\x03", 0, "latin1");
    common.copy(entry, 6);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    bodies.push(Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  const file = join(folder, "test.zip");
  writeFileSync(file, Buffer.concat([...bodies, central, end]));
  return file;
}

const all = (name: string) => name;

it("unpacks what it is asked for, packed or stored, and keeps programs executable", async () => {
  const zip = zipOf([
    { name: "App/run", content: "#!".repeat(100), mode: 0o100755 },
    { name: "App/data/text", content: "text", stored: true },
    { name: "App/not-this", content: "x" },
  ]);
  const out = join(folder, "out");
  await unzip(zip, out, (name) => (name.endsWith("not-this") ? undefined : name.slice("App/".length)));
  expect(readdirSync(out).sort()).toEqual(["data", "run"]);
  expect(readFileSync(join(out, "run"), "utf8")).toBe("#!".repeat(100));
  expect(readFileSync(join(out, "data/text"), "utf8")).toBe("text");
  expect(statSync(join(out, "run")).mode & 0o111).toBe(0o111);
});

it.each([
  ["a name that climbs out of the folder", { name: "../evil", content: "x" }, /outside/],
  ["a symbolic link", { name: "link", content: "/etc/passwd", mode: 0o120777 }, /symbolic link/],
])("refuses %s", async (_what, item, message) => {
  await expect(unzip(zipOf([item]), join(folder, "out"), all)).rejects.toThrow(message);
});

it("refuses what is no zip file", async () => {
  writeFileSync(join(folder, "x"), "hello");
  await expect(unzip(join(folder, "x"), join(folder, "out"), all)).rejects.toThrow(/not a zip/);
});
