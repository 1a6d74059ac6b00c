/** Whether anybody can see the window. What runs by the clock runs only then: a window in the tray costs nothing. */

const isSeen = (): boolean => document.visibilityState === "visible";

/**
 * Runs something while the window can be seen, and ends it while it cannot.
 * @param run begins it, and returns its end
 * @returns the end of the whole
 */
export function whileSeen(run: () => () => void): () => void {
  let end = isSeen() ? run() : null;
  const look = (): void => {
    if (isSeen() === (end !== null)) return;
    end?.();
    end = isSeen() ? run() : null;
  };
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    end?.();
    end = null;
  };
}

/** Resolves when the window can be seen; at once when it can be. */
export function seen(): Promise<void> {
  return new Promise((resolve) => {
    if (isSeen()) return resolve();
    const look = (): void => {
      if (!isSeen()) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}
