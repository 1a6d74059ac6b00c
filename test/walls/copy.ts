/** A copy of our tree's shape outside the checkout, where a wall can be broken on purpose. Holds what the caller writes, no more. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../build/root.ts";

export type Copy = {
  write(path: string, code: string): void;
  /** Copies files of the checkout to the same place. */
  take(...paths: readonly string[]): void;
  /** Runs a program of node_modules on the copy; returns what it printed. */
  run(script: string, ...args: readonly string[]): string;
  remove(): void;
};

/** An empty copy that can see the packages. */
export function emptyCopy(): Copy {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-walls-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  return {
    write(path, code) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), code);
    },
    take(...paths) {
      for (const path of paths) cpSync(join(root, path), join(folder, path), { recursive: true });
    },
    run(script, ...args) {
      const done = spawnSync(process.execPath, [join(root, "node_modules", script), ...args], {
        cwd: folder,
        encoding: "utf8",
      });
      if (done.error !== undefined) throw done.error;
      return done.stdout;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
