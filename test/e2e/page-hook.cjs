/**
 * Loaded into main before the app's own code (NODE_OPTIONS=--require): does in the window and its page what unseen.test.ts asks for over
 * the process's own channel. Without developer tools: Playwright's make each page believe that it is seen.
 */
const { isMainThread } = require("node:worker_threads");

// Workers load it too, and have no Electron.
if (isMainThread) process.on("message", (question) => void answer(question));

async function answer({ id, window: name, page }) {
  try {
    const { BrowserWindow } = require("electron/main");
    const [window] = BrowserWindow.getAllWindows();
    if (name) window[name]();
    process.send({ id, value: page ? await window.webContents.executeJavaScript(page) : null });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
}
