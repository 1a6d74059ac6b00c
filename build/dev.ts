/**
 * `npm run dev`: the page from Vite's server with hot updates, main and preload rebuilt as they change, and Electron
 * started anew whenever one of those two did. No type checks here: the editor and `npm run check` do them.
 */
import { build, createServer, type InlineConfig, type Plugin, type Rolldown } from "vite";
import { startApp } from "./setup/app-process.ts";
import { end, type Running } from "./setup/children.ts";
import type { Runtime } from "./setup/electron-runtime.ts";
import { prepare } from "./setup/prepare.ts";
import { say } from "./setup/progress.mjs";
import { openSession } from "./setup/session.ts";
import { untilStopped } from "./setup/until-stopped.ts";
import { mainConfig } from "./vite.main.ts";
import { preloadConfig } from "./vite.preload.ts";
import { rendererConfig } from "./vite.renderer.ts";

// One saved change touches both bundles when it is in the contract: one restart is enough.
const settleMs = 150;

/** The command; extra arguments go to the app. */
export async function run(args: readonly string[]): Promise<number> {
  const runtime = await prepare({ build: async () => undefined });
  const ends: (() => Promise<unknown>)[] = [];
  const { stopped } = untilStopped(() => process.exit(130));
  try {
    const session = await openSession({ bring: "missing" });
    ends.push(session.end);
    const server = await createServer({ ...rendererConfig, logLevel: "info", server: { host: "127.0.0.1", port: 0 } });
    ends.push(() => server.close());
    await server.listen();
    const url = server.resolvedUrls?.local[0] ?? "";
    say(`• page: ${url}`);
    const app = new RestartingApp(runtime, args, { ...session.env, ELECTRON_RENDERER_URL: url });
    ends.push(() => app.close());
    for (const config of [preloadConfig, mainConfig]) {
      const watcher = await watch(config, () => app.restart());
      ends.push(() => watcher.close());
    }
    return await Promise.race([app.exited, stopped.then(() => 0)]);
  } finally {
    for (const finish of ends.reverse()) await finish();
  }
}

/** Builds at every change and tells of each finished build; the first one is awaited. */
async function watch(config: InlineConfig, built: () => void): Promise<Rolldown.RolldownWatcher> {
  const first = Promise.withResolvers<void>();
  const tell: Plugin = {
    name: "tell-when-built",
    closeBundle: {
      sequential: true,
      handler(error?: Error) {
        first.resolve();
        if (error === undefined) built();
      },
    },
  };
  const build_ = { ...config.build, watch: {}, emptyOutDir: false };
  const watcher = await build({ ...config, plugins: [...(config.plugins ?? []), tell], build: build_ });
  await first.promise;
  return watcher as Rolldown.RolldownWatcher;
}

/** Electron, replaced by a fresh one at each restart; `exited` settles when it ends by itself, as when the user quits. */
class RestartingApp {
  readonly exited: Promise<number>;
  readonly #runtime: Runtime;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #settle: (code: number) => void;
  #current: Running | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(runtime: Runtime, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#runtime = runtime;
    this.#args = args;
    this.#env = env;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.#settle = resolve;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#replace());
    }, settleMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#turn;
    await this.#endCurrent();
  }

  async #replace(): Promise<void> {
    const again = this.#current !== undefined;
    await this.#endCurrent();
    if (again) say("• the app starts anew");
    const next = startApp(this.#runtime, this.#args, this.#env);
    this.#current = next;
    void next.exited.then((code) => {
      if (this.#current === next) this.#settle(code);
    });
  }

  async #endCurrent(): Promise<void> {
    const old = this.#current;
    this.#current = undefined;
    if (old !== undefined) await end(old);
  }
}
