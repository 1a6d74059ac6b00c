/**
 * The app's face: window, tray, banners, menu. Pictures of state that lead back to actions; it decides nothing about
 * streams and keeps nothing. The window may be gone while the streams run on.
 */
import { join } from "node:path";
import { app, type BrowserWindow, Menu, Notification, nativeTheme } from "electron/main";
import type { AppView, DiagnosisView, Endpoint, Exporting, Importing } from "../preload/contract.ts";
import { resolveLocale, type Words, words } from "../preload/words.ts";
import type { Backend } from "./backend.ts";
import { asks } from "./core/rules.ts";
import { systemClock } from "./io/system-clock.ts";
import { publisher } from "./ipc.ts";
import { type Ending, watchClosing } from "./lifecycle.ts";
import type { Recorded } from "./streams/journal-writer.ts";
import { menuTemplate } from "./ui/menu.ts";
import { createNotifications, type Notifications } from "./ui/notifications.ts";
import { createTray, type TrayPicture } from "./ui/tray.ts";
import { reveal, surface } from "./ui/window.ts";
import { electronMajor, version } from "./version.ts";

export type DesktopOptions = {
  /** Absolute path of the app's own folder. */
  readonly appDir: string;
  /** Made before there was anything to show in it. */
  readonly window: BrowserWindow;
  /** Another one like it. */
  readonly makeWindow: () => BrowserWindow;
  /** Somebody takes tray icons on this desktop. */
  readonly trayThere: boolean;
  readonly ending: Ending;
};

/** A change of the views reaches the window and the tray at most this often, ms. */
const changePauseMs = 250;
/** A page that crashes more often than this in one run does not get better by loading it again. */
const maxReloads = 3;

export class Desktop {
  readonly #backend: Backend;
  readonly #options: DesktopOptions;
  readonly #publish = publisher(() => this.contents);
  readonly #notifications: Notifications;
  readonly #tray: TrayPicture | null;
  #window: BrowserWindow;
  #changePlanned = false;
  /** Views changed while nobody saw the window. */
  #isStale = false;
  #crashes = 0;
  #askingToClose = false;
  /** The user has been told in this run, whether or not that could be written down. */
  #explained = false;

  constructor(backend: Backend, options: DesktopOptions) {
    this.#backend = backend;
    this.#options = options;
    nativeTheme.themeSource = backend.settings.view().general.theme;
    this.#window = this.#watched(options.window);
    // It was made before the settings were read, and nothing of it has been seen yet.
    this.#window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? surface.dark : surface.light);
    this.#tray = options.trayThere ? this.#makeTray() : null;
    this.#notifications = this.#makeNotifications();
    this.#setMenu();
    nativeTheme.on("updated", () => this.#publish("app", "changed", this.view()));
  }

  /** The window's contents while there is a window. */
  get contents(): BrowserWindow["webContents"] | null {
    return this.#window.isDestroyed() ? null : this.#window.webContents;
  }

  get window(): BrowserWindow {
    return this.#window;
  }

  get words(): Words {
    const { language } = this.#backend.settings.view().general;
    return words(resolveLocale(language, app.getPreferredSystemLanguages()));
  }

  view(): AppView {
    return {
      version,
      electron: process.versions.electron ?? "",
      testRuntime: Number.parseInt(process.versions.electron ?? "", 10) !== electronMajor,
      platform: process.platform,
      tray: this.#options.trayThere,
      locale: this.words.locale,
      statsUrl: this.#backend.statsUrl,
      problems: [...this.#backend.problems, ...(this.#options.trayThere ? [] : [{ code: "tray-missing", params: {} }])],
    };
  }

  /** Brings the window to the front; makes it anew when it was closed. */
  show(stream: string | null = null, seq: number | null = null): void {
    if (this.#window.isDestroyed()) this.#window = this.#watched(this.#options.makeWindow());
    reveal(this.#window);
    if (stream !== null) this.#publish("app", "show", { stream, seq });
  }

  /** Views have changed. The first change shows soon, those that follow together. */
  streamsChanged(): void {
    // Where nobody looks, not even the tray, nothing is planned: each wake of the process costs more than what it would do.
    this.#isStale = !this.#isSeen();
    if (this.#changePlanned || (this.#isStale && this.#tray === null)) return;
    this.#changePlanned = true;
    systemClock.after(changePauseMs, () => {
      this.#changePlanned = false;
      this.#isStale = !this.#isSeen();
      const views = this.#backend.streams.views();
      if (!this.#isStale) this.#publish("streams", "changed", views);
      this.#tray?.update(views, this.words);
    });
  }

  /** A page that nobody sees would draw for nobody. */
  #isSeen(): boolean {
    return !this.#window.isDestroyed() && this.#window.isVisible() && !this.#window.isMinimized();
  }

  settingsChanged(): void {
    const view = this.#backend.settingsView();
    nativeTheme.themeSource = view.general.theme;
    this.#publish("settings", "changed", view);
    this.appChanged();
    this.#setMenu();
    this.#tray?.update(this.#backend.streams.views(), this.words);
  }

  /** Already no oftener than the window can paint. */
  diagnosisChanged(view: DiagnosisView): void {
    this.#publish("diagnosis", "changed", view);
  }

  /** No oftener either. */
  exporting(progress: Exporting): void {
    this.#publish("events", "exporting", progress);
  }

  importing(progress: Importing): void {
    this.#publish("events", "importing", progress);
  }

  appChanged(): void {
    this.#publish("app", "changed", this.view());
  }

  /** Tells the user of the events that the endpoint's rule chooses. */
  recorded(endpoint: Endpoint, { records, seqs }: Recorded): void {
    // Asked before the settings, which are not made for being asked with every batch.
    if (!endpoint.notify.on) return;
    for (const [at, record] of records.entries()) {
      if ("mark" in record || !asks(endpoint.notify, record)) continue;
      if (!this.#backend.settings.view().general.notifications) return;
      const seq = seqs[at] ?? 0;
      const preview = record.data.slice(0, 500);
      const replayed = record.flags.includes("replayed");
      this.#notifications.tell({ stream: endpoint.id, name: endpoint.name, type: record.type, preview, seq, replayed });
    }
  }

  answerClosing(answer: "keep" | "quit" | "cancel"): void {
    this.#askingToClose = false;
    if (answer === "cancel") return;
    this.#explained = true;
    this.#backend.settings.setGeneral({ closeExplained: true, closeToTray: answer === "keep" });
    if (answer === "quit") app.quit();
    else this.#window.close();
  }

  #watched(window: BrowserWindow): BrowserWindow {
    const { ending } = this.#options;
    const facts = () => {
      const { closeToTray, closeExplained } = this.#backend.settings.view().general;
      const explained = closeExplained || this.#explained || this.#askingToClose;
      return { quitting: ending.quitting(), closeToTray, explained, tray: this.#options.trayThere };
    };
    const ask = () => {
      this.#askingToClose = true;
      reveal(window);
      this.#publish("app", "closing", { tray: this.#options.trayThere });
    };
    const seen = () => {
      if (this.#isStale) this.streamsChanged();
    };
    window.on("show", seen);
    window.on("restore", seen);
    // A page that crashed is loaded anew: the streams did not notice, and a blank window would say nothing.
    window.webContents.on("render-process-gone", (_event, { reason }) => {
      if (reason === "clean-exit" || ending.quitting()) return;
      this.#backend.log.error(`the window's process ended: ${reason}`);
      this.#backend.report({ code: "internal-fault", params: {} });
      this.#crashes += 1;
      if (this.#crashes <= maxReloads) window.webContents.reload();
    });
    watchClosing(window, facts, { ask, quit: () => app.quit() });
    return window;
  }

  #makeTray(): TrayPicture {
    const { streams, pause } = this.#backend;
    const each = (act: (id: string) => void) => () => {
      for (const { id } of streams.views()) act(id);
    };
    const actions = {
      open: () => this.show(),
      show: (id: string) => this.show(id),
      reconnect: (id: string) => streams.retryNow(id),
      pause: (id: string) => pause(id, true),
      resume: (id: string) => pause(id, false),
      reconnectAll: each((id) => streams.retryNow(id)),
      pauseAll: each((id) => pause(id, true)),
      resumeAll: each((id) => pause(id, false)),
      quit: () => app.quit(),
    };
    const icons = join(this.#options.appDir, "build/icons/tray");
    return createTray({ icons, platform: process.platform, actions }, streams.views(), this.words);
  }

  #makeNotifications(): Notifications {
    return createNotifications({
      banners: { isSupported: () => Notification.isSupported(), make: (options) => new Notification(options) },
      clock: systemClock,
      platform: process.platform,
      words: () => this.words,
      open: (stream, seq) => this.show(stream, seq),
      record: (notice, outcome, reason) => {
        if (outcome === "shown") return;
        this.#backend.log.warn(`banner for ${notice.latest.stream} was not shown: ${outcome} ${reason}`);
        this.#backend.report({ code: "banner-failed", params: { reason: reason === "" ? outcome : reason } });
      },
    });
  }

  #setMenu(): void {
    const facts = { platform: process.platform, packaged: app.isPackaged };
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(this.words, facts)));
  }

  /** Ends what would keep the app alive; the window closes by itself when the app quits. */
  close(): void {
    this.#notifications.close();
    this.#tray?.destroy();
  }
}
