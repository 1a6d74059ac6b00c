/** What one connection leaves to the next at the same address: what it is suspected of, what is forgiven, what was planned. */
import { expect, it } from "vitest";
import type { Policy } from "../../main/core/connection/connection-state.ts";
import { idleTimeoutMs } from "../../main/core/connection/health.ts";
import {
  broken,
  bytes,
  comment,
  connected,
  dialling,
  ended,
  event,
  failing,
  group,
  linkIn,
  opened,
  type Player,
  player,
  policy,
  retry,
  start,
  status,
  timedOut,
  wake,
} from "./play.ts";

const reset = broken("ECONNRESET", "body");
const pair = group(["a", "b"]);

/* ── the verdict of a probe ───────────────────────────────────────────────────────────────────── */

it("takes it for no cut of the path that probes after a sleep found no network", () => {
  const one = player();
  one.take(start);
  for (let i = 0; i < 3; i++) {
    if (one.state.link.phase === "waiting") one.redial();
    one.opens();
    one.pass(5000);
    one.stall(12_000);
    while (one.state.link.phase === "open") {
      if (one.state.probe === null) one.pass(1000);
      else one.probe(dialling, failing(broken("ENETUNREACH")));
    }
    expect(linkIn(one.state, "waiting").failure.family).toBe("NETWORK");
  }
  expect(one.state.standings[0]?.idleCut).toMatchObject({ ends: [], cutMs: null });
});

/* ── suspicion ────────────────────────────────────────────────────────────────────────────────── */

/** Open at an address with a WebSocket beside it. `cutMs`: what is known of its path. */
function besideWebSocket(cutMs: number | null = null): Player {
  const one = player(group(["a", "ws:b"]));
  one.take(start);
  one.take({ type: "path", candidate: 0, idleDefaultMs: null, idleCutMs: cutMs });
  one.opens();
  return one;
}

const connects = (one: Player) => one.dials.filter(({ type }) => type === "connect").length;

/** Silence, in which every connection that is begun opens. */
function isSilent(one: Player, ms: number): void {
  for (const end = one.now + ms; one.now < end; ) {
    one.pass(500);
    if (one.state.link.phase === "connecting") one.opens(false);
  }
}

it("does not take a path for mute because it came anew in a silence", () => {
  const one = besideWebSocket(20_000);
  isSilent(one, 120_000);
  expect(connects(one)).toBeGreaterThan(5);
  expect(one.state.standings[0]).toMatchObject({ mute: false, failures: 0 });
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("does not take a path for mute because its connection ended as planned in a silence", () => {
  const one = besideWebSocket();
  one.hear((g) => retry(g, 2000), failing(ended));
  one.redial();
  one.opens(false);
  isSilent(one, 60_000);
  expect(linkIn(one.state, "open").candidate).toBe(0);
});
it("takes it for mute all the same when the silence lasts longer than the watchdog bears", () => {
  const one = besideWebSocket(20_000);
  const from = one.now;
  const bornMs = idleTimeoutMs(policy, one.state.rhythm);
  while (one.state.standings[0]?.mute === false) isSilent(one, 500);
  expect(one.now - from).toBeGreaterThanOrEqual(bornMs);
  expect(one.now - from).toBeLessThanOrEqual(bornMs + 20_000);
});
it("suspects a path after 15 s again once a connection to it has failed", () => {
  const one = besideWebSocket();
  one.hear((g) => retry(g, 500), failing(ended));
  one.redial();
  one.opens();
  one.hear(failing(reset));
  one.redial();
  one.opens(false);
  one.pass(15_000);
  expect(linkIn(one.state, "waiting").failure.kind).toBe("mute");
});
