/**
 * Loaded into main before the app's own code (NODE_OPTIONS=--require): asks the first page when it painted, prints the answer, and quits.
 * It runs at dom-ready, before anything has been asked of main, so no row can have been drawn unseen.
 */
const { app } = require("electron/main");

let first = true;
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
