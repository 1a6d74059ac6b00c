/**
 * That the proxies of the held-out set do on the wire what truth.ts says of them, seen with a plain GET and without the
 * diagnosis: a truth that were read off the diagnosis would measure nothing. Chains are made of the lab's own, which
 * faults.test.ts and matrix.test.ts look at.
 */
import { expect, it, type TestContext } from "vitest";
import { openDoor } from "../door.ts";
import { labOrigin } from "../origin.ts";
import { type Probed, probe } from "../probe.ts";
import * as go from "./go-proxy.ts";
import * as lighttpd from "./lighttpd.ts";
import * as nghttpx from "./nghttpx.ts";
import type { Standing } from "./standing.ts";
import * as tinyproxy from "./tinyproxy.ts";

const lookMs = 2500;
const gzip = { "accept-encoding": "gzip" };

async function look(
  ctx: Pick<TestContext, "skip" | "onTestFinished">,
  standing: Standing,
  path: string,
  { forMs = lookMs, headers = {} }: { forMs?: number; headers?: Record<string, string> } = {},
): Promise<Probed & { readonly tookMs: number }> {
  const missing = await standing.missing();
  if (missing !== null) return ctx.skip(missing);
  const origin = await labOrigin();
  ctx.onTestFinished(() => origin.close());
  const proxy = await standing.start(origin.url);
  ctx.onTestFinished(() => proxy.stop());
  const door = standing.role === "reverse" ? null : await openDoor(proxy, standing.role);
  if (door !== null) ctx.onTestFinished(() => door.close());
  const beganAt = performance.now();
  const seen = await probe(`${(door ?? proxy).url}${path}`, forMs, headers);
  return { ...seen, tookMs: performance.now() - beganAt };
}

it.concurrent.for([
  ["lighttpd", lighttpd.lighttpdGood],
  ["lighttpd, tight", lighttpd.lighttpdTight],
  ["lighttpd with mod_deflate", lighttpd.lighttpdDeflate],
  ["nghttpx", nghttpx.nghttpxGood],
  ["nghttpx without Via", nghttpx.nghttpxSilent],
  ["tinyproxy", tinyproxy.tinyGood],
  ["tinyproxy, asked for whole addresses", tinyproxy.tinyForwardGood],
  ["tinyproxy, asked for a tunnel", tinyproxy.tinyConnectGood],
  ["Go with FlushInterval -1", go.goGood],
  ["Go with FlushInterval 0", go.goDefault],
  ["Go with FlushInterval 1 s", go.goPeriodic],
] as const)("%s passes each event on as it comes, also to who takes gzip", async ([, standing], ctx) => {
  const { status, headers, pieces } = await look(ctx, standing, "/gzip-able", { headers: gzip });
  expect(status).toBe(200);
  expect(headers["content-encoding"]).toBeUndefined();
  expect(pieces.length).toBeGreaterThan(5);
});

it.concurrent.for([
  ["lighttpd with its defaults", lighttpd.lighttpdDefault],
  ["Go in a middleware that forgets Flush", go.goHidden],
  ["Go in a middleware that collects", go.goBuffer],
] as const)("%s holds events back, and the header with them", async ([, standing], ctx) => {
  expect(await look(ctx, standing, "/events")).toMatchObject({ status: null, pieces: [] });
});

it.concurrent("Go's gzip middleware holds what it compresses, and nothing from who takes no gzip", async (ctx) => {
  const [held, plain] = [
    await look(ctx, go.goZip, "/events", { headers: gzip }),
    await look(ctx, go.goZip, "/events", { headers: { "accept-encoding": "identity" } }),
  ];
  expect(held.headers["content-encoding"]).toBe("gzip");
  expect(held.body.length).toBeLessThan(30);
  expect(plain.pieces.length).toBeGreaterThan(5);
});

it.concurrent.for([
  ["lighttpd", lighttpd.lighttpdDown, 503],
  ["nghttpx", nghttpx.nghttpxDown, 502],
  ["tinyproxy", tinyproxy.tinyDown, 500],
  ["tinyproxy, forward", tinyproxy.tinyForwardDown, 500],
  ["tinyproxy, tunnel", tinyproxy.tinyConnectDown, 500],
  ["Go", go.goDown, 502],
  ["lighttpd without a route", lighttpd.lighttpdNoRoute, 404],
  ["tinyproxy without a route", tinyproxy.tinyNoRoute, 400],
  ["Go without a route", go.goNoRoute, 404],
  ["tinyproxy that filters", tinyproxy.tinyForwardFiltered, 403],
  ["tinyproxy that wants a name", tinyproxy.tinyForwardAuth, 407],
  ["tinyproxy with ConnectPort", tinyproxy.tinyConnectPort, 403],
] as const)("%s answers by itself: %s", async ([, standing, status], ctx) => {
  expect((await look(ctx, standing, "/events")).status).toBe(status);
});

it.concurrent.for([
  ["nghttpx", nghttpx.nghttpxSlow, 504],
  ["Go", go.goSlow, 502],
] as const)("%s gives up an origin that does not answer within 4 s", async ([, standing, status], ctx) => {
  const seen = await look(ctx, standing, "/mute", { forMs: 20_000 });
  expect(seen.status).toBe(status);
  expect(seen.tookMs).toBeGreaterThan(3900);
});

it.concurrent("Go's WriteTimeout cuts a stream on which events flow", async (ctx) => {
  const { status, pieces, tookMs } = await look(ctx, go.goWriteTimeout, "/events", { forMs: 20_000 });
  expect(status).toBe(200);
  expect(pieces.length).toBeGreaterThan(20);
  expect(tookMs).toBeGreaterThan(3800);
  expect(tookMs).toBeLessThan(20_000);
});

it.concurrent.for([
  ["lighttpd", lighttpd.lighttpdIdle(2)],
  ["nghttpx", nghttpx.nghttpxIdle(2)],
  ["tinyproxy", tinyproxy.tinyIdle("reverse", 2)],
  ["tinyproxy, tunnel", tinyproxy.tinyIdle("connect", 2)],
  ["Go", go.goIdle(2)],
] as const)("%s ends a stream after 2 s of silence", async ([, standing], ctx) => {
  const { status, tookMs } = await look(ctx, standing, "/quiet", { forMs: 20_000 });
  expect(status).toBe(200);
  expect(tookMs).toBeGreaterThan(1900);
  expect(tookMs).toBeLessThan(20_000);
});
