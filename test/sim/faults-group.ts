/** L. Several addresses of one stream, and the way back from the WebSocket. */
import { answered, networkError } from "./evidence.ts";
import { again, type Fault } from "./fault.ts";
import type { Origin } from "./origin.ts";
import type { World } from "./world.ts";

const refused = { dial: () => networkError("connect", "ECONNREFUSED") };

/** A layer over the paths of every stream that are chosen. */
export function onEach(
  id: string,
  chosen: (origin: Origin, i: number, world: World) => boolean,
  over: (world: World) => object,
  cut = true,
): Fault {
  const all = (world: World) => world.streams.flatMap(({ origins }) => origins.map((origin, i) => ({ origin, i })));
  return {
    id,
    begin: (world) => {
      const conditions = over(world);
      for (const { origin, i } of all(world)) {
        if (!chosen(origin, i, world)) continue;
        origin.layers.put(id, conditions);
        if (cut) origin.cut("rst");
      }
    },
    end: (world) => {
      for (const { origin } of all(world)) origin.layers.remove(id);
    },
  };
}

export const groupFaults: readonly Fault[] = [
  onEach(
    "L01 the preferred one dies",
    (_origin, i) => i === 0,
    () => refused,
  ),
  onEach(
    "L03 all die",
    () => true,
    (world) => ({ ...refused, ...(world.chance.oneIn(2) ? { dial: null, answer: () => answered(503) } : {}) }),
  ),
  onEach(
    "L04 other ids at each address",
    (_origin, i) => i === 1,
    () => ({ idPrefix: "b-" }),
  ),
  again(
    "L05 the preferred one flaps",
    [3000, 40_000],
    (world) => {
      const down = world.chance.oneIn(2);
      for (const { origins } of world.streams) {
        const [first] = origins;
        if (down) first?.layers.put("L05 the preferred one flaps", refused);
        else first?.layers.remove("L05 the preferred one flaps");
        if (down) first?.cut("rst");
      }
    },
    (world) => {
      for (const { origins } of world.streams) origins[0]?.layers.remove("L05 the preferred one flaps");
    },
  ),
  onEach(
    "L06 only the WebSocket is left",
    ({ isWebSocket }) => !isWebSocket,
    (world) => (world.chance.oneIn(2) ? { holdBytes: Number.POSITIVE_INFINITY } : refused),
  ),
  {
    id: "L06 close codes",
    begin: (world) => {
      const closeCode = world.chance.pick([1000, 1001, 1006, 1008, 1011, 1012, 1013, 4000, 4100, 4200]);
      for (const { origins } of world.streams)
        for (const origin of origins) {
          origin.layers.put("L06 close codes", origin.isWebSocket ? { closeCode, endsAtMs: 20_000 } : refused);
          origin.cut("rst");
        }
    },
    end: (world) => {
      for (const { origins } of world.streams) for (const origin of origins) origin.layers.remove("L06 close codes");
    },
  },
  onEach(
    "L07 slow events while returning",
    (_origin, i) => i > 0,
    () => ({ pieceBytes: 4, pieceMs: 300 }),
    false,
  ),
  onEach(
    "L08 the preferred one does not stay",
    (_origin, i) => i === 0,
    (world) => ({ endsAtMs: world.chance.pick([4000, 12_000, 40_000]), endsWith: "rst" }),
  ),
  onEach(
    "L09 one asks for an hour",
    (_origin, i) => i === 0,
    () => ({ answer: () => answered(429, 3_600_000) }),
  ),
];
