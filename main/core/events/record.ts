/**
 * What is kept: events as they came, and marks for what happened to the connection between them.
 * Both share one sequence, the journal's; `seq` is a record's identity, everywhere and for ever.
 */
import type { FailureView, Params } from "../../../preload/contract.ts";

export type Transport = "sse" | "websocket";

/**
 * `replayed`: came after a reconnect that asked by id, before anything new. `id-ignored`: the server's id broke a limit.
 * `id-reused`: after a reconnect it had the id of an earlier event and said something else. `imported`: it came from a file.
 */
export type EventFlag = "replayed" | "unsaved" | "id-ignored" | "type-cut" | "id-reused" | "imported";

/** An event as the stream delivered it, before the journal gave it a number. */
export type ReceivedEvent = {
  readonly stream: string;
  /** Origin and path of the endpoint it came from. */
  readonly endpoint: string;
  readonly transport: Transport;
  /** Number of the connection that brought it, within this run of the app. */
  readonly generation: number;
  /** The `id:` of its own block, or null when the block had none. */
  readonly id: string | null;
  /** What a reconnect after this event has to send; "" = nothing. */
  readonly lastEventId: string;
  readonly type: string;
  readonly data: string;
  /** UTF-8 bytes of type, id and data. */
  readonly bytes: number;
  /** UTC, whole milliseconds; only shown. */
  readonly receivedAt: number;
  /** Monotonic milliseconds of this run; what gaps are measured with. */
  readonly mono: number;
  readonly flags: readonly EventFlag[];
};

export type EventRecord = ReceivedEvent & { readonly seq: number };

export type MarkCode = "opened" | "lost" | "halted" | "paused" | "resumed" | "gap" | "imported";

/** Something about the connection that belongs between two events. */
export type Mark = {
  readonly stream: string;
  readonly at: number;
  readonly mark: MarkCode;
  readonly failure: FailureView | null;
  readonly params: Params;
};
