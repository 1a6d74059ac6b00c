/**
 * The preload: one CommonJS file, because a sandboxed preload can be nothing else. The build fails when that file asks
 * for anything a sandboxed preload should not have; the compiler cannot see this, since Electron's types bring Node's along.
 */
import { join } from "node:path";
import type { InlineConfig, Plugin } from "vite";
import { root } from "./root.ts";

const allowed = new Set(["electron", "electron/renderer"]);

/** What a bundled preload requires beyond Electron's renderer part. */
export function forbiddenRequires(code: string): string[] {
  const required = [...code.matchAll(/\brequire\(\s*(["'`])(.*?)\1\s*\)/g)].map((match) => match[2] ?? "");
  return [...new Set(required)].filter((name) => !allowed.has(name));
}

const onlyElectron: Plugin = {
  name: "preload-only-electron",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      const names = file.type === "chunk" ? forbiddenRequires(file.code) : [];
      if (names.length > 0)
        this.error(`preload.cjs requires ${names.join(", ")}; the bridge may only use electron/renderer`);
    }
  },
};

/** Vite's settings for dist/preload/preload.cjs. */
export const preloadConfig: InlineConfig = {
  configFile: false,
  root,
  logLevel: "warn",
  publicDir: false,
  plugins: [onlyElectron],
  ssr: { noExternal: true, external: ["electron"] },
  build: {
    ssr: join(root, "preload/preload.ts"),
    outDir: "dist/preload",
    emptyOutDir: true,
    target: "chrome130",
    rolldownOptions: {
      external: [/^electron(\/|$)/],
      output: { format: "cjs", entryFileNames: "preload.cjs", codeSplitting: false },
    },
  },
};
