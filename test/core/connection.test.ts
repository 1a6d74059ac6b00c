/** The connection machine: every phase against every event, and whose words count. */
import { expect, it } from "vitest";
import { step } from "../../main/core/connection/connection.ts";
import { type Event, type Link, sliceOf } from "../../main/core/connection/connection-state.ts";
import {
  broken,
  bytes,
  comment,
  connected,
  cursor,
  dialling,
  event,
  failed,
  group,
  network,
  open,
  opened,
  parsed,
  play,
  player,
  policy,
  retry,
  retryNow,
  type Script,
  settled,
  skipped,
  start,
  status,
  stop,
  suspend,
  timer,
  unread,
  wake,
  words,
} from "./play.ts";

const until: Record<Link["phase"], Script> = {
  idle: [],
  offline: [
    [0, start],
    [1, network(false)],
  ],
  halted: [
    [0, start],
    [1, failed(1, status(204))],
  ],
  waiting: [
    [0, start],
    [1, failed(1)],
  ],
  connecting: [[0, start]],
  open,
};

// Every phase against every event, 1 s later: the phase that follows, and what is done.
const told: Record<string, Event> = {
  dialling: dialling(1),
  connected: connected(1),
  opened: opened(1),
  bytes: bytes(1),
  event: event(1),
  comment: comment(1),
  cursor: cursor(1),
  settled: settled(1),
  unread: unread(1),
  skipped: skipped(1),
  retry: retry(1, 1000),
  failed: failed(1),
  final: failed(1, status(410)),
};
const events: Record<string, Event> = {
  start,
  stop,
  retryNow,
  timer,
  suspend,
  wake: wake(20_000),
  stall: wake(2000),
  online: network(true),
  changed: network(true, true),
  offline: network(false),
  ...told,
};
const all = (names: readonly string[], then: string) => Object.fromEntries(names.map((name) => [name, then]));
const ofNobody = Object.keys(told);
const news = ["timer", "suspend", "wake", "stall", "online", "changed", "offline"];
const table: Record<Link["phase"], Record<string, string>> = {
  idle: {
    ...all([...news, ...ofNobody, "stop", "retryNow"], "idle"),
    start: "connecting: connect 1",
  },
  offline: {
    ...all([...news, ...ofNobody, "start"], "offline"),
    stop: "idle",
    retryNow: "connecting: connect 2",
    online: "waiting",
    changed: "waiting",
  },
  halted: {
    ...all([...news, ...ofNobody, "start"], "halted"),
    stop: "idle",
    retryNow: "connecting: connect 2",
  },
  waiting: {
    ...all([...news, ...ofNobody, "start"], "waiting"),
    stop: "idle",
    retryNow: "connecting: connect 2",
    offline: "offline",
  },
  connecting: {
    ...all([...news, ...ofNobody, "start"], "connecting"),
    stop: "idle: disconnect 1",
    retryNow: "connecting: disconnect 1, connect 2",
    offline: "offline: disconnect 1",
    changed: "waiting: disconnect 1",
    opened: "open",
    failed: "waiting: disconnect 1",
    final: "halted: disconnect 1",
  },
  open: {
    ...all([...news, ...ofNobody, "start"], "open"),
    stop: "idle: disconnect 1",
    retryNow: "connecting: disconnect 1, connect 2",
    offline: "offline: disconnect 1",
    wake: "open: probe 2",
    changed: "open: probe 2",
    event: "open: remember 0",
    failed: "waiting: disconnect 1",
    final: "halted: disconnect 1",
  },
};
const rows = Object.entries(table).flatMap(([phase, row]) =>
  Object.entries(row).map(([name, then]) => ({ phase, name, then })),
);

it.each(rows)("$phase, then $name → $then", ({ phase, name, then }) => {
  const before = play(until[phase as Link["phase"]]).state;
  const [after, effects] = step(policy, before, events[name] as Event, { now: 1001, random: 0.5 });
  expect([after.link.phase, words(effects)].filter(Boolean).join(": ")).toBe(then);
});

it("has a row for every phase and every event", () => {
  expect(rows).toHaveLength(6 * Object.keys(events).length);
});

const wider: Record<string, Event> = { ...told, refused: failed(1, broken("ECONNRESET", "body")) };

it.each(Object.keys(wider))("ignores %s of a dead connection", (name) => {
  const one = player();
  one.take(start);
  one.opens();
  one.failsAndRedials();
  one.opens(false);
  expect(one.state.link).toMatchObject({ phase: "open", generation: 2 });
  expect(step(policy, one.state, wider[name] as Event, { now: one.now + 1, random: 0.5 })).toEqual([one.state, []]);
});

it.each(Object.keys(wider))("ignores %s of a probe that was ended", (name) => {
  const one = player();
  one.take(start);
  one.opens();
  one.take(network(true, true));
  one.pass(1000);
  one.hear(bytes, event);
  expect(one.state.probe).toBeNull();
  const of2 = { ...(wider[name] as Event), generation: 2 } as Event;
  expect(step(policy, one.state, of2, { now: one.now + 1, random: 0.5 })).toEqual([one.state, []]);
});

it.each(Object.keys(told).filter((name) => name !== "failed" && name !== "final"))(
  "a probe's %s changes nothing of the open connection, its rhythm or its quality",
  (name) => {
    const one = player(group(["a", "b"]), { random: 0 });
    one.take(start);
    one.failsAndRedials();
    one.opens();
    for (let beat = 0; one.state.probe === null && beat < 60; beat++) {
      one.pass(1000);
      if (one.state.probe === null) one.hear(bytes, comment);
    }
    const { link, rhythm, quality, failures, outageSince } = one.state;
    one.probe(opened, (g) => ({ ...(told[name] as Event), generation: g }) as Event);
    expect(one.state).toMatchObject({ link, rhythm, quality, failures, outageSince });
  },
);

it("does not count what a probe hears as events of the stream", () => {
  const stamped = { ...parsed, stampedAt: 5 };
  const one = player();
  one.take(start);
  one.opens();
  one.take(network(true, true));
  one.probe(dialling, connected, opened, (g) => ({ ...sliceOf([stamped]), generation: g }));
  expect(one.state.link).toMatchObject({ generation: 1, events: 1 });
  expect(one.state.quality.lag).toBeNull();
});

it("never numbers a connection twice, probes included", () => {
  const { effects } = play([
    [0, start],
    [1, stop],
    [2, start],
    [3, retryNow],
    [4, opened(3)],
    [5, network(true, true)],
    [6, network(false)],
    [7, network(true)],
    [8, retryNow],
  ]);
  const numbers = effects.flatMap((e) => (e.type === "connect" || e.type === "probe" ? [e.generation] : []));
  expect(numbers).toEqual([1, 2, 3, 4, 5]);
});

it("leaves the state it was given as it was", () => {
  const one = player(group(["a", "b", "ws:w"]));
  const kept: [string, unknown][] = [];
  const keep = () => kept.push([JSON.stringify(one.state), one.state]);
  keep();
  one.take(start);
  keep();
  for (let i = 0; i < 8; i++) {
    one.failsAndRedials();
    keep();
  }
  one.opens();
  keep();
  one.pass(120_000);
  keep();
  for (const [text, state] of kept) expect(JSON.stringify(state)).toBe(text);
});
