/** Looks for the seed in which a mutant is found out: first where its break should show, then in days of everything. */
import { quietFaults } from "./faults.ts";
import { runJob } from "./job.ts";
import type { Mutant } from "./mutants.ts";

/** `instead`: what else went wrong first, a crash among it; it shows that something is broken, but not that this is seen. */
export type Hunted = {
  readonly name: string;
  readonly seeds: number;
  readonly caughtBy: string | null;
  readonly instead: string | null;
};

const shortSeeds = 60;
const longSeeds = 20;

export function hunt({ name, faults, breaks }: Mutant): Hunted {
  let instead: string | null = null;
  for (let seed = 1; seed <= shortSeeds + longSeeds; seed++) {
    const isShort = seed <= shortSeeds;
    const isQuiet = quietFaults.some(({ id }) => faults.includes(id));
    const { failures } = runJob({
      length: isQuiet ? "quiet" : isShort ? "short" : "long",
      seed,
      faults: isShort ? faults : [],
      mutant: name,
    });
    const sentence = failures[0]?.failed.sentence ?? null;
    if (sentence !== null && breaks.includes(sentence)) return { name, seeds: seed, caughtBy: sentence, instead };
    instead ??= sentence;
  }
  return { name, seeds: shortSeeds + longSeeds, caughtBy: null, instead };
}

export function table(hunted: readonly Hunted[]): string {
  const width = Math.max(...hunted.map(({ name }) => name.length));
  return hunted
    .map(
      ({ name, seeds, caughtBy, instead }) =>
        `${name.padEnd(width)}  ${caughtBy === null ? "SURVIVED" : `seed ${seeds}`.padEnd(8)}  ${caughtBy ?? instead ?? ""}`,
    )
    .join("\n");
}
