/** How much of everything is measured: as promised, or small enough to see that the bench itself works. */
import type { Wish } from "./wish.ts";

export type Plan = {
  /** Runs of each kind that count; at least five, but for a quick look. */
  readonly runs: number;
  readonly flood: number;
  readonly steadyPerS: number;
  readonly steadyS: number;
  readonly transport: number;
  /** Records of the journal that is looked at. */
  readonly kept: number;
  readonly scrollS: number;
  readonly idleStreams: number;
  readonly idleS: number;
  readonly beatMs: number;
  /** Progress, to stderr. */
  say(words: string): void;
};

const whole = {
  runs: 5,
  flood: 500_000,
  steadyPerS: 10_000,
  steadyS: 60,
  transport: 500_000,
  kept: 1_000_000,
  scrollS: 5,
  idleStreams: 50,
  idleS: 30,
  beatMs: 15_000,
};

const quick = {
  ...whole,
  runs: 1,
  flood: 20_000,
  steadyPerS: 2000,
  steadyS: 2,
  transport: 20_000,
  kept: 20_000,
  scrollS: 1,
  idleS: 3,
  idleStreams: 5,
};

export function planOf(wish: Pick<Wish, "quick" | "seconds" | "runs">, say: Plan["say"]): Plan {
  const plan = wish.quick ? quick : whole;
  return { ...plan, steadyS: wish.seconds ?? plan.steadyS, runs: wish.runs ?? plan.runs, say };
}
