/** What follows when time has passed: what is said of a silence, what is done at once, and when the machine looks again. */
import { expect, it } from "vitest";
import { whenTimer } from "../../main/core/connection/deadlines.ts";
import { withStanding } from "../../main/core/connection/standings.ts";
import { broken, bytes, dialling, event, failing, group, linkIn, player, policy, start, words } from "./play.ts";

const pair = group(["a", "b"]);
const isOpen = (withEvent: boolean, rules = pair, fromMs = 7000) => {
  const one = player(rules);
  one.pass(fromMs);
  one.take(start);
  one.opens(withEvent);
  return one;
};

it("tells how long half an event was held: from its first byte", () => {
  const one = isOpen(true);
  one.pass(1000);
  one.hear(bytes);
  one.pass(4000);
  one.hear(bytes);
  one.pass(15_000);
  expect(linkIn(one.state, "waiting").failure).toMatchObject({ kind: "held", params: { afterMs: 19_000 } });
});
it("tells how long a path was mute: since it opened", () => {
  const one = isOpen(false, group(["a", "ws:b"]));
  one.pass(15_000);
  expect(linkIn(one.state, "waiting").failure).toMatchObject({ kind: "mute", params: { afterMs: 15_000 } });
});

/** Open at the second address since `openedAt`; the first has proved itself, and its server wants to be called in a second. */
function besideBetter(withEvent: boolean) {
  const one = player(pair);
  one.take(start);
  one.failsAndRedials();
  one.opens(withEvent);
  const { openedAt, generation, candidate } = linkIn(one.state, "open");
  expect(candidate).toBe(1);
  const standings = withStanding(one.state.standings, 0, { notBefore: openedAt + 1000 });
  const state = { ...one.state, nextProbe: null, returnTo: 0, standings };
  const after = (ms: number) => words(whenTimer(pair, state, { now: openedAt + ms, random: 0.5 })[1]);
  return { after, moves: `disconnect ${generation}, connect ${generation + 1}` };
}

it("leaves for a better one as soon as that may be called", () => {
  const { after, moves } = besideBetter(true);
  expect([after(999), after(1000)]).toEqual(["", moves]);
});
it("remembers what has lasted before it leaves it for a better one", () => {
  const { after, moves } = besideBetter(false);
  expect(after(60_000)).toBe(`remember 1, ${moves}`);
});
it.each([
  ["failback", true],
  ["wake", false],
] as const)("being open is use enough after a minute, with a planned probe (%s): %s", (why, isLasting) => {
  const { state } = isOpen(false, policy, 0);
  const nextProbe = { at: 999_000, since: 0, why, tries: 0 };
  const [after] = whenTimer(policy, { ...state, nextProbe }, { now: 60_000, random: 0.5 });
  expect(linkIn(after, "open").lasting).toBe(isLasting);
});

it("looks again at a silent connection when half an event counts as held", () => {
  const rules = { ...policy, idleTimeoutMs: 60_000 };
  const one = isOpen(false, rules, 0);
  for (let i = 0; i < 15; i++) {
    one.pass(2000);
    one.hear(bytes, event);
  }
  one.pass(500);
  one.hear(bytes);
  one.pass(14_999);
  expect(linkIn(one.state, "open").health).toBe("silent");
  one.pass(1);
  expect(linkIn(one.state, "open").health).toBe("held");
});

it("ends the probe, too, whose answer says that the open connection is lost", () => {
  const one = isOpen(true, policy);
  one.stall(12_000);
  const { generation } = linkIn(one.state, "open");
  for (let tries = 0; tries < 4; tries++) {
    one.pass(10_000);
    one.probe(dialling, failing(broken("ENETUNREACH")));
  }
  linkIn(one.state, "waiting");
  expect(words(one.effects).endsWith(`disconnect ${one.state.generation}, disconnect ${generation}`)).toBe(true);
});
