/** How long turns of the app's main loop come late, as a timer of 1 ms in main itself sees it. */
import type { Window } from "./electron.ts";

type Delay = ReturnType<typeof import("node:perf_hooks").monitorEventLoopDelay>;
type Holder = { benchDelay?: Delay };

export function startLag(app: Window): Promise<void> {
  return app.electron.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule("node:perf_hooks");
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    (globalThis as Holder).benchDelay = delay;
  });
}

/** @returns p99 since `startLag`, ms, without the timer's own millisecond */
export function lag(app: Window): Promise<number> {
  return app.electron.evaluate(() => {
    const delay = (globalThis as Holder).benchDelay;
    delay?.disable();
    return Math.max(0, (delay?.percentile(99) ?? Number.NaN) / 1e6 - 1);
  });
}
