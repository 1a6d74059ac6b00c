/**
 * How the tests run. `unit` is everything that needs no Electron; `renderer` the same with a page's globals;
 * `e2e` starts the real app and real servers, one file at a time and after the others, so that nothing disturbs its clocks.
 */
import react from "@vitejs/plugin-react";
import type { ViteUserConfig } from "vitest/config";
import { ClosingLine } from "./closing-line.ts";
import { root } from "./root.ts";
import { StuckFiles } from "./stuck-files.ts";

const tests = "**/*.test.{ts,tsx}";
const e2e = [`test/e2e/${tests}`, `test/lab/${tests}`, "test/**/*.e2e.test.ts"];
const renderer = [`test/renderer/${tests}`];
// A worker of its own for each file costs a third of the time; the whole run pays it, the one before each commit does not.
const isolate = !process.env["HOLDFAST_FAST"];
const slow = process.env["HOLDFAST_FAST"] ? ["**/*.slow.test.{ts,tsx}"] : [];

const minuteMs = 60_000;
const closing = new ClosingLine();
const stuck = new StuckFiles({
  nameAfterMs: 2 * minuteMs,
  giveUpAfterMs: (process.env["HOLDFAST_FULL"] ? 60 : 10) * minuteMs,
  giveUp: (ended, names) => {
    process.stdout.write(`given up, these files do not end: ${names.join(", ")}\n`);
    closing.conclude(ended, names.length);
    process.exit(1);
  },
});

const config: ViteUserConfig = {
  root,
  test: {
    reporters: [process.env["HOLDFAST_VERBOSE"] ? "verbose" : "default", closing, stuck],
    // What a test leaves in the environment or in a mock must not reach the next one.
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    projects: [
      {
        test: {
          name: "unit",
          root,
          include: [`test/${tests}`],
          exclude: [...e2e, ...renderer, ...slow],
          environment: "node",
          testTimeout: 15_000,
          maxWorkers: 2,
          isolate,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [react()],
        test: {
          name: "renderer",
          root,
          include: renderer,
          exclude: slow,
          environment: "happy-dom",
          testTimeout: 15_000,
          maxWorkers: 2,
          isolate,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          root,
          include: e2e,
          environment: "node",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
};

// biome-ignore lint/style/noDefaultExport: vitest reads its settings from the default export
export default config;
