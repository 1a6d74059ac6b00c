/** The shape of a fault, and the two ways most of them are made: a layer over some paths, or something that keeps happening. */
import type { Chance } from "./chance.ts";
import type { Conditions } from "./conditions.ts";
import type { Origin } from "./origin.ts";
import type { World } from "./world.ts";

export type Fault = {
  readonly id: string;
  readonly begin: (world: World) => void;
  readonly end: (world: World) => void;
};

/** Whom a fault meets: one address, all of one stream, or everything. */
function hit(world: World): readonly Origin[] {
  const { chance, streams } = world;
  const stream = chance.pick(streams);
  if (chance.oneIn(3)) return streams.flatMap(({ origins }) => origins);
  // Mostly the preferred one: it is what is in use.
  return chance.oneIn(2)
    ? stream.origins
    : [chance.oneIn(3) ? chance.pick(stream.origins) : (stream.origins[0] as Origin)];
}

/**
 * A layer over the paths that it meets.
 * @param over asked once for each path
 * @param now what happens at once to those who are connected
 */
export function onPaths(
  id: string,
  over: (chance: Chance, world: World) => Partial<Conditions>,
  now?: "fin" | "rst" | "silence",
): Fault {
  return {
    id,
    begin: (world) => {
      const conditions = over(world.chance, world);
      for (const origin of hit(world)) {
        origin.layers.put(id, conditions);
        if (now !== undefined) origin.cut(now);
      }
    },
    end: (world) => {
      for (const { origins } of world.streams) for (const origin of origins) origin.layers.remove(id);
    },
  };
}

/** Something that happens again and again while the fault lasts. */
export function again(
  id: string,
  everyMs: readonly [number, number],
  happens: (world: World) => void,
  end?: (world: World) => void,
): Fault {
  const next = (world: World) => {
    if (!world.isOn(id)) return;
    world.hit(id);
    happens(world);
    world.timeline.after(world.chance.between(...everyMs), () => next(world));
  };
  return { id, begin: next, end: (world) => end?.(world) };
}
