/** The embedded server: its events, its replay, and each of its faults, seen from a plain socket. */
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { type DemoServer, type Faults, startDemoServer } from "../../main/io/demo/demo-server.ts";

async function demo(faults: Faults = {}, rateHz = 50): Promise<DemoServer> {
  const server = await startDemoServer({ port: 0, rateHz, faults });
  onTestFinished(() => server.close());
  return server;
}

type Reading = {
  readonly response: IncomingMessage;
  text(): string;
  ids(): number[];
  readonly ended: Promise<string>;
  stop(): void;
};
/** Reads on until it ends; `ended` says how: "end" or the error's code. */
function read(server: DemoServer, lastEventId?: string): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const request = get(server.url, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (data) => {
        text += data;
      });
      const ended = new Promise<string>((over) => {
        response.on("end", () => over("end"));
        response.on("error", (error: NodeJS.ErrnoException) => over(error.code ?? error.message));
      });
      const ids = () => [...text.matchAll(/^id: (\d+)\n(?:.+\n)+\n/gm)].map(([, id]) => Number(id));
      resolve({ response, text: () => text, ids, ended, stop: () => void request.destroy() });
    });
    request.on("error", reject);
    onTestFinished(() => void request.destroy());
  });
}
const from = (first: number, n: number) => Array.from({ length: n }, (_, i) => first + i);

it("listens on loopback only, and sends numbered, typed JSON events as a stream that is not cached", async () => {
  const one = await read(await demo());
  expect(one.response.socket.remoteAddress).toBe("127.0.0.1");
  expect(one.response.headers).toMatchObject({ "content-type": "text/event-stream", "cache-control": "no-store" });
  await expect.poll(() => one.ids().length).toBeGreaterThan(4);
  const [event] = one.text().split("\n\n");
  expect(event).toMatch(/^id: \d+\nevent: [a-z.]+\ndata: \{.*\}$/);
  expect(one.ids()).toEqual(from(one.ids()[0] as number, one.ids().length));
});
it("replays what came after Last-Event-ID, and goes on live without a gap", async () => {
  const server = await demo();
  const first = await read(server);
  await expect.poll(() => first.ids().length).toBeGreaterThan(3);
  first.stop();
  const last = first.ids().at(-1) as number;
  await expect.poll(async () => (await read(server, String(last))).ids().length, { timeout: 4000 }).toBeGreaterThan(0);
  const second = await read(server, String(last));
  await expect.poll(() => second.ids().length).toBeGreaterThan(5);
  expect(second.ids()).toEqual(from(last + 1, second.ids().length));
});
it.each(["", "abc", "-1", "€"])("goes on live for Last-Event-ID %j", async (id) => {
  const server = await demo();
  await expect.poll(async () => (await read(server, "0")).ids().length).toBeGreaterThan(0);
  const known = await read(server, "0");
  await expect.poll(() => known.ids().length).toBeGreaterThan(2);
  const one = await read(server, Buffer.from(id).toString("latin1"));
  await expect.poll(() => one.ids().length).toBeGreaterThan(0);
  expect(one.ids()[0]).toBeGreaterThan(2);
});
it("makes events at the rate it is told", async () => {
  const one = await read(await demo({}, 200));
  await expect.poll(() => one.ids().length).toBeGreaterThan(10);
  const [began, first] = [performance.now(), one.ids().length];
  await expect.poll(() => one.ids().length - first).toBeGreaterThan(100);
  const rate = (one.ids().length - first) / ((performance.now() - began) / 1000);
  expect(rate).toBeGreaterThan(120);
  expect(rate).toBeLessThan(300);
});

it("idle-cut ends a connection after so long without an event, heartbeats or not", async () => {
  const began = performance.now();
  const one = await read(await demo({ "idle-cut": 300 }, 0.1));
  expect(await one.ended).toBe("end");
  expect(performance.now() - began).toBeGreaterThan(280);
  expect(performance.now() - began).toBeLessThan(1500);
});
it("idle-cut leaves a stream alone that speaks often enough", async () => {
  const one = await read(await demo({ "idle-cut": 400 }, 20));
  await expect.poll(() => one.ids().length, { timeout: 3000 }).toBeGreaterThan(20);
});
it("reset-after resets after so many events, also when they are replayed at once: nobody waits for ever", async () => {
  const server = await demo({ "reset-after": 3 }, 100);
  const seen: number[] = [];
  for (let n = 0; n < 5; n++) {
    const one = await read(server, String(seen.at(-1) ?? 0));
    expect(await one.ended).toBe("ECONNRESET");
    expect(one.ids()).toHaveLength(3);
    seen.push(...one.ids());
  }
  expect(seen).toEqual(from(1, 15));
});
it("half-event ends in the middle of every nth event", async () => {
  const server = await demo({ "half-event": 3 }, 100);
  const one = await read(server, "0");
  expect(await one.ended).toBe("end");
  expect(one.ids()).toEqual([1, 2]);
  expect(one.text()).toMatch(/\n\nid: 3\n.+(?<!\n\n)$/s);
});
it("buffer lets nothing out until so many bytes have come", async () => {
  const one = await read(await demo({ buffer: 3000 }, 50));
  await expect.poll(() => one.text().length, { timeout: 4000 }).toBeGreaterThan(0);
  expect(Buffer.byteLength(one.text())).toBeGreaterThan(2900);
});
it.each([204, 404, 503])("status %s answers everything with it, without a stream", async (status) => {
  const one = await read(await demo({ status }));
  expect(one.response.statusCode).toBe(status);
  expect(one.response.headers["content-type"]).not.toContain("event-stream");
  expect(await one.ended).toBe("end");
});
it("slow-drip sends a byte at a time", async () => {
  const one = await read(await demo({ "slow-drip": 20 }, 50));
  const [began, sizes] = [performance.now(), [] as number[]];
  one.response.on("data", (data) => sizes.push(data.length));
  await expect.poll(() => one.text().length, { timeout: 4000 }).toBeGreaterThan(15);
  expect(performance.now() - began).toBeGreaterThan(250);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
});
it("flood takes the place of the rate, and a client that does not read is let go while others go on", async () => {
  const server = await demo({ flood: 50_000 }, 1);
  const lazy = connect(server.port, "127.0.0.1", () => lazy.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  lazy.on("error", () => {}).pause();
  onTestFinished(() => void lazy.destroy());
  const one = await read(server);
  await expect.poll(() => one.ids().length, { timeout: 4000 }).toBeGreaterThan(20_000);
  expect(one.ids()).toEqual(from(one.ids()[0] as number, one.ids().length));
});
it("says that a port is taken instead of trying others", async () => {
  const { port } = await demo();
  await expect(startDemoServer({ port, rateHz: 1, faults: {} })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
it("closes its connections with itself", async () => {
  const server = await startDemoServer({ port: 0, rateHz: 50, faults: {} });
  const one = await read(server);
  await server.close();
  expect(await one.ended).toBe("ECONNRESET");
});
