/** The two kinds of rows, by name. */
import type { EventDetail, Row } from "../../preload/contract.ts";

export type EventRow = Extract<Row, { kind: "event" }>;
export type MarkRow = Extract<Row, { kind: "mark" }>;

const known: readonly EventRow["flags"][number][] = [
  "replayed",
  "unsaved",
  "id-ignored",
  "type-cut",
  "id-reused",
  "imported",
];

/** The row of an event of which only the detail is here. */
export function rowOf(detail: EventDetail): EventRow {
  const { seq, type, id, bytes, generation, receivedAt, data, flags } = detail;
  const preview = data.slice(0, 240);
  return {
    kind: "event",
    seq,
    at: receivedAt,
    gapMs: null,
    type,
    id,
    preview,
    bytes,
    generation,
    flags: known.filter((flag) => flags.includes(flag)),
  };
}
