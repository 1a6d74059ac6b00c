/** The app's life with a fake app and a fake process: what keeps it alive, and the order of its end. */
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App, BrowserWindow } from "electron/main";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { claim, live, watchClosing, whenClosing } from "../main/lifecycle.ts";

/** Quits as Electron does: asks by before-quit, and ends when nobody objects. */
class FakeApp extends EventEmitter {
  ended = 0;
  quit(): void {
    let stopped = false;
    this.emit("before-quit", {
      preventDefault: () => {
        stopped = true;
      },
    });
    if (!stopped) this.ended += 1;
  }
}

function alive(flush: () => Promise<void>) {
  const app = new FakeApp();
  const signals = new EventEmitter();
  const life = { show: vi.fn(), flush: vi.fn(flush), report: vi.fn() };
  const ending = live(app as unknown as App, signals as unknown as NodeJS.Process, life);
  return { app, signals, life, ending };
}

describe("live", () => {
  it.each(["second-instance", "activate"])("shows the window at %s", (name) => {
    const { app, life } = alive(async () => {});
    app.emit(name);
    expect(life.show).toHaveBeenCalledOnce();
  });

  it("hears window-all-closed, so that Electron does not quit", () => {
    expect(alive(async () => {}).app.listenerCount("window-all-closed")).toBe(1);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"])("saves, then ends, at %s", async (signal) => {
    const saved = Promise.withResolvers<void>();
    const { app, signals, life, ending } = alive(() => saved.promise);
    expect(ending.quitting()).toBe(false);
    signals.emit(signal);
    expect(ending.quitting()).toBe(true);
    expect(app.ended).toBe(0);
    saved.resolve();
    await vi.waitFor(() => expect(app.ended).toBe(1));
    expect(life.report).not.toHaveBeenCalled();
  });

  it("saves once, however often it is told to quit", async () => {
    const saved = Promise.withResolvers<void>();
    const { app, life } = alive(() => saved.promise);
    app.quit();
    app.quit();
    saved.resolve();
    await vi.waitFor(() => expect(app.ended).toBe(1));
    expect(life.flush).toHaveBeenCalledOnce();
  });

  it("ends all the same when saving fails, and says so", async () => {
    const { app, life } = alive(() => Promise.reject(new Error("disk full")));
    app.quit();
    await vi.waitFor(() => expect(app.ended).toBe(1));
    expect(life.report).toHaveBeenCalledExactlyOnceWith(new Error("disk full"));
  });

  it("waits 3 s for saving, not longer", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { app, life } = alive(() => new Promise(() => {}));
    app.quit();
    await vi.advanceTimersByTimeAsync(2999);
    expect(app.ended).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(app.ended).toBe(1);
    expect(life.report).toHaveBeenCalledOnce();
  });
});

describe("claim", () => {
  it.each([true, false])("makes a private folder, gives it to Chromium, and says whether it is ours: %s", (free) => {
    const root = mkdtempSync(join(tmpdir(), "holdfast-claim-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const paths: Record<string, string> = {};
    const app = {
      setPath: (name: string, path: string) => {
        paths[name] = path;
      },
      requestSingleInstanceLock: () => free,
    };
    const folder = join(root, "a", "b");
    expect(claim(app as unknown as App, folder)).toBe(free);
    expect(paths).toEqual({ userData: folder, sessionData: join(folder, "chromium") });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe("closing the window", () => {
  const usual = { quitting: false, closeToTray: true, explained: true, tray: true };
  const cases: [string, Partial<typeof usual>, ReturnType<typeof whenClosing>][] = [
    ["hides it where there is a tray", {}, "hide"],
    ["minimises it where there is none", { tray: false }, "minimise"],
    ["asks the first time", { explained: false }, "ask"],
    ["asks the first time without a tray, too", { explained: false, tray: false }, "ask"],
    ["quits when the user does not want the tray", { closeToTray: false, explained: false }, "quit"],
    ["closes it when the app is ending", { quitting: true, explained: false, closeToTray: false }, "close"],
  ];
  it.each(cases)("%s", (_what, change, decision) => {
    expect(whenClosing({ ...usual, ...change })).toBe(decision);
  });

  function closed(change: Partial<typeof usual>, before: (window: EventEmitter) => void = () => {}) {
    const happened: string[] = [];
    const note = (what: string) => () => void happened.push(what);
    const window = Object.assign(new EventEmitter(), { hide: note("hide"), minimize: note("minimise") });
    watchClosing(window as unknown as BrowserWindow, () => ({ ...usual, ...change }), {
      ask: note("ask"),
      quit: note("quit"),
    });
    before(window);
    window.emit("close", { preventDefault: note("kept") });
    return happened;
  }

  it.each(cases)("performs it: %s", (_what, change, decision) => {
    expect(closed(change)).toEqual(decision === "close" ? [] : ["kept", decision]);
  });

  it("lets the end of a Windows session through", () => {
    expect(closed({}, (window) => window.emit("query-session-end"))).toEqual([]);
  });
});
