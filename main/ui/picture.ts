/** A picture of the window for those who have no display. Waits until the page has drawn its first rows. */
import type { BrowserWindow } from "electron/main";

/** How long the page is waited for, ms. */
const patienceMs = 15_000;
/** The page sets this attribute on its root when live events are drawn. */
const settled = `new Promise((resolve) => {
  const look = () => (document.documentElement.dataset.settled === "true" ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))) : requestAnimationFrame(look));
  look();
})`;

/** Whatever the window shows when it has settled, or when patience ends. */
export type Picture = { readonly png: Buffer; readonly settled: boolean };

export async function picture(window: BrowserWindow): Promise<Picture> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const drawn = loaded(window).then(async () => (await window.webContents.executeJavaScript(settled)) === true);
  const isSettled = await Promise.race([drawn, late]);
  clearTimeout(timer);
  return { png: (await window.webContents.capturePage()).toPNG(), settled: isSettled };
}

function loaded(window: BrowserWindow): Promise<void> {
  if (!window.webContents.isLoading()) return Promise.resolve();
  return new Promise((resolve) => window.webContents.once("did-finish-load", () => resolve()));
}
