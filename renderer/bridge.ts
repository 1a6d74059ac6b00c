/** The one place that touches `window.bridge`; everything else asks here and gets values, or a `Refusal`. */
import type { Bridge, Code, Outcome } from "../preload/contract.ts";

declare global {
  interface Window {
    readonly bridge: Bridge;
  }
}

/** A call that main answered with a code instead of a value. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly refused: Code;
  constructor(refused: Code) {
    super(refused.code);
    this.refused = refused;
  }
}

/** What the preload exposed. Read at every use, so that a test can put its own in place. */
export function bridge(): Bridge {
  return window.bridge;
}

/** The value of a call; throws a `Refusal` when main said no. */
export async function ask<T>(call: Promise<Outcome<T>>): Promise<T> {
  const outcome = await call;
  if (!outcome.ok) throw new Refusal(outcome.error);
  return outcome.value;
}

/** The code of whatever went wrong: a refusal keeps its own, all else is ours to mend. */
export function codeOf(error: unknown): Code {
  return error instanceof Refusal ? error.refused : { code: "internal", params: {} };
}
