/**
 * The same world as in world.test.ts, for longer. Each day brings other seeds (HOLDFAST_SEED), so that in time many are
 * tried; `npm run test:full` tries ten times as many at once. A failing seed is printed with its story.
 */
import { expect, it } from "vitest";
import { policy } from "./play.ts";
import { World } from "./world.ts";

const hour = 3_600_000;
const days = process.env["HOLDFAST_FULL"] ? 1000 : 100;
const first = Number(process.env["HOLDFAST_SEED"] ?? 1001);

it(`keeps its invariants through ${days} days seeded from ${first}, and is open 10 minutes after the faults end`, {
  timeout: 600_000,
}, () => {
  for (let seed = first; seed < first + days; seed++) {
    const world = new World(seed, policy);
    world.run(24 * hour);
    world.heal();
    world.run(hour / 6);
    expect(world.state.link.phase, `seed ${seed}\n${world.story()}`).toBe("open");
  }
});
