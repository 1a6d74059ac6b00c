/** One run of a plan, what came of it, and the smallest plan that still fails in the same way. */
import { Broken } from "./broken.ts";
import type { Taken } from "./client.ts";
import { type Parts, realParts } from "./parts.ts";
import type { Episode, Plan } from "./plan.ts";
import { storyOf } from "./story.ts";
import { World } from "./world.ts";

export type Failed = {
  readonly sentence: string;
  readonly message: string;
  readonly stream: string;
  readonly story: string;
};

export type Outcome = {
  readonly plan: Plan;
  readonly failed: Failed | null;
  readonly virtualMs: number;
  /** Events that servers sent. */
  readonly events: number;
  readonly dials: number;
  readonly steps: number;
  readonly met: ReadonlyMap<string, number>;
  readonly hits: ReadonlyMap<string, number>;
};

/** @param record told every step */
export function runPlan(plan: Plan, parts: Parts = realParts, record: ((taken: Taken) => void) | null = null): Outcome {
  const world = new World(plan, parts);
  world.watch.recorder = record;
  let failed: Failed | null = null;
  try {
    world.run();
  } catch (error) {
    failed = failureOf(error, world);
  }
  const { watch, hits, timeline } = world;
  const { met, steps, dials } = watch;
  return { plan, failed, virtualMs: timeline.now, events: world.published, dials, steps, met, hits };
}

function failureOf(error: unknown, world: World): Failed {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const stream = error instanceof Broken ? error.stream : "";
  // What is no sentence of ours is a crash: its place is worth more than its words.
  const sentence = error instanceof Broken ? error.sentence : (stack ?? message).split("\n").slice(0, 3).join(" ");
  return { sentence, message, stream, story: storyOf(world.watch.story, stream) };
}

/** Takes away what is not needed for the same sentence to fail. @param tries runs at most */
export function shrink(plan: Plan, sentence: string, parts: Parts = realParts, tries = 150): Outcome {
  let best = runPlan(plan, parts);
  for (let left = tries; left > 0; ) {
    const smaller = reductions(best.plan);
    let found = false;
    for (const candidate of smaller) {
      if (left-- <= 0) break;
      const outcome = runPlan(candidate, parts);
      if (outcome.failed?.sentence !== sentence) continue;
      best = outcome;
      found = true;
      break;
    }
    if (!found) break;
  }
  return best;
}

/** Smaller plans, the boldest first: half of the episodes, one episode less, shorter ones, less time, fewer streams. */
function reductions(plan: Plan): Plan[] {
  const { episodes, endMs, streams } = plan;
  const with_ = (kept: readonly Episode[]): Plan => ({ ...plan, episodes: kept });
  const half = Math.ceil(episodes.length / 2);
  const latest = Math.max(60_000, ...episodes.map(({ toMs }) => toMs + 1000));
  return [
    ...(latest < endMs ? [{ ...plan, endMs: latest }] : []),
    ...(half > 0 && episodes.length > 1 ? [with_(episodes.slice(half)), with_(episodes.slice(0, half))] : []),
    ...episodes.map((_, i) => with_(episodes.filter((_other, j) => j !== i))),
    ...episodes.flatMap((one, i) => {
      const lengthMs = one.toMs - one.fromMs;
      if (lengthMs < 2000) return [];
      const shorter = { ...one, toMs: Math.round(one.fromMs + lengthMs / 2) };
      return [with_(episodes.map((other, j) => (i === j ? shorter : other)))];
    }),
    ...(endMs > 120_000 ? [{ ...plan, endMs: Math.round(endMs * 0.75) }] : []),
    ...(streams > 1 ? [{ ...plan, streams: streams - 1 }] : []),
  ];
}
