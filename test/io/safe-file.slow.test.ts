import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SafeFile } from "../../main/io/stores/safe-file.ts";
import { isChecked } from "./checked-content.ts";
import { rotation, seeded } from "./seeded.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("holds the old or the new content, and a good backup, after each of 100 kills", { timeout: 120_000 }, async () => {
  const dir = temporaryFolder();
  const path = join(dir, "settings.json");
  const random = seeded(2026 + rotation);
  let newest = 0;
  let leftOver = 0;
  for (let round = 0; round < 100; round++) {
    const child = fork(new URL("./saving-child.ts", import.meta.url), [path, String(newest)], { stdio: "inherit" });
    const wanted = 1 + Math.floor(random() * 8);
    const delayMs = random() * 4;
    let heard = 0;
    child.on("message", (saved: number) => {
      newest = saved;
      if (++heard === wanted) setTimeout(() => child.kill("SIGKILL"), delayMs);
    });
    await once(child, "close");
    const content = readFileSync(path);
    expect(isChecked(content), `round ${round}`).toBe(true);
    const found = JSON.parse(content.toString()).n;
    expect(found).toBeGreaterThanOrEqual(newest);
    newest = found;
    if (existsSync(`${path}.bak`)) expect(isChecked(readFileSync(`${path}.bak`)), `round ${round}`).toBe(true);
    if (readdirSync(dir).length > 2) leftOver++;
  }
  expect(newest).toBeGreaterThan(200);
  // Kills that came in the middle of a write; without any, this test would prove nothing.
  expect(leftOver).toBeGreaterThan(0);
  expect(new SafeFile(path, isChecked, 1_000_000).prepare()).toBeNull();
  expect(readdirSync(dir).sort()).toEqual(["settings.json", "settings.json.bak"]);
});
