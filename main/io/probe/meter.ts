/** What a diagnosis may still spend: requests, time, and the user's patience. Everything that goes out asks here first. */

/** More requests than these are never made, CONNECTs included. */
export const mostRequests = 20;

export type StopCode = "cancelled" | "budget" | "requests";

/** Nothing more is to be asked. */
export class Stopped extends Error {
  readonly code: StopCode;
  constructor(code: StopCode) {
    super(code);
    this.code = code;
  }
}

export class Meter {
  readonly #startedAt = performance.now();
  readonly #budgetMs: number;
  readonly signal: AbortSignal;
  #requests = 0;

  constructor(budgetMs: number, signal: AbortSignal) {
    this.#budgetMs = budgetMs;
    this.signal = signal;
  }

  get requests(): number {
    return this.#requests;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Never less than 0. */
  get leftMs(): number {
    return Math.max(0, this.#budgetMs - this.elapsedMs);
  }

  /** So long and no longer, whatever was wanted. */
  within(wantedMs: number): number {
    return Math.min(wantedMs, this.leftMs);
  }

  /** @throws Stopped when the time is over or the user has enough */
  check(): void {
    if (this.signal.aborted) throw new Stopped("cancelled");
    if (this.leftMs <= 0) throw new Stopped("budget");
  }

  /** Counts a request that is about to leave. @throws Stopped */
  spend(): void {
    this.check();
    if (this.#requests >= mostRequests) throw new Stopped("requests");
    this.#requests++;
  }
}
