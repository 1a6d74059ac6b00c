/** One attempt of the WebSocket transport against a server of the test. */
import type { Target } from "../../main/io/ports.ts";
import type { Limits } from "../../main/io/sse/sse-decoder.ts";
import { createWebSocketTransport } from "../../main/io/websocket/websocket-transport.ts";
import { type Attempt, attemptBy } from "../fakes/attempt.ts";

export const plainTarget = { method: "GET", body: null, headers: [], lastEventId: "", resumeQuery: null } as const;

export function wsAttempt(url: string, rest: Partial<Target> = {}, limits?: Limits): Attempt {
  const transport = createWebSocketTransport({
    userAgent: "Holdfast/test",
    utc: Date.now,
    ...(limits === undefined ? {} : { limits }),
  });
  return attemptBy(transport, { ...plainTarget, url, frames: "auto", ...rest });
}
