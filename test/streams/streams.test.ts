/** All streams together: what a change of the settings touches, what a removal takes along, and what is shown. */
import { expect, it } from "vitest";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { Streams } from "../../main/streams/streams.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { anEndpoint, deaf, ending, settle, streamWorld } from "../fakes/stream-world.ts";

function held() {
  const world = streamWorld();
  const told = { recorded: [] as [string, number][], faults: [] as unknown[] };
  const streams = ending(
    new Streams(world, {
      ...deaf,
      recorded: (endpoint, { records }) => void told.recorded.push([endpoint.name, records.length]),
      fault: (error) => void told.faults.push(error),
    }),
  );
  const urls = () => world.transport.connections.filter(({ closed }) => !closed).map(({ target }) => target.url);
  return {
    ...world,
    streams,
    told,
    urls,
    async apply(...endpoints: Endpoint[]) {
      await streams.apply(endpoints, defaultPolicy);
      await settle();
      return world.transport;
    },
    phases: () => streams.views().map(({ id, phase }) => `${id} ${phase}`),
  };
}

const orders = anEndpoint();
const trades = anEndpoint({ id: "trades", name: "Trades", url: "https://b.example/trades" });

it("starts a stream for each endpoint, in their order, but not the paused ones", async () => {
  const { streams, apply, urls, phases } = held();
  await apply(orders, trades, anEndpoint({ id: "quiet", name: "Quiet", paused: true }));
  expect(urls()).toEqual([orders.url, trades.url]);
  expect(phases()).toEqual(["orders connecting", "trades connecting", "quiet idle"]);
  expect([streams.has("quiet"), streams.has("none")]).toEqual([true, false]);
});

it.each<[string, Partial<Endpoint>]>([
  ["name", { name: "Renamed" }],
  ["notify", { notify: { on: true, types: [], contains: "x" } }],
  ["keep", { keep: "nothing" }],
])("another %s leaves the connection alone, and is known at once", async (_, change) => {
  const { streams, apply, told } = held();
  const { connections, last } = await apply(orders);
  last.opens().says("1");
  await apply({ ...orders, ...change });
  expect([connections.length, last.done]).toEqual([1, []]);
  const [view] = streams.views();
  expect([view?.name, view?.journal, view?.events]).toEqual([
    change.name ?? "Orders",
    change.keep === undefined ? "ok" : "off",
    1,
  ]);
  await streams.close();
  expect(told.recorded).toEqual([[change.name ?? "Orders", 2]]);
});

it.each<[string, Partial<Endpoint>]>([
  ["url", { url: "https://c.example/" }],
  ["header", { headers: [{ name: "X-A", value: "1", secret: false }] }],
  ["method", { method: "POST", body: "{}" }],
  ["deadline", { headersTimeoutMs: 999 }],
])("another %s takes a new connection, and only this stream", async (_, change) => {
  const { apply, journal } = held();
  const { connections } = await apply(orders, trades);
  for (const connection of connections) connection.opens();
  await apply({ ...orders, ...change }, trades);
  const { url, method, body, headers } = { ...orders, ...change };
  expect(connections.map(({ closed }) => closed)).toEqual([true, false, false]);
  expect(connections.at(-1)?.target).toMatchObject({
    url,
    method,
    body: method === "GET" ? null : body,
    headers: headers.map(({ name, value }) => [name, value]),
  });
  expect(journal.forgotten).toEqual([]);
});

it.each<[string, Partial<Endpoint>, string]>([
  ["stays when the server is the same", { headersTimeoutMs: 999 }, "7"],
  ["is not carried to another URL", { url: "https://c.example/" }, ""],
  ["of another URL is what the settings say", { url: "https://c.example/", lastEventId: "5" }, "5"],
  ["is what the user has just written", { lastEventId: "5" }, "5"],
])("the cursor %s", async (_, change, expected) => {
  const { apply, journal } = held();
  const transport = await apply(orders);
  transport.last.opens().says("7");
  await apply({ ...orders, ...change });
  expect(transport.connections.map(({ target }) => target.lastEventId)).toEqual(["", expected]);
  expect(await journal.cursor("orders")).toBe(expected);
});

it("a removal ends the connection and forgets records, cursor, history and secrets of this stream alone", async () => {
  const { apply, streams, clock, journal, history, secrets, urls } = held();
  const more = anEndpoint({ id: "orders-2", name: "More" });
  for (const key of ["orders/credential", "orders/header:x-a", "orders-2/credential"]) secrets.set(key, "canary");
  const { connections } = await apply(orders, more);
  for (const connection of connections) connection.opens().says("7");
  await clock.advance(120_000);
  expect([...history.kept.keys()]).toEqual(["orders", "orders-2"]);
  await apply(more);
  expect([streams.has("orders"), urls(), journal.forgotten]).toEqual([false, [more.url], ["orders"]]);
  expect([[...history.kept.keys()], secrets.keys()]).toEqual([["orders-2"], ["orders-2/credential"]]);
  expect([await journal.cursor("orders"), await journal.cursor("orders-2")]).toEqual([null, "7"]);
});

it("a journal that refuses to forget spoils neither the rest of the change, nor later ones, nor the end", async () => {
  const { apply, streams, journal, history, secrets, told, urls } = held();
  secrets.set("orders/credential", "canary");
  await apply(orders);
  journal.refuses.add("forget");
  await apply(trades);
  expect([urls(), secrets.keys()]).toEqual([[trades.url], []]);
  expect(told.faults).toEqual([new Error("no forget")]);
  const more = anEndpoint({ id: "more", name: "More", url: "https://c.example/" });
  const { last } = await apply(more, trades);
  expect(urls()).toEqual([trades.url, more.url]);
  await apply(trades);
  expect(urls()).toEqual([trades.url]);
  await streams.close();
  expect([last.closed, history.kept.has("trades")]).toEqual([true, true]);
});

it("makes one change after the other, however quickly they come", async () => {
  const { streams, urls } = held();
  await Promise.all([
    streams.apply([orders], defaultPolicy),
    streams.apply([orders, trades], defaultPolicy),
    streams.apply([trades], defaultPolicy),
  ]);
  await settle();
  expect(urls()).toEqual([trades.url]);
});

it("pausing and resuming an endpoint stops and starts its stream", async () => {
  const { apply, urls, phases } = held();
  (await apply(orders)).last.opens();
  await apply({ ...orders, paused: true });
  expect([urls(), phases()]).toEqual([[], ["orders idle"]]);
  await apply({ ...orders, name: "Still paused", paused: true });
  expect(urls()).toEqual([]);
  await apply(orders);
  expect(urls()).toEqual([orders.url]);
});

it("what is paused is not tried by retryNow; resume starts it, and hurries what waits", async () => {
  const { apply, streams, transport, phases } = held();
  await apply({ ...orders, paused: true });
  streams.retryNow("orders");
  await settle();
  expect([transport.connections.length, phases()]).toEqual([0, ["orders idle"]]);
  streams.resume("orders");
  await settle();
  transport.last.fails();
  expect(phases()).toEqual(["orders waiting"]);
  streams.resume("orders");
  await settle();
  expect(transport.connections).toHaveLength(2);
  transport.last.fails();
  streams.retryNow("orders");
  await settle();
  expect(transport.connections).toHaveLength(3);
  streams.stop("orders");
  expect(phases()).toEqual(["orders idle"]);
  for (const act of ["retryNow", "resume", "stop"] as const) streams[act]("nobody");
});

it("a changed secret reaches the server at once, unless the stream is paused", async () => {
  const { apply, streams, secrets, transport } = held();
  const guarded = anEndpoint({ credential: { kind: "bearer" } });
  secrets.set("orders/credential", "one");
  (await apply(guarded)).last.opens();
  secrets.set("orders/credential", "two");
  await streams.renew("orders");
  await settle();
  expect(transport.connections.map(({ target }) => target.headers)).toEqual([
    [["Authorization", "Bearer one"]],
    [["Authorization", "Bearer two"]],
  ]);
  await apply({ ...guarded, paused: true });
  await streams.renew("orders");
  await settle();
  expect(transport.connections).toHaveLength(2);
});

it("the demo's stream and those of the settings leave each other alone", async () => {
  const { apply, streams, urls } = held();
  const demo = anEndpoint({ id: "demo", name: "Demo", url: "http://127.0.0.1:9/" });
  await apply(orders);
  await streams.apply([demo], defaultPolicy, "demo");
  await settle();
  expect(urls()).toEqual([orders.url, demo.url]);
  await apply(trades);
  expect(urls()).toEqual([demo.url, trades.url]);
  expect(streams.views().map(({ id, source }) => [id, source])).toEqual([
    ["demo", "demo"],
    ["trades", "settings"],
  ]);
});

it("streams start and change although the journal refuses everything, and each refusal is told", async () => {
  const { apply, journal, told, urls } = held();
  journal.refuses.add("keepNothing");
  journal.refuses.add("setCursor");
  await apply(orders, trades);
  expect([urls(), told.faults.length]).toEqual([[orders.url, trades.url], 2]);
  const moved = { ...orders, url: "https://a.example/moved" };
  await apply(moved, trades);
  expect(urls()).toEqual([trades.url, moved.url]);
});

it("a POST among the endpoints of the start waits to be asked for; one that the user adds or changes does not", async () => {
  const { apply, streams, urls, phases } = held();
  const post = { ...orders, method: "POST" as const, body: "{}" };
  await apply(post, trades);
  expect(urls()).toEqual([trades.url]);
  await apply({ ...post, name: "Renamed" }, trades);
  expect(phases()).toEqual(["orders idle", "trades connecting"]);
  streams.resume("orders");
  await settle();
  expect(urls()).toEqual([trades.url, orders.url]);
  await apply({ ...post, body: "[]" }, { ...trades, method: "POST" });
  expect(phases()).toEqual(["orders connecting", "trades connecting"]);
  await apply(post, anEndpoint({ id: "new", name: "New", method: "POST" }));
  expect(phases()).toEqual(["orders connecting", "new connecting"]);
});

it("a stream whose secret has gone sends nothing, and the others do not mind", async () => {
  const { apply, urls, phases } = held();
  await apply(anEndpoint({ credential: { kind: "bearer" } }), trades);
  expect([urls(), phases()]).toEqual([[trades.url], ["orders halted", "trades connecting"]]);
});

it("a listener that throws spoils no later change, and not the end", async () => {
  const world = streamWorld();
  let broken = true;
  const changed = () => {
    if (broken) throw new Error("listener");
  };
  const streams = ending(new Streams(world, { ...deaf, changed }));
  await expect(streams.apply([orders], defaultPolicy)).rejects.toThrow("listener");
  broken = false;
  await streams.apply([orders, trades], defaultPolicy);
  expect(streams.views().map(({ id }) => id)).toEqual(["orders", "trades"]);
});
