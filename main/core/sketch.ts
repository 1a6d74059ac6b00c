/**
 * A distribution of durations in a few numbers: counts on a logarithmic scale, so that adding in any order gives the
 * same. Medians are right to about 5 %; it keeps no single value.
 */

/** Pairs of step and count, by step. */
export type Sketch = [step: number, count: number][];

/** Neighbouring steps are 10 % apart: 1 ms is step 0, a minute is 115. */
const logBase = Math.log(1.1);
export const maxStep = 191;
/** So many different steps at most; a further one is counted with its neighbour. */
export const maxSteps = 5;
/** Counts stop here; a median does not need more. */
export const maxCount = 1023;

export function addSample(sketch: Sketch, ms: number): void {
  const step = Math.min(maxStep, Math.max(0, Math.round(Math.log(Math.max(1, ms)) / logBase)));
  const near = nearest(sketch, step);
  if (near !== undefined && (near[0] === step || sketch.length >= maxSteps)) near[1] = Math.min(maxCount, near[1] + 1);
  else {
    sketch.push([step, 1]);
    sketch.sort((a, b) => a[0] - b[0]);
  }
}

/** @returns whole milliseconds, or null when nothing was added */
export function sketchMedian(sketch: Sketch): number | null {
  const half = sketch.reduce((sum, [, count]) => sum + count, 0) / 2;
  let seen = 0;
  for (const [step, count] of sketch) {
    seen += count;
    if (seen >= half) return Math.round(Math.exp(step * logBase));
  }
  return null;
}

function nearest(sketch: Sketch, step: number): [number, number] | undefined {
  let best: [number, number] | undefined;
  for (const pair of sketch) {
    if (best === undefined || Math.abs(pair[0] - step) < Math.abs(best[0] - step)) best = pair;
  }
  return best;
}
