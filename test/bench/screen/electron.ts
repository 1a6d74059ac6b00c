/**
 * The built app through its real window, driven as the end-to-end tests do it. Not test/e2e/app.ts,
 * which belongs to a test and ends with it: here one app lives for many runs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ElectronApplication, _electron as electron, type Page } from "playwright-core";
import { root } from "../../../build/root.ts";
import { sandboxArgs } from "../../../build/setup/app-process.ts";
import type { Endpoint, Filter, Tail } from "../../../preload/contract.ts";
import type {} from "../../../renderer/bridge.ts";
import { blank } from "../../e2e/blank-endpoint.ts";

export type World = { readonly executable: string; readonly env: NodeJS.ProcessEnv };

export const noFilter: Filter = { types: [], text: "", path: "", from: null, to: null };
export const bareDir = join(import.meta.dirname, "bare-app");

/** A folder and its end. */
export function folder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `holdfast-bench-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}

/** English, and nothing of it in anybody's home. */
export function benchEnv(world: World, home: string): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, VITEST: _vitest, ...rest } = world.env;
  const homes = {
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_DATA_HOME: join(home, "share"),
  };
  return {
    ...(rest as Record<string, string>),
    LANG: "en_US.UTF-8",
    LANGUAGE: "en",
    ...homes,
    HOLDFAST_BENCH_DATA: home,
  };
}

/** A running app. */
export class Window {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly mainPid: number;
  readonly rendererPid: number;
  readonly #folder: ReturnType<typeof folder> | null;

  private constructor(
    app: ElectronApplication,
    page: Page,
    rendererPid: number,
    own: ReturnType<typeof folder> | null,
  ) {
    this.electron = app;
    this.page = page;
    this.mainPid = app.process().pid ?? 0;
    this.rendererPid = rendererPid;
    this.#folder = own;
  }

  /** Holdfast as it is in dist/. @param dataDir null: one of its own, gone with it */
  static async holdfast(world: World, dataDir: string | null = null): Promise<Window> {
    const own = dataDir === null ? folder("data") : null;
    const home = dataDir ?? own?.path ?? "";
    const app = await electron.launch({
      executablePath: world.executable,
      args: [...sandboxArgs(), root, "--data-dir", home],
      cwd: root,
      env: benchEnv(world, home),
      timeout: 60_000,
    });
    const child = app.process();
    try {
      const page = await app.firstWindow({ timeout: 60_000 });
      page.setDefaultTimeout(60_000);
      const pid = await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
      );
      await page.locator("nav").first().waitFor();
      return new Window(app, page, pid ?? 0, own);
    } catch (error) {
      child.kill("SIGKILL");
      own?.remove();
      throw error;
    }
  }

  /** Quits in order; one that does not is killed. */
  async end(): Promise<void> {
    const child = this.electron.process();
    const exited = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once("exit", () => resolve());
    });
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await this.electron.evaluate(({ app }) => app.quit()).catch(() => {});
    await exited;
    clearTimeout(late);
    this.#folder?.remove();
  }

  /** Adds a stream without the form and shows its events. */
  async addStream(id: string, url: string, change: Partial<Endpoint> = {}): Promise<void> {
    const endpoint: Endpoint = { ...blank, id, name: id, url, ...change };
    const outcome = await this.page.evaluate(
      (draft) => window.bridge.settings.saveEndpoint({ endpoint: draft, secrets: {} }),
      endpoint,
    );
    if (!outcome.ok || outcome.value.errors.length > 0)
      throw new Error(`the stream was refused: ${JSON.stringify(outcome)}`);
  }

  async show(id: string): Promise<void> {
    await this.page.locator("nav").getByText(id, { exact: true }).first().click();
    await this.page.locator("[role=grid]").first().waitFor();
  }

  async stop(id: string): Promise<void> {
    await this.page.evaluate((stream) => window.bridge.streams.stop(stream), id);
  }

  async tail(stream: string, filter: Filter = noFilter, limit = 40): Promise<Tail> {
    const outcome = await this.page.evaluate((question) => window.bridge.events.tail(question), {
      stream,
      ack: 0,
      filter,
      limit,
    });
    if (!outcome.ok) throw new Error(`no tail: ${outcome.error.code}`);
    return outcome.value;
  }

  /** When the last row of the list has been painted with this text in it, UTC ms; asked before it can be. */
  async painted(text: string): Promise<{ at: Promise<number> }> {
    const token = `w${Math.random().toString(36).slice(2)}`;
    await this.page.evaluate(watchLast, [token, text] as const);
    return {
      at: this.page.evaluate(
        (name) => (window as unknown as Record<string, Promise<number>>)[name],
        token,
      ) as Promise<number>,
    };
  }
}

/** Runs in the page: changes of the list are looked at when they happen, so that watching costs next to nothing. */
function watchLast([token, text]: readonly [string, string]): void {
  const grid = document.querySelector("[role=grid]");
  if (grid === null) throw new Error("the window shows no list");
  (window as unknown as Record<string, Promise<number>>)[token] = new Promise((resolve) => {
    const look = (): void => {
      const rows = grid.querySelectorAll("[role=row]");
      if (rows[rows.length - 1]?.textContent?.includes(text) !== true) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(grid, { childList: true, characterData: true, subtree: true });
    look();
  });
}
