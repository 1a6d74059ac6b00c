/** What a chosen file says of a token command. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readTokenCommand } from "../../main/io/stores/token-command.ts";

const dir = mkdtempSync(join(tmpdir(), "holdfast-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
function made(name: string, content: unknown, mode = 0o755): string {
  const path = join(dir, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  return path;
}
const program = made("token program", "#!/bin/sh\n");

it("takes a program as it is, and a list with its arguments, with a byte order mark or without", () => {
  expect(readTokenCommand(program)).toEqual({ argv: [program] });
  const argv = [program, "--for", "me; rm -rf /"];
  expect(readTokenCommand(made("list.JSON", argv))).toEqual({ argv });
  expect(readTokenCommand(made("marked.json", `\uFEFF${JSON.stringify(argv)}`))).toEqual({ argv });
});

it.each<[string, string, unknown]>([
  ["command-invalid", "an object.json", { argv: [program] }],
  ["command-invalid", "numbers.json", [program, 5]],
  ["command-invalid", "words.json", `"${program}"`],
  ["command-invalid", "broken.json", "["],
  ["command-invalid", "too many.json", Array(65).fill(program)],
  ["command-invalid", "huge.json", [program, "x".repeat(64 * 1024)]],
  ["command-missing", "empty.json", []],
  ["command-not-absolute", "bare.json", ["sh", "-c", "x"]],
  ["command-too-long", "long.json", [program, "x".repeat(2000)]],
  ["command-not-executable", "absent.json", [join(dir, "absent")]],
  ["command-not-executable", "folder.json", [dir]],
])("says %s of %s", (code, name, content) => {
  expect(readTokenCommand(made(name, content))).toEqual({ code });
});

it("says of a file that may not be run, or is none, that it cannot be run", () => {
  expect(readTokenCommand(made("text.txt", "x", 0o644))).toEqual({ code: "command-not-executable" });
  mkdirSync(join(dir, "folder.d"));
  expect(readTokenCommand(join(dir, "folder.d"))).toEqual({ code: "command-not-executable" });
  expect(readTokenCommand(join(dir, "nothing"))).toEqual({ code: "command-not-executable" });
});

it.each([
  ["token.exe", true],
  ["TOKEN.COM", true],
  ["token.bat", false],
  ["token.cmd", false],
  ["token.ps1", false],
  ["token", false],
])("on Windows, where every file is called executable, takes %s: %s", (name, is) => {
  const path = made(name, "");
  const list = made(`${name}.json`, [path, "x"]);
  const code = { code: "command-not-executable" };
  expect(readTokenCommand(path, "win32")).toEqual(is ? { argv: [path] } : code);
  expect(readTokenCommand(list, "win32")).toEqual(is ? { argv: [path, "x"] } : code);
});
