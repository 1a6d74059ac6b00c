/** The machine's deadlines on real sockets: what it gives up is really gone, on both sides. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import type { Event, Policy, State } from "../../main/core/connection/connection-state.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { ConnectionDriver } from "../../main/streams/connection-driver.ts";
import { createRing } from "../../main/streams/ring.ts";
import { rawServer, type Script } from "../fakes/raw-server.ts";
import { aPlan, fakeTransport } from "../fakes/stream-world.ts";

const rules: Policy = { ...aPlan().policy, connectTimeoutMs: 300, headersTimeoutMs: 300, idleTimeoutMs: 300 };

/** Holds a stream; `again` says after a failure whether to try once more at once. */
function hold(url: string, policy: Policy = rules, again: (state: State) => boolean = () => false) {
  const failures: { kind: string; afterMs: number }[] = [];
  const events: Event[] = [];
  let startedAt = performance.now();
  const driver = new ConnectionDriver({
    policy,
    worked: [],
    clock: systemClock,
    random: () => 0.5,
    transports: {
      sse: createSseTransport({ userAgent: "Holdfast/test", utc: Date.now }),
      websocket: fakeTransport(),
    },
    // Each attempt has its turn at once: what is measured here are the deadlines.
    turns: { ask: atOnce, close: () => {} },
    saw: () => {},
    remember: () => {},
    ring: createRing(),
    target: async () => ({
      url,
      method: "GET",
      body: null,
      headers: [],
      lastEventId: "",
      resumeQuery: null,
      frames: "auto",
    }),
    backlog: { full: false, whenDrained: () => {} },
    observe: (event, before, after) => {
      events.push(event);
      if (after.generation !== before.generation) startedAt = performance.now();
      if (after.link.phase !== "waiting" || before.link.phase === "waiting") return;
      failures.push({ kind: after.link.failure.kind, afterMs: performance.now() - startedAt });
      if (again(after)) driver.dispatch({ type: "retryNow" });
    },
  });
  onTestFinished(() => driver.dispose());
  driver.dispatch({ type: "start" });
  return { driver, failures, events };
}
const atOnce = (go: () => void) => {
  go();
  return () => {};
};
const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP(Socket|Connect)/.test(name)).length;

/** Says something every 20 ms for as long as it is listened to. */
const dripping =
  (first: string, next: string): Script =>
  (talk) => {
    talk.send(first);
    const timer = setInterval(() => talk.send(next), 20);
    void talk.closed.then(() => clearInterval(timer));
  };
const servers: Record<string, Script> = {
  "never answers": () => {},
  "drips headers": dripping("HTTP/1.1 200 OK\r\n", "X-A: 1\r\n"),
  "sends 103 for ever": dripping("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
};
it.each(Object.keys(servers))("gives up a server that %s at the deadline, and the server sees it go", async (name) => {
  const server = await rawServer(servers[name] as Script);
  const { failures } = hold(server.url);
  await expect.poll(() => failures.length, { timeout: 3000, interval: 5 }).toBe(1);
  expect(failures[0]?.kind).toBe("headers-timeout");
  expect(Math.abs((failures[0]?.afterMs ?? 0) - 300)).toBeLessThan(150);
  await expect.poll(() => server.open, { interval: 5 }).toBe(0);
});
it("keeps to one deadline over all redirects", async () => {
  const server = await rawServer((talk) => {
    setTimeout(() => talk.answer("302 Found", { Location: `/${talk.number}`, "Content-Length": "0" }), 120);
  });
  const { failures } = hold(server.url);
  await expect.poll(() => failures.length, { timeout: 3000, interval: 5 }).toBe(1);
  expect(failures[0]).toMatchObject({ kind: "headers-timeout" });
  expect(failures[0]?.afterMs).toBeLessThan(450);
});
it("ends a stream that falls silent, and not one that drips", async () => {
  const silent = await rawServer((talk) => void talk.stream().chunk("data: x\n\n"));
  const { failures } = hold(silent.url);
  await expect.poll(() => failures[0]?.kind, { timeout: 3000 }).toBe("idle-timeout");
  await expect.poll(() => silent.open, { interval: 5 }).toBe(0);
  const drip = await rawServer(dripping("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", "d"));
  const live = hold(drip.url);
  await expect.poll(() => live.events.length, { timeout: 3000 }).toBeGreaterThan(30);
  expect(live.failures).toEqual([]);
});
it("leaves nothing behind after 50 attempts at a silent server", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const server = await rawServer(() => {});
  const before = sockets();
  let [attempts, heap] = [0, 0];
  const { failures } = hold(server.url, { ...rules, headersTimeoutMs: 30 }, () => {
    if (++attempts === 20) {
      gc();
      heap = process.memoryUsage().heapUsed;
    }
    return attempts < 50;
  });
  await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(50);
  await expect.poll(() => [server.open, Math.max(0, sockets() - before)]).toEqual([0, 0]);
  gc();
  expect((process.memoryUsage().heapUsed - heap) / 1024 / 1024).toBeLessThan(3);
});
it("gives up a connection that is not taken, at the connect deadline, with its socket", async () => {
  // A listener whose process never accepts: when its queue is full the kernel drops what comes.
  const program = `const s = require("net").createServer(); s.listen(0, "127.0.0.1", 1, () => {
    require("fs").writeSync(1, s.address().port + "\\n"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  const plugs: Socket[] = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  onTestFinished(() => {
    for (const plug of plugs) plug.destroy();
  });
  await expect.poll(() => plugs.filter((plug) => !plug.connecting).length).toBeGreaterThanOrEqual(2);
  const before = sockets();
  const { failures } = hold(`http://127.0.0.1:${port}/`, { ...rules, headersTimeoutMs: 5000 });
  await expect.poll(() => failures.length, { timeout: 3000, interval: 5 }).toBe(1);
  expect(failures[0]?.kind).toBe("connect-timeout");
  expect(Math.abs((failures[0]?.afterMs ?? 0) - 300)).toBeLessThan(150);
  await expect.poll(() => sockets() - before, { timeout: 500 }).toBeLessThanOrEqual(0);
});
