/** One stream with several ways: what a probe brings, which way is shown, what is remembered of it, and whose credentials go. */
import { expect, it } from "vitest";
import { CredentialError } from "../../main/io/auth/credential-error.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { refused, status } from "../core/play.ts";
import { aPlan, countingCredentials } from "../fakes/stream-world.ts";
import { address, aStream, further, grouped, withSocket } from "./held-stream.ts";

/** At the further address, open, after the first one has refused; the probe comes later. */
async function failedOver() {
  const run = aStream({ plan: aPlan(grouped) });
  (await run.begin()).fails(refused);
  const other = (await run.retries()).opens().says("1");
  return { ...run, other };
}

/** Lets time pass until another connection was made, and at most a quarter of an hour. */
async function untilDialled({ clock, transport }: ReturnType<typeof aStream>) {
  const before = transport.connections.length;
  for (let i = 0; i < 900 && transport.connections.length === before; i++) await clock.advance(1000);
  return transport.last;
}

it("keeps nothing of what a probe brings, and asks it for nothing that was missed", async () => {
  const run = await failedOver();
  const probe = await untilDialled(run);
  expect(probe.target).toMatchObject({ url: address, lastEventId: "" });
  const { bytes, lastEventId } = run.stream.facts;
  probe.opens().tell({ type: "comment", text: "from the probe", isOpen: false });
  probe.says("99");
  probe.tell({ type: "cursor", lastEventId: "99" });
  expect((await run.events()).map(({ id }) => id)).toEqual(["1"]);
  expect(run.told.comments).toEqual([]);
  expect(run.stream.facts).toMatchObject({ bytes, lastEventId, events: 1, endpoint: further });
  expect([probe.closed, run.other.closed]).toEqual([true, false]);
});

it("returns to the preferred address when that has proved itself, and goes on from where it stands", async () => {
  const run = await failedOver();
  const { connections } = run.transport;
  for (let i = 0; i < 10 && !run.other.closed; i++) {
    const made = await untilDialled(run);
    run.other.says(`${i + 2}`);
    if (!run.other.closed) made.opens().says("99");
  }
  await run.clock.advance(30);
  const back = connections.at(-1);
  const { lastEventId } = run.stream.facts;
  expect(back?.target).toMatchObject({ url: address, lastEventId });
  back?.opens().says("100");
  expect(run.stream.facts.endpoint).toBe("https://a.example/orders");
  expect((await run.events()).map(({ id }) => id)).not.toContain("99");
});

it("says in its marks which way it took, where there are several", async () => {
  const run = await failedOver();
  const opened = (await run.marks()).filter(({ mark }) => mark === "opened");
  expect(opened).toMatchObject([{ params: { endpoint: further, transport: "sse" } }]);
});

it("shows the way that is tried or waited for before it is open", async () => {
  const run = aStream({ plan: aPlan(withSocket) });
  expect([run.stream.facts.endpoint, run.stream.transport]).toEqual(["https://a.example/orders", "sse"]);
  (await run.begin()).fails(refused);
  expect([run.stream.facts.endpoint, run.stream.transport]).toEqual(["wss://a.example/socket", "websocket"]);
});

it("remembers what was open at once, and what suits this network after its first event", async () => {
  const run = aStream({ plan: aPlan(grouped) });
  const first = (await run.begin()).opens();
  expect([run.worked, run.remembered]).toEqual([["sse https://a.example/orders"], []]);
  first.says("1").says("2");
  expect(run.remembered).toEqual(["sse https://a.example/orders"]);
});

it("begins with what the network's memory says, and with the first when it says nothing of it", async () => {
  const run = aStream({ plan: aPlan(grouped) });
  run.stream.network(true, true, `sse ${further}`);
  expect((await run.begin()).target.url).toBe(further);
  run.stream.stop();
  run.stream.network(true, true, "sse https://gone.example/");
  expect((await run.begin()).target.url).toBe(address);
});

const signsIn: Endpoint["credential"] = { kind: "refresh", url: "https://id.example/", method: "GET", as: "bearer" };

it("after a 401 it says so to who gave the token, and comes again with another", async () => {
  const { freshCredentials, told } = countingCredentials();
  const run = aStream({ plan: aPlan({ url: address, credential: signsIn }, freshCredentials) });
  (await run.begin()).fails(status(401));
  expect(told.refused).toBe(1);
  (await run.retries()).opens();
  const sent = run.transport.connections.map(({ target }) => target.headers);
  expect(sent).toEqual([[["Authorization", "Bearer token-1"]], [["Authorization", "Bearer token-2"]]]);
  run.transport.last.fails(status(503));
  expect(told.refused).toBe(1);
});

it("a probe that is refused says so too: the way back must not knock with the same token for ever", async () => {
  const { freshCredentials, told } = countingCredentials();
  const run = aStream({ plan: aPlan({ ...grouped, credential: signsIn }, freshCredentials) });
  (await run.begin()).fails(refused);
  (await run.retries()).opens().says("1");
  const probe = await untilDialled(run);
  expect(probe.target.headers).toEqual([["Authorization", "Bearer token-1"]]);
  probe.fails(status(401));
  expect(told.refused).toBe(1);
  expect((await untilDialled(run)).target.headers).toEqual([["Authorization", "Bearer token-2"]]);
});

it("a token that could not be had is a failed attempt that sent nothing", async () => {
  const freshCredentials = () => ({
    fresh: () => Promise.reject(new CredentialError("status", 503)),
    refused: () => {},
  });
  const run = aStream({ plan: aPlan({ url: address, credential: signsIn }, freshCredentials) });
  run.stream.start();
  await run.clock.advance(30);
  expect(run.stream.state.link).toMatchObject({
    phase: "waiting",
    failure: { family: "AUTH", kind: "credential-failed", final: false, params: { code: "status 503" } },
  });
  expect(run.transport.connections).toEqual([]);
});
