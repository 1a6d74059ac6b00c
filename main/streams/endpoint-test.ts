/** The editor's *Test*: one attempt, outside any stream, that says how far it came. It keeps nothing and never repeats. */
import type { TestResult } from "../../preload/contract.ts";
import type { TransportEvent } from "../core/connection/connection-state.ts";
import { classify, type Evidence, freshContext } from "../core/failure/failure.ts";
import type { Clock, StreamTransport, Target } from "../io/ports.ts";

/** How long an open stream is watched for its first event, ms. */
const firstEventWaitMs = 8000;

/** Before anything is known. */
export const untested: TestResult = {
  errors: [],
  failure: null,
  status: null,
  contentType: null,
  server: null,
  proxy: null,
  connectMs: null,
  headersMs: null,
  firstEventMs: null,
  events: 0,
};

export type Deadlines = { readonly connectTimeoutMs: number; readonly headersTimeoutMs: number };

/** Opens the target once and closes it again. Resolves within the deadlines and 8 s; never rejects. */
export function testTarget(
  target: Target,
  { connectTimeoutMs, headersTimeoutMs }: Deadlines,
  transport: StreamTransport,
  clock: Clock,
): Promise<TestResult> {
  const startedAt = clock.mono();
  const elapsed = () => clock.mono() - startedAt;
  let result = untested;
  return new Promise((resolve) => {
    let cancel = () => {};
    const finish = () => {
      cancel();
      held.close();
      resolve(result);
    };
    let isTunnel = false;
    /** The proxy is to blame for a deadline as long as it is the one that has to answer. */
    const waitsFor = (deadline: "connect" | "headers"): Evidence => {
      const { proxy, connectMs } = result;
      const blamed = proxy !== null && !(isTunnel && connectMs !== null) ? { proxy } : {};
      return { what: "deadline", deadline, afterMs: elapsed(), ...blamed };
    };
    const fail = (evidence: Evidence) => {
      const { retryAfterMs, ...failure } = classify(evidence, freshContext);
      result = { ...result, failure, ...answerFacts(evidence) };
      finish();
    };
    const within = (limitMs: number, late: () => void) => {
      cancel();
      cancel = clock.after(Math.max(0, limitMs - elapsed()), late);
    };
    const take = (event: TransportEvent) => {
      switch (event.type) {
        case "via":
          result = { ...result, proxy: event.proxy };
          isTunnel = event.tunnel;
          return;
        case "connected":
          result = { ...result, connectMs: elapsed() };
          within(headersTimeoutMs, () => fail(waitsFor("headers")));
          return;
        case "opened":
          result = { ...result, headersMs: elapsed(), status: 200, contentType: "text/event-stream" };
          result = { ...result, server: event.answer.server };
          within(elapsed() + firstEventWaitMs, finish);
          return;
        case "events":
          result = { ...result, events: result.events + event.count, firstEventMs: result.firstEventMs ?? elapsed() };
          finish();
          return;
        case "failed":
          if (result.headersMs !== null && event.evidence.what === "end") finish();
          else fail(event.evidence);
          return;
      }
    };
    const held = transport.open(target, take);
    within(Math.min(connectTimeoutMs, headersTimeoutMs), () =>
      fail(waitsFor(headersTimeoutMs < connectTimeoutMs ? "headers" : "connect")),
    );
  });
}

function answerFacts(evidence: Evidence): Pick<TestResult, "status" | "contentType"> | Record<string, never> {
  return evidence.what === "answer" ? { status: evidence.status, contentType: evidence.contentType } : {};
}
