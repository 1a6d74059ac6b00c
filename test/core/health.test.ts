/** What the machine says of an open connection: live, silent or held, and that it does not flicker between them. */
import { expect, it } from "vitest";
import type { State } from "../../main/core/connection-state.ts";
import {
  bytes,
  comment,
  connected,
  event,
  opened,
  play,
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
it("bytes that complete nothing for 15 s are held", () => {
  const drip = Array.from({ length: 20 }, (_, i) => at(30_000 + i * 1000, bytes)).flat();
  const heard: Script = [...open, ...beats(1000, 29), ...drip];
  const words = heard.map((_, i) => healthOf(play(heard.slice(0, i + 1)).state));
  expect(words.filter((word, i) => word !== words[i - 1])).toEqual(["connecting", "live", "held"]);
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
