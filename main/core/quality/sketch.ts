/**
 * A distribution of durations in a few numbers: counts on a logarithmic scale. It keeps no single value, and has a limit
 * however much is added; two of them can be put together.
 */

/** Pairs of step and count, by step. */
export type Sketch = [step: number, count: number][];

/** How finely durations are told apart, and up to where. */
export type Scale = {
  /** The duration of step 0, ms; what is shorter counts as it. */
  readonly firstMs: number;
  /** From a step to the next. */
  readonly factor: number;
  readonly maxStep: number;
  /** So many different steps at most. */
  readonly maxSteps: number;
  /** What one more does: join the closest two, which keeps a median; or take the rarest's place, which keeps peaks. */
  readonly whenFull: "join the closest" | "replace the rarest";
};

/** Times to headers, recoveries: steps are 10 % apart, so that a median is right to 5 %. From 1 ms to 22 hours. */
export const coarse: Scale = { firstMs: 1, factor: 1.1, maxStep: 191, maxSteps: 5, whenFull: "join the closest" };

/**
 * Lengths of sessions: twelve steps to a doubling, a minute in the middle of one. That tells 55, 60 and 65 s apart, and
 * every timeout that proxies are set to (10, 15, 20, 30, 45, 60, 90, 100, 120, 300, 600, 900, 3600 s) lies near the middle
 * of its step, so that its sessions do not fall into two. From 59 ms to 91 days.
 */
export const fine: Scale = {
  firstMs: 60_000 / 2 ** 10,
  factor: 2 ** (1 / 12),
  maxStep: 27 * 12,
  maxSteps: 8,
  whenFull: "replace the rarest",
};

/** Counts stop here; neither a median nor a peak needs more. */
export const maxCount = 1023;

export function addSample(sketch: Sketch, scale: Scale, ms: number): void {
  const exact = Math.log(Math.max(scale.firstMs, ms) / scale.firstMs) / Math.log(scale.factor);
  const step = Math.min(scale.maxStep, Math.round(exact));
  const known = sketch.find(([at]) => at === step);
  if (known !== undefined) known[1] = counted(known[1] + 1);
  else {
    const count = sketch.length >= scale.maxSteps && scale.whenFull === "replace the rarest" ? takeRarest(sketch) : 0;
    sketch.push([step, counted(count + 1)]);
    sketch.sort((a, b) => a[0] - b[0]);
    if (sketch.length > scale.maxSteps) joinClosest(sketch);
  }
}

const counted = (count: number): number => Math.min(maxCount, count);

/** All of them in one, which has no limit. */
export function joined(sketches: readonly Sketch[]): Sketch {
  const counts = new Map<number, number>();
  for (const [step, count] of sketches.flat()) counts.set(step, (counts.get(step) ?? 0) + count);
  return [...counts].sort((a, b) => a[0] - b[0]);
}

/** @returns whole milliseconds, or null when nothing was added */
export function sketchMedian(sketch: Sketch, scale: Scale): number | null {
  const half = sketch.reduce((sum, [, count]) => sum + count, 0) / 2;
  let seen = 0;
  for (const [step, count] of sketch) {
    seen += count;
    if (seen >= half) return durationMs(scale, step);
  }
  return null;
}

/** Where a step begins and ends, whole ms. */
export function rangeOf(scale: Scale, step: number): { fromMs: number; toMs: number } {
  return { fromMs: step === 0 ? 0 : durationMs(scale, step - 0.5), toMs: durationMs(scale, step + 0.5) };
}

function durationMs({ firstMs, factor }: Scale, step: number): number {
  return Math.round(firstMs * factor ** step);
}

/** The fewer go where the more are. */
function joinClosest(sketch: Sketch): void {
  let closest = 1;
  const distance = (at: number): number => (sketch[at]?.[0] ?? 0) - (sketch[at - 1]?.[0] ?? 0);
  for (let at = 2; at < sketch.length; at++) if (distance(at) < distance(closest)) closest = at;
  const [[a, few], [b, many]] = [sketch[closest - 1] ?? [0, 0], sketch[closest] ?? [0, 0]];
  sketch.splice(closest - 1, 2, [many > few ? b : a, counted(few + many)]);
}

/** Whoever is new inherits the count of the rarest: what comes again and again then never loses its place. */
function takeRarest(sketch: Sketch): number {
  const rarest = sketch.reduce((least, pair) => (pair[1] < least[1] ? pair : least));
  sketch.splice(sketch.indexOf(rarest), 1);
  return rarest[1];
}
