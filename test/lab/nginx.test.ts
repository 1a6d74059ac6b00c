/** The command line through a real nginx: what arrives, what is said when the path breaks, and what comes again. */
import { expect, it, onTestFinished } from "vitest";
import { mildly } from "../cli/quick-policy.ts";
import { eventOrigin } from "../fakes/event-origin.ts";
import { buffering, needNginx, nginx, streaming } from "./nginx.ts";
import { watching } from "./watch-process.ts";

it("hands on each event the moment it is sent", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: streaming(origin.port) });
  const watch = watching(`${proxy.url}/events`, ...mildly());
  await watch.reaches("open");

  const lags: number[] = [];
  for (let n = 1; n <= 20; n++) {
    const at = performance.now();
    origin.publish(`event ${n}`);
    // The next is sent only when this one is there: nothing pushes it through a buffer.
    await expect.poll(() => watch.events.length, { timeout: 5000, interval: 5 }).toBe(n);
    lags.push(performance.now() - at);
  }

  expect(watch.events.map(({ id, data }) => ({ id, data }))).toEqual(origin.log.map(({ id, data }) => ({ id, data })));
  expect(lags.toSorted((a, b) => a - b)[10]).toBeLessThan(250);
  expect(await watch.stop()).toBe(0);
  expect(watch.rubbish).toEqual([]);
});

it("says that the stream was cut, then that the gateway has no server, and brings what was missed once each in order", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: streaming(origin.port) });
  const watch = watching(`${proxy.url}/events`, ...mildly());
  await watch.reaches("open");
  origin.publishMany(5);
  await expect.poll(() => watch.events.length).toBe(5);

  await origin.stop();
  origin.publishMany(7);
  await expect.poll(() => watch.failures, { timeout: 20_000 }).toContain("PROXY/bad-gateway");
  expect(watch.failures[0]).toBe("PROXY/dropped");
  const refused = watch.states.find(({ failure }) => failure?.kind === "bad-gateway");
  expect(refused).toMatchObject({ phase: "waiting", health: "silent", failure: { status: 502, final: false } });
  expect(refused?.retryInMs).toBeGreaterThan(0);
  expect(watch.events.length).toBe(5);

  await origin.start();
  await expect.poll(() => watch.events.length, { timeout: 40_000 }).toBe(12);
  origin.publishMany(3);
  await expect.poll(() => watch.events.length).toBe(15);
  expect(watch.ids).toEqual(origin.log.map(({ id }) => id));
  expect(origin.asked.at(-1)?.headers["last-event-id"]).toBe("5");
  expect(watch.events.slice(0, 12).map(({ flags }) => flags.includes("replayed"))).toEqual([
    ...Array(5).fill(false),
    ...Array(7).fill(true),
  ]);
});

it("survives nginx itself being ended and started again, and loses nothing", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: streaming(origin.port) });
  const watch = watching(`${proxy.url}/events`, ...mildly());
  await watch.reaches("open");
  origin.publishMany(3);
  await expect.poll(() => watch.events.length).toBe(3);

  await proxy.stop();
  origin.publishMany(4);
  await expect.poll(() => watch.failures, { timeout: 20_000 }).toContain("NETWORK/refused");
  await proxy.start();
  await expect.poll(() => watch.events.length, { timeout: 40_000 }).toBe(7);
  expect(watch.ids).toEqual(origin.log.map(({ id }) => id));
});

it("does not call a stream open whose headers a buffering nginx keeps for itself", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: buffering(origin.port) });
  const watch = watching(`${proxy.url}/events`, "--connect-timeout", "1500", ...mildly());
  await expect.poll(() => origin.listeners, { timeout: 10_000 }).toBe(1);
  origin.publishMany(10);

  await expect.poll(() => watch.failures, { timeout: 10_000 }).toContain("NETWORK/headers-timeout");
  expect(watch.events).toEqual([]);
  expect(watch.states.map(({ phase }) => phase)).not.toContain("open");
  // The attempt was really ended: nginx let go of the origin as well.
  expect(await watch.stop()).toBe(0);
  await expect.poll(() => origin.listeners).toBe(0);
});

it("answers a 502 with the proxy's family when there was never a server behind", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  await origin.stop();
  const proxy = await nginx({ server: streaming(origin.port) });
  const watch = watching(`${proxy.url}/events`, ...mildly());

  await expect.poll(() => watch.failures, { timeout: 10_000 }).toContain("PROXY/bad-gateway");
  expect(watch.states.map(({ phase }) => phase)).not.toContain("open");
  await origin.start();
  await watch.reaches("open", 30_000);
  expect(watch.states.at(-1)?.failure).toBeNull();
});

it("comes back from nginx's idle timeout without an event too many", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const idle = streaming(origin.port).replace("proxy_read_timeout 1h", "proxy_read_timeout 1s");
  const proxy = await nginx({ server: idle });
  const watch = watching(`${proxy.url}/events`, ...mildly());
  await watch.reaches("open");
  origin.publishMany(2);

  await expect.poll(() => watch.failures, { timeout: 10_000 }).toContain("PROXY/dropped");
  origin.publishMany(2);
  await expect.poll(() => watch.events.length, { timeout: 20_000 }).toBe(4);
  expect(watch.ids).toEqual(["1", "2", "3", "4"]);
});

it("does not go on calling live events replayed only because they come fast after a cut", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: streaming(origin.port) });
  const watch = watching(`${proxy.url}/events`, ...mildly());
  await watch.reaches("open");
  origin.publishMany(3);
  await expect.poll(() => watch.events.length).toBe(3);
  await proxy.stop();
  origin.publishMany(5);
  await proxy.start();
  await expect.poll(() => watch.events.length, { timeout: 20_000 }).toBe(8);
  expect(watch.events.slice(3).every(({ flags }) => flags.includes("replayed"))).toBe(true);

  const flow = setInterval(() => origin.publishMany(1), 50);
  onTestFinished(() => clearInterval(flow));
  await expect
    .poll(() => watch.events.at(-1)?.flags.includes("replayed"), { timeout: 20_000, interval: 500 })
    .toBe(false);
});
