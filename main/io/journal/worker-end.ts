/** How a worker thread ends that has libsql in its hands. What it does before it ends is its own. */
import type { Worker } from "node:worker_threads";

/** A thread that was told to end and is still there after this long is stopped. */
const patienceMs = 2000;

/**
 * Resolves when the thread has ended. It was told to and ends by itself: one that is stopped in the middle of libsql takes the
 * whole process with it (SIGABRT).
 */
export async function ended(worker: Worker): Promise<void> {
  // It has ended already, and will not say so again.
  if (worker.threadId === -1) return;
  const exit = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const late = setTimeout(() => void worker.terminate(), patienceMs);
  await exit;
  clearTimeout(late);
}
