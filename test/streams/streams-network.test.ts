/** All streams and the world: the network goes, comes back or is another one, the computer sleeps, and many dial at once. */
import { expect, it } from "vitest";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { Streams } from "../../main/streams/streams.ts";
import type { Endpoint, PolicySettings } from "../../preload/contract.ts";
import { refused } from "../core/play.ts";
import { anEndpoint, deaf, ending, type FakeConnection, settle, streamWorld } from "../fakes/stream-world.ts";

const orders = anEndpoint();
const b = "https://b.example/orders";
const grouped = anEndpoint({ group: [{ url: b, headers: [] }] });
const here = anEndpoint({
  id: "here",
  name: "Here",
  url: "http://127.0.0.1:9/",
  group: [{ url: "http://localhost:9/", headers: [] }],
});

function held(world = streamWorld()) {
  const streams = ending(new Streams(world, deaf));
  return {
    ...world,
    streams,
    async apply(endpoints: readonly Endpoint[], policy: PolicySettings = defaultPolicy) {
      await streams.apply(endpoints, policy);
      await settle();
      return world.transport.connections;
    },
    phases: () => streams.views().map(({ id, phase }) => `${id} ${phase}`),
    tell: (online: boolean, network = online ? "home" : "", changed = false) =>
      world.network.tell({ type: "network", online, changed, network }),
  };
}
const urls = (made: readonly FakeConnection[]) => made.map(({ target }) => target.url);

it("without a network nothing is dialled; when it is back, it is dialled soon and not at once", async () => {
  const { apply, tell, phases, clock } = held();
  const made = await apply([orders]);
  made[0]?.opens();
  tell(false);
  expect([phases(), made[0]?.closed]).toEqual([["orders offline"], true]);
  await clock.advance(3_600_000);
  expect(made).toHaveLength(1);
  tell(true);
  await clock.advance(199);
  expect([phases(), made.length]).toEqual([["orders waiting"], 1]);
  await clock.advance(1802);
  expect([phases(), made.length]).toEqual([["orders connecting"], 2]);
});

it("a stream that begins without a network waits for it", async () => {
  const { apply, tell, phases, clock, network } = held();
  network.tell({ type: "network", online: false, changed: false, network: "" });
  const made = await apply([orders]);
  expect([phases(), made.length]).toEqual([["orders offline"], 0]);
  tell(true);
  await clock.advance(2001);
  expect(made).toHaveLength(1);
});

it("what is on this computer is there without any network", async () => {
  const { apply, tell, phases } = held();
  const made = await apply([here, anEndpoint({ group: [{ url: "http://127.0.0.1:9/", headers: [] }] })]);
  for (const connection of made) connection.opens();
  tell(false);
  expect(phases()).toEqual(["here open", "orders offline"]);
  expect(made.map(({ closed }) => closed)).toEqual([false, true]);
  expect((await apply([here, { ...here, id: "new", name: "New" }])).length).toBe(3);
});

it("asks on another network whether the open connection still lives, and leaves it alone when it speaks", async () => {
  const { apply, tell, phases, streams, clock } = held();
  const made = await apply([orders]);
  made[0]?.opens().says("1");
  tell(true, "home", false);
  await settle();
  expect(made).toHaveLength(1);
  tell(true, "office", true);
  await settle();
  expect([made.length, made[0]?.closed]).toEqual([2, false]);
  // What is read in the first second may have lain in the computer's buffers.
  await clock.advance(1000);
  made[0]?.says("2");
  expect([made[1]?.closed, phases(), streams.views()[0]?.events]).toEqual([true, ["orders open"], 2]);
});

it("replaces the connection when the other network's answers and it stays silent", async () => {
  const { apply, tell, clock, phases } = held();
  const made = await apply([orders]);
  made[0]?.opens().says("1");
  tell(true, "office", true);
  await settle();
  made[1]?.opens().says("99");
  await clock.advance(3001);
  expect([made.map(({ closed }) => closed), phases()]).toEqual([[true, true, false], ["orders connecting"]]);
  expect(made[2]?.target.lastEventId).toBe("1");
});

it("remembers what worked on a network, and begins with it there", async () => {
  const { apply, tell, clock, memory } = held();
  const made = await apply([grouped]);
  made[0]?.fails(refused);
  await clock.advance(2001);
  made[1]?.opens().says("1");
  expect(memory.recall("orders", "home")).toBe(`sse ${b}`);
  expect(memory.worked("orders")).toEqual([`sse ${b}`]);
  tell(false);
  tell(true, "office", true);
  await clock.advance(2001);
  made[2]?.opens();
  tell(false);
  tell(true, "home", true);
  await clock.advance(2001);
  expect(urls(made)).toEqual([orders.url, b, orders.url, b]);
  await apply([]);
  expect([memory.recall("orders", "home"), memory.worked("orders")]).toEqual([null, []]);
});

it("begins after a restart with what the memory says", async () => {
  const world = streamWorld();
  world.memory.remember("orders", "home", `sse ${b}`);
  const { apply } = held(world);
  expect(urls(await apply([grouped]))).toEqual([b]);
});

it("does nothing while the computer sleeps, and looks around when it wakes", async () => {
  const { apply, streams, clock, network, phases, transport } = held();
  const made = await apply([orders, anEndpoint({ id: "lost", name: "Lost", url: b })]);
  made[0]?.opens().says("1");
  made[1]?.fails();
  streams.suspend();
  await clock.advance(50_000);
  expect([phases(), made.length]).toEqual([["orders open", "lost waiting"], 2]);
  streams.awake();
  expect(network.asked.filter((one) => one === "check")).toHaveLength(1);
  await clock.advance(2001);
  // A probe of the open one, and a new attempt of the other.
  expect(urls(transport.connections.slice(2)).sort()).toEqual([orders.url, b]);
  expect(made[0]?.closed).toBe(false);
});

it("wakes by itself when nobody says that the computer is awake", async () => {
  const { apply, streams, clock } = held();
  const made = await apply([orders]);
  made[0]?.fails();
  streams.suspend();
  await clock.advance(59_999);
  expect(made).toHaveLength(1);
  await clock.advance(2002);
  expect(made).toHaveLength(2);
});

it("after a stall of this process asks whether the open connection lives; after a hiccup it does not", async () => {
  const { apply, network } = held();
  const made = await apply([orders]);
  made[0]?.opens().says("1");
  network.tell({ type: "wake", stalledMs: 6000 });
  await settle();
  expect(made).toHaveLength(1);
  network.tell({ type: "wake", stalledMs: 10_000 });
  await settle();
  expect([made.length, made[0]?.closed]).toEqual([2, false]);
});

it("has the network watched closely as long as anybody waits for it", async () => {
  const { apply, network, tell } = held();
  const made = await apply([orders, anEndpoint({ id: "second", name: "Second", url: b })]);
  made[0]?.opens();
  expect(network.asked.at(-1)).toBe("close");
  made[1]?.opens();
  expect(network.asked.at(-1)).toBe("calm");
  tell(false);
  expect(network.asked.at(-1)).toBe("close");
});

it("listens to the network no longer than it lives", async () => {
  const { apply, streams, network } = held();
  await apply([orders]);
  expect(network.listeners).toBe(1);
  await streams.close();
  expect(network.listeners).toBe(0);
});

it("decides by a changed policy from then on, and touches nothing that is open", async () => {
  const { apply, streams } = held();
  const made = await apply([orders]);
  made[0]?.opens().says("1");
  const quick = { firstMs: 100, capMs: 100, factor: 1, attempts: 3 };
  await apply([orders], { ...defaultPolicy, PROXY: quick });
  expect([made.length, made[0]?.done]).toEqual([1, []]);
  made[0]?.fails();
  expect(streams.views()[0]?.retryDelayMs).toBe(100);
});

it("lets four streams dial in a second, whoever they are", async () => {
  const { apply, clock } = held();
  const many = Array.from({ length: 10 }, (_, i) =>
    anEndpoint({ id: `s${i}`, name: `S${i}`, url: `https://s${i}.example/` }),
  );
  const made = await apply(many);
  const from = clock.mono();
  expect(made).toHaveLength(4);
  await clock.advance(1000);
  expect(made).toHaveLength(4);
  await clock.advance(1);
  expect(made).toHaveLength(8);
  await clock.advance(from + 2002 - clock.mono());
  expect(urls(made)).toEqual(many.map(({ url }) => url));
});

it("the cursor goes along when the group's members change places, and not to a stranger", async () => {
  const { apply, journal } = held();
  const made = await apply([grouped]);
  made[0]?.opens().tell({ type: "cursor", lastEventId: "7" });
  await apply([{ ...grouped, url: b, group: [{ url: orders.url, headers: [] }] }]);
  expect(made.at(-1)?.target).toMatchObject({ url: b, lastEventId: "7" });
  await apply([anEndpoint({ url: "https://c.example/" })]);
  expect([made.at(-1)?.target.lastEventId, await journal.cursor("orders")]).toEqual(["", ""]);
});

it("each server gets the headers that are meant for it, and no other", async () => {
  const { apply, secrets, clock, transport, socket } = held();
  const token = (name: string) => ({ name, value: "", secret: true });
  const endpoint = anEndpoint({
    headers: [token("X-Own"), { name: "X-Plain", value: "plain", secret: false }],
    credential: { kind: "bearer" },
    group: [
      { url: b, headers: [token("X-Own")] },
      { url: "https://a.example/second", headers: [] },
      { url: "https://a.example:8443/", headers: [] },
    ],
    websocket: { url: "wss://c.example/", frames: "auto", resumeQuery: "", headers: [token("Cookie")] },
  });
  secrets.set("orders/credential", "bearer-of-a");
  secrets.set("orders/header:x-own", "own-of-a");
  secrets.set("orders/group:https://b.example/orders:header:x-own", "own-of-b");
  secrets.set("orders/websocket:wss://c.example/:header:cookie", "cookie-of-c");
  await apply([endpoint]);
  const all = () => [...transport.connections, ...socket.connections];
  for (let i = 0; i < 200 && socket.connections.length === 0; i++) {
    for (const made of all()) made.fails(refused);
    await clock.advance(1000);
  }
  const home = [
    ["X-Own", "own-of-a"],
    ["X-Plain", "plain"],
    ["Authorization", "Bearer bearer-of-a"],
  ];
  const got = Object.fromEntries(all().map(({ target: { url, headers } }) => [url, headers]));
  expect(got).toEqual({
    "https://a.example/orders": home,
    [b]: [["X-Own", "own-of-b"]],
    "https://a.example/second": home,
    "https://a.example:8443/": [],
    "wss://c.example/": [["Cookie", "cookie-of-c"]],
  });
});
