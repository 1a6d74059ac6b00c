/** What ends an attempt or a stream: deadlines, the idle watchdog, final answers, requests that must not be repeated. */
import { expect, it } from "vitest";
import { idleTimeoutMs } from "../../main/core/health.ts";
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
  retryNow,
  type Script,
  start,
  status,
  timer,
  words,
} from "./play.ts";

const open: Script = [
  [0, start],
  [10, connected(1)],
  [20, opened(1)],
];
const kindOf = ({ state }: Played) => ("failure" in state.link ? state.link.failure.kind : state.link.phase);
it.each([
  [
    "the connection takes 10 s",
    [
      [0, start],
      [9999, timer],
    ],
    "connecting",
  ],
  [
    "no connection stands after 10 s",
    [
      [0, start],
      [10_000, timer],
    ],
    "connect-timeout",
  ],
  [
    "headers take 15 s",
    [
      [0, start],
      [9000, connected(1)],
      [14_999, timer],
    ],
    "connecting",
  ],
  [
    "no headers are there after 15 s",
    [
      [0, start],
      [9000, connected(1)],
      [15_000, timer],
    ],
    "headers-timeout",
  ],
  [
    "a redirect connects again",
    [
      [0, start],
      [10, connected(1)],
      [9000, connected(1)],
      [15_000, timer],
    ],
    "headers-timeout",
  ],
  ["an open stream is silent for 300 s", [...open, [300_019, timer]], "open"],
  ["an open stream is silent for longer", [...open, [300_020, timer]], "idle-timeout"],
] as [string, Script, string][])("when %s: %s", (_, script, kind) => {
  expect(kindOf(play(script))).toBe(kind);
});
it("lets the headers' deadline rule when it is the shorter one", () => {
  const rules = { ...policy, connectTimeoutMs: 10_000, headersTimeoutMs: 300 };
  const played = play([[0, start]], rules);
  expect(played.last).toContainEqual({ type: "setTimer", at: 300 });
  expect(
    kindOf(
      play(
        [
          [0, start],
          [300, timer],
        ],
        rules,
      ),
    ),
  ).toBe("headers-timeout");
});

/** A heartbeat every `gapMs`, `n` times. */
const beats = (gapMs: number, n: number, from = 20): Script =>
  Array.from({ length: n }, (_, i) => from + (i + 1) * gapMs).flatMap(
    (at): Script => [
      [at, bytes(1)],
      [at, comment(1)],
    ],
  );

it("learns the rhythm: three times its p95 gap, never under 15 s", () => {
  const { state } = play([...open, ...beats(1000, 30)]);
  expect(idleTimeoutMs(policy, state.rhythm)).toBe(15_000);
  const slow = idleTimeoutMs(policy, play([...open, ...beats(20_000, 30)]).state.rhythm);
  expect(slow).toBeGreaterThanOrEqual(60_000);
  expect(slow).toBeLessThanOrEqual(3 * 20_000 * Math.SQRT2 + 3);
});
it("does not take the wait for the first byte as part of the rhythm", () => {
  expect(play([...open, [9000, bytes(1)], [9000, event(1)]]).state.rhythm.gaps).toBe(0);
});
it.each([1, 700, 3_600_000])("takes the user's idle timeout of %s ms as given", (idle) => {
  const rules = { ...policy, idleTimeoutMs: idle };
  const heard: Script = [...open, ...beats(1000, 20)];
  expect(idleTimeoutMs(rules, play(heard, rules).state.rhythm)).toBe(idle);
  expect(kindOf(play([...open, [20 + idle - 1, timer]], rules))).toBe("open");
  expect(kindOf(play([...open, [20 + idle, timer]], rules))).toBe("idle-timeout");
});
it("forgets the rhythm after a watchdog that was wrong", () => {
  const learned: Script = [...open, ...beats(1000, 30)];
  const { state } = play([...learned, [45_020, timer]]);
  expect(kindOf({ state } as Played)).toBe("idle-timeout");
  expect(idleTimeoutMs(policy, state.rhythm)).toBe(300_000);
});

it.each([
  ["a 401 that follows a 401", [401, 401], "unauthorized"],
  ["a 403 that follows a 401", [401, 403], "forbidden"],
  ["a 404 at an address that never worked", [404], "not-found"],
  ["a 204", [204], "no-content"],
])("halts at %s", (_, codes, kind) => {
  const script: Script = codes.flatMap(
    (code, i): Script => [
      [i * 70_000, i === 0 ? start : timer],
      [i * 70_000 + 1, failed(i + 1, status(code))],
    ],
  );
  const { state } = play(script);
  expect(state.link).toMatchObject({ phase: "halted", failure: { kind, final: true } });
});
it("gives a refused credential one more chance", () => {
  expect(
    play([
      [0, start],
      [1, failed(1, status(401))],
    ]).state.link.phase,
  ).toBe("waiting");
});
it("counts refusals anew after an event", () => {
  const between: Script = [
    [0, start],
    [1, failed(1, status(401))],
    [9000, timer],
    [9001, opened(2)],
    [9002, event(2)],
    [9003, failed(2, status(401))],
  ];
  expect(play(between).state.link.phase).toBe("waiting");
});
it("does not take a 404 for final where a stream was", () => {
  expect(play([...open, [30, failed(1)], [9000, timer], [9001, failed(2, status(404))]]).state.link.phase).toBe(
    "waiting",
  );
});

const once = { ...policy, repeatable: false };
it.each([
  [
    "failed before it was sent",
    [
      [0, start],
      [1, failed(1)],
    ],
    "waiting",
  ],
  [
    "could not connect in time",
    [
      [0, start],
      [10_000, timer],
    ],
    "waiting",
  ],
  [
    "failed after it was sent",
    [
      [0, start],
      [1, connected(1)],
      [2, failed(1)],
    ],
    "halted",
  ],
  [
    "got no headers",
    [
      [0, start],
      [1, connected(1)],
      [15_000, timer],
    ],
    "halted",
  ],
  ["ended", [...open, [30, failed(1, { what: "end" })]], "halted"],
  ["lost its network after it was sent", [...open, [30, network(false)]], "halted"],
  [
    "lost its network before it was sent",
    [
      [0, start],
      [1, network(false)],
    ],
    "offline",
  ],
] as [string, Script, string][])("a request that must not be repeated and %s is %s", (_, script, phase) => {
  const { state } = play(script, once);
  expect(state.link.phase).toBe(phase);
  if (state.link.phase === "halted") expect(state.link.failure).toMatchObject({ kind: "not-repeatable", final: true });
});
it("repeats it when the user asks", () => {
  expect(words(play([...open, [30, failed(1)], [40, retryNow]], once).last)).toBe("connect 2");
});
