/** Chance that can be repeated (mulberry32). */

/** @returns a draw in [0, 1) at each call, the same ones for the same seed */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Moves the seeds with the run (HOLDFAST_SEED): each day kills and cuts at other moments. */
export const rotation = Number(process.env["HOLDFAST_SEED"] ?? 0);
