/**
 * A bare Electron window: the rival of the bench. Shows the page whose address comes after `--page=`, and runs in it what its parent asks for.
 * No developer tools are attached: Chromium would report every event of an EventSource to them, which costs five times the event.
 */
import { app, BrowserWindow } from "electron/main";

const url = process.argv.find((argument) => argument.startsWith("--page="))?.slice("--page=".length) ?? "about:blank";

app.setPath("userData", process.env["HOLDFAST_BENCH_DATA"] ?? app.getPath("userData"));
app.on("window-all-closed", () => app.quit());
app.whenReady().then(open);

async function open() {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    show: false,
    autoHideMenuBar: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, spellcheck: false },
  });
  window.once("ready-to-show", () => window.show());
  await window.loadURL(url);
  if (process.send === undefined) return;
  process.on("message", async ({ id, script }) => {
    try {
      if (script === null) await window.loadURL(url);
      const value = script === null ? undefined : await window.webContents.executeJavaScript(script);
      process.send({ id, value });
    } catch (error) {
      process.send({ id, error: String(error) });
    }
  });
  process.once("disconnect", () => app.quit());
  process.send({ id: 0, value: window.webContents.getOSProcessId() });
}
