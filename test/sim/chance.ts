/** Seeded chance: the only source of accidents in the simulated world, so that a seed is a run. */
export class Chance {
  #a: number;

  constructor(seed: number) {
    this.#a = seed >>> 0;
  }

  /** One uniform draw in [0, 1) (mulberry32). */
  draw(): number {
    this.#a = (this.#a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#a ^ (this.#a >>> 15), this.#a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [low, high). */
  between(low: number, high: number): number {
    return Math.floor(low + this.draw() * (high - low));
  }

  oneIn(n: number): boolean {
    return this.draw() * n < 1;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.between(0, list.length)];
    if (found === undefined) throw new Error("nothing to pick from");
    return found;
  }
}
