/**
 * Makes dist/ out of the sources, and knows whether that is still needed. Does not check types: check.ts does.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { build } from "vite";
import { root } from "./root.ts";
import { stampOf } from "./setup/packages.mjs";
import { PlainError, step } from "./setup/progress.mjs";
import { mainConfig } from "./vite.main.ts";
import { preloadConfig } from "./vite.preload.ts";
import { rendererConfig } from "./vite.renderer.ts";

const sources = ["main", "preload", "renderer", "build", "package.json", "package-lock.json"];
const products = ["dist/main/main.js", "dist/main/cli.js", "dist/preload/preload.cjs", "dist/renderer/index.html"];
const stampFile = join(root, "dist", ".stamp");

/** Builds all three parts, whatever is there already. */
export async function bundle(): Promise<void> {
  const stamp = sourceStamp(root);
  // A production build whatever the caller's NODE_ENV: vitest, for one, sets it to "test".
  process.env["NODE_ENV"] = "production";
  await step("build", () => Promise.all([build(mainConfig), build(preloadConfig), build(rendererConfig)])).catch(
    (error) => {
      throw new PlainError(`The build failed: ${withoutTrace(error.message)}`);
    },
  );
  writeFileSync(stampFile, stamp);
}

/** The bundler puts its own stack into its messages; it says nothing about our sources. */
function withoutTrace(message: string): string {
  const text = process.stderr.isTTY ? message : stripVTControlCharacters(message);
  return text.replace(/^\s*(Stack backtrace:|\d+: \S+|at \S+:\d+:\d+)\s*\n?/gm, "").trim();
}

/** Builds only when a source changed since the last build, or a product is gone. */
export async function bundleIfStale(): Promise<void> {
  if (!isFresh()) await bundle();
}

function isFresh(): boolean {
  if (!existsSync(stampFile) || !products.every((file) => existsSync(join(root, file)))) return false;
  return readFileSync(stampFile, "utf8") === sourceStamp(root);
}

/** Name, size and time of every source file: reading them all would cost more than it tells. */
export function sourceStamp(folder: string): string {
  const lines: string[] = [];
  for (const source of sources) {
    const path = join(folder, source);
    if (!existsSync(path)) continue;
    for (const file of statSync(path).isDirectory() ? filesIn(path) : [path]) {
      const { size, mtimeMs } = statSync(file);
      lines.push(`${file.slice(folder.length)} ${size} ${mtimeMs}`);
    }
  }
  return stampOf(lines.sort().join("\n"));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
