/** The one place that makes a window. What it shows and when it hides is decided elsewhere. */
import { BrowserWindow, type Rectangle } from "electron/main";

export type WindowOptions = {
  /** What to load: the page on app://, or the development server's. */
  readonly url: string;
  /** Absolute path of preload.cjs. */
  readonly preload: string;
  /** Absolute path of a PNG; null leaves it to the system (macOS, Windows take the program's own). */
  readonly icon: string | null;
  readonly title: string;
  readonly dark: boolean;
  /** Where it stood before; null: the system's choice of place, our size. */
  readonly bounds: Rectangle | null;
  /** false keeps it hidden (--hidden, --smoke): it then shows at `reveal`. */
  readonly show: boolean;
  /**
   * Somebody takes a picture of the hidden window, so its page draws as if it were seen. Else the page of a hidden window knows that nobody
   * sees it, and neither draws nor counts seconds.
   */
  readonly drawsHidden: boolean;
  /** A packaged app has no developer tools. */
  readonly devTools: boolean;
};

/** The page's surface, so that nothing flashes before the first paint: --bg-chrome of both themes. */
export const surface = { light: "#eef2f1", dark: "#101615" } as const;

/** Makes the window and starts loading. It shows itself when the first picture is ready. */
export function createWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    ...options.bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    // [electron] A window that has never been shown counts as visible in its page unless this is off; `ready-to-show` comes only while it is on.
    paintWhenInitiallyHidden: options.show || options.drawsHidden,
    title: options.title,
    backgroundColor: options.dark ? surface.dark : surface.light,
    autoHideMenuBar: true,
    ...(options.icon === null ? {} : { icon: options.icon }),
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: options.devTools,
    },
  });
  if (options.show) window.once("ready-to-show", () => window.show());
  // The title is ours, in the user's language; the page's <title> does not replace it.
  window.on("page-title-updated", (event) => event.preventDefault());
  // [electron] Nobody is asked when a page goes to about:blank, so it is brought back instead.
  window.webContents.on("did-navigate", (_event, url) => {
    if (url === "about:blank") window.loadURL(options.url).catch(() => {});
  });
  // A refused or failed load shows as did-fail-load; without this it is an unhandled rejection as well.
  window.loadURL(options.url).catch(() => {});
  return window;
}

/** Brings the window back from wherever it is: hidden, minimised, behind others. */
export function reveal(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
