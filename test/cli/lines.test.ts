/** The lines of `watch`: what a state line says of the way that is taken, and how a gap is told. */
import { expect, it } from "vitest";
import { gapLine, type Line, prettyLine, stateLine } from "../../main/cli/lines.ts";
import { initialState, type State } from "../../main/core/connection/connection-state.ts";
import { words } from "../../preload/words.ts";
import { aPlan } from "../fakes/stream-world.ts";

const at = "2026-11-22T09:30:00.000Z";
const url = "https://a.example/orders";
const proxy = "http://proxy.example:3128";
const way = { url, endpoint: "wss://b.example/socket", transport: "websocket", quality: "FAIR", proxy } as const;
const idle = initialState(aPlan().policy);
const failure = {
  family: "SERVER",
  kind: "too-many-requests",
  status: 429,
  final: false,
  retryAfterMs: 5000,
  params: { status: 429 },
} as const;
const waiting: State = {
  ...idle,
  failures: 3,
  link: { phase: "waiting", failure, candidate: 0, delayMs: 5250, until: 9, rule: "floor" },
};

it("a state line says the address it was asked for by, the one that is used, how, by which proxy, and how good", () => {
  expect(stateLine(idle, way, at)).toEqual({
    kind: "state",
    at,
    phase: "idle",
    attempt: 0,
    url,
    endpoint: "wss://b.example/socket",
    transport: "websocket",
    proxy,
    failure: null,
    retryInMs: null,
    health: "silent",
    quality: "FAIR",
  });
});

it("a state line of one who waits says why and how long, and nothing of the server's own wish", () => {
  const line = stateLine(waiting, way, at);
  expect(line).toMatchObject({ phase: "waiting", attempt: 3, retryInMs: 5250 });
  expect(line.failure).toEqual({
    family: "SERVER",
    kind: "too-many-requests",
    status: 429,
    final: false,
    params: { status: 429 },
  });
});

it.each([
  [
    { reason: "ids-missing", from: "6", to: "9", missing: 2 },
    { from: "6", to: "9", reason: "ids-missing", params: { missing: 2 } },
  ],
  [
    { reason: "id-not-sent", from: "7" },
    { from: "7", to: null, reason: "id-not-sent", params: {} },
  ],
  [
    { reason: "no-ids", fromAt: 1, toAt: 2 },
    { from: null, to: null, reason: "no-ids", params: { fromAt: 1, toAt: 2 } },
  ],
  [
    { reason: "event-too-large", from: "", bytes: 9 },
    { from: null, to: null, reason: "event-too-large", params: { bytes: 9 } },
  ],
])("a gap mark %j becomes a line with its ends and the rest beside them", (params, expected) => {
  expect(gapLine(params, at)).toEqual({ kind: "gap", at, ...expected });
});

it.each<["en" | "zh-CN", RegExp, RegExp]>([
  ["en", /Waiting.*next attempt in 5\.\d s/, /2 events after 6 never came/],
  ["zh-CN", /5\.\d/, /6.*2|2.*6/],
])("for people it says the same in %s", (locale, wait, gap) => {
  const speak = words(locale);
  const lines: Line[] = [
    stateLine(waiting, way, at),
    gapLine({ reason: "ids-missing", from: "6", to: "9", missing: 2 }, at),
    stateLine(idle, way, at),
  ];
  const [first = "", second, third] = lines.map((line) => prettyLine(line, speak));
  expect([first, second]).toEqual([expect.stringMatching(wait), expect.stringMatching(gap)]);
  expect(first).not.toMatch(/too-many-requests|cli\.|failure\./);
  expect(third).toContain("wss://b.example/socket");
});
