/** Which path has the stream, where one that is open says nothing: what a word proves, who is left for whom, and who has his turn. */
import { expect, it } from "vitest";
import { begun, hour, lives, minute } from "./lives.ts";
import {
  broken,
  bytes,
  connected,
  dialling,
  ended,
  event,
  failing,
  group,
  linkIn,
  network,
  opened,
  type Player,
  refused,
  status,
} from "./play.ts";

const pair = group(["a", "b"]);
const withSocket = group(["a", "ws:w"]);

/* ── a mute path ──────────────────────────────────────────────────────────────────────────────── */

it("does not go back to a mute path because it opens, and does not wait longer for it each time", () => {
  const { events } = lives(begun(pair), ["mute", { eventS: 60 }], 6 * hour);
  expect(events).toBeGreaterThan(350);
});
it("goes back to one that was mute when it speaks to a probe", () => {
  const one = begun(pair);
  lives(one, ["mute", { eventS: 60 }], hour);
  expect(linkIn(one.state, "open").candidate).toBe(1);
  lives(one, [{ beatS: 20 }, { eventS: 60 }], hour);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("goes to an equal when a path that spoke opens anew and is silent for longer than usual", () => {
  const one = begun(pair);
  lives(one, [{ eventS: 60 }, "mute"], hour);
  one.hear(failing(broken("ECONNRESET", "body")));
  const { events } = lives(one, ["mute", { eventS: 60 }], hour);
  expect(events).toBeGreaterThan(55);
});
it("begins with another than the mute one when the network is back, and with any on another network", () => {
  const one = begun(pair);
  lives(one, ["mute", { eventS: 60 }], hour);
  one.take(network(false));
  one.take(network(true));
  expect(one.redial().candidate).toBe(1);
  one.take(network(false));
  one.take(network(true, true));
  expect(one.redial().candidate).toBe(0);
});
it("does not take what one path was silent about for the stream's own because another speaks", () => {
  const one = begun(pair);
  lives(one, ["mute", { eventS: 60 }], 20 * minute);
  expect(one.state.rhythm.quietMs).toBe(0);
});

/* ── ways that do not work ────────────────────────────────────────────────────────────────────── */

it.each([60, 600, 3600])("holds a quiet stream of an event each %s s beside a WebSocket that refuses", (eventS) => {
  const { shares } = lives(begun(withSocket), [{ eventS }, refused], 12 * hour);
  expect(shares[0]).toBeGreaterThan(0.98);
});
it.each([600, 3600])("finds the path that speaks each %s s beside a WebSocket that opens and does not", (eventS) => {
  const { events } = lives(begun(withSocket), [{ eventS }, "mute"], 48 * hour);
  expect(events).toBeGreaterThan((48 * 3600) / eventS - 3);
});
it.each([600, 3600])("finds the WebSocket that speaks each %s s beside a path that opens and does not", (eventS) => {
  const { events } = lives(begun(withSocket), ["mute", { eventS }], 48 * hour);
  expect(events).toBeGreaterThan((48 * 3600) / eventS - 3);
});
it("listens longer to each when all have been silent in turn", () => {
  const one = begun(group(["a", "b", "c"]));
  lives(one, ["mute", "mute", "mute"], 3 * hour);
  const before = one.dials.length;
  lives(one, ["mute", "mute", "mute"], 6 * hour);
  const turns = one.dials.slice(before).filter(({ type }) => type === "connect");
  expect(new Set(turns.map(({ candidate }) => candidate))).toEqual(new Set([0, 1, 2]));
  expect(turns.length).toBeLessThan(10);
});
it("does not go round among equals that are cut in their silence", () => {
  const one = begun(group(["a", "b", "c"]));
  let moves = 0;
  for (let last = 0; one.now < 10 * hour; ) {
    const { link } = one.state;
    if (link.phase === "connecting") {
      if (link.candidate !== last) moves++;
      last = link.candidate;
      one.opens(false);
    }
    one.pass(1000);
    if (one.state.link.phase === "open" && one.now - one.state.link.byteAt >= 120_000) one.hear(failing(ended));
  }
  expect(moves).toBeLessThan(30);
});
it("takes turns without a failure when a stream that spoke often falls silent, and longer ones each round", () => {
  const one = begun(pair);
  lives(one, [{ beatS: 20 }, { beatS: 20 }], 20 * minute);
  one.hear(failing(broken("ECONNRESET", "body")));
  lives(one, ["mute", "mute"], 2 * minute);
  const before = one.dials.length;
  const { waited } = lives(one, ["mute", "mute"], 3 * hour);
  const turns = one.dials.slice(before).filter(({ type }) => type === "connect");
  expect(waited).toBeLessThan(0.01);
  expect(new Set(turns.map(({ candidate }) => candidate))).toEqual(new Set([0, 1]));
  expect(turns.length).toBeLessThan(25);
  expect(one.state).toMatchObject({
    failures: 0,
    standings: [{ parked: false }, { parked: false }],
  });
  expect(one.state.standings.every(({ turns: had }) => had > 4)).toBe(true);
  lives(one, [{ beatS: 20 }, { beatS: 20 }], 5 * minute);
  expect(one.state.standings).toMatchObject([{ turns: 0 }, { turns: 0 }]);
});

/* ── what a word is good for ──────────────────────────────────────────────────────────────────── */

it.each<[string, (one: Player) => void]>([
  [
    "was replaced after a sleep",
    (one) => {
      one.stall(12_000);
      one.probe(dialling, connected, opened);
      one.pass(3000);
    },
  ],
  [
    "went offline",
    (one) => {
      one.take(network(false));
      one.take(network(true));
      one.redial();
    },
  ],
])("does not suspect a path because its connection %s", (_, happens) => {
  const one = begun(withSocket);
  lives(one, [{ beatS: 60 }, refused], 20 * minute);
  happens(one);
  one.opens(false);
  one.pass(59_000);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it.each([30, 60])("comes back from a WebSocket to a path whose heartbeat is %s s", (beatS) => {
  const one = begun(withSocket);
  const paths = [{ beatS }, { beatS }];
  lives(one, paths, hour);
  one.hear(failing(status(503)));
  lives(one, paths, hour);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("counts the whole silence where its connections were renewed in it", () => {
  const one = begun(pair);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: 60_000 });
  lives(one, [{ eventS: 300 }, "mute"], 4 * hour);
  expect(one.state.rhythm.p95Ms).toBeGreaterThan(200_000);
});

/* ── half an event, and guesses ───────────────────────────────────────────────────────────────── */

it("does not leave in the midst of an event because a comment stands in it", () => {
  const one = begun(pair);
  one.failsAndRedials();
  one.opens();
  const good = () => {
    one.pass(1000);
    if (one.state.probe?.openedAt === null) one.probe(dialling, connected, opened);
  };
  for (let i = 0; i < 200 && one.state.returnTo === null; i++) {
    good();
    if (one.state.link.phase === "open") one.hear(bytes);
  }
  expect(one.state.returnTo).toBe(0);
  one.hear((g) => ({ type: "comment", text: "hb", isOpen: true, generation: g }));
  expect(linkIn(one.state, "open")).toMatchObject({ candidate: 1 });
  one.hear(event);
  expect(linkIn(one.state, "connecting").candidate).toBe(0);
});
