/** `npm run sim -- --seeds N [--seed S]`: the connection core in the simulated world; see test/sim/README.md. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; arguments go to the simulation. */
export async function run(args: readonly string[]): Promise<number> {
  const { code } = await runTool(process.execPath, [join(root, "test", "sim", "sim-main.ts"), ...args], {
    cwd: root,
    inherit: true,
  });
  return code;
}
