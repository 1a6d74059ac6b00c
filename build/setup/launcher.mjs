/**
 * Copied into the test runtime's resources/app: starts the app named on the command line, which a plain Electron does by
 * itself. It waits for the app's module, so that `ready` comes after the app has registered its schemes.
 */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { app } from "electron/main";

const folder = process.argv
  .slice(1)
  .filter((argument) => !argument.startsWith("-"))
  .map((argument) => resolve(argument))
  .find((path) => statSync(join(path, "package.json"), { throwIfNoEntry: false })?.isFile());

if (folder === undefined) {
  process.stderr.write("This is Holdfast's test runtime: say which app to start, as a folder with a package.json.\n");
  process.exit(1);
} else {
  const {
    main = "index.js",
    name,
    productName,
    version,
    desktopName,
  } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  app.setAppPath(folder);
  app.setName(productName ?? name);
  if (version) app.setVersion(version);
  if (desktopName && process.platform === "linux") app.setDesktopName(desktopName);
  await import(pathToFileURL(join(folder, main)).href);
}
