/** `npm run bench:fleet`: a fleet that loses its server, and the flaky day; see test/bench/fleet-main.ts and docs/performance.md. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; arguments go to the bench: `--json`, `--clients N`, `--table`. */
export async function run(args: readonly string[]): Promise<number> {
  const bench = join(root, "test", "bench", "fleet-main.ts");
  const { code } = await runTool(process.execPath, [bench, ...args], { cwd: root, inherit: true });
  return code;
}
