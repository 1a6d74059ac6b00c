/**
 * The last line of a test run: `N passed, N failed, N skipped`, counting every test, every file that did not load and
 * every error outside a test, and before it the reason of each skip. Not a summary of failures: vitest prints those.
 */
import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** What a run came to. */
export type Counts = { passed: number; failed: number; skipped: number };

/** The line itself. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Counts a run and says how it ended. With HOLDFAST_COUNTS set, the counts go to that file instead: build/test.ts adds
 * what it checked itself and prints the line.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.conclude(modules, unhandled.length);
  }

  /** The end of a run, whoever ended it; `more` are failures that no test stands for. */
  conclude(modules: readonly TestModule[], more: number): void {
    const { counts, skips } = tally(modules);
    counts.failed += more;
    if (skips.length > 0) process.stdout.write(`\n${skips.join("\n")}\n`);
    const file = process.env["HOLDFAST_COUNTS"];
    if (file) writeFileSync(file, JSON.stringify(counts));
    else process.stdout.write(`\n${closingLine(counts)}\n`);
  }
}

function tally(modules: readonly TestModule[]): { counts: Counts; skips: string[] } {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const skips: string[] = [];
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") counts.passed++;
      else if (result.state === "failed") counts.failed++;
      else {
        counts.skipped++;
        const note = result.state === "skipped" ? result.note : "it never ran";
        skips.push(`skipped: ${test.fullName}: ${note || "no reason given"}`);
      }
    }
    // A broken hook fails its suite and not the tests in it, which would then look like skips without a reason.
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  }
  return { counts, skips };
}
