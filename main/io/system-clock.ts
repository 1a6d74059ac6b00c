/** The real clock and real chance. Monotonic time is what everything is decided by; civil time is only shown. */
import type { Clock, Random } from "./ports.ts";

/** A timer of Node holds 2^31-1 ms; what is longer fires after 1 ms. Longer waits wake early, and their owner looks again. */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  mono: () => Math.floor(performance.now()),
  utc: () => Date.now(),
  after: (delayMs, wake) => {
    // Rounded up, so that the moment asked for has come when the timer fires.
    const timer = setTimeout(wake, Math.min(Math.ceil(delayMs) + 1, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = () => Math.random();
