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
