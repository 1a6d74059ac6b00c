/** The page: built to files that app:// can serve under a policy that allows nothing inline. */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import type { InlineConfig } from "vite";
import { root } from "./root.ts";

/** Vite's settings for dist/renderer, and for the development server. */
export const rendererConfig: InlineConfig = {
  configFile: false,
  root: join(root, "renderer"),
  base: "./",
  logLevel: "warn",
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: "../dist/renderer",
    emptyOutDir: true,
    target: "chrome130",
    // The polyfill would be an inline script, an inlined asset a data: URL: the policy refuses both.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
};
