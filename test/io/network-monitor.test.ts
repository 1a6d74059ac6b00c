import { expect, it } from "vitest";
import { createNetworkMonitor, type NetworkMonitor, type NetworkNews } from "../../main/io/network-monitor.ts";
import type { Interfaces } from "../../main/io/network-picture.ts";
import { fakeClock } from "../fakes/stream-world.ts";
import { loopback, v4, v6 } from "./interfaces.ts";

const home: Interfaces = { ...loopback, wlan0: [v4("192.168.1.20")] };
const office: Interfaces = { ...loopback, wlan0: [v4("10.0.0.7")] };

/** A monitor over interfaces that the test changes, and a clock that can stand still. */
function watched(from: Interfaces = home) {
  const base = fakeClock();
  let lateMs = 0;
  const clock = { ...base, mono: () => base.mono() + lateMs, utc: () => base.utc() + lateMs };
  const world = { interfaces: from, looks: 0 };
  const monitor = createNetworkMonitor({
    clock,
    interfaces: () => {
      world.looks++;
      return world.interfaces;
    },
  });
  const news: NetworkNews[] = [];
  const unsubscribe = monitor.subscribe((one) => news.push(one));
  world.looks = 0;
  return {
    monitor,
    world,
    news,
    unsubscribe,
    base,
    /** Time passes and no timer fires. */
    stall: (ms: number) => {
      lateMs += ms;
    },
    advance: base.advance,
  };
}

it("looks each five seconds, and each second while watched closely", async () => {
  const { monitor, world, advance } = watched();
  await advance(10_000);
  expect(world.looks).toBe(2);
  monitor.watchClosely(true);
  // Whoever begins to wait wants to know now.
  expect(world.looks).toBe(3);
  monitor.watchClosely(true);
  await advance(5000);
  expect(world.looks).toBe(8);
  monitor.watchClosely(false);
  await advance(10_000);
  expect(world.looks).toBe(11);
});

it("says nothing while nothing changes", async () => {
  const { world, news, advance } = watched();
  await advance(60_000);
  world.interfaces = { ...home, wlan0: [v4("192.168.1.20"), v6("fe80::1")] };
  await advance(60_000);
  expect(news).toEqual([]);
});

it("tells that the network is gone and that the same one is back", async () => {
  const { monitor, world, news, advance } = watched();
  const { network } = monitor.current();
  world.interfaces = loopback;
  await advance(5000);
  world.interfaces = home;
  await advance(5000);
  expect(news).toEqual([
    { type: "network", online: false, changed: false, network: "" },
    { type: "network", online: true, changed: false, network },
  ]);
  expect(monitor.current()).toEqual({ online: true, network });
});

it.each<[name: string, steps: Interfaces[]]>([
  ["at once", [office]],
  ["after a time without any", [loopback, office]],
])("tells that the network is another one: %s", async (_name, steps) => {
  const { monitor, world, news, advance } = watched();
  const before = monitor.current().network;
  for (const step of steps) {
    world.interfaces = step;
    await advance(5000);
  }
  const { network } = monitor.current();
  expect(network).not.toBe(before);
  expect(news.at(-1)).toEqual({ type: "network", online: true, changed: true, network });
  expect(news).toHaveLength(steps.length);
});

it("tells a change under the same name when our address is gone, since connections from it are dead", async () => {
  const { monitor, world, news, advance } = watched();
  const { network } = monitor.current();
  world.interfaces = { ...home, wlan0: [v4("192.168.1.99")] };
  await advance(5000);
  expect(news).toEqual([{ type: "network", online: true, changed: true, network }]);
  await advance(20_000);
  expect(news).toHaveLength(1);
});

it("knows the first network that comes after a start without one", async () => {
  const { monitor, world, news, advance } = watched(loopback);
  expect(monitor.current()).toEqual({ online: false, network: "" });
  world.interfaces = home;
  await advance(5000);
  expect(news).toEqual([{ type: "network", online: true, changed: true, network: monitor.current().network }]);
});

it("keeps what it knew when the system refuses to answer, and takes an unknown network for one", async () => {
  const base = fakeClock();
  let refused = true;
  const interfaces = () => {
    if (refused) throw new Error("EACCES");
    return home;
  };
  const monitor = createNetworkMonitor({ clock: base, interfaces });
  expect(monitor.current().online).toBe(true);
  refused = false;
  await base.advance(5000);
  const known = monitor.current();
  refused = true;
  await base.advance(5000);
  expect(monitor.current()).toEqual(known);
});

it.each<[stalledMs: number, news: NetworkNews[]]>([
  [4900, []],
  [5000, [{ type: "wake", stalledMs: 5000 }]],
  [30_000, [{ type: "wake", stalledMs: 30_000 }]],
])("a loop that stood still for %i ms", async (stalledMs, told) => {
  const { news, stall, advance } = watched();
  stall(stalledMs);
  await advance(5000);
  expect(news).toEqual(told);
  await advance(60_000);
  expect(news).toEqual(told);
});

it.each<[name: string, byMs: number, news: NetworkNews[]]>([
  ["30 s ahead: the computer slept, and the monotonic clock with it", 30_000, [{ type: "wake", stalledMs: 0 }]],
  ["a day ahead", 86_400_000, [{ type: "wake", stalledMs: 0 }]],
  ["a little ahead: it was corrected", 29_999, []],
  ["an hour back: it was set", -3_600_000, []],
])("the civil clock is %s", async (_name, byMs, told) => {
  const { news, base } = watched();
  base.setUtc(base.utc() + byMs);
  await base.advance(5000);
  expect(news).toEqual(told);
  await base.advance(60_000);
  expect(news).toEqual(told);
});

it("finds a stall when it is asked before its own timer, once", async () => {
  const { monitor, news, stall, advance } = watched();
  stall(12_000);
  monitor.check();
  expect(news).toEqual([{ type: "wake", stalledMs: 7000 }]);
  await advance(20_000);
  expect(news).toHaveLength(1);
});

it("does not lose a stall to a change of its own pace", () => {
  const { monitor, news, stall } = watched();
  stall(12_000);
  monitor.watchClosely(true);
  expect(news).toEqual([{ type: "wake", stalledMs: 7000 }]);
});

it("says what network there is before it says that we are awake", () => {
  const { monitor, world, news, stall } = watched();
  stall(3_600_000);
  world.interfaces = loopback;
  monitor.check();
  expect(news.map(({ type }) => type)).toEqual(["network", "wake"]);
});

it("tells everybody who listens, until they leave", async () => {
  const { monitor, world, news, unsubscribe, advance } = watched();
  const others: NetworkNews[] = [];
  monitor.subscribe((one) => others.push(one));
  unsubscribe();
  world.interfaces = office;
  await advance(5000);
  expect([news.length, others.length]).toEqual([0, 1]);
});

it.each<[string, (monitor: NetworkMonitor) => void]>([
  ["left alone", () => {}],
  ["asked to look", (monitor) => monitor.check()],
  ["asked to watch closely", (monitor) => monitor.watchClosely(true)],
])("leaves no timer behind, also when it is %s after its end", (_, then) => {
  const { monitor, world, base } = watched();
  monitor.close();
  then(monitor);
  expect([base.timers, world.looks]).toEqual([0, 0]);
});
