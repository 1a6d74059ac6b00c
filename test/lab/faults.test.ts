/**
 * That the bad configurations are bad in the way that their tables say, on the wire, and the good ones beside them are not. Cuts,
 * clean ends, hangs and answers of a proxy's own are seen in matrix.test.ts.
 */
import { expect, it, onTestFinished, type TestContext } from "vitest";
import { configurations } from "./configurations.ts";
import { labOrigin } from "./origin.ts";
import { probe } from "./probe.ts";

/** Long enough for a slow machine's header, and for twenty events. */
const lookMs = 2500;
const gzip = { "accept-encoding": "gzip" };

/** Starts these in front of one origin; they end with the test. */
async function lab<Name extends string>(ctx: Pick<TestContext, "skip">, ...names: Name[]) {
  const origin = await labOrigin();
  onTestFinished(() => origin.close());
  const urls = {} as Record<Name, string>;
  for (const name of names) {
    const configuration = configurations.find((one) => one.name === name);
    if (configuration === undefined) throw new Error(`the lab has no ${name}`);
    const missing = await configuration.missing();
    if (missing !== null) return ctx.skip(missing);
    const proxy = await configuration.start(origin.url);
    onTestFinished(() => proxy.stop());
    urls[name] = proxy.url;
  }
  return { origin, urls };
}

it("nginx with buffers keeps even the header, unless the origin says X-Accel-Buffering: no", async (ctx) => {
  const { urls } = await lab(ctx, "nginx-buffering", "nginx-good");
  const [held, told, good] = await Promise.all([
    probe(`${urls["nginx-buffering"]}/events`, lookMs),
    probe(`${urls["nginx-buffering"]}/unbuffered`, lookMs),
    probe(`${urls["nginx-good"]}/events`, lookMs),
  ]);
  expect(held.status).toBeNull();
  expect(told.pieces.length).toBeGreaterThan(5);
  expect(good.pieces.length).toBeGreaterThan(5);
});

it.for([
  ["nginx-gzip", "nginx-gzip-unbuffered"],
  ["caddy-encode", "caddy-good"],
  ["varnish-gzip", "varnish-good"],
] as const)("%s holds what it compresses, and %s does not", async ([bad, good], ctx) => {
  const { urls } = await lab(ctx, bad, good);
  const [held, flowing] = await Promise.all([
    probe(`${urls[bad]}/gzip-able`, lookMs, gzip),
    probe(`${urls[good]}/gzip-able`, lookMs, gzip),
  ]);
  // A gzip header, and perhaps the first block's.
  expect(held.body.length).toBeLessThan(30);
  expect(flowing.pieces.length).toBeGreaterThan(5);
});

it("Caddy holds nothing from who does not take gzip, and Varnish does", async (ctx) => {
  const { urls } = await lab(ctx, "caddy-encode", "varnish-gzip");
  const identity = { "accept-encoding": "identity" };
  const [caddy, varnish] = await Promise.all([
    probe(`${urls["caddy-encode"]}/gzip-able`, lookMs, identity),
    probe(`${urls["varnish-gzip"]}/gzip-able`, lookMs, identity),
  ]);
  expect(caddy.pieces.length).toBeGreaterThan(5);
  expect(varnish.body).toBe("");
});

it("HAProxy sends in batches by default, and each event with http-no-delay", async (ctx) => {
  const { urls } = await lab(ctx, "haproxy-default", "haproxy-good");
  const [late, good] = await Promise.all([
    probe(`${urls["haproxy-default"]}/events`, lookMs),
    probe(`${urls["haproxy-good"]}/events`, lookMs),
  ]);
  expect(late.headerMs).toBeGreaterThan(150);
  expect(medianGapMs(late.pieces)).toBeGreaterThan(150);
  expect(medianGapMs(good.pieces)).toBeLessThan(150);
});

/** Chunks of one batch come within a few milliseconds: those are no gaps. */
function medianGapMs(pieces: readonly { atMs: number }[]): number {
  const gaps = pieces.slice(1).flatMap(({ atMs }, i) => {
    const gap = atMs - (pieces[i]?.atMs ?? 0);
    return gap > 20 ? [gap] : [];
  });
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}

it("http-proxy keeps the header until the first byte, unless it is made to flush", async (ctx) => {
  const { urls } = await lab(ctx, "http-proxy-header-wait", "http-proxy-good");
  const [waiting, good] = await Promise.all([
    probe(`${urls["http-proxy-header-wait"]}/headers-only`, lookMs),
    probe(`${urls["http-proxy-good"]}/headers-only`, lookMs),
  ]);
  expect(waiting.status).toBeNull();
  expect(good.status).toBe(200);
});

it("Varnish shares one request among listeners where the stream has no Cache-Control", async (ctx) => {
  const { origin, urls } = await lab(ctx, "varnish-default", "varnish-good");
  const first = probe(`${urls["varnish-default"]}/no-cache-control`, 2 * lookMs);
  await expect.poll(() => origin.sent("/no-cache-control").length, { timeout: 10_000 }).toBeGreaterThan(10);
  const second = await probe(`${urls["varnish-default"]}/no-cache-control`, lookMs / 2);
  expect(origin.requests("/no-cache-control")).toBe(1);
  // It came late and got everything from the beginning.
  expect(second.body.slice(0, 40)).toContain("id: 1\n");
  expect(second.headers["x-varnish"]).toMatch(/^\d+ \d+$/);
  await first;

  await Promise.all([1, 2].map(() => probe(`${urls["varnish-good"]}/no-cache-control`, lookMs / 2)));
  expect(origin.requests("/no-cache-control")).toBe(3);
});

it("Apache gives up an origin that answers after its ProxyTimeout, by 502", async (ctx) => {
  const { urls } = await lab(ctx, "apache-slow", "apache-good");
  const [late, good] = await Promise.all([
    probe(`${urls["apache-slow"]}/slow-header?s=6`, 5 * lookMs),
    probe(`${urls["apache-good"]}/slow-header?s=6`, 5 * lookMs),
  ]);
  expect(late.status).toBe(502);
  expect(good.status).toBe(200);
});
