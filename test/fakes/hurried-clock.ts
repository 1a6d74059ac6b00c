/**
 * The real clock, some times as fast: what takes a product minutes by design (probation of a better address) takes seconds,
 * on real sockets. Deadlines shrink with it, so it is for loopback only.
 */
import type { Clock } from "../../main/io/ports.ts";
import { systemClock } from "../../main/io/system-clock.ts";

/** @param times how much faster than the world */
export function hurriedClock(times: number): Clock {
  const begin = performance.now();
  return {
    mono: () => Math.floor((performance.now() - begin) * times),
    utc: () => systemClock.utc(),
    after: (delayMs, wake) => systemClock.after(delayMs / times, wake),
  };
}
