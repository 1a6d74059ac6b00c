/** The end of a worker thread that has been asked to end. */
import type { Worker } from "node:worker_threads";

/**
 * Waits until the thread has ended by itself, and ends it only after `maxMs`. To terminate one within a call to its database takes the
 * whole process with it (libsql 0.5.29 panics on the exception that is then pending; one in 25 closings while the search takes in).
 */
export async function threadEnd(worker: Worker, maxMs: number): Promise<void> {
  if (worker.threadId === -1) return;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  worker.once("exit", () => resolve());
  const slow = setTimeout(() => void worker.terminate(), maxMs);
  await ended;
  clearTimeout(slow);
}
