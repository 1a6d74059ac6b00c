/** The bench's origin as a child: starts it, asks it, ends it. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { end, type Running, start } from "../../../build/setup/children.ts";
import type { Told } from "./origin.ts";

let keys = 0;

export class Origin {
  readonly #running: Running;
  readonly #base: string;

  private constructor(running: Running, port: number) {
    this.#running = running;
    this.#base = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Origin> {
    const running = start(process.execPath, [new URL("origin.ts", import.meta.url).pathname], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const { stdout } = running.child;
    if (stdout === null) throw new Error("the origin has no output");
    const [line] = (await Promise.race([
      once(createInterface({ input: stdout }), "line"),
      running.exited.then((code) => Promise.reject(new Error(`the origin ended with ${code}`))),
    ])) as [string];
    return new Origin(running, Number(line));
  }

  /** A stream that waits for `go`; each has a key of its own. */
  stream(query: string): { readonly key: string; readonly url: string } {
    const key = `k${++keys}`;
    return { key, url: `${this.#base}/stream?key=${key}&${query}` };
  }

  page(name: string): string {
    return `${this.#base}/page/${name}`;
  }

  /** Lets it begin as soon as somebody listens. */
  async go(key: string): Promise<void> {
    await this.until(key, (told) => told.openings > 0);
    await fetch(`${this.#base}/go?key=${key}`, { method: "POST" });
  }

  async told(key: string): Promise<Told> {
    return (await (await fetch(`${this.#base}/told?key=${key}`)).json()) as Told;
  }

  async until(key: string, true_: (told: Told) => boolean, patienceMs = 30_000): Promise<Told> {
    const lateAt = performance.now() + patienceMs;
    for (;;) {
      const told = await this.told(key);
      if (true_(told)) return told;
      if (performance.now() > lateAt)
        throw new Error(`the stream ${key} did not come so far: ${told.openings} openings, ${told.sent} sent`);
      await delay(50);
    }
  }

  async end(): Promise<void> {
    await end(this.#running);
  }
}
