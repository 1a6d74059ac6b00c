/**
 * The app's entry: reads the flags, takes the data folder and opens the window. Everything else is in program.ts, which is read while the
 * window's own process starts, so that neither waits for the other. It decides nothing.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { app, ipcMain, Menu, nativeTheme, protocol } from "electron/main";
import { holdDoors } from "./doors.ts";
import { parseFlags } from "./flags.ts";
import { claim } from "./lifecycle.ts";
import type { Opening } from "./program.ts";
import { appPage, registerAppScheme, serveApp } from "./ui/app-protocol.ts";
import { harden } from "./ui/hardening.ts";
import { createWindow } from "./ui/window.ts";

/** A page from elsewhere (the development server's) is not served by us, ms. */
const paintPatienceMs = 500;
const exit = { ok: 0, failed: 1, usage: 2 } as const;
// The development server's page; a packaged app shows its own, whatever its environment says.
const devUrl = app.isPackaged ? undefined : process.env["ELECTRON_RENDERER_URL"];
const devOrigin = devUrl === undefined ? null : new URL(devUrl).origin;

const parsed = parseFlags(process.argv.slice(1), process.env, process.cwd());
if (!parsed.ok) {
  void misspelt(parsed.problem);
} else if (!claim(app, parsed.flags.dataDir ?? app.getPath("userData"))) {
  void alreadyRunning();
} else {
  registerAppScheme(protocol);
  // Else Electron makes one of its own first, which nobody ever sees: ours follows (desktop.ts).
  Menu.setApplicationMenu(null);
  harden(app, { devOrigin, packaged: app.isPackaged });
  const { flags } = parsed;
  app
    .whenReady()
    .then(() => begin(flags))
    .catch(fail);
}

async function begin(flags: Opening["flags"]): Promise<void> {
  const appDir = app.getAppPath();
  const { promise: doorsOpen, resolve: openDoors } = Promise.withResolvers<void>();
  const styled = serveApp(protocol, join(appDir, "dist/renderer"));
  // The page may be there before those who answer it are: its bridge waits for this word.
  holdDoors(ipcMain, doorsOpen);
  const makeWindow = () =>
    createWindow({
      url: devUrl ?? appPage,
      preload: join(appDir, "dist/preload/preload.cjs"),
      icon: process.platform === "linux" ? join(appDir, "build/icons/icon.png") : null,
      title: "Holdfast",
      dark: nativeTheme.shouldUseDarkColors,
      bounds: null,
      show: !flags.hidden && !flags.smoke,
      drawsHidden: flags.smoke || flags.screenshot !== null,
      devTools: !app.isPackaged,
    });
  const window = makeWindow();
  const { open } = await import("./program.ts");
  const workers = {
    journal: new URL("./journal-worker.js", import.meta.url),
    search: new URL("./search-worker.js", import.meta.url),
  };
  // What opens now keeps this thread for a while, and the page is served by it: the window's first paint goes before.
  await Promise.race([styled, delay(paintPatienceMs, undefined, { ref: false })]);
  await open({ flags, appDir, devOrigin, workers, window, makeWindow, openDoors });
}

async function misspelt({ code, params }: Extract<typeof parsed, { ok: false }>["problem"]): Promise<void> {
  const { words } = await import("../preload/words.ts");
  process.stderr.write(`holdfast: ${words("en").sayCode("problem", code, params, "problem.unknown")}\n`);
  app.exit(exit.usage);
}

async function alreadyRunning(): Promise<void> {
  const { resolveLocale, words } = await import("../preload/words.ts");
  const { say } = words(resolveLocale("system", app.getPreferredSystemLanguages()));
  process.stdout.write(`${say("app.already-running")}\n`);
  app.exit(exit.ok);
}

/** Nothing can be held: say why in a sentence, and end. */
function fail(error: unknown): void {
  process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(exit.failed);
}
