/**
 * An event as it leaves Holdfast: all that is known of it, under names that stay. What only means something within one run of the
 * app (the connection's number, its monotonic time) is left out.
 */
import type { EventFlag, EventRecord, Transport } from "../events/record.ts";
import { isoTime } from "./iso-time.ts";

export type ExportedEvent = {
  /** Number in the journal it comes from. */
  readonly seq: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly receivedAt: string;
  readonly receivedAtMs: number;
  readonly stream: string;
  readonly endpoint: string;
  readonly transport: Transport;
  readonly type: string;
  readonly id: string | null;
  readonly lastEventId: string;
  readonly data: string;
  /** UTF-8 bytes of type, id and data. */
  readonly bytes: number;
  readonly flags: readonly EventFlag[];
};

/** In this order they are written. */
export const fields = [
  "seq",
  "receivedAt",
  "receivedAtMs",
  "stream",
  "endpoint",
  "transport",
  "type",
  "id",
  "lastEventId",
  "data",
  "bytes",
  "flags",
] as const satisfies readonly (keyof ExportedEvent)[];

export function exportedEvent(record: EventRecord): ExportedEvent {
  const { seq, receivedAt, stream, endpoint, transport, type, id, lastEventId, data, bytes, flags } = record;
  const at = { receivedAt: isoTime(receivedAt), receivedAtMs: receivedAt };
  return { seq, ...at, stream, endpoint, transport, type, id, lastEventId, data, bytes, flags };
}
