/** Ctrl-C and its kin, for commands that run until they are stopped. */

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// npm passes on the Ctrl-C that the terminal already delivered: the copy is not a second wish.
const copyMs = 700;

/**
 * Listens for the wish to stop from now on. `stopped` settles at the first signal; a second one, by someone who has
 * waited enough, calls `insist`.
 */
export function untilStopped(insist: () => void): { stopped: Promise<void>; dispose: () => void } {
  let firstAt: number | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      resolve();
    } else if (now - firstAt > copyMs) insist();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stopped: promise,
    dispose: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
