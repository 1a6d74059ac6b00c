/** `npm run lab`: every proxy of test/lab in front of one origin, and a page of links; see test/lab/README.md. Ctrl-C ends it. */
import { join } from "node:path";
import { root } from "./root.ts";
import { ensureLab } from "./setup/debian.ts";
import { runTool } from "./setup/tool.mjs";

/** The command; arguments are parts of the names of the configurations wanted, as in `npm run lab -- nginx squid-connect`. */
export async function run(args: readonly string[]): Promise<number> {
  await ensureLab();
  const lab = join(root, "test", "lab", "lab-main.ts");
  const { code } = await runTool(process.execPath, [lab, ...args], { cwd: root, inherit: true });
  return code;
}
