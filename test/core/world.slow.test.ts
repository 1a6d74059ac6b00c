/** The same world as in world.test.ts, for longer: more seeds than every push has time for. */
import { expect, it } from "vitest";
import { policy } from "./play.ts";
import { World } from "./world.ts";

const hour = 3_600_000;

it("keeps its invariants through a hundred seeded days, and is open 10 minutes after the faults end", {
  timeout: 60_000,
}, () => {
  for (let seed = 1001; seed <= 1100; seed++) {
    const world = new World(seed, policy);
    world.run(24 * hour);
    world.heal();
    world.run(hour / 6);
    expect(world.state.link.phase, `seed ${seed}\n${world.story()}`).toBe("open");
  }
});
