/** G, H, I, K, U. The computer: its clocks, sleep, network and disk, the program's death, and who sits in front of it. */
import { answered, networkError } from "./evidence.ts";
import { again, type Fault, onPaths } from "./fault.ts";
import type { World } from "./world.ts";

const noRoute = { dial: () => networkError("connect", "ENETUNREACH"), dead: true };

/** The network is gone; the interfaces say so a moment later, where they say so at all. */
function cable(world: World, id: string, isIn: boolean, changed = false): void {
  for (const { origins } of world.streams)
    for (const origin of origins) {
      if (isIn) origin.layers.remove(id);
      else {
        origin.layers.put(id, noRoute);
        origin.cut("silence");
      }
    }
  world.timeline.after(world.chance.between(0, 1000), () => world.app.network(isIn, changed));
}

/** Runs not at all for a while; longer sleeps outlive no connection. */
function sleep(world: World, id: string, ms: number, told: boolean, stopsClock: boolean): void {
  if (world.app.isFrozen) return;
  world.hit(id);
  world.app.freeze(told, stopsClock);
  if (ms > 20_000) for (const { origins } of world.streams) for (const origin of origins) origin.cut("silence");
  world.timeline.after(ms, () => world.app.thaw());
}

function origins(world: World) {
  return world.streams.flatMap(({ origins: all }) => all);
}

function userAsks(world: World): void {
  const client = world.chance.pick(world.app.clients);
  const type = world.chance.pick(["retryNow", "stop", "start", "retryNow", "start"] as const);
  world.app.hear(() => client.dispatch({ type }));
}

/** The lid is closed at the moment when a stream has dialled and has no answer yet. */
function sleepWhenConnecting(world: World, id: string): void {
  if (!world.isOn(id)) return;
  const isConnecting = world.app.clients.some(({ state }) => state.link.phase === "connecting");
  if (isConnecting) sleep(world, id, world.chance.pick([5000, 60_000, 600_000]), true, world.chance.oneIn(2));
  else world.timeline.after(500, () => sleepWhenConnecting(world, id));
}

export const computerFaults: readonly Fault[] = [
  onPaths("G01 the server's clock jumps", (chance) => ({
    clockOffsetMs: chance.pick([-3_600_000, 3_600_000, 315_360_000_000, -315_360_000_000]),
  })),
  {
    id: "G02 sleep",
    begin: (world) =>
      sleep(
        world,
        "G02 sleep",
        world.chance.pick([10_000, 60_000, 3_600_000, 259_200_000]),
        true,
        world.chance.oneIn(2),
      ),
    end: () => undefined,
  },
  {
    id: "G02 asleep while connecting",
    begin: (world) => {
      const id = "G02 asleep while connecting";
      for (const origin of origins(world)) {
        origin.layers.put(id, { headersMs: 8000 });
        origin.cut("rst");
      }
      sleepWhenConnecting(world, id);
    },
    end: (world) => {
      for (const origin of origins(world)) origin.layers.remove("G02 asleep while connecting");
    },
  },
  {
    id: "G03 awake before the network",
    begin: (world) => {
      const ms = world.chance.between(30_000, 600_000);
      for (const { origins } of world.streams)
        for (const origin of origins) origin.layers.put("G03 awake before the network", noRoute);
      sleep(world, "G03 awake before the network", ms, true, world.chance.oneIn(2));
      world.timeline.after(ms + world.chance.between(500, 20_000), () =>
        cable(world, "G03 awake before the network", true),
      );
    },
    end: (world) => cable(world, "G03 awake before the network", true),
  },
  again("G04 another network", [20_000, 300_000], (world) => {
    for (const { origins } of world.streams) for (const origin of origins) origin.cut("silence");
    world.app.network(true, true);
  }),
  again(
    "G05 flapping network",
    [500, 1500],
    (world) => cable(world, "G05 flapping network", world.chance.oneIn(2)),
    (world) => cable(world, "G05 flapping network", true),
  ),
  again("G06 stalled loop", [20_000, 120_000], (world) =>
    sleep(world, "G06 stalled loop", world.chance.between(2000, 12_000), false, false),
  ),
  again("G07 stopped and continued", [60_000, 300_000], (world) =>
    sleep(world, "G07 stopped and continued", 30_000, false, false),
  ),
  {
    id: "G09 cable pulled",
    begin: (world) => {
      world.hit("G09 cable pulled");
      cable(world, "G09 cable pulled", false);
      // Somebody looks at it and tries what he can.
      if (world.chance.oneIn(3)) world.timeline.after(world.chance.between(2000, 30_000), () => userAsks(world));
    },
    end: (world) => cable(world, "G09 cable pulled", true, world.chance.oneIn(2)),
  },
  {
    id: "H07 slow disk",
    begin: (world) => {
      world.hit("H07 slow disk");
      world.app.diskState.writeMs = world.chance.pick([200, 2000]);
      world.burst();
    },
    end: (world) => {
      world.app.diskState.writeMs = 0;
    },
  },
  {
    id: "I15 disk full",
    begin: (world) => {
      world.hit("I15 disk full");
      world.app.diskState.full = true;
    },
    end: (world) => {
      world.app.diskState.full = false;
    },
  },
  again("K01 killed and started again", [30_000, 300_000], (world) => {
    world.app.thaw();
    world.app.kill();
    world.app.start();
  }),
  {
    id: "K02 restarted while deploying",
    begin: (world) => {
      const id = "K02 restarted while deploying";
      for (const origin of origins(world)) {
        origin.layers.put(id, { answer: () => answered(404) });
        origin.cut("fin");
      }
      world.app.thaw();
      world.app.kill();
      world.app.start();
    },
    end: (world) => {
      for (const origin of origins(world)) origin.layers.remove("K02 restarted while deploying");
    },
  },
  {
    id: "K03 awake without a credential",
    begin: (world) => {
      const id = "K03 awake without a credential";
      const message = world.chance.pick(["refresh-failed", "command-failed"]);
      world.app.barred = world.chance.oneIn(4) ? { what: "secret-missing" } : { what: "credential", message };
      sleep(world, id, world.chance.pick([11_000, 60_000, 600_000]), true, world.chance.oneIn(2));
    },
    end: (world) => {
      world.app.barred = null;
    },
  },
  again("U01 restless user", [2000, 60_000], userAsks),
];
