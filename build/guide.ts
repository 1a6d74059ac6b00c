/** `npm run guide [-- --check]`: makes docs/troubleshooting.md from the rules of the diagnosis; see main/guide.ts. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; `--check` only looks. */
export async function run(args: readonly string[]): Promise<number> {
  const { code } = await runTool(process.execPath, [join(root, "main", "guide.ts"), ...args], {
    cwd: root,
    inherit: true,
  });
  return code;
}
