import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { markComplete, targetDir } from "../../build/gateway-target.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "holdfast-target-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it("gives every checkout a folder of its own, and the same one again", async () => {
  const all = folder();
  const [first, second] = [await targetDir(all, "/a"), await targetDir(all, "/b")];
  expect(first).not.toBe(second);
  expect(await targetDir(all, "/a")).toBe(first);
});

it("begins a new folder with the dependencies of a finished one, and without its program", async () => {
  const all = folder();
  const first = await targetDir(all, "/a");
  const prints = join("release", ".fingerprint");
  for (const name of ["pingora-1", "holdfast-gateway-2"]) mkdirSync(join(first, prints, name), { recursive: true });
  writeFileSync(join(first, "release", "libpingora.rlib"), "compiled");
  expect(existsSync(await targetDir(all, "/unfinished"))).toBe(false);
  await markComplete(first);
  const second = await targetDir(all, "/b");
  expect(existsSync(join(second, prints, "pingora-1"))).toBe(true);
  expect(existsSync(join(second, prints, "holdfast-gateway-2"))).toBe(false);
  const [before = 0, after = 1] = [first, second].map(
    (path) => statSync(join(path, "release", "libpingora.rlib")).mtimeMs,
  );
  expect(after).toBeCloseTo(before, 0);
});
