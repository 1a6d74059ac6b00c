/** The seconds after which silences are cut here: other ones each day, the same ones for the same HOLDFAST_SEED. */
import { rotation, seeded } from "../../io/seeded.ts";

/** Load balancers in the field cut between 7 and 90 s; what takes longer than 12 is for the full run. */
const [leastS, mostS] = [7, process.env["HOLDFAST_FULL"] ? 90 : 12];

/** Whole seconds, so many of them. */
export function drawnSeconds(count: number): number[] {
  const draw = seeded(rotation);
  return Array.from({ length: count }, () => leastS + Math.floor(draw() * (mostS - leastS + 1)));
}
