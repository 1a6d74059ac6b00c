/** A line of NDJSON → the event it was: the door that an import comes in by. Nothing in it is trusted. */
import type { Code } from "../../../preload/contract.ts";
import type { EventFlag, ReceivedEvent } from "../events/record.ts";

/** The event, or what is wrong with the line: "import-not-json" { line } or "import-field" { line, field }. */
export type ReadLine = { readonly event: ReceivedEvent } | { readonly problem: Code };

const flagNames: readonly string[] = [
  "replayed",
  "unsaved",
  "id-ignored",
  "type-cut",
  "id-reused",
  "imported",
] satisfies EventFlag[];
/** The last moment of the year 9999. */
const latestMs = 253_402_300_799_999;

const isText = (value: unknown): boolean => typeof value === "string";
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** What each field must be. `seq` and `receivedAt` are said in other words by the journal and by `receivedAtMs`. */
const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  receivedAtMs: (value) => isWhole(value) && (value as number) <= latestMs,
  endpoint: isText,
  transport: (value) => value === "sse" || value === "websocket",
  type: isText,
  id: (value) => value === null || isText(value),
  lastEventId: isText,
  data: isText,
  bytes: isWhole,
  flags: (value) => Array.isArray(value) && value.every((flag) => flagNames.includes(flag)),
};

/**
 * @param line its number from 1, for the message
 * @param stream that it becomes an event of, whatever the line says
 */
export function readNdjsonLine(text: string, line: number, stream: string): ReadLine {
  const value = parsed(text);
  if (value === null) return { problem: { code: "import-not-json", params: { line } } };
  for (const [field, holds] of Object.entries(checks)) {
    // Its own only: "type" of a prototype is nobody's.
    if (!Object.hasOwn(value, field) || !holds(value[field])) {
      return { problem: { code: "import-field", params: { line, field } } };
    }
  }
  const { receivedAtMs, endpoint, transport, type, id, lastEventId, data, bytes, flags } = value as Checked;
  const said = { endpoint, transport, type, id, lastEventId, data, bytes, flags };
  return { event: { stream, ...said, receivedAt: receivedAtMs, mono: receivedAtMs, generation: 0 } };
}

type Checked = Omit<ReceivedEvent, "stream" | "generation" | "receivedAt" | "mono"> & { receivedAtMs: number };

/** An object, or null for anything else. */
function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
