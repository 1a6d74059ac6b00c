/** The editor's Test: one attempt, every way in which it can end, and nothing left behind. */
import { expect, it } from "vitest";
import type { Evidence } from "../../main/core/failure/failure.ts";
import type { Target } from "../../main/io/ports.ts";
import { testTarget, untested } from "../../main/streams/endpoint-test.ts";
import { type TestResult, testResult } from "../../preload/contract.ts";
import { refused, status } from "../core/play.ts";
import { type FakeClock, type FakeConnection, settle, streamWorld } from "../fakes/stream-world.ts";

const target: Target = {
  url: "https://a.example/",
  method: "GET",
  body: null,
  headers: [],
  lastEventId: "",
  resumeQuery: null,
  frames: "auto",
};
const opened = { status: 200, contentType: "text/event-stream" };

const reset = { ...refused, stage: "body", codes: ["ECONNRESET"] } as Evidence;

type Script = (connection: FakeConnection, clock: FakeClock) => unknown;
type Ending = Omit<Partial<TestResult>, "failure"> & { failure?: object | null };

async function attempt(script: Script, limits = { connectTimeoutMs: 1000, headersTimeoutMs: 5000 }) {
  const { clock, transport } = streamWorld();
  const startedAt = clock.mono();
  let ended: { result: TestResult; afterMs: number } | undefined;
  void testTarget(target, limits, transport, clock).then((result) => {
    ended = { result, afterMs: clock.mono() - startedAt };
  });
  await script(transport.last, clock);
  await settle();
  return { ended, clock, transport };
}

const connect: Script = async (connection, clock) => {
  await clock.advance(20);
  connection.tell({ type: "connected" });
};
const open: Script = async (connection, clock) => {
  await connect(connection, clock);
  await clock.advance(30);
  connection.tell({ type: "opened", answer: { address: "", server: "nginx", httpVersion: "1.1", askedFrom: "" } });
};
const after =
  (first: Script, ms: number, then: Script = () => {}): Script =>
  async (connection, clock) => {
    await first(connection, clock);
    await clock.advance(ms);
    await then(connection, clock);
  };
const fail =
  (evidence: Parameters<FakeConnection["fails"]>[0]): Script =>
  (connection) =>
    connection.fails(evidence);
const times = { connectMs: 20, headersMs: 50, ...opened, server: "nginx" };

it.each<[string, Script, number, Ending]>([
  ["an event", after(open, 100, (c) => c.says("1")), 150, { ...times, firstEventMs: 150, events: 1 }],
  ["no event in 8 s", after(open, 8000), 8050, times],
  ["an end after the opening", after(open, 10, (c) => c.fails()), 60, times],
  [
    "a loss after the opening",
    after(open, 10, fail(reset)),
    60,
    {
      ...times,
      failure: { kind: "reset" },
    },
  ],
  [
    "an end before the opening",
    after(connect, 10, (c) => c.fails()),
    30,
    { connectMs: 20, failure: { kind: "ended" } },
  ],
  ["a refusal", fail(refused), 0, { failure: { family: "NETWORK", kind: "refused" } }],
  [
    "401",
    after(connect, 5, fail(status(401))),
    25,
    {
      connectMs: 20,
      status: 401,
      contentType: "text/plain",
      failure: { kind: "unauthorized", final: false },
    },
  ],
  [
    "404",
    fail(status(404)),
    0,
    { status: 404, contentType: "text/plain", failure: { kind: "not-found", final: true } },
  ],
  [
    "503 with Retry-After",
    fail(status(503, 5000)),
    0,
    {
      status: 503,
      contentType: "text/plain",
      failure: { kind: "unavailable" },
    },
  ],
  [
    "what is no stream",
    fail({ what: "answer", status: 200, contentType: "text/html", retryAfterMs: null }),
    0,
    {
      status: 200,
      contentType: "text/html",
      failure: { kind: "wrong-type" },
    },
  ],
  [
    "no connection in time",
    (_, clock) => clock.advance(1000),
    1000,
    {
      failure: { kind: "connect-timeout", params: { afterMs: 1000 } },
    },
  ],
  [
    "no headers in time, counted from the start",
    after(connect, 4980),
    5000,
    {
      connectMs: 20,
      failure: { kind: "headers-timeout", params: { afterMs: 5000 } },
    },
  ],
])("ends with %s, says so, closes, and leaves no timer", async (_, script, afterMs, expected) => {
  const { ended, clock, transport } = await attempt(script);
  expect(ended?.afterMs).toBe(afterMs);
  const { failure = null, ...rest } = expected;
  expect({ ...ended?.result, failure: null }).toEqual({ ...untested, ...rest });
  if (failure === null) expect(ended?.result.failure).toBeNull();
  else expect(ended?.result.failure).toMatchObject(failure);
  // Nothing that the window does not know may cross, e.g. the machine's own retryAfterMs.
  expect(Object.keys(ended?.result.failure ?? {}).includes("retryAfterMs")).toBe(false);
  expect(testResult.parse(ended?.result)).toEqual(ended?.result);
  expect([transport.connections.length, transport.last.done, clock.timers]).toEqual([1, ["close"], 0]);
});

it.each<[string, Script]>([
  ["connecting", (_, clock) => clock.advance(999)],
  ["waiting for the headers", after(connect, 4979)],
  ["waiting for an event", after(open, 7999)],
])("is patient to the last millisecond while %s", async (_, script) => {
  const { ended, transport } = await attempt(script);
  expect([ended, transport.last.done]).toEqual([undefined, []]);
});

it("opens what it was given, as it was given", async () => {
  const { transport } = await attempt(() => {});
  expect(transport.last.target).toBe(target);
});

it("gives up at the headers' deadline when that is the shorter one", async () => {
  const limits = { connectTimeoutMs: 5000, headersTimeoutMs: 700 };
  const { ended } = await attempt((_, clock) => clock.advance(700), limits);
  expect(ended?.afterMs).toBe(700);
});
