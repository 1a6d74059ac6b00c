/**
 * The bundles that run on Node: the app's main process, its workers, and the command line client.
 * Everything is bundled except what Electron provides and libsql, whose native part must stay a file.
 */
import { builtinModules } from "node:module";
import { join } from "node:path";
import type { InlineConfig } from "vite";
import { root } from "./root.ts";

/** Each entry becomes dist/main/<name>.js; workers are found beside the main bundle by that name. */
const entries = {
  main: join(root, "main/main.ts"),
  "journal-worker": join(root, "main/io/journal/journal-worker.ts"),
  "search-worker": join(root, "main/io/journal/search/search-worker.ts"),
  cli: join(root, "main/cli.ts"),
};

/** Vite's settings for dist/main. */
export const mainConfig: InlineConfig = {
  configFile: false,
  root,
  logLevel: "warn",
  publicDir: false,
  ssr: { noExternal: true, external: ["electron", "libsql"] },
  build: {
    ssr: true,
    outDir: "dist/main",
    emptyOutDir: true,
    target: "node20",
    sourcemap: true,
    rolldownOptions: {
      input: entries,
      external: [/^electron(\/|$)/, "libsql", /^node:/, ...builtinModules],
      // A third of the bundles is blanks and comments, which would be read at each start. Names stay, so that a stack in the log says something.
      output: {
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
      },
    },
  },
};
