/**
 * The composition root: makes the parts and hands them to each other, and opens the doors of the window that main.ts has made. It decides
 * nothing.
 */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { app, type BrowserWindow, dialog, ipcMain, session, type WebContents } from "electron/main";
import type { Handlers } from "../preload/contract.ts";
import { Backend } from "./backend.ts";
import { Desktop } from "./desktop.ts";
import { createDiagnosis } from "./diagnosis.ts";
import { createExports } from "./exports.ts";
import type { Flags } from "./flags.ts";
import { handlers } from "./handlers.ts";
import { createImport } from "./imports.ts";
import { trayAvailable } from "./io/bus/status-notifier.ts";
import { electronPowerMonitor } from "./io/power-monitor.ts";
import { createSystemProxy } from "./io/proxy/system-proxy.ts";
import { electronShelf } from "./io/stores/electron-shelf.ts";
import { electronVault } from "./io/stores/electron-vault.ts";
import { systemClock } from "./io/system-clock.ts";
import { serve, trustedSender } from "./ipc.ts";
import { live } from "./lifecycle.ts";
import { appOrigin } from "./ui/app-protocol.ts";
import { createDialogs } from "./ui/command-dialog.ts";
import { chooseExportFile, chooseImportFile } from "./ui/export-dialog.ts";
import { picture } from "./ui/picture.ts";
import { chooseReportFile } from "./ui/report-dialog.ts";
import { version } from "./version.ts";

/** What main.ts has when the window is on its way. */
export type Opening = {
  readonly flags: Flags;
  /** Absolute path of the app's own folder. */
  readonly appDir: string;
  /** Origin of the development server, or null outside development. */
  readonly devOrigin: string | null;
  /** The workers' modules, beside the entry. */
  readonly workers: { readonly journal: URL; readonly search: URL };
  readonly window: BrowserWindow;
  /** Another one like it, when that one is gone. */
  readonly makeWindow: () => BrowserWindow;
  /** From now on the page may ask. */
  readonly openDoors: () => void;
};

/** Makes everything; what the page asks for meanwhile is answered when it is there. */
export async function open(opening: Opening): Promise<void> {
  const { flags, workers } = opening;
  const { promise: ready, resolve: answerBy } = Promise.withResolvers<Served>();
  openDoors(opening, ready);
  const [backend, trayThere] = await Promise.all([
    Backend.open({
      dataDir: app.getPath("userData"),
      policyFile: process.platform === "linux" ? "/etc/holdfast/policy.json" : null,
      shelf: electronShelf,
      vault: electronVault,
      systemProxy: createSystemProxy(() => session.defaultSession),
      journalWorker: workers.journal,
      searchWorker: workers.search,
      quiet: drawn(opening),
      flags: flags.stats === null ? {} : { stats: { on: true, ...port(flags.stats.port) } },
    }),
    trayAvailable(process.platform, process.env),
  ]);
  // A fault of ours in one corner must not end the streams; it is written down, and the window says that it happened.
  for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(kind, (error: unknown) => {
      backend.log.error(kind, error);
      backend.report({ code: "internal-fault", params: {} });
    });
  }
  const ending = live(app, process, {
    show: () => desktop.show(),
    flush: async () => {
      leavePower();
      desktop.close();
      await backend.close();
    },
    report: (reason) => backend.log.error("the end was not orderly", reason),
  });
  const { appDir, window, makeWindow } = opening;
  const desktop = new Desktop(backend, { appDir, window, makeWindow, trayThere, ending });
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  answerBy({ backend, desktop, handlers: joined(backend, desktop, begun) });
  const leavePower = electronPowerMonitor.subscribe({
    suspend: () => backend.streams.suspend(),
    resume: () => backend.streams.awake(),
  });
  await backend.start(desktop);
  begin();
  if (flags.demo) await backend.startDemo();
  if (backend.statsUrl !== null) process.stdout.write(`stats: ${backend.statsUrl}\n`);
  for (const { code, params } of backend.problems) {
    process.stderr.write(`holdfast: ${desktop.words.sayCode("problem", code, params, "problem.unknown")}\n`);
  }
  if (flags.screenshot !== null) await leavePicture(desktop, flags.screenshot);
  if (flags.smoke) await smoke(desktop);
}

/** When a window that is to be seen has drawn its first picture; at once where none is. */
function drawn({ flags, window }: Opening): Promise<unknown> {
  return flags.hidden || flags.smoke ? Promise.resolve() : once(window, "ready-to-show");
}

type Served = { readonly backend: Backend; readonly desktop: Desktop; readonly handlers: Handlers };

/** Every call has somebody who hears it, before the page can make one. */
function openDoors({ devOrigin, window, openDoors }: Opening, ready: Promise<Served>): void {
  const { webContents } = window;
  let contents: () => WebContents | null = () => webContents;
  let report = (_channel: string, _error: unknown): void => {};
  void ready.then(({ backend, desktop }) => {
    contents = () => desktop.contents;
    report = (channel, error) => backend.log.error(`call ${channel} failed`, error);
  });
  const trusted = trustedSender(() => contents(), devOrigin === null ? [appOrigin] : [appOrigin, devOrigin]);
  const served = ready.then(({ handlers }) => handlers);
  serve(ipcMain, served, trusted, (channel, error) => report(channel, error));
  openDoors();
}

/** @param begun the streams of the start are there */
function joined(backend: Backend, desktop: Desktop, begun: Promise<void>): Handlers {
  const parts = { ...backend, clock: systemClock, startDemo: backend.startDemo, pause: backend.pause };
  return handlers({
    ...parts,
    begun,
    dialogs: createDialogs(
      dialog,
      () => desktop.window,
      () => desktop.words,
    ),
    appView: () => desktop.view(),
    answerClosing: (answer) => desktop.answerClosing(answer),
    secretsChanged: () => desktop.settingsChanged(),
    settingsView: () => backend.settingsView(),
    exports: {
      ...createExports({
        ...backend,
        clock: systemClock,
        publish: (progress) => desktop.exporting(progress),
        chooseFile: (format, name) => chooseExportFile(dialog, desktop.window, desktop.words, format, name),
      }),
      ...createImport({
        ...backend,
        clock: systemClock,
        publish: (progress) => desktop.importing(progress),
        retention: (stream) => backend.retention(stream),
        chooseFile: () => chooseImportFile(dialog, desktop.window, desktop.words),
      }),
    },
    diagnosis: createDiagnosis({
      ...backend,
      clock: systemClock,
      userAgent: `Holdfast/${version}`,
      words: () => desktop.words,
      publish: (view) => desktop.diagnosisChanged(view),
      fault: (error) => backend.log.error("a diagnosis failed", error),
      chooseFile: (format) => chooseReportFile(dialog, desktop.window, desktop.words, format),
    }),
  });
}

function port(given: number | null): { port?: number } {
  return given === null ? {} : { port: given };
}

/** For those without a display: the window as a PNG, once events are in it. The app goes on. */
async function leavePicture(desktop: Desktop, path: string): Promise<void> {
  const { png } = await picture(desktop.window);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, png);
  process.stdout.write(`screenshot: ${path}\n`);
}

async function smoke(desktop: Desktop): Promise<void> {
  const { settled } = await picture(desktop.window);
  if (!settled) throw new Error("the window drew nothing in 15 s");
  process.stdout.write("smoke: ok\n");
  app.quit();
}
