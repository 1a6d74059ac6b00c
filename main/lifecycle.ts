/**
 * The app's life: one instance per data folder, a life without windows, and an end that first saves.
 * What is saved and shown is the caller's; this file only keeps the order and the time limit.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { App, BrowserWindow } from "electron/main";

/** How long saving may hold up the end. */
const flushLimitMs = 3000;

/**
 * Takes the data folder for this instance. Everything of Chromium's goes into a folder of its own below it.
 * @returns false when another instance holds the folder; that one has been told to show its window
 * @throws when the folder cannot be made
 */
export function claim(app: App, dataDir: string): boolean {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  app.setPath("userData", dataDir);
  app.setPath("sessionData", join(dataDir, "chromium"));
  return app.requestSingleInstanceLock();
}

export type Life = {
  /** Brings the window to the front: a second start, a click on the dock. */
  show(): void;
  /** Saves what is in memory and lets go of what is held. Has 3 s, then the app ends without it. */
  flush(): Promise<void>;
  /** Hears that saving failed or took too long. */
  report(reason: unknown): void;
};

/** Whether the end has begun: from then on windows may close. */
export type Ending = { quitting(): boolean };

/** Keeps the app alive without a window, and ends it in order: every way out leads through before-quit. */
export function live(app: App, signals: Pick<NodeJS.Process, "on">, life: Life): Ending {
  let phase: "alive" | "flushing" | "flushed" = "alive";
  app.on("second-instance", () => life.show());
  app.on("activate", () => life.show());
  // Having a listener is what keeps the app alive: the streams run on in the tray.
  app.on("window-all-closed", () => {});
  app.on("before-quit", (event) => {
    if (phase === "flushed") return;
    event.preventDefault();
    if (phase === "flushing") return;
    phase = "flushing";
    void withLimit(life.flush, flushLimitMs)
      .catch((reason: unknown) => life.report(reason))
      .finally(() => {
        phase = "flushed";
        app.quit();
      });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) signals.on(signal, () => app.quit());
  return { quitting: () => phase !== "alive" };
}

async function withLimit(work: () => Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not saved within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export type ClosingFacts = {
  /** The app is ending; nothing may stand in its way. */
  readonly quitting: boolean;
  /** The user wants the streams to run on. */
  readonly closeToTray: boolean;
  /** The user knows what closing does, or is being asked right now and closes again. */
  readonly explained: boolean;
  /** There is an icon to come back by. */
  readonly tray: boolean;
};

/** What the close button does. Without a tray the window stays in the taskbar: it never vanishes. */
export function whenClosing({
  quitting,
  closeToTray,
  explained,
  tray,
}: ClosingFacts): "close" | "quit" | "ask" | "hide" | "minimise" {
  if (quitting) return "close";
  if (!closeToTray) return "quit";
  if (!explained) return "ask";
  return tray ? "hide" : "minimise";
}

/** Performs what `whenClosing` decides each time somebody closes the window, and lets the end of a Windows session through. */
export function watchClosing(
  window: BrowserWindow,
  facts: () => ClosingFacts,
  act: { ask(): void; quit(): void },
): void {
  let sessionEnds = false;
  window.on("query-session-end", () => {
    sessionEnds = true;
  });
  window.on("close", (event) => {
    const known = facts();
    const decision = whenClosing({ ...known, quitting: known.quitting || sessionEnds });
    if (decision === "close") return;
    event.preventDefault();
    if (decision === "hide") window.hide();
    else if (decision === "minimise") window.minimize();
    else act[decision]();
  });
}
