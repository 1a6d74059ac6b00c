/** Paths that greet and hold the rest back, and the way back from one that says nothing to one that speaks. What a word proves: suspicion. */
import { expect, it } from "vitest";
import type { Policy } from "../../main/core/connection/connection-state.ts";
import { begun, hour, lives, minute, type Path } from "./lives.ts";
import {
  broken,
  bytes,
  candidate,
  failing,
  group,
  linkIn,
  network,
  type Player,
  refused,
  retryNow,
  status,
} from "./play.ts";

const pair = group(["a", "b"]);
const withSocket = group(["a", "ws:w"]);

/* ── a greeting ───────────────────────────────────────────────────────────────────────────────── */

it.each<[string, readonly Path[]]>([
  ["a comment", ["greets", { eventS: 20, greets: true }]],
  ["a `retry:`", ["asks for retry", { eventS: 20 }]],
])("leaves a path that greets with %s and then holds everything back", (_, paths) => {
  for (const rules of [pair, withSocket]) {
    const { events } = lives(begun(rules), paths, 6 * hour);
    expect(events).toBeGreaterThan((6 * hour - 5 * minute) / 20_000 - 5);
  }
});
it("leaves it, too, when it carried before, and does not go back to it for a greeting", () => {
  const one = begun(pair);
  const good = { eventS: 20, greets: true };
  lives(one, [good, good], hour);
  one.hear(failing(broken("ECONNRESET", "body")));
  const { events, shares } = lives(one, ["greets", good], 6 * hour);
  expect(events).toBeGreaterThan((6 * hour - 5 * minute) / 20_000 - 5);
  expect(shares[1]).toBeGreaterThan(0.98);
  lives(one, [good, good], hour);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it.each([4, 14, 15, 30])("takes a heartbeat each %s s for a word as soon as one comes after the greeting", (beatS) => {
  const one = begun(pair);
  const { shares } = lives(one, [{ beatS, greets: true }, { eventS: 20 }], 2 * hour);
  expect(shares[0]).toBeGreaterThan(0.99);
  lives(one, ["greets", { beatS, greets: true }], minute);
  one.hear(failing(broken("ECONNRESET", "body")));
  lives(one, ["greets", { beatS, greets: true }], hour);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  lives(
    one,
    [
      { beatS, greets: true },
      { beatS, greets: true },
    ],
    2 * hour,
  );
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it.each<[number, Policy]>([
  [300, pair],
  [3600, pair],
  [300, withSocket],
  [3600, withSocket],
])("holds a quiet stream that greets, of an event each %s s", (eventS, rules) => {
  const paths = [
    { eventS, greets: true },
    { eventS, greets: true },
  ];
  const { events, waited } = lives(begun(rules), paths, 24 * hour);
  // One that falls into a change of paths is not brought again here.
  expect(events).toBeGreaterThan((24 * 3600) / eventS - 5);
  expect(waited).toBeLessThan(0.01);
});
it("does not learn from a greeting that the stream speaks more often than it does", () => {
  const one = begun(pair);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 60_000 });
  lives(one, [{ eventS: 300, greets: true }, "mute"], 4 * hour);
  expect(one.state.rhythm.p95Ms).toBeGreaterThan(200_000);
});

/* ── turns, and the way back from them ────────────────────────────────────────────────────────── */

it("gives each of several mute paths its turn beside one that only fails", () => {
  const one = begun(group(["a", "b", "c"]));
  const { events } = lives(one, [status(503), "mute", { eventS: 1800 }], 3 * hour);
  expect(events).toBeGreaterThan(4);
});
it("asks at least each two minutes, beside one that says nothing, for the preferred one that spoke, and takes it at once", () => {
  const one = begun(pair);
  lives(one, [{ beatS: 20 }, "mute"], hour);
  one.hear(failing(broken("ECONNRESET", "body")));
  lives(one, [refused, "mute"], 40 * minute);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  lives(one, [{ beatS: 20 }, "mute"], 150_000);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("takes it on probation all the same when it did not stay the last time", () => {
  const one = begun(pair);
  lives(one, [{ beatS: 20 }, "mute"], hour);
  const dies: Path = { beatS: 20, endsS: 5 };
  one.hear(failing(broken("ECONNRESET", "body")));
  lives(one, [refused, "mute"], 40 * minute);
  const before = one.dials.length;
  lives(one, [dies, "mute"], 6 * hour);
  const returns = one.dials.slice(before).filter(({ type, candidate: i }) => type === "connect" && i === 0);
  expect(returns.length).toBeLessThan(40);
});
it.each<[string, (one: Player) => void]>([
  [
    "it goes offline",
    (one) => {
      one.take(network(false));
      one.take(network(true));
    },
  ],
  ["the computer sleeps", (one) => one.stall(30_000)],
])("does not begin again and again with a path that says nothing because %s each four minutes", (_, happens) => {
  const one = begun(pair);
  let events = 0;
  for (let i = 0; i < 60; i++) {
    events += lives(one, ["mute", { eventS: 60 }], 4 * minute).events;
    happens(one);
  }
  expect(events).toBeGreaterThan(220);
});

/* ── better ones ──────────────────────────────────────────────────────────────────────────────── */

it.each([12, 20, 45])("leaves a path that ends each %s s, like a clock, where another stays", (endsS) => {
  const { shares } = lives(begun(pair), [{ eventS: 5, endsS }, { eventS: 5 }], 6 * hour);
  expect(shares[1]).toBeGreaterThan(0.95);
});
it("keeps to one that ends each 90 s, like a clock, and alone to one that ends each 20 s", () => {
  const { shares } = lives(begun(pair), [{ eventS: 5, endsS: 90 }, { eventS: 5 }], hour);
  expect(shares[0]).toBeGreaterThan(0.95);
  const alone = begun(group(["a"]));
  lives(alone, [{ eventS: 5, endsS: 20 }], hour);
  expect(alone.state.failures).toBe(0);
});
it("leaves one that holds half an event for the preferred one that has answered its probe", () => {
  const one = begun(pair);
  lives(one, [refused, { eventS: 20 }], 40_000);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  one.hear(bytes);
  lives(one, ["mute", "mute"], 2 * minute);
  expect(one.dials.at(-1)).toMatchObject({ candidate: 0, type: "connect" });
});
it("gives the WebSocket of a server that asks for five minutes its turn after two of them", () => {
  const rules = group([candidate("a", { origin: "http://a" }), candidate("ws:w", { origin: "http://a" })]);
  const { events } = lives(begun(rules), [status(503, 300_000), { eventS: 60 }], hour);
  expect(events).toBeGreaterThan(45);
});
it("forgets at the user's word that one was silent, and how long it was on probation", () => {
  const one = begun(pair);
  lives(one, ["mute", { eventS: 60 }], hour);
  one.take(retryNow);
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
  expect(one.state.standings[0]).toMatchObject({ mute: false, heardOut: false, wayBack: { probeEveryMs: 30_000 } });
});
