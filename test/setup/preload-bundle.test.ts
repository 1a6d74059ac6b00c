import { expect, it } from "vitest";
import { forbiddenRequires } from "../../build/vite.preload.ts";

it("lets the preload have Electron's renderer part and nothing of Node", () => {
  expect(forbiddenRequires(`const e = require("electron/renderer");`)).toEqual([]);
  expect(forbiddenRequires(`require("electron/renderer"); require('node:fs'); require("fs"); require("fs")`)).toEqual([
    "node:fs",
    "fs",
  ]);
});
