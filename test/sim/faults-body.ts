/** D, E, P. The stream itself: cut, silent, dripping, replayed wrongly, held back by proxies, or full of rubbish. */
import type { Conditions } from "./conditions.ts";
import { again, type Fault, onPaths } from "./fault.ts";
import type { World } from "./world.ts";

/**
 * Somebody cuts what is silent, on every path; the servers speak seldom, and nobody keeps the paths alive.
 * @param isKnown it was learned when the paths were used last
 */
function idleCut(id: string, more: Partial<Conditions>, isKnown = false): Fault {
  return {
    id,
    begin: (world) => {
      world.quieten(id, true);
      const idleCutMs = world.chance.pick([12_000, 20_000, 30_000, 60_000]);
      const endsWith = world.chance.pick(["fin", "rst"] as const);
      for (const origin of world.streams.flatMap(({ origins }) => origins)) {
        origin.layers.put(id, { heartbeatMs: Number.POSITIVE_INFINITY, idleCutMs, endsWith, ...more });
        origin.cut("fin");
      }
      if (isKnown) world.app.knowIdleCuts(idleCutMs);
      speakSeldom(world, id, idleCutMs);
    },
    end: (world) => {
      world.quieten(id, false);
      for (const origin of world.streams.flatMap(({ origins }) => origins)) origin.layers.remove(id);
    },
  };
}

/** Each time after silences that are cut, and now and then just before one would be. */
function speakSeldom(world: World, id: string, idleCutMs: number): void {
  const { chance, timeline } = world;
  timeline.after(chance.between(idleCutMs * 0.7, idleCutMs * 5), () => {
    if (!world.isOn(id)) return;
    for (const { topic } of world.streams) topic.publish(timeline.now, chance);
    speakSeldom(world, id, idleCutMs);
  });
}

const bursts = "B01 bursts and long silences";
const largeBlock = `data: ${"y".repeat(5000)}\n\n`;

export const bodyFaults: readonly Fault[] = [
  onPaths("D01 reset within an event", () => ({ cutsOneIn: 3, endsWith: "rst" })),
  onPaths("D02 end within an event", () => ({ cutsOneIn: 3, endsWith: "fin" })),
  again("D03 end between events", [5000, 120_000], (world) => world.anyOrigin().cut("fin")),
  again("D04 half open", [60_000, 600_000], (world) => world.anyOrigin().cut("silence")),
  onPaths("D06 one byte at a time", () => ({ pieceBytes: 1, pieceMs: 60 })),
  onPaths("D07 no heartbeat", () => ({ heartbeatMs: Number.POSITIVE_INFINITY, preamble: "" }), "fin"),
  {
    id: "D08 heartbeats only",
    begin: (world) => world.quieten("D08 heartbeats only", true),
    end: (world) => world.quieten("D08 heartbeats only", false),
  },
  onPaths(
    "D09 cut at a regular age",
    (chance) => ({ endsAtMs: chance.pick([30_000, 55_000, 60_000]), endsWith: "fin" }),
    "fin",
  ),
  onPaths("D11 replays inclusively", () => ({ replay: "inclusive", endsAtMs: 70_000 }), "rst"),
  onPaths("D12 replays everything", () => ({ replay: "everything", endsAtMs: 80_000 }), "rst"),
  onPaths("D13 replays nothing", () => ({ replay: "only-new", endsAtMs: 90_000 }), "rst"),
  again("D14 ids begin again", [60_000, 400_000], (world) => {
    const { topic, origins } = world.chance.pick(world.streams);
    for (const origin of origins) origin.cut("rst");
    topic.restart();
  }),
  onPaths("D17 slow and uneven path", () => ({ latencyMs: [100, 6000], headersMs: 3000, pieceBytes: 20, pieceMs: 30 })),
  onPaths("D18 dies young", () => ({ endsAtMs: 100, endsWith: "rst" }), "rst"),
  onPaths("E01 other line breaks", (chance) => ({ lineBreak: chance.pick(["\r", "\r\n"]), pieceBytes: 3, pieceMs: 1 })),
  onPaths("E06 ids and fields without an event", () => ({
    noise: (id) => `${id === null ? "" : `id: ${id}\n`}foo: bar\n\n: ping\n\n`,
  })),
  onPaths(
    "E08 retry without measure",
    (chance) => {
      const wish = chance.pick(["0", "1", "99999999999", "9".repeat(400), "-1", "3000"]);
      return { preamble: `retry: ${wish}\n\n`, endsAtMs: 20_000, noise: () => `retry: ${wish}\n\n` };
    },
    "fin",
  ),
  onPaths("E09 event too large", () => ({ noise: () => largeBlock })),
  onPaths("P01 mute proxy", () => ({ holdBytes: Number.POSITIVE_INFINITY, endsAtMs: 240_000 }), "rst"),
  onPaths("P02 buffering proxy", () => ({ holdBytes: 4096 }), "fin"),
  onPaths("P03 proxy holds half", () => ({ holdBytes: 300, pieceBytes: 100 }), "fin"),
  idleCut("P04 idle cut", { haltsOneIn: 0 }),
  idleCut("P05 known idle cut and halves of events", { haltsOneIn: 3, haltMs: 25_000 }, true),
  {
    id: "B01 bursts and long silences",
    begin: (world) => {
      world.quieten(bursts, true);
      for (const { origins } of world.streams)
        for (const origin of origins)
          origin.layers.put(bursts, { heartbeatMs: Number.POSITIVE_INFINITY, preamble: "" });
      const everyMs = world.chance.between(200_000, 280_000);
      const next = () => {
        if (!world.isOn(bursts)) return;
        world.speaks(20_000, 500);
        world.timeline.after(everyMs, next);
      };
      next();
    },
    end: (world) => {
      world.quieten(bursts, false);
      for (const { origins } of world.streams) for (const origin of origins) origin.layers.remove(bursts);
    },
  },
];
