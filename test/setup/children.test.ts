import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { end, start } from "../../build/setup/children.ts";

/** A dead process nobody has collected yet (a zombie) still has its number: it does not count as alive. */
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

/** A program with a child of its own; prints the child's pid and then does `onTerm` when asked to leave. */
async function family(onTerm: string) {
  const program = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    process.on("SIGTERM", () => { ${onTerm} }); console.log(pid); setInterval(() => {}, 1000);`;
  const running = start(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  const output = running.child.stdout;
  if (output === null) throw new Error("no output to read");
  const [grandchild] = await createInterface({ input: output })
    [Symbol.asyncIterator]()
    .next()
    .then(({ value }) => [Number(value)]);
  return { running, grandchild: grandchild ?? 0 };
}

it("lets a program leave in its own way, and sweeps up what it left behind", async () => {
  const { running, grandchild } = await family("process.exit(4)");
  expect(isAlive(grandchild)).toBe(true);
  await end(running);
  expect(await running.exited).toBe(4);
  await expect.poll(() => isAlive(grandchild)).toBe(false);
});

it("kills a program that does not want to leave", async () => {
  const { running, grandchild } = await family("");
  await end(running, 200);
  expect(await running.exited).toBe(128 + 9);
  await expect.poll(() => isAlive(grandchild)).toBe(false);
});

it("counts a program that does not exist as one that failed", async () => {
  const running = start("/not/there", []);
  expect(await running.exited).not.toBe(0);
  await end(running);
});
