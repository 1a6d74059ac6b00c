import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeOf, readPrivate, SafeFile } from "../../main/io/stores/safe-file.ts";
import { isObjectText } from "../../main/io/stores/strict-json.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const aFile = (dir: string) => new SafeFile(join(dir, "settings.json"), isObjectText, 1000);
const textOf = (found: ReturnType<SafeFile["read"]>) => ("data" in found ? found.data.toString() : found.code);

it("replaces the content and keeps the one before as the backup", async () => {
  const file = aFile(temporaryFolder());
  expect(file.prepare()).toBeNull();
  expect([textOf(file.read()), textOf(file.readBackup())]).toEqual(["ENOENT", "ENOENT"]);
  expect(file.write('{"n":1}')).toBeNull();
  expect(file.write('{"n":2}')).toBeNull();
  expect(await file.writeLater('{"n":3}')).toBeNull();
  expect([textOf(file.read()), textOf(file.readBackup())]).toEqual(['{"n":3}', '{"n":2}']);
});

it("makes the file, its backup and its folder for the user alone, whatever they were", () => {
  const dir = join(temporaryFolder(), "data");
  mkdirSync(dir, { mode: 0o755 });
  const file = aFile(dir);
  writeFileSync(file.path, "{}", { mode: 0o644 });
  file.prepare();
  file.write('{"n":1}');
  file.write('{"n":2}');
  expect([dir, file.path, file.backupPath].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
});

it("does not take a content that is no good for the backup, and keeps what somebody else broke", () => {
  const dir = temporaryFolder();
  const file = aFile(dir);
  file.write('{"n":1}');
  file.write('{"n":2}');
  writeFileSync(file.path, '{"n":2, "by hand');
  file.write('{"n":3}');
  expect([textOf(file.read()), textOf(file.readBackup())]).toEqual(['{"n":3}', '{"n":1}']);
  const aside = readdirSync(dir).find((name) => name.startsWith("settings.corrupt-")) ?? "";
  expect(readFileSync(join(dir, aside), "utf8")).toBe('{"n":2, "by hand');
});

it("lets the later write win, even if the earlier one ends after it", async () => {
  const dir = temporaryFolder();
  const file = aFile(dir);
  const slow = file.writeLater('{"n":1}');
  expect(file.write('{"n":2}')).toBeNull();
  expect(await slow).toBeNull();
  expect(textOf(file.read())).toBe('{"n":2}');
  expect(readdirSync(dir)).toEqual(["settings.json"]);
});

it("removes temporary files of dead processes and of its own, and nobody else's", () => {
  const dir = temporaryFolder();
  const dead = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
  const names = [
    `.settings.json.${dead}.1.tmp`,
    `.settings.json.${process.pid}.2.tmp`,
    `.settings.json.${process.ppid}.3.tmp`,
    ".other.json.1.1.tmp",
  ];
  for (const name of names) writeFileSync(join(dir, name), "x");
  expect(aFile(dir).prepare()).toBeNull();
  expect(readdirSync(dir).sort()).toEqual([".other.json.1.1.tmp", `.settings.json.${process.ppid}.3.tmp`].sort());
});

describe("what is not ours", () => {
  it.for(["a link", "a folder", "a pipe", "another user's file"])(
    "%s is neither read nor overwritten",
    (kind, { skip }) => {
      if (kind === "another user's file" && process.getuid?.() !== 0)
        skip("needs root, to give a file to another user");
      const dir = temporaryFolder();
      const file = aFile(dir);
      const victim = join(temporaryFolder(), "victim.json");
      writeFileSync(victim, '{"victim":1}');
      if (kind === "a link") symlinkSync(victim, file.path);
      if (kind === "a folder") mkdirSync(file.path);
      if (kind === "a pipe") execFileSync("mkfifo", [file.path]);
      if (kind === "another user's file") {
        writeFileSync(file.path, '{"theirs":1}');
        chownSync(file.path, 12_345, 12_345);
      }
      const code = kind === "a link" ? "symlink" : kind === "another user's file" ? "foreign-owner" : "not-a-file";
      expect(textOf(file.read())).toBe(code);
      expect(file.write("{}")).toBe(code);
      expect(readFileSync(victim, "utf8")).toBe('{"victim":1}');
      expect(readdirSync(dir)).toEqual(["settings.json"]);
    },
  );

  it("a folder of another user is refused", ({ skip }) => {
    if (process.getuid?.() !== 0) skip("needs root, to give a folder to another user");
    const dir = temporaryFolder();
    chownSync(dir, 12_345, 12_345);
    expect(aFile(dir).prepare()).toBe("foreign-owner");
  });
});

it("does not read what is too large", () => {
  const path = join(temporaryFolder(), "large");
  writeFileSync(path, "x".repeat(1001));
  expect(readPrivate(path, 1000)).toEqual({ code: "too-large" });
});

it("keeps the old content and says why when the folder cannot be written", ({ skip }) => {
  const dir = temporaryFolder();
  const file = aFile(dir);
  file.write('{"n":1}');
  // Root may write anywhere; a child without its powers may not.
  if (process.getuid?.() !== 0) skip("needs root, to give up its rights in a child");
  chmodSync(dir, 0o500);
  expect(writeInChild(dir, '{"n":2}', { setpriv: true })).toMatch(/^EACCES|foreign-owner$/);
  expect(textOf(file.read())).toBe('{"n":1}');
});

it.each([1, 2, 3])("keeps the old content when a file may not grow beyond %s KiB", (kib) => {
  const dir = temporaryFolder();
  const file = aFile(dir);
  file.write('{"n":1}');
  expect(writeInChild(dir, JSON.stringify({ n: "x".repeat(5000) }), { maxKib: kib })).toBe("EFBIG");
  expect([textOf(file.read()), readdirSync(dir)]).toEqual(['{"n":1}', ["settings.json"]]);
});

it("keeps the old content at every level of a filling disk", ({ skip }) => {
  const mount = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], { stdio: "ignore" });
  } catch {
    skip("mounting a small disk needs root");
  }
  try {
    const file = new SafeFile(join(mount, "settings.json"), isObjectText, 1_000_000);
    const content = (n: number) => JSON.stringify({ n, fill: "x".repeat(40_000) });
    const codes = new Set<string | null>();
    let good = content(0);
    file.write(good);
    for (let level = 1; level <= 25; level++) {
      writeFileSync(join(mount, "ballast"), "");
      try {
        writeFileSync(join(mount, "ballast"), Buffer.alloc(262_144 - 8192 * level));
      } catch (error) {
        expect(codeOf(error)).toBe("ENOSPC");
      }
      const code = file.write(content(level));
      codes.add(code);
      if (code === null) good = content(level);
      expect(textOf(file.read()), `level ${level}`).toBe(good);
      expect(existsSync(file.backupPath) ? isObjectText(readFileSync(file.backupPath)) : true).toBe(true);
    }
    expect(codes).toEqual(new Set([null, "ENOSPC"]));
  } finally {
    execFileSync("umount", [mount]);
  }
});

/** Writes in a child process under limits; what `write` answered. */
function writeInChild(dir: string, content: string, limits: { maxKib?: number; setpriv?: boolean }): string {
  const module = new URL("../../main/io/stores/safe-file.ts", import.meta.url).href;
  const script = `const { SafeFile } = await import(${JSON.stringify(module)});
    const file = new SafeFile(${JSON.stringify(join(dir, "settings.json"))}, () => true, 100000);
    process.stdout.write(String(file.write(${JSON.stringify(content)})));`;
  const node = [process.execPath, "--input-type=module", "-e", script];
  const limit = limits.maxKib === undefined ? "" : `ulimit -f ${limits.maxKib * 2};`;
  const drop =
    limits.setpriv === true
      ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=12345", "--clear-groups"]
      : [];
  return execFileSync("sh", ["-c", `${limit} exec "$@"`, "sh", ...drop, ...node], { encoding: "utf8" });
}
