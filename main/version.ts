/** The product's version, from package.json, so that it is written once. */
import manifest from "../package.json" with { type: "json" };

export const version: string = manifest.version;
