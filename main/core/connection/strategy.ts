/** How patient each family of failures is met: the defaults, and what a setting may make of them. */
import type { FailureView } from "../../../preload/contract.ts";

/** Families whose failures are waited for; PLANNED ends are none. */
export type RetryFamily = Exclude<FailureView["family"], "PLANNED">;

export type Strategy = {
  /** Mean of the first delay, ms. */
  readonly firstMs: number;
  /** No delay is longer unless the server asks for it, ms. */
  readonly capMs: number;
  readonly factor: number;
  /** Failures in a row after which a candidate is parked and the others are tried first. Never the end of a stream. */
  readonly attempts: number;
};

export type Strategies = Readonly<Record<RetryFamily, Strategy>>;

export const defaultStrategies: Strategies = {
  NETWORK: { firstMs: 5000, capMs: 300_000, factor: 1.5, attempts: 8 },
  AUTH: { firstMs: 30_000, capMs: 600_000, factor: 2, attempts: 5 },
  SERVER: { firstMs: 10_000, capMs: 180_000, factor: 1.8, attempts: 6 },
  PROXY: { firstMs: 15_000, capMs: 900_000, factor: 2.5, attempts: 4 },
};
