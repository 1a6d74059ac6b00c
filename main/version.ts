/** The product's version, from package.json, so that it is written once. */
import manifest from "../package.json" with { type: "json" };

export const version: string = manifest.version;

/** Electron's major that the app is built for; another one is the old runtime of development machines. */
export const electronMajor = Number.parseInt(manifest.devDependencies.electron, 10);
