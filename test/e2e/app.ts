/**
 * The built app as a person has it: started on its own data folder, driven by Playwright, ended with the test.
 * What a test wants to know of the inside it asks through the bridge that the window itself uses.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ElectronApplication, _electron as electron, type Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import type { Endpoint, General, Row, StreamView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import type {} from "../../renderer/bridge.ts";
import { blank } from "./blank-endpoint.ts";

/** The window's words: tests look for what the catalogue says today, not for what it said when they were written. */
export const { say } = words("en");
export const zh = words("zh-CN").say;

export const appDir = process.env["HOLDFAST_APP_DIR"] ?? join(import.meta.dirname, "../..");

/** The program that `npm test` chose. */
export function electronProgram(): string {
  const program = process.env["HOLDFAST_ELECTRON"];
  if (program === undefined) throw new Error("HOLDFAST_ELECTRON is not set: start these tests with `npm test`");
  return program;
}

/** What Electron is started with before our own flags. */
export function programArgs(dataDir: string): string[] {
  return [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), appDir, "--data-dir", dataDir];
}

/** The environment of an app under test: English, and nothing of it in the tester's home. */
export function appEnv(home: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, VITEST: _vitest, ...rest } = process.env;
  const own = {
    LANG: "en_US.UTF-8",
    LANGUAGE: "en",
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_DATA_HOME: join(home, "share"),
  };
  return { ...(rest as Record<string, string>), ...own, ...env };
}

export type AppOptions = {
  /** Of an earlier start, to find again what that one left; else a fresh one. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A folder that is gone after the test. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${prefix}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return folder;
}

export class App {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
  readonly exited: Promise<number | null>;
  /** What it wrote on stdout and stderr. */
  readonly output: () => string;
  readonly #child: ChildProcess;

  private constructor(application: ElectronApplication, page: Page, dataDir: string, output: () => string) {
    this.electron = application;
    this.page = page;
    this.dataDir = dataDir;
    this.output = output;
    // Playwright forgets the process once it is gone.
    const child = application.process();
    this.#child = child;
    this.exited = new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
      else child.once("exit", (code) => resolve(code));
    });
  }

  static async launch({ dataDir, args = [], env = {} }: AppOptions = {}): Promise<App> {
    const folder = dataDir ?? temporaryFolder("app");
    const application = await electron.launch({
      executablePath: electronProgram(),
      args: [...programArgs(folder), ...args],
      cwd: appDir,
      env: appEnv(folder, env),
      timeout: 30_000,
    });
    const child = application.process();
    let output = "";
    for (const pipe of [child.stdout, child.stderr]) pipe?.on("data", (chunk) => (output += String(chunk)));
    try {
      const app = new App(application, await application.firstWindow(), folder, () => output);
      app.page.setDefaultTimeout(10_000);
      await app.page.locator("nav").first().waitFor();
      return app;
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`the app did not come up: ${output}`, { cause: error });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Quits as the menu does. @returns how long that took, ms */
  async quit(): Promise<number> {
    const at = performance.now();
    await this.electron.evaluate(({ app }) => app.quit()).catch(() => {});
    await this.exited;
    return performance.now() - at;
  }

  /** Ends it without asking, as a crash or an empty battery does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** Whatever state it is in. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await this.quit();
    clearTimeout(late);
  }

  /** Adds a stream without the form. @returns its id */
  async addStream(endpoint: Pick<Endpoint, "url"> & Partial<Endpoint>): Promise<string> {
    const id = endpoint.id ?? `s-${Math.random().toString(36).slice(2, 10)}`;
    const whole: Endpoint = { ...blank, name: id, ...endpoint, id };
    const outcome = await this.page.evaluate(
      (draft) => window.bridge.settings.saveEndpoint({ endpoint: draft, secrets: {} }),
      whole,
    );
    expect(outcome).toEqual({ ok: true, value: { errors: [] } });
    return id;
  }

  async setGeneral(change: Partial<General>): Promise<void> {
    const outcome = await this.page.evaluate((patch) => window.bridge.settings.setGeneral(patch), change);
    expect(outcome).toEqual({ ok: true, value: { errors: [] } });
  }

  /** Reconnects within a second, so that a test of something else need not wait out the defaults. */
  async hurry(): Promise<void> {
    const quick = { firstMs: 200, capMs: 1000, factor: 1, attempts: 2 };
    const policy = { NETWORK: quick, AUTH: quick, SERVER: quick, PROXY: quick, resetAfterMs: 60_000, strict: false };
    await this.setGeneral({ policy });
  }

  async streams(): Promise<StreamView[]> {
    const outcome = await this.page.evaluate(() => window.bridge.streams.list());
    if (!outcome.ok) throw new Error(outcome.error.code);
    return outcome.value;
  }

  async stream(id: string): Promise<StreamView | undefined> {
    return (await this.streams()).find((view) => view.id === id);
  }

  async phase(id: string): Promise<string | undefined> {
    return (await this.stream(id))?.phase;
  }

  /** Everything the journal has of a stream, oldest first. */
  async rows(stream: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const question = {
        stream,
        filter: { types: [], text: "", path: "", from: null, to: null },
        from: rows.length,
        limit: 500,
      };
      const outcome = await this.page.evaluate((query) => window.bridge.events.window(query), question);
      if (!outcome.ok) throw new Error(outcome.error.code);
      rows.push(...outcome.value.rows);
      if (outcome.value.rows.length === 0 || rows.length >= outcome.value.matching) return rows;
    }
  }

  /** Ids of a stream's events in the journal's order. */
  async ids(stream: string): Promise<(string | null)[]> {
    return (await this.rows(stream)).flatMap((row) => (row.kind === "event" ? [row.id] : []));
  }

  /** How often the content security policy refused something since the page was loaded. */
  async violations(): Promise<number> {
    return Number((await this.page.evaluate(() => document.documentElement.dataset["violations"])) ?? "0");
  }
}

/** The app, for as long as the test that asks for it. */
export async function launch(options: AppOptions = {}): Promise<App> {
  const app = await App.launch(options);
  onTestFinished(() => app.end());
  return app;
}
