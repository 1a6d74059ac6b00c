/** All streams together, as they are shown: views, statistics, history, and what is written at the end. */
import { expect, it, vi } from "vitest";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { Streams } from "../../main/streams/streams.ts";
import { type Code, type Endpoint, streamView } from "../../preload/contract.ts";
import { refused, status } from "../core/play.ts";
import { anEndpoint, deaf, ending, settle, streamWorld } from "../fakes/stream-world.ts";

const secretUrl = "https://user:canary@a.example/orders?key=canary";

async function shown(...endpoints: Endpoint[]) {
  const world = streamWorld();
  const told = { changed: 0, problems: [] as Code[] };
  const streams = ending(
    new Streams(world, {
      ...deaf,
      changed: () => void told.changed++,
      problem: (problem) => void told.problems.push(problem),
    }),
  );
  await streams.apply(endpoints, defaultPolicy);
  await world.clock.advance(30);
  return { ...world, streams, told, view: () => streams.views()[0], stats: () => streams.stats()[0] };
}

it("a view is what the contract says, and holds nothing secret", async () => {
  const { streams, transport, clock, view } = await shown(anEndpoint({ url: secretUrl }));
  const openedAt = clock.utc();
  transport.last.opens({ server: "nginx", httpVersion: "2" }).says("7");
  expect(streamView.parse(view())).toEqual(view());
  expect(view()).toMatchObject({
    address: "https://a.example/orders",
    origin: "https://a.example",
    encrypted: true,
    phase: "open",
    health: "live",
    attempt: 0,
    failure: null,
    retryAt: null,
    retryDelayMs: null,
    openedAt,
    lastByteAt: openedAt,
    lastEventAt: openedAt,
    downSince: null,
    rhythmMs: null,
    idleTimeoutMs: 300_000,
    headersMs: 30,
    server: "nginx",
    httpVersion: "2",
    lastEventId: "7",
    grade: "GOOD",
    endpoint: "https://a.example/orders",
    proxy: null,
    transport: "sse",
    candidates: [{ address: "https://a.example/orders", transport: "sse", standing: "used" }],
    ordered: true,
    duplicates: 0,
    events: 1,
    bytes: 10,
    journal: "ok",
  });
  expect(view()?.beats).toHaveLength(24);
  expect(JSON.stringify([streams.views(), streams.stats()])).not.toContain("canary");
});

it("hands each history over once a minute, a few at a time, and seldom wakes for it", async () => {
  const endpoints = Array.from({ length: 50 }, (_, n) => anEndpoint({ id: `s${n}`, paused: true }));
  const { clock, history, told } = await shown(...endpoints);
  // The first turn is a minute after the start, which has just read them all.
  await clock.advance(60_000);
  const put = vi.spyOn(history, "put");
  const before = told.changed;
  const most: number[] = [];
  const handed = new Set<string>();
  for (let ms = 0; ms < 65_000; ms += 100) {
    put.mockClear();
    await clock.advance(100);
    most.push(put.mock.calls.length);
    for (const [id] of put.mock.calls) handed.add(id);
  }
  expect(handed.size).toBe(50);
  expect(Math.max(...most)).toBeLessThanOrEqual(3);
  expect(told.changed - before).toBeLessThan(24);
});

it("a view of a stream that waits says why, since when, and when it is tried again", async () => {
  const { transport, clock, view } = await shown(anEndpoint({ url: "http://a.example/" }));
  transport.last.fails(status(503, 7000));
  const waiting = view();
  expect(streamView.parse(waiting)).toEqual(waiting);
  expect(Object.keys(waiting?.failure ?? {}).sort()).toEqual(["family", "final", "kind", "params", "status"]);
  expect(waiting).toMatchObject({
    encrypted: false,
    phase: "waiting",
    health: null,
    attempt: 1,
    failure: { kind: "unavailable", status: 503 },
    downSince: clock.utc(),
    retryAt: clock.utc() + (waiting?.retryDelayMs ?? 0),
    grade: "UNKNOWN",
  });
  expect(waiting?.retryDelayMs).toBeGreaterThanOrEqual(7000);
  await clock.advance(1000);
  expect(view()?.retryAt).toBe(waiting?.retryAt);
});

it("a view of a stream that gave up keeps its failure; one that is paused has none", async () => {
  const { streams, transport, view } = await shown(anEndpoint());
  transport.last.fails(status(410));
  expect(view()).toMatchObject({ phase: "halted", failure: { kind: "gone", final: true }, retryAt: null });
  streams.stop("orders");
  expect(view()).toMatchObject({ phase: "idle", failure: null });
});

it("a view says of each way what it is good for, and which one is meant", async () => {
  const url = "https://b.example/orders?key=canary";
  const websocket = { url: "wss://a.example/socket", frames: "auto" as const, resumeQuery: "", headers: [] };
  const { transport, clock, view, stats, streams } = await shown(
    anEndpoint({ group: [{ url, headers: [] }], websocket }),
  );
  const standings = () => view()?.candidates.map(({ address, standing }) => `${address} ${standing}`);
  const ways = ["https://a.example/orders", "https://b.example/orders", "wss://a.example/socket"];
  expect(standings()).toEqual([`${ways[0]} used`, `${ways[1]} ready`, `${ways[2]} ready`]);
  transport.last.opens().says("1").fails(refused);
  expect(view()).toMatchObject({ endpoint: ways[1], address: ways[0], transport: "sse" });
  await clock.advance(2001);
  transport.last.opens().says("1").says("2").fails(status(410));
  expect(standings()).toEqual([`${ways[0]} used`, `${ways[1]} out`, `${ways[2]} ready`]);
  expect(view()).toMatchObject({ events: 2, duplicates: 1 });
  expect(stats()).toMatchObject({ origin: "https://a.example", transport: "sse" });
  expect(JSON.stringify(streams.views())).not.toContain("canary");
});

it("statistics are numbers and origins only", async () => {
  const { transport, clock, stats, view } = await shown(anEndpoint({ url: secretUrl }));
  transport.last.opens().says("7").fails();
  const waitedS = (view()?.retryDelayMs ?? 0) / 1000;
  await clock.advance(waitedS * 1000);
  transport.last.opens();
  expect(stats()).toEqual({
    id: "orders",
    origin: "https://a.example",
    phase: "open",
    transport: "sse",
    quality: "GOOD",
    proxy: null,
    events: 1,
    bytes: 10,
    attempts: 2,
    successRate: 1,
    unknownFailures: 0,
    duplicates: 0,
    oversized: 0,
    unsaved: 0,
    // The second opening is a mark that waits for its batch.
    waiting: { bytes: 200, mostBytes: expect.any(Number), limitBytes: 16 * 1024 * 1024, pauses: 0 },
    meanIntervalS: 0.03 + waitedS,
    recoveryS: { last: waitedS, p50: waitedS, max: waitedS },
    lastFailure: { family: "PROXY", kind: "ended", status: null },
  });
});

it("statistics before anything happened do not invent any", async () => {
  const { stats } = await shown(anEndpoint({ paused: true }));
  expect(stats()).toMatchObject({
    phase: "idle",
    quality: "UNKNOWN",
    attempts: 0,
    successRate: null,
    meanIntervalS: null,
    recoveryS: { last: null, p50: null, max: null },
    lastFailure: null,
  });
});

it("every stream's history reaches the store within a minute, and the listener is told that time has passed", async () => {
  const { clock, history, told } = await shown(anEndpoint(), anEndpoint({ id: "trades", name: "Trades" }));
  const before = told.changed;
  await clock.advance(120_000);
  expect([...history.kept.keys()].sort()).toEqual(["orders", "trades"]);
  expect(told.changed).toBeGreaterThan(before);
});

it("answers for a stream's history, paused time included, and with nothing for a stranger's", async () => {
  const { streams, clock } = await shown(anEndpoint({ paused: true }));
  await clock.advance(50_000);
  expect(streams.history("orders", "24h").at(-1)?.pausedMs).toBe(50_030);
  expect(streams.history("nobody", "24h")).toEqual([]);
});

it("a history that cannot be read is a problem to be told", async () => {
  const world = streamWorld();
  world.history.kept.set("orders", { version: 1, rings: ["!"] });
  const problems: Code[] = [];
  const streams = ending(new Streams(world, { ...deaf, problem: (one) => void problems.push(one) }));
  await streams.apply([anEndpoint({ id: "trades", name: "Trades" }), anEndpoint()], defaultPolicy);
  expect(problems).toEqual([{ code: "history-damaged", params: {} }]);
});

it("the end closes every connection, writes what is left, keeps the histories, and leaves no timer", async () => {
  const { streams, transport, clock, journal, history } = await shown(anEndpoint());
  transport.last.opens().says("7");
  await clock.advance(3000);
  transport.last.says("8");
  await streams.close();
  await settle();
  expect([transport.last.closed, await journal.cursor("orders"), history.kept.has("orders")]).toEqual([
    true,
    "8",
    true,
  ]);
  const marks = journal.appends.flatMap(({ records }) => records.flatMap((one) => ("mark" in one ? [one.mark] : [])));
  expect([marks, clock.timers]).toEqual([["opened"], 0]);
});

it("a view calls the guesses out that were not the stream's path, once it is found", async () => {
  const { transport, view } = await shown(anEndpoint({ url: "https://a.example/", discover: true }));
  const standings = () => view()?.candidates.map(({ standing }) => standing);
  expect(standings()).toEqual(["used", "ready", "ready", "ready"]);
  transport.last.opens().says("1");
  expect(standings()).toEqual(["used", "out", "out", "out"]);
});

it("a view does not say that retry: made a wait which a Retry-After of before made", async () => {
  const { network, transport, clock, view } = await shown(anEndpoint());
  transport.last.opens().tell({ type: "retry", retryMs: 3000 });
  transport.last.fails();
  await clock.advance(view()?.retryDelayMs ?? 0);
  await clock.advance(30);
  transport.last.fails(status(503, 600_000));
  expect(view()).toMatchObject({ retryRule: "floor", retryAskedMs: 600_000 });
  network.tell({ type: "network", online: false, changed: false, network: "" });
  network.tell({ type: "network", online: true, changed: false, network: "home" });
  expect(view()).toMatchObject({ phase: "waiting", retryRule: "floor", retryAskedMs: null });
});
