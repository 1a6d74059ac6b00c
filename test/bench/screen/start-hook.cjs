/**
 * Loaded into main before the app's own code (NODE_OPTIONS=--require): asks the first page when it painted, prints the answer, and quits.
 * It asks at dom-ready, when nothing can have been asked of main and answered yet, so no row is drawn unseen.
 */
const { isMainThread } = require("node:worker_threads");

let first = true;

// Workers load it too, and have no Electron. So early it cannot be had in main either; before the app's own code is read it can.
if (isMainThread) setImmediate(watch);

function watch() {
  const { app } = require("electron/main");
  app.on("web-contents-created", (_event, contents) => {
    if (!first) return;
    first = false;
    contents.once("dom-ready", () => {
      contents
        .executeJavaScript(process.env.HOLDFAST_BENCH_SCRIPT)
        .then((answer) => process.stdout.write(`bench ${JSON.stringify(answer)}\n`))
        .catch((error) => process.stdout.write(`bench-failed ${String(error)}\n`))
        .finally(() => app.quit());
    });
  });
}
