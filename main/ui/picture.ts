/** A picture of the window for those who have no display. Waits until the page has drawn its first rows. */
import type { BrowserWindow } from "electron/main";

/** How long the page is waited for, ms; then whatever is there is the picture. */
const patienceMs = 15_000;
/** The page sets this attribute on its root when live events are drawn. */
const settled = `new Promise((resolve) => {
  const look = () => (document.documentElement.dataset.settled === "true" ? resolve(true) : requestAnimationFrame(look));
  look();
})`;

/** PNG bytes of the window's contents. */
export async function picture(window: BrowserWindow): Promise<Buffer> {
  const late = new Promise((resolve) => setTimeout(resolve, patienceMs));
  await Promise.race([loaded(window).then(() => window.webContents.executeJavaScript(settled)), late]);
  return (await window.webContents.capturePage()).toPNG();
}

function loaded(window: BrowserWindow): Promise<void> {
  if (!window.webContents.isLoading()) return Promise.resolve();
  return new Promise((resolve) => window.webContents.once("did-finish-load", () => resolve()));
}
