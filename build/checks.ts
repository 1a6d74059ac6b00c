/** Types and lint, each as one named check with its output. Runs nothing else; the caller decides what a failure means. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** How one check ended. */
export type Check = { name: string; ok: boolean; output: string };

/** Runs a program of the packages on the running Node. */
async function check(name: string, script: string, args: readonly string[]): Promise<Check> {
  const result = await runTool(process.execPath, [join(root, "node_modules", script), ...args], { cwd: root });
  return { name, ok: result.code === 0, output: `${result.stdout}${result.stderr}`.trim() };
}

/** The compiler over all parts. The slab first and whole: an incremental build overlooks changed catalogues (TypeScript 7.0.2). */
export async function types(): Promise<Check> {
  const slab = await check("types", "typescript/bin/tsc", ["-b", "--force", "preload/tsconfig.json"]);
  return slab.ok ? check("types", "typescript/bin/tsc", ["-b"]) : slab;
}

/** Biome: format and lint. */
export function lint(): Promise<Check> {
  return check("lint", "@biomejs/biome/bin/biome", ["check", "--config-path", "build/lint.json", "."]);
}

/** Prints what a failed check had to say; a good one stays silent. */
export function report({ name, ok, output }: Check): void {
  if (!ok) process.stdout.write(`${output}\n\n${name}: failed\n\n`);
}
