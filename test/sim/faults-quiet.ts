/**
 * Q. Streams that say little, beside paths that are dead, mute or cut: what tells a silent path from a silent stream. They last
 * for hours, and have plans of their own.
 */
import { answered, networkError } from "./evidence.ts";
import { again, type Fault } from "./fault.ts";
import { onEach } from "./faults-group.ts";
import type { Origin } from "./origin.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;

/**
 * A connection opens and nothing comes, or nothing after its greeting; in the end what was held comes after all.
 * @param greeting what passes all the same
 */
function mutePaths(
  id: string,
  chosen: (origin: Origin, i: number) => boolean,
  greeting: (world: World) => object = () => ({}),
): Fault {
  const fault = onEach(id, chosen, (world) => ({ holdBytes: Number.POSITIVE_INFINITY, ...greeting(world) }));
  const end = (world: World) => {
    fault.end(world);
    for (const { origins } of world.streams) for (const origin of origins.filter(chosen)) origin.cut("fin");
  };
  return { ...fault, end };
}

const greets = "Q08 the preferred path greets and is mute";

/** In one way for as long as it lasts. */
function deadWays(world: World): object {
  const { chance } = world;
  if (chance.oneIn(3)) return { dial: () => networkError("connect", "ECONNREFUSED") };
  const status = chance.pick([404, 502, 503]);
  return { answer: () => answered(status) };
}

/** Mute paths are begun with, or come with a connection that is made anew. */
const muteFaults: readonly Fault[] = [
  mutePaths("Q01 the preferred path is mute", (_origin, i) => i === 0),
  mutePaths(
    greets,
    (_origin, i) => i === 0,
    ({ chance }) => ({ greets: true, preamble: chance.pick([": welcome\n\n", "retry: 3000\n\n"]) }),
  ),
  onEach("Q02 the WebSocket is dead", ({ isWebSocket }) => isWebSocket, deadWays),
  mutePaths("Q03 the WebSocket is mute", ({ isWebSocket }) => isWebSocket),
  onEach("Q04 the second path is dead", ({ isWebSocket }, i) => i === 1 && !isWebSocket, deadWays),
  onEach(
    "Q05 silence is cut everywhere",
    () => true,
    ({ chance }) => ({
      heartbeatMs: Number.POSITIVE_INFINITY,
      preamble: "",
      idleCutMs: chance.pick([90_000, 120_000, 300_000]),
      endsWith: chance.pick(["fin", "rst"] as const),
    }),
  ),
];

const nap = "Q07 naps";

export const quietFaults: readonly Fault[] = [
  ...muteFaults,
  again("Q06 a cut now and then", [80 * minuteMs, 150 * minuteMs], (world) => {
    for (const { origins } of world.streams) for (const origin of origins) origin.cut("rst");
  }),
  again(nap, [40 * minuteMs, 100 * minuteMs], (world) => {
    if (world.app.isFrozen) return;
    world.app.freeze(true, world.chance.oneIn(2));
    world.timeline.after(15_000, () => world.app.thaw());
  }),
];
