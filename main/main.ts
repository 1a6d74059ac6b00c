/**
 * The app's entry and composition root: reads the flags, takes the data folder, makes the parts and hands them to each
 * other. It decides nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { app, dialog, ipcMain, protocol, session } from "electron/main";
import { resolveLocale, words } from "../preload/words.ts";
import { Backend } from "./backend.ts";
import { Desktop } from "./desktop.ts";
import { createDiagnosis } from "./diagnosis.ts";
import { createExports } from "./exports.ts";
import { type Flags, parseFlags } from "./flags.ts";
import { handlers } from "./handlers.ts";
import { createImport } from "./imports.ts";
import { trayAvailable } from "./io/bus/status-notifier.ts";
import { electronPowerMonitor } from "./io/power-monitor.ts";
import { createSystemProxy } from "./io/proxy/system-proxy.ts";
import { electronShelf } from "./io/stores/electron-shelf.ts";
import { electronVault } from "./io/stores/electron-vault.ts";
import { systemClock } from "./io/system-clock.ts";
import { serve, trustedSender } from "./ipc.ts";
import { claim, live } from "./lifecycle.ts";
import { appOrigin, appPage, registerAppScheme, serveApp } from "./ui/app-protocol.ts";
import { createDialogs } from "./ui/command-dialog.ts";
import { chooseExportFile, chooseImportFile } from "./ui/export-dialog.ts";
import { harden } from "./ui/hardening.ts";
import { picture } from "./ui/picture.ts";
import { chooseReportFile } from "./ui/report-dialog.ts";
import { version } from "./version.ts";

const exit = { ok: 0, failed: 1, usage: 2 } as const;
// The development server's page; a packaged app shows its own, whatever its environment says.
const devUrl = app.isPackaged ? undefined : process.env["ELECTRON_RENDERER_URL"];
const devOrigin = devUrl === undefined ? null : new URL(devUrl).origin;
const say = words(resolveLocale("system", app.getPreferredSystemLanguages())).say;

const parsed = parseFlags(process.argv.slice(1), process.env, process.cwd());
if (!parsed.ok) {
  const { sayCode } = words("en");
  process.stderr.write(
    `holdfast: ${sayCode("problem", parsed.problem.code, parsed.problem.params, "problem.unknown")}\n`,
  );
  app.exit(exit.usage);
} else if (!claim(app, parsed.flags.dataDir ?? app.getPath("userData"))) {
  process.stdout.write(`${say("app.already-running")}\n`);
  app.exit(exit.ok);
} else {
  registerAppScheme(protocol);
  harden(app, { devOrigin, packaged: app.isPackaged });
  const { flags } = parsed;
  app
    .whenReady()
    .then(() => open(flags))
    .catch(fail);
}

async function open(flags: Flags): Promise<void> {
  const appDir = app.getAppPath();
  serveApp(protocol, join(appDir, "dist/renderer"));
  const backend = await Backend.open({
    dataDir: app.getPath("userData"),
    policyFile: process.platform === "linux" ? "/etc/holdfast/policy.json" : null,
    shelf: electronShelf,
    vault: electronVault,
    systemProxy: createSystemProxy(() => session.defaultSession),
    journalWorker: new URL("./journal-worker.js", import.meta.url),
    searchWorker: new URL("./search-worker.js", import.meta.url),
    flags: flags.stats === null ? {} : { stats: { on: true, ...port(flags.stats.port) } },
  });
  // A fault of ours in one corner must not end the streams; it is written down, and the window says that it happened.
  for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(kind, (error: unknown) => {
      backend.log.error(kind, error);
      backend.report({ code: "internal-fault", params: {} });
    });
  }
  const trayThere = await trayAvailable(process.platform, process.env);
  const ending = live(app, process, {
    show: () => desktop.show(),
    flush: async () => {
      leavePower();
      desktop.close();
      await backend.close();
    },
    report: (reason) => backend.log.error("the end was not orderly", reason),
  });
  const show = !flags.hidden && !flags.smoke;
  const drawsHidden = flags.smoke || flags.screenshot !== null;
  const desktop = new Desktop(backend, { appDir, page: devUrl ?? appPage, show, drawsHidden, trayThere, ending });
  const trusted = trustedSender(() => desktop.contents, devOrigin === null ? [appOrigin] : [appOrigin, devOrigin]);
  const parts = { ...backend, clock: systemClock, startDemo: backend.startDemo, pause: backend.pause };
  const served = handlers({
    ...parts,
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
      import: createImport({
        ...backend,
        clock: systemClock,
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
  serve(ipcMain, served, trusted, (channel, error) => backend.log.error(`call ${channel} failed`, error));
  const leavePower = electronPowerMonitor.subscribe({
    suspend: () => backend.streams.suspend(),
    resume: () => backend.streams.awake(),
  });
  await backend.start(desktop);
  if (flags.demo) await backend.startDemo();
  if (backend.statsUrl !== null) process.stdout.write(`stats: ${backend.statsUrl}\n`);
  for (const { code, params } of backend.problems) {
    process.stderr.write(`holdfast: ${desktop.words.sayCode("problem", code, params, "problem.unknown")}\n`);
  }
  if (flags.screenshot !== null) await leavePicture(desktop, flags.screenshot);
  if (flags.smoke) await smoke(desktop);
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

/** Nothing can be held: say why in a sentence, and end. */
function fail(error: unknown): void {
  process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n`);
  app.exit(exit.failed);
}
