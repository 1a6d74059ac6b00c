/** All that the app needs before it can be started from the checkout: system libraries, an Electron, and dist/. */
import { bundleIfStale } from "../bundle.ts";
import { ensureDebian, ensureLibraries } from "./debian.ts";
import { electronRuntime, type Runtime } from "./electron-runtime.ts";

/** Brings everything in place; the three parts wait for different things, so they go side by side. */
export async function prepare({ tests = false, build = bundleIfStale } = {}): Promise<Runtime> {
  const outcomes = await Promise.allSettled([electronRuntime(), ensureDebian({ tests }), build()]);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  const runtime = (outcomes[0] as PromiseFulfilledResult<Runtime>).value;
  await ensureLibraries(runtime.executable);
  return runtime;
}
