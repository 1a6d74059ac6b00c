/** From a started program to what the lab hands out. */
import type { RunningProxy } from "./configuration.ts";
import type { LabProcess } from "./lab-process.ts";

/** Starts it in front of the origin. What does not come up leaves nothing behind. */
export async function reverse(made: LabProcess): Promise<RunningProxy> {
  await started(made);
  return { url: made.url, proxyUrl: null, stop: () => made.dispose() };
}

/** Starts one that is asked for other servers' addresses. @param targetUrl what to ask it for */
export async function forward(made: LabProcess, targetUrl: string): Promise<RunningProxy> {
  await started(made);
  return { url: targetUrl, proxyUrl: made.url, stop: () => made.dispose() };
}

async function started(made: LabProcess): Promise<void> {
  try {
    await made.start();
  } catch (error) {
    await made.dispose();
    throw error;
  }
}
