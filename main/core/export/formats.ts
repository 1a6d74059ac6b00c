/** The three forms of a file of events, piece by piece, so that none is ever whole in memory. */
import type { EventRecord } from "../events/record.ts";
import { csvHeader, csvRecord } from "./csv.ts";
import { exportedEvent } from "./exported-event.ts";

export type ExportFormat = "ndjson" | "json" | "csv";
export const exportFormats: readonly ExportFormat[] = ["ndjson", "json", "csv"];

type Form = {
  readonly begin: string;
  /** @param n how many came before */
  event(record: EventRecord, n: number): string;
  /** @param count of all */
  end(count: number): string;
};

/** One line of JSON. A line break in the data is escaped, so a line is always one event. */
export function ndjsonLine(record: EventRecord): string {
  return `${JSON.stringify(exportedEvent(record))}\n`;
}

export const forms: Readonly<Record<ExportFormat, Form>> = {
  ndjson: { begin: "", event: ndjsonLine, end: () => "" },
  json: {
    begin: "[",
    event: (record, n) => `${n === 0 ? "\n" : ",\n"}${JSON.stringify(exportedEvent(record))}`,
    end: (count) => (count === 0 ? "]\n" : "\n]\n"),
  },
  csv: { begin: csvHeader, event: (record) => csvRecord(exportedEvent(record)), end: () => "" },
};
