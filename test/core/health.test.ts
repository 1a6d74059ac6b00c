/** What the machine says of an open connection: live, silent or held, and that it does not flicker between them. */
import { expect, it } from "vitest";
import type { State } from "../../main/core/connection/connection-state.ts";
import { healthLimits, idleTimeoutMs, healthOf as judged, muteAt } from "../../main/core/connection/health.ts";
import { observeGap, unknownRhythm } from "../../main/core/connection/rhythm.ts";
import {
  bytes,
  comment,
  connected,
  event,
  linkIn,
  opened,
  play,
  player,
  policy,
  type Script,
  settled,
  start,
  timer,
  unread,
} from "./play.ts";

const open: Script = [
  [0, start],
  [0, connected(1)],
  [0, opened(1)],
];
const at = (ms: number, ...what: ((g: number) => Script[number][1])[]): Script =>
  what.map((one) => [ms, one(1)] as const);
const beats = (gapMs: number, n: number): Script =>
  Array.from({ length: n }, (_, i) => at((i + 1) * gapMs, bytes, event)).flat();
const healthOf = ({ link }: State) => (link.phase === "open" ? link.health : link.phase);

/** Runs the machine's own timer to `end` and lists what it said, when it changed. */
function seen(script: Script, end: number): string[] {
  let { state } = play(script);
  const said: string[] = [];
  const say = (now: number) => {
    const word = healthOf(state);
    if (said.at(-1)?.split(" ")[0] !== word) said.push(`${word} ${now}`);
  };
  say(script.at(-1)?.[0] ?? 0);
  while (state.timerAt !== null && state.timerAt <= end) {
    const now = state.timerAt;
    state = play([[now, timer]], policy, 0.5, state).state;
    say(now);
    if (state.link.phase !== "open") break;
  }
  return said;
}

it("a stream of which nothing is known is live for a minute, then silent, then given up", () => {
  expect(seen([...open, ...at(100, bytes, event)], 400_000)).toEqual(["live 100", "silent 60100", "waiting 300100"]);
});
it("a stream that speaks each second is silent after 5 s without a byte and given up after 15 s", () => {
  expect(seen([...open, ...beats(1000, 30)], 99_000)).toEqual(["live 30000", "silent 35000", "waiting 45000"]);
});
it("half an event of which nothing more comes for 15 s is held, and a large one on a slow line is not", () => {
  const drip = Array.from({ length: 40 }, (_, i) => at(30_000 + i * 1000, bytes)).flat();
  const heard: Script = [...open, ...beats(4000, 7), ...drip];
  const words = heard.map((_, i) => healthOf(play(heard.slice(0, i + 1)).state));
  expect(words.filter((word, i) => word !== words[i - 1])).toEqual(["connecting", "live"]);
  const known = play([...open, ...beats(20_000, 7), ...at(150_000, bytes)]).state;
  expect([164_999, 165_000].map((now) => healthOf(play([[now, timer]], policy, 0.5, known).state))).toEqual([
    "live",
    "held",
  ]);
});
it("a stream that is known to speak often, and is mute from the start, is held after 15 s", () => {
  const known = play([...open, ...beats(1000, 30)]).state;
  const again = play(
    [
      [31_000, { type: "retryNow" }],
      [31_000, connected(2)],
      [31_000, opened(2)],
    ],
    { ...policy, idleTimeoutMs: 60_000 },
    0.5,
    known,
  ).state;
  const later = (ms: number) =>
    healthOf(play([[31_000 + ms, timer]], { ...policy, idleTimeoutMs: 60_000 }, 0.5, again).state);
  expect([later(4999), later(5000), later(14_999), later(15_000)]).toEqual(["live", "silent", "silent", "held"]);
});
it("a stream of unknown rhythm that is mute from the start is not called held", () => {
  expect(seen(open, 299_000)).toEqual(["live 0", "silent 60000"]);
});
it("an event makes it live at once, whatever it was", () => {
  for (const quietMs of [4000, 8000, 14_000]) {
    const { state } = play([
      ...open,
      ...beats(1000, 30),
      [30_000 + quietMs, timer],
      ...at(30_001 + quietMs, bytes, event),
    ]);
    expect(healthOf(state)).toBe("live");
  }
});
it.each([100, 1000, 4000, 20_000])("a stream with a heartbeat every %s ms is never anything but live", (gapMs) => {
  let state = play(open).state;
  for (let beat = 1; beat <= 60; beat++) {
    const now = beat * gapMs;
    while (state.timerAt !== null && state.timerAt < now) {
      state = play([[state.timerAt, timer]], policy, 0.5, state).state;
      expect(healthOf(state)).toBe("live");
    }
    state = play(
      [
        [now, bytes(1)],
        [now, comment(1)],
      ],
      policy,
      0.5,
      state,
    ).state;
    expect(healthOf(state)).toBe("live");
  }
});
it("an event in two pieces is not held for the moment between them", () => {
  expect(healthOf(play([...open, ...beats(1000, 30), ...at(30_500, bytes), ...at(30_600, bytes, event)]).state)).toBe(
    "live",
  );
});
it("a heartbeat that is no event is nothing that is held back", () => {
  const pings = Array.from({ length: 30 }, (_, i) => at(1000 * (i + 1), bytes, settled)).flat();
  expect(seen([...open, ...pings], 34_000)).toEqual(["live 30000"]);
});
it("time in which we did not read is not held against the path", () => {
  const script = [...open, ...beats(1000, 30), ...at(30_100, bytes), ...at(44_000, unread)];
  expect(healthOf(play([...script, [46_000, timer]]).state)).toBe("live");
});

it("time in which we did not read begins nothing", () => {
  const { state } = play([...open, ...beats(1000, 30), ...at(44_000, unread)]);
  expect(linkIn(state, "open")).toMatchObject({ byteAt: 44_000, pendingSince: null });
  const waited = play([...open, ...beats(1000, 30), ...at(30_100, bytes), ...at(44_000, unread)]).state;
  expect(linkIn(waited, "open")).toMatchObject({ byteAt: 44_000, pendingSince: 44_000 });
});

/* ── the limits by themselves ─────────────────────────────────────────────────────────────────── */

const never = Number.POSITIVE_INFINITY;
/** A rhythm of which nothing but its p95 is asked. */
const beating = (p95Ms: number) => ({ ...unknownRhythm, p95Ms });
/** Open since 1000, last byte at 2000. */
const quiet = { ...linkIn(play(open).state, "open"), openedAt: 1000, byteAt: 2000, wordAt: 2000 };
const untouched = { ...quiet, byteAt: 1000, greeted: false, wordAt: null };
const half = { ...quiet, pendingSince: 1500 };

it.each([
  [null, null, 300_000],
  [1000, null, 15_000],
  [5000, null, 15_000],
  [5001, null, 15_003],
  [60_000, null, 180_000],
  [60_000, 700, 700],
  [null, 3_600_000, 3_600_000],
])("with a p95 gap of %s ms and a setting of %s the connection is given up after %s ms", (p95, setting, expected) => {
  expect(idleTimeoutMs({ idleTimeoutMs: setting }, p95 === null ? unknownRhythm : beating(p95))).toBe(expected);
});
it.each([
  [null, null, 62_000],
  [1000, null, 7000],
  [2500, null, 7000],
  [2501, null, 7002],
  [30_000, null, 62_000],
  [30_000, 700, 2700],
])("with a p95 gap of %s ms and a setting of %s it is silent from %s on", (p95, setting, expected) => {
  const rhythm = p95 === null ? unknownRhythm : beating(p95);
  expect(healthLimits({ ...policy, idleTimeoutMs: setting }, quiet, rhythm).silentAt).toBe(expected);
});
it.each([
  ["half an event is here", half, unknownRhythm, never, 17_000],
  ["half an event is here, in a stream that speaks seldom", half, beating(60_000), never, 17_000],
  ["it has spoken", quiet, beating(1000), 0, never],
  ["it has not spoken, and nothing is known of it", untouched, unknownRhythm, never, never],
  ["it has not spoken, and there is another way", untouched, unknownRhythm, 0, 16_000],
  ["it has not spoken, and the path is trusted for a while", untouched, unknownRhythm, 90_000, 90_000],
  ["it has not spoken, and speaks at least every 5 s", untouched, beating(5000), never, 16_000],
  ["it has not spoken, and speaks a little less often", untouched, beating(5001), never, never],
] as const)("where %s, it is suspected of being mute from then on", (_, link, rhythm, suspectAt, expected) => {
  expect(muteAt(link, rhythm, suspectAt)).toBe(expected);
});
it("is held rather than silent, and live before either", () => {
  const rules = { ...policy, idleTimeoutMs: 600_000 };
  const at = (now: number) => judged(rules, half, beating(30_000), now);
  expect([at(16_999), at(17_000), at(999_999)]).toEqual(["live", "held", "held"]);
  expect(judged(rules, quiet, beating(1000), 6999)).toBe("live");
  expect(judged(rules, quiet, beating(1000), 7000)).toBe("silent");
});
it("learns the rhythm from the machine's own bytes", () => {
  const { state } = play([...open, ...beats(1000, 30)]);
  const gaps = new Array<number>(29).fill(1000).reduce(observeGap, unknownRhythm);
  expect(state.rhythm).toEqual(gaps);
});

/* ── a stream that is silent by its own habit ─────────────────────────────────────────────────── */

/** A day of a stream without heartbeats that is silent between bursts. @returns moments at which the watchdog ended it */
function lostInADay({ everyMs, burstMs, greets }: { everyMs: number; burstMs: number; greets: boolean }): number[] {
  const one = player(policy, { random: 0.5 });
  const losses: number[] = [];
  one.take(start);
  while (one.now < 86_400_000) {
    const { link } = one.state;
    if (link.phase === "connecting") {
      one.opens(false);
      if (greets) one.hear(bytes, comment);
    }
    if (link.phase === "open" && one.now % everyMs < burstMs) one.hear(bytes, event);
    one.pass(500);
    if (link.phase === "open" && one.state.link.phase === "waiting") losses.push(one.now);
  }
  return losses;
}
it.each([
  ["bursts of 20 s every 10 minutes", { everyMs: 600_000, burstMs: 20_000, greets: false }, 2],
  ["bursts of 20 s every 10 minutes after a greeting", { everyMs: 600_000, burstMs: 20_000, greets: true }, 2],
  ["one event every half hour", { everyMs: 1_800_000, burstMs: 500, greets: false }, 3],
  ["one event every half hour after a greeting", { everyMs: 1_800_000, burstMs: 500, greets: true }, 3],
  ["bursts of a minute every hour", { everyMs: 3_600_000, burstMs: 60_000, greets: false }, 5],
])("%s are not taken for losses, once they are known", (_, habit, most) => {
  const losses = lostInADay(habit);
  expect(losses.length).toBeLessThanOrEqual(most);
  expect(Math.max(0, ...losses)).toBeLessThanOrEqual(2 * habit.everyMs);
});
