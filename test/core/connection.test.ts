/** The connection machine: every phase against every event, and the last words of dead connections. */
import { expect, it } from "vitest";
import { step } from "../../main/core/connection.ts";
import type { Event, State } from "../../main/core/connection-state.ts";
import {
  bytes,
  comment,
  connected,
  event,
  failed,
  network,
  opened,
  play,
  policy,
  retry,
  retryNow,
  type Script,
  start,
  status,
  stop,
  timer,
  words,
} from "./play.ts";

const open: Script = [
  [0, start],
  [10, connected(1)],
  [20, opened(1)],
];
const until: Record<State["link"]["phase"], Script> = {
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
const still = { idle: "idle", offline: "offline", halted: "halted", waiting: "waiting" };
const own = { connected: connected(1), opened: opened(1), bytes: bytes(1), event: event(1), comment: comment(1) };
const events: Record<string, Event> = {
  start,
  stop,
  retryNow,
  timer,
  online: network(true),
  offline: network(false),
  ...own,
  retry: retry(1, 1000),
  cursor: { type: "cursor", lastEventId: "9", generation: 1 },
  skipped: { type: "skipped", reason: "event-too-large", bytes: 9, generation: 1 },
  failed: failed(1),
  final: failed(1, status(410)),
};
const ofNobody = ["connected", "opened", "bytes", "event", "comment", "retry", "cursor", "skipped", "failed", "final"];
const ignoring = (phase: keyof typeof still) => Object.fromEntries(ofNobody.map((name) => [name, still[phase]]));
const taken = (phase: string, names: string[]) => Object.fromEntries(names.map((name) => [name, phase]));
const table: Record<State["link"]["phase"], Record<string, string>> = {
  idle: {
    start: "connecting: connect 1",
    stop: "idle",
    retryNow: "idle",
    timer: "idle",
    online: "idle",
    offline: "idle",
    ...ignoring("idle"),
  },
  offline: {
    start: "offline",
    stop: "idle",
    retryNow: "connecting: connect 2",
    timer: "offline",
    online: "connecting: connect 2",
    offline: "offline",
    ...ignoring("offline"),
  },
  halted: {
    start: "halted",
    stop: "idle",
    retryNow: "connecting: connect 2",
    timer: "halted",
    online: "halted",
    offline: "halted",
    ...ignoring("halted"),
  },
  waiting: {
    start: "waiting",
    stop: "idle",
    retryNow: "connecting: connect 2",
    timer: "waiting",
    online: "waiting",
    offline: "offline",
    ...ignoring("waiting"),
  },
  connecting: {
    start: "connecting",
    stop: "idle: disconnect 1",
    retryNow: "connecting: disconnect 1, connect 2",
    timer: "connecting",
    online: "connecting",
    offline: "offline: disconnect 1",
    opened: "open",
    ...taken("connecting", ["connected", "bytes", "event", "comment", "retry", "cursor", "skipped"]),
    failed: "waiting: disconnect 1",
    final: "halted: disconnect 1",
  },
  open: {
    start: "open",
    stop: "idle: disconnect 1",
    retryNow: "connecting: disconnect 1, connect 2",
    timer: "open",
    online: "open",
    offline: "offline: disconnect 1",
    ...taken("open", ["connected", "opened", "bytes", "event", "comment", "retry", "cursor", "skipped"]),
    failed: "waiting: disconnect 1",
    final: "halted: disconnect 1",
  },
};
const rows = Object.entries(table).flatMap(([phase, row]) =>
  Object.entries(row).map(([name, then]) => ({ phase, name, then })),
);

it.each(rows)("$phase, then $name → $then", ({ phase, name, then }) => {
  const before = play(until[phase as State["link"]["phase"]]).state;
  const [after, effects] = step(policy, before, events[name] as Event, { now: 1001, random: 0.5 });
  expect([after.link.phase, words(effects)].filter(Boolean).join(": ")).toBe(then);
});

it("has a row for every phase and every event", () => {
  expect(rows).toHaveLength(6 * Object.keys(events).length);
});

it.each(ofNobody)("ignores %s of a dead connection", (name) => {
  const { state } = play([...open, [30, failed(1)], [2000, timer], [2001, connected(2)], [2002, opened(2)]]);
  expect(state.link).toMatchObject({ phase: "open", generation: 2 });
  expect(step(policy, state, events[name] as Event, { now: 2003, random: 0.5 })).toEqual([state, []]);
});
