/** What a mark in the list says: something happened to the connection between two events. Pure. */
import type { Key } from "../../preload/words.ts";
import type { MarkRow } from "../events/row-kinds.ts";
import { type StreamState, type Tone, toneOf } from "../stream-state.ts";
import { failureFacts } from "./connection-words.ts";
import type { Language } from "./language.tsx";
import { openedWay, retryMarkWords } from "./way-words.ts";

/** The glyph of a mark is that of the state it led to. */
export const markStates: Record<MarkRow["mark"], StreamState> = {
  opened: "live",
  lost: "waiting",
  halted: "halted",
  paused: "paused",
  resumed: "connecting",
  gap: "held",
  imported: "connecting",
};

/** The role colour of a mark: an end that the server had planned is no trouble. */
export function markTone({ mark, failure }: MarkRow): Tone {
  return mark === "lost" && failure?.family === "PLANNED" ? "info" : toneOf(markStates[mark]);
}

/** A bold word, and what was measured. */
export function markText(language: Language, row: MarkRow): { head: string; rest: string } {
  const { say, format, cause } = language;
  const { afterMs, askedFrom, headersMs, openMs, sinceByteMs, retryInMs, rule, reason } = row.params;
  const facts: string[] = [];
  const time = (key: "mark.afterMs" | "mark.headersMs" | "mark.openMs" | "mark.sinceByteMs", ms: unknown): void => {
    if (typeof ms === "number") facts.push(say(key, { time: format.duration(ms) }));
  };
  if (row.mark === "imported") facts.push(importFacts(language, row.params));
  else if (row.mark === "gap") {
    facts.push(
      language.sayCode("gap", String(reason ?? "unknown"), row.params, "gap.unknown"),
      ...gapFacts(language, row.params),
    );
  } else if (row.failure !== null && row.failure.family !== "PLANNED")
    facts.push(cause(row.failure), ...failureFacts(language, { ...row.failure, params: rest(row.failure.params) }));
  const way = row.mark === "opened" ? openedWay(language, row.params) : "";
  if (way !== "") facts.push(way);
  time("mark.afterMs", afterMs);
  if (askedFrom !== undefined && askedFrom !== "") facts.push(say("mark.askedFrom", { id: String(askedFrom) }));
  time("mark.headersMs", headersMs);
  time("mark.sinceByteMs", sinceByteMs);
  time("mark.openMs", openMs);
  if (typeof retryInMs === "number") facts.push(retryMarkWords(language, rule, retryInMs));
  return { head: say(headOf(row)), rest: facts.join(say("separator")) };
}

function headOf({ mark, params, failure }: MarkRow): Key {
  switch (mark) {
    case "opened":
      return typeof params["afterMs"] === "number" ? "mark.openedAgain" : "mark.opened";
    case "lost":
      if (failure?.family === "PLANNED") return "mark.planned";
      // What was never open cannot be lost.
      return typeof params["openMs"] === "number" ? "mark.lost" : "mark.notConnected";
    case "resumed":
      return "state.connecting";
    default:
      return `mark.${mark}`;
  }
}

/** Of the mark before the events, and of that behind them when they are not all. */
function importFacts({ say }: Language, { events, total, file }: MarkRow["params"]): string {
  const [n, from] = [Number(events ?? 0), String(file ?? "")];
  return typeof total === "number"
    ? say("mark.imported.part", { events: n, total, file: from })
    : say("mark.imported.all", { events: n, file: from });
}

/** Where a gap is: between two ids, after one, or between two times; and how much was skipped, where that is known. */
function gapFacts({ say, format }: Language, { from, to, fromAt, toAt, bytes }: MarkRow["params"]): string[] {
  const facts: string[] = [];
  if (typeof fromAt === "number" && typeof toAt === "number") {
    facts.push(say("mark.span", { from: format.timeToSecond(fromAt), to: format.timeToSecond(toAt) }));
  }
  if (from !== undefined && from !== "" && to !== undefined)
    facts.push(say("mark.fromTo", { from: String(from), to: String(to) }));
  else if (from !== undefined && from !== "") facts.push(say("mark.from", { from: String(from) }));
  if (typeof bytes === "number") facts.push(format.bytes(bytes));
  return facts;
}

/** A mark has its own times; those of the failure would say the same twice. */
function rest(params: MarkRow["params"]): MarkRow["params"] {
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== "afterMs" && name !== "host"));
}
