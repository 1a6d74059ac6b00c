/**
 * Names test files that do not come to an end, and after a while gives the run up. vitest's own time limits need the
 * test to yield; a loop that never does would hold the whole run for ever, and nobody would know which file it was.
 */
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { root } from "./root.ts";

const lookMs = 30_000;

/** How long is long, and what to do then. */
export type StuckLimits = {
  nameAfterMs: number;
  giveUpAfterMs: number;
  giveUp: (ended: TestModule[], stuck: string[]) => void;
};

/** Watches files begin and end. */
export class StuckFiles implements Reporter {
  readonly #limits: StuckLimits;
  readonly #running = new Map<TestModule, number>();
  readonly #ended: TestModule[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: StuckLimits) {
    this.#limits = limits;
  }

  onTestRunStart(): void {
    this.#timer = setInterval(() => this.#look(), Math.min(lookMs, this.#limits.nameAfterMs));
    this.#timer.unref();
  }

  onTestModuleStart(module: TestModule): void {
    this.#running.set(module, performance.now());
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module);
    this.#ended.push(module);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const slow = this.#olderThan(this.#limits.nameAfterMs);
    if (slow.length > 0) process.stdout.write(`still running: ${slow.join(", ")}\n`);
    const stuck = this.#olderThan(this.#limits.giveUpAfterMs);
    if (stuck.length > 0) this.#limits.giveUp(this.#ended, stuck);
  }

  #olderThan(limitMs: number): string[] {
    const now = performance.now();
    return [...this.#running]
      .filter(([, since]) => now - since > limitMs)
      .map(([module]) => relative(root, module.moduleId));
  }
}
