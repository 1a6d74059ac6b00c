/**
 * The tests that a mutant of the core has to survive: the core's own, quick ones, in one plain run. Stryker calls this in a
 * copy of the tree; the projects, reporters and watchdogs of vitest.config.ts have no business there.
 */
import type { ViteUserConfig } from "vitest/config";
import { root } from "./root.ts";

const config: ViteUserConfig = {
  root,
  test: {
    // mutation.ts names the files; without it, by hand, all of them.
    include: (process.env["HOLDFAST_MUTATION_TESTS"] ?? "**/*.test.ts").split(",").map((name) => `test/core/${name}`),
    exclude: ["**/*.slow.test.ts"],
    environment: "node",
    testTimeout: 15_000,
    // A worker for each file would cost more than the tests; each mutant gets a run, and with it modules, of its own.
    isolate: false,
  },
};

// biome-ignore lint/style/noDefaultExport: vitest reads its settings from the default export
export default config;
