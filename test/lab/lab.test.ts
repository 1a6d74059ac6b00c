/** The lab itself: its origin, its programs, its tables. What the proxies do is faults.test.ts and matrix.test.ts. */
import { existsSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { chain } from "./chain.ts";
import { configurations } from "./configurations.ts";
import { openDoor } from "./door.ts";
import { labPort } from "./lab-port.ts";
import { LabProcess } from "./lab-process.ts";
import { labOrigin } from "./origin.ts";
import { behaviours } from "./origin-behaviours.ts";
import { probe } from "./probe.ts";
import { squidUser } from "./proxies/squid.ts";

async function anOrigin() {
  const origin = await labOrigin();
  onTestFinished(() => origin.close());
  return origin;
}

function configuration(name: string) {
  const found = configurations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the lab has no ${name}`);
  return found;
}

function idsIn(body: string): number[] {
  return [...body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

it("numbers and stamps events, and repeats exactly those after the id that it was asked from", async () => {
  const origin = await anOrigin();
  const address = "/events?rate=50&total=10";
  const whole = await probe(`${origin.url}${address}`, 1500);
  expect(idsIn(whole.body)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const sent = origin.sent(address);
  expect(sent.map(({ n }) => n)).toEqual(idsIn(whole.body));
  for (const { n, sentAt, data } of sent) {
    expect(JSON.parse(data)).toEqual({ n, sentAt });
    expect(Math.abs(Date.now() - sentAt)).toBeLessThan(60_000);
  }
  const rest = await probe(`${origin.url}${address}`, 500, { "last-event-id": "7" });
  expect(idsIn(rest.body)).toEqual([8, 9, 10]);
});

it("keeps the streams of two addresses apart, and counts what it was asked", async () => {
  const origin = await anOrigin();
  await Promise.all(["/events?of=a&total=3", "/events?of=b&total=3"].map((path) => probe(origin.url + path, 800)));
  await probe(`${origin.url}/404`, 800);
  expect(origin.sent("/events?of=a&total=3").length).toBe(3);
  expect(origin.sent("/events?of=c")).toEqual([]);
  expect([origin.requests("/events"), origin.requests("/404"), origin.requests()]).toEqual([2, 1, 3]);
  expect(origin.mostOpen).toBe(2);
  origin.forget();
  expect([origin.requests(), origin.mostOpen]).toEqual([0, origin.open]);
});

it.each(Object.keys(behaviours).filter((path) => /^\/\d{3}$/.test(path)))(
  "answers %s with that status",
  async (path) => {
    const origin = await anOrigin();
    expect((await probe(`${origin.url}${path}`, 5000)).status).toBe(Number(path.slice(1)));
  },
);

it("says why a program did not start, and leaves nothing of it", async () => {
  const made = new LabProcess({
    name: "broken",
    program: process.execPath,
    args: () => ["-e", "console.error('no such key: lisen'); process.exit(3)"],
    files: () => ({}),
    port: await labPort(),
  });
  await expect(made.start()).rejects.toThrow(/broken ended with 3: no such key: lisen/);
  await made.dispose();
  expect(existsSync(made.folder)).toBe(false);
});

it("ends a program by its pid, and takes its folder away", async () => {
  const port = await labPort();
  const made = new LabProcess({
    name: "server",
    program: process.execPath,
    args: () => [
      "-e",
      `require("node:http").createServer((q, a) => a.end(String(process.pid))).listen(${port}, "127.0.0.1")`,
    ],
    files: () => ({ "some/file": "kept here" }),
    port,
  });
  onTestFinished(() => made.dispose());
  await made.start();
  const pid = Number((await probe(made.url, 5000)).body);
  expect(made.read("some/file")).toBe("kept here");
  await made.dispose();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  expect(existsSync(made.folder)).toBe(false);
});

it("has no two configurations of one name, and calls good what has no fault", () => {
  const names = configurations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { good, faults, product } of configurations) {
    expect(good).toBe(faults.length === 0);
    expect(configurations.some((other) => other.product === product && other.good)).toBe(true);
    expect(configurations.some((other) => other.product === product && !other.good)).toBe(true);
  }
});

it("puts two proxies in a row: the fault of the back one reaches the client", async (ctx) => {
  const both = chain(configuration("nginx-good"), configuration("haproxy-down"));
  const missing = await both.missing();
  if (missing !== null) return ctx.skip(missing);
  const proxy = await both.start((await anOrigin()).url);
  onTestFinished(() => proxy.stop());
  expect(both).toMatchObject({ name: "nginx-good+haproxy-down", good: false, faults: ["upstream-down"] });
  const answer = await probe(`${proxy.url}/events`, 10_000);
  expect([answer.status, answer.headers["server"]?.slice(0, 5)]).toEqual([503, "nginx"]);
});

it("lets a named client through Squid, and no other", async (ctx) => {
  const one = configuration("squid-connect-auth");
  const missing = await one.missing();
  if (missing !== null) return ctx.skip(missing);
  const proxy = await one.start((await anOrigin()).url);
  onTestFinished(() => proxy.stop());
  const door = await openDoor(proxy, "connect");
  onTestFinished(() => door.close());
  expect((await probe(`${door.url}/events`, 5000)).status).toBe(407);
  const named = await openDoor(proxy, "connect", `${squidUser.name}:${squidUser.password}`);
  onTestFinished(() => named.close());
  expect((await probe(`${named.url}/events?total=3`, 1500)).status).toBe(200);
});
