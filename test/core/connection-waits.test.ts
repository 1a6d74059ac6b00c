/** How long the machine waits, what makes it forget failures, and when it dials again. */
import { expect, it } from "vitest";
import { step } from "../../main/core/connection.ts";
import { type Event, initialState } from "../../main/core/connection-state.ts";
import {
  bytes,
  comment,
  connected,
  event,
  failed,
  network,
  opened,
  type Played,
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
const moved: Event = { type: "cursor", lastEventId: "9", generation: 2 };
const delayOf = ({ state }: Played) => (state.link.phase === "waiting" ? state.link.delayMs : null);
const failuresAfter = (...more: Script) =>
  play([[0, start], [1, failed(1)], [3000, timer], [3001, connected(2)], [3002, opened(2)], ...more]).state.failures;

it("does not forget failures because a connection opened, spoke a comment or moved the cursor", () => {
  expect(failuresAfter([3003, bytes(2)], [3003, comment(2)], [3004, moved], [40_000, timer])).toBe(1);
});
it("forgets failures with the first event", () => expect(failuresAfter([3003, event(2)])).toBe(0));
it.each([
  [59_999, 1],
  [60_000, 0],
])("after %s ms open, %s failures are left", (openMs, left) => {
  expect(failuresAfter([3002 + openMs - 1, bytes(2)], [3002 + openMs, timer])).toBe(left);
});
it("sets its timer for the moment when failures are forgotten", () => {
  const { state } = play([
    [0, start],
    [1, failed(1)],
    [3000, timer],
    [3001, connected(2)],
    [3002, opened(2)],
    [50_000, bytes(2)],
    [50_000, comment(2)],
    [50_001, timer],
  ]);
  expect(state.timerAt).toBe(63_002);
});

it.each([
  [0, 500],
  [1, 500],
  [500, 500],
  [3000, 3000],
  [60_000, 60_000],
  [2 ** 31, 60_000],
  [1e20, 60_000],
  [Number.POSITIVE_INFINITY, 60_000],
])("takes retry: %s as a floor of %s ms", (sent, floor) => {
  const played = (random: number) =>
    delayOf(play([...open, [30, retry(1, sent)], [40, failed(1, { what: "end" })]], policy, random));
  expect(played(0)).toBe(floor);
  expect(played(0.999_999)).toBeLessThanOrEqual(Math.max(2000, floor * 1.25));
});

it("connects at most 8 times in a minute to a server that sends retry: 0 and closes at once", () => {
  let [state] = step(policy, initialState, start, { now: 0, random: 0 });
  let connects = 1;
  for (let now = 0; now < 60_000; now += 50) {
    const effects = [];
    for (const one of [connected, opened, (g: number) => retry(g, 0), (g: number) => failed(g, { what: "end" })]) {
      const [next, done] = step(policy, state, one(state.generation), { now, random: 0.5 });
      state = next;
      effects.push(...done);
    }
    const [next, done] = step(policy, state, timer, { now, random: 0.5 });
    state = next;
    connects += [...effects, ...done].filter((e) => e.type === "connect").length;
  }
  expect(connects).toBeLessThanOrEqual(8);
});

it("waits as long as Retry-After says, spread by a quarter, and takes the longer of it and retry:", () => {
  const script: Script = [...open, [25, retry(1, 3000)], [30, failed(1, status(503, 7000))]];
  expect(delayOf(play(script, policy, 0))).toBe(7000);
  expect(delayOf(play(script, policy, 0.999_999))).toBe(8750);
});
it("keeps the wait when a timer comes early, and sets it again", () => {
  const { state, last } = play([
    [0, start],
    [1, failed(1)],
    [100, timer],
  ]);
  expect(state.link.phase).toBe("waiting");
  expect(last).toEqual([{ type: "setTimer", at: (state.link as { until: number }).until }]);
});
it("dials at once when a machine that slept wakes after the wait was over", () => {
  expect(
    words(
      play([
        [0, start],
        [1, failed(1)],
        [9_999_999, timer],
      ]).last,
    ),
  ).toBe("connect 2");
});
it("never numbers a connection twice", () => {
  const { effects } = play([
    [0, start],
    [1, stop],
    [2, start],
    [3, retryNow],
    [4, network(false)],
    [5, network(true)],
    [6, retryNow],
  ]);
  const numbers = effects.flatMap((e) => (e.type === "connect" ? [e.generation] : []));
  expect(numbers).toEqual([1, 2, 3, 4, 5]);
});
it("keeps what the server said about reconnecting over a stop", () => {
  expect(play([...open, [30, retry(1, 9000)], [40, stop]]).state).toMatchObject({ retryMs: 9000, failures: 0 });
});
