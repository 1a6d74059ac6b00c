/** A policy for tests in which every family's delay is short, so that they need not wait as a product does. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicySettings } from "../../preload/contract.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";

const quick = { firstMs: 100, capMs: 300, factor: 1.2, attempts: 3 };

/** Arguments for `watch`. @param change what is other than quick */
export function quickly(change: Partial<PolicySettings> = {}): string[] {
  const path = join(temporaryFolder(), "policy.json");
  writeFileSync(path, JSON.stringify({ NETWORK: quick, AUTH: quick, SERVER: quick, PROXY: quick, ...change }));
  return ["--policy", path];
}

const mild = { firstMs: 1000, capMs: 5000, factor: 1.5, attempts: 8 };

/** The same for outages of some seconds: short enough to wait for, and not so short that eight attempts are soon used up. */
export function mildly(): string[] {
  return quickly({ NETWORK: mild, SERVER: mild, PROXY: mild });
}
