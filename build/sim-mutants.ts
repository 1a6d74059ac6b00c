/** `npm run sim:mutants`: breaks the client in many ways and looks whether the simulation finds each; see test/sim/mutants.ts. */
import { join } from "node:path";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; arguments select mutants by a part of their name. */
export async function run(args: readonly string[]): Promise<number> {
  const { code } = await runTool(process.execPath, [join(root, "test", "sim", "mutants-main.ts"), ...args], {
    cwd: root,
    inherit: true,
  });
  return code;
}
