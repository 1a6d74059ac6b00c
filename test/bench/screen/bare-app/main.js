/** A bare Electron window: the rival of the bench. Shows the page whose address comes after `--page=`, and does nothing else. */
import { app, BrowserWindow } from "electron/main";

const url = process.argv.find((argument) => argument.startsWith("--page="))?.slice("--page=".length) ?? "about:blank";

app.setPath("userData", process.env["HOLDFAST_BENCH_DATA"] ?? app.getPath("userData"));
app.on("window-all-closed", () => app.quit());
app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    show: false,
    autoHideMenuBar: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, spellcheck: false },
  });
  window.once("ready-to-show", () => window.show());
  return window.loadURL(url);
});
