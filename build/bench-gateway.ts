/** `npm run bench:gateway`: the gateway beside nginx and a direct connection; see test/bench/gateway/main.ts. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; arguments go to the bench: `--json`, `--seconds N`. */
export async function run(args: readonly string[]): Promise<number> {
  const bench = join(root, "test", "bench", "gateway", "main.ts");
  const { code } = await runTool(process.execPath, [bench, ...args], { cwd: root, inherit: true });
  return code;
}
