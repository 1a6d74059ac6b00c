/**
 * A journal that lives as long as the process: for the command line, and for the app when its folder cannot be used.
 * It holds the newest records of each stream, as many as it is told; the one on disk is event-journal.ts.
 */
import type { Code, EventDetail, Filter, Row } from "../../../preload/contract.ts";
import { contentPrint, idPrint } from "../../core/events/fingerprint.ts";
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { meets } from "../../core/search/matcher.ts";
import { parseQuery } from "../../core/search/query.ts";
import type { Journal } from "../ports.ts";
import { JournalError } from "./journal-protocol.ts";

type Kept = { readonly seq: number; readonly gapMs: number | null; readonly record: ReceivedEvent | Mark };
type Held = { rows: Kept[]; cursor: string | null; lastMono: number | null };

const previewChars = 240;
const detailChars = 1024 * 1024;
/** Text of a stream that stays in memory, bytes; the newest record stays whatever its size. */
const keptBytes = 16 * 1024 * 1024;

/**
 * @param options.keep records of each stream that stay readable; none by default
 * @param options.problem why there is only this one: it is then "failing", and everything it takes is unsaved
 */
export function createMemoryJournal(options: { keep?: number; problem?: Code } = {}): Journal {
  const { keep = 0, problem } = options;
  const streams = new Map<string, Held>();
  let seq = 0;
  const held = (stream: string): Held => {
    const known = streams.get(stream) ?? { rows: [], cursor: null, lastMono: null };
    streams.set(stream, known);
    return known;
  };
  const matching = (stream: string, filter: Filter): Kept[] => {
    // A path may take for ever, and here nobody could stop it: see search/search-guard.ts.
    if (filter.path !== "") throw new JournalError("filter-path-unavailable");
    return held(stream).rows.filter((kept) => matches(kept, filter));
  };
  const toRow = (kept: Kept): Row => present(kept, problem !== undefined);
  return {
    state: problem === undefined ? "ok" : "failing",
    problems: problem === undefined ? [] : [problem],
    async append(stream, records, cursor) {
      const into = held(stream);
      if (cursor !== null) into.cursor = cursor;
      const kept = records.map((record): Kept => ({ seq: ++seq, gapMs: gapOf(into, record), record }));
      if (keep > 0) into.rows = newest([...into.rows, ...kept].slice(-keep));
      return { seqs: kept.map((one) => one.seq), unsaved: problem !== undefined };
    },
    cursor: async (stream) => held(stream).cursor,
    async setCursor(stream, cursor) {
      held(stream).cursor = cursor;
    },
    // It keeps nothing of anybody.
    keepNothing: async () => undefined,
    // What it holds is bounded by `keep`.
    limit: async () => undefined,
    async kept(stream) {
      const { rows } = held(stream);
      const bytes = rows.reduce((sum, { record }) => sum + ("bytes" in record ? record.bytes : 0), 0);
      const types = new Set(rows.flatMap(({ record }) => ("type" in record ? [record.type] : [])));
      const oldestAt = rows[0] === undefined ? null : atOf(rows[0]);
      return { records: rows.length, bytes, oldestAt, types: { named: types.size, limit: keep, beyond: 0 } };
    },
    queue: { appends: 0, bytes: 0, mostBytes: 0 },
    async tail(stream, filter, limit) {
      const found = matching(stream, filter);
      const types = new Map<string, number>();
      for (const { record } of held(stream).rows) {
        if ("type" in record) types.set(record.type, (types.get(record.type) ?? 0) + 1);
      }
      return {
        total: held(stream).rows.length,
        matching: found.length,
        exact: true,
        behind: 0,
        types: [...types].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count),
        rows: found.slice(-limit).map(toRow),
      };
    },
    async window(stream, filter, from, limit) {
      const found = matching(stream, filter);
      return { matching: found.length, exact: true, from, rows: found.slice(from, from + limit).map(toRow) };
    },
    async placeOf(stream, filter, at) {
      const found = matching(stream, filter);
      return { place: found.filter((kept) => atOf(kept) < at).length, matching: found.length, exact: true };
    },
    async read(stream, filter, after, limit) {
      const events = matching(stream, filter).flatMap(({ seq: at, record }) =>
        "type" in record && at > after ? [{ ...record, seq: at }] : [],
      );
      return events.slice(0, limit);
    },
    async get(wanted) {
      for (const { rows } of streams.values()) {
        const found = rows.find((kept) => kept.seq === wanted);
        if (found !== undefined && "type" in found.record) return detail(found.seq, found.record);
      }
      return null;
    },
    async recent(stream, limit) {
      const known = held(stream).rows.flatMap(({ record }) =>
        "type" in record && record.id !== null
          ? [[idPrint(record.id), contentPrint(record.type, record.data)] as const]
          : [],
      );
      return Float64Array.from(known.slice(Math.max(0, known.length - limit)).flat());
    },
    async clear(stream) {
      held(stream).rows = [];
    },
    async forget(stream) {
      streams.delete(stream);
    },
    close: async () => undefined,
  };
}

function gapOf(into: Held, record: ReceivedEvent | Mark): number | null {
  if (!("type" in record)) return null;
  const before = into.lastMono;
  into.lastMono = record.mono;
  return before === null ? null : Math.max(0, Math.round(record.mono - before));
}

const atOf = ({ record }: Kept): number => ("type" in record ? record.receivedAt : record.at);

function matches({ record }: Kept, filter: Filter): boolean {
  const { types, text, path, from, to } = filter;
  if (types.length === 0 && text === "" && path === "" && from === null && to === null) return true;
  if (!("type" in record)) return false;
  if (record.receivedAt < (from ?? 0) || record.receivedAt >= (to ?? Number.POSITIVE_INFINITY)) return false;
  if (filter.types.length > 0 && !filter.types.includes(record.type)) return false;
  return meets(parseQuery(filter.text), record);
}

function present({ seq, gapMs, record }: Kept, unsaved: boolean): Row {
  if (!("type" in record)) {
    const { at, mark, failure, params } = record;
    return { kind: "mark", seq, at, mark, failure, params };
  }
  const { receivedAt, type, id, data, bytes, generation, flags } = record;
  const shown = unsaved ? [...flags, "unsaved" as const] : [...flags];
  const preview = data.slice(0, previewChars);
  return { kind: "event", seq, at: receivedAt, gapMs, type, id, preview, bytes, generation, flags: shown };
}

function detail(seq: number, record: ReceivedEvent): EventDetail {
  const { mono: _, data, flags, ...rest } = record;
  return { ...rest, seq, data: data.slice(0, detailChars), cut: data.length > detailChars, flags: [...flags] };
}

/** As many of the newest as fit. */
function newest(rows: readonly Kept[]): Kept[] {
  let bytes = 0;
  const first = rows.findLastIndex(({ record }) => {
    bytes += "bytes" in record ? record.bytes : 0;
    return bytes > keptBytes;
  });
  return rows.slice(Math.min(first + 1, rows.length - 1));
}
