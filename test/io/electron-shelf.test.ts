import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { electronShelf, GuardedStore } from "../../main/io/stores/electron-shelf.ts";
import { SafeFile } from "../../main/io/stores/safe-file.ts";
import { isObjectText } from "../../main/io/stores/strict-json.ts";
import { temporaryFolder } from "./temporary-folder.ts";

vi.hoisted(() => (process.env["ELECTRON_OVERRIDE_DIST_PATH"] = "/nowhere"));

const aStore = (dir: string) => new GuardedStore(new SafeFile(join(dir, "settings.json"), isObjectText, 1_000_000));

it("reads and writes whole objects, and tells who listens", async () => {
  const dir = temporaryFolder();
  const store = aStore(dir);
  const heard = vi.fn();
  store.onDidAnyChange(heard);
  expect(store.store).toEqual({});
  store.store = { n: 1 };
  expect(await store.replaceLater({ n: 2 })).toBeNull();
  expect([store.store, aStore(dir).store, store.get("n")]).toEqual([{ n: 2 }, { n: 2 }, 2]);
  expect(heard.mock.calls.map(([now]) => now)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("has no way left to electron-store's own writer", () => {
  const store = aStore(temporaryFolder());
  const anyStore = store as unknown as Record<string, (...values: unknown[]) => unknown>;
  for (const name of ["set", "delete", "clear", "reset", "appendToArray"]) {
    expect(() => anyStore[name]?.("n", 1), name).toThrow("write whole objects");
  }
});

it("keeps the old file where electron-store itself leaves half of the new one", ({ skip }) => {
  const content = { fill: "x".repeat(60_000) };
  const inFullDisk = (write: (dir: string) => void): string => {
    const mount = temporaryFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", mount], { stdio: "ignore" });
    } catch {
      skip("mounting a small disk needs root");
    }
    try {
      writeFileSync(join(mount, "settings.json"), '{"n":1}', { mode: 0o600 });
      writeFileSync(join(mount, "ballast"), Buffer.alloc(80 * 1024));
      write(mount);
      return readFileSync(join(mount, "settings.json"), "utf8");
    } finally {
      execFileSync("umount", [mount]);
    }
  };
  const guarded = inFullDisk((dir) => {
    const shelf = electronShelf(new SafeFile(join(dir, "settings.json"), isObjectText, 1_000_000));
    expect(shelf.write(content)).toBe("ENOSPC");
  });
  expect(guarded).toBe('{"n":1}');
  const unguarded = inFullDisk((dir) => {
    const store = aStore(dir);
    const ownWriter = Object.getPrototypeOf(Object.getPrototypeOf(GuardedStore.prototype));
    ownWriter.set.call(store, content);
  });
  // The day this fails, the guard can go: the writer has learnt to look at how much was written.
  expect(() => JSON.parse(unguarded)).toThrow();
});
