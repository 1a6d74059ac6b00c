import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { inTurn } from "../../build/setup/turn.mjs";
import { temporaryFolder } from "../io/temporary-folder.ts";

it("lets one after the other at what must not be done twice at once", async () => {
  const turn = join(temporaryFolder(), "turns", "turn");
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside--;
  };
  await Promise.all([inTurn(turn, work), inTurn(turn, work), inTurn(turn, work)]);
  expect(most).toBe(1);
  expect(existsSync(turn)).toBe(false);
});

it("does not wait for one who has died with the turn in his hand", async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  // Above every process id that Linux gives out.
  writeFileSync(join(folder, "turn"), "4194999");
  expect(await inTurn(join(folder, "turn"), async () => "done")).toBe("done");
});

it("gives the turn back when the work fails", async () => {
  const turn = join(temporaryFolder(), "turn");
  await expect(inTurn(turn, () => Promise.reject(new Error("no network")))).rejects.toThrow("no network");
  expect(existsSync(turn)).toBe(false);
});
