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

/** A connection opens and nothing comes; in the end what was held comes after all. */
function mutePaths(id: string, chosen: (origin: Origin, i: number) => boolean): Fault {
  const fault = onEach(id, chosen, () => ({ holdBytes: Number.POSITIVE_INFINITY }));
  const end = (world: World) => {
    fault.end(world);
    for (const { origins } of world.streams) for (const origin of origins.filter(chosen)) origin.cut("fin");
  };
  return { ...fault, end };
}

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
