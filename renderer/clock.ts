/** The time, for things that tick once a second. One timer for the whole window, and none while nothing ticks or nobody sees it. */
import { useSyncExternalStore } from "react";
import { whileSeen } from "./seen.ts";

const listeners = new Set<() => void>();
let stop = (): void => {};
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const each of listeners) each();
}

/** Whoever comes back to the window finds the time of now, not of when it was left. */
function run(): () => void {
  tick();
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) stop = whileSeen(run);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop();
  };
}

/** UTC ms as of the last tick. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
