/** Records for the tests of the journal; also for children that are no tests. */
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";

export const realWorker = new URL("../../main/io/journal/journal-worker.ts", import.meta.url);
export const everything = { types: [], text: "", path: "", from: null, to: null };

/** An event of the stream "orders", different only where it is said. */
export function anEvent(change: Partial<ReceivedEvent> = {}): ReceivedEvent {
  return {
    stream: "orders",
    endpoint: "https://example.org/orders",
    transport: "sse",
    generation: 1,
    id: null,
    lastEventId: "",
    type: "message",
    data: "hello",
    bytes: 12,
    receivedAt: 1_800_000_000_000,
    mono: 1000,
    flags: [],
    ...change,
  };
}

export function aMark(change: Partial<Mark> = {}): Mark {
  return { stream: "orders", at: 1_800_000_000_000, mark: "opened", failure: null, params: {}, ...change };
}
