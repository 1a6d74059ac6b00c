/** A window that nobody sees costs nothing: its page runs no clock and draws no frame, from the start on and each time it is hidden. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { appDir, appEnv, electronProgram, launch, programArgs, temporaryFolder } from "./app.ts";

/** Long enough for the seconds that the page counts while it is seen. */
const watchedMs = 2500;

/** In the page: what it draws meanwhile. */
const drawn = `new Promise((resolve) => {
  let [changes, frames] = [0, 0];
  const observer = new MutationObserver(() => changes++);
  observer.observe(document, { childList: true, characterData: true, attributes: true, subtree: true });
  const asked = requestAnimationFrame(() => frames++);
  setTimeout(() => {
    observer.disconnect();
    cancelAnimationFrame(asked);
    resolve({ state: document.visibilityState, changes, frames });
  }, ${watchedMs});
})`;
const nothing = { state: "hidden", changes: 0, frames: 0 };

/** The app without anything that watches it; page-hook.cjs does in it what is asked for. */
class Unwatched {
  readonly #child: ChildProcess;
  #asked = 0;

  constructor(dataDir: string, args: readonly string[]) {
    const hook = new URL("page-hook.cjs", import.meta.url).pathname;
    this.#child = spawn(electronProgram(), [...programArgs(dataDir), ...args], {
      cwd: appDir,
      env: appEnv(dataDir, { NODE_OPTIONS: `--require ${JSON.stringify(hook)}` }),
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const exited = once(this.#child, "exit");
    onTestFinished(async () => {
      this.#child.kill();
      await exited;
    });
  }

  async #ask(question: { readonly window?: "show" | "hide"; readonly page?: string }): Promise<unknown> {
    const id = ++this.#asked;
    this.#child.send({ ...question, id });
    for (;;) {
      const [answer] = (await once(this.#child, "message")) as [{ id: number; value?: unknown; error?: string }];
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    }
  }

  page(script: string): Promise<unknown> {
    return this.#ask({ page: script });
  }

  async turn(to: "show" | "hide"): Promise<void> {
    await this.#ask({ window: to });
    const state = to === "show" ? "visible" : "hidden";
    await expect.poll(() => this.page("document.visibilityState"), { timeout: 10_000 }).toBe(state);
  }
}

it("draws nothing and counts no seconds while nobody sees it, and is up to date as soon as somebody does", async () => {
  const origin = await eventOrigin();
  const dataDir = temporaryFolder("unseen");
  const before = await launch({ dataDir });
  const id = await before.addStream({ url: origin.url, name: "Orders" });
  await expect.poll(() => before.phase(id)).toBe("open");
  await before.quit();

  const app = new Unwatched(dataDir, ["--hidden"]);
  await expect.poll(() => origin.asked.length, { timeout: 20_000 }).toBe(2);
  const isThere = "document.querySelector('nav') !== null";
  await expect.poll(() => app.page(isThere), { timeout: 20_000 }).toBe(true);
  origin.publish("while hidden");
  const list = "window.bridge.streams.list().then(({ value }) => value[0].events)";
  await expect.poll(() => app.page(list)).toBe(1);
  expect(await app.page(drawn)).toEqual(nothing);

  await app.turn("show");
  const rows = "document.querySelector('[role=grid]')?.textContent ?? ''";
  await expect.poll(() => app.page(rows), { timeout: 10_000 }).toContain("while hidden");
  const seen = (await app.page(drawn)) as typeof nothing;
  expect(seen.changes).toBeGreaterThan(0);
  expect(seen.frames).toBe(1);

  await app.turn("hide");
  expect(await app.page(drawn)).toEqual(nothing);
}, 60_000);
