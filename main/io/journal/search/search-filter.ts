/** A filter made ready: what the index is asked, and what decides about a record. */
import type { Filter } from "../../../../preload/contract.ts";
import { meets } from "../../../core/search/matcher.ts";
import { allOf, cheaply, type Need, needOfQuery, needOfTypes } from "../../../core/search/need.ts";
import { parseQuery } from "../../../core/search/query.ts";
import type { Block } from "../block.ts";
import type { SourceBlock } from "./block-source.ts";
import { type JsonPath, parsePath } from "./json-path.ts";

export type ReadyFilter = {
  /** The same for the same filter of the same stream. */
  readonly key: string;
  readonly stream: string;
  readonly need: Need;
  /** Whether a block has records of the time that is asked for. */
  reaches(block: SourceBlock): boolean;
  /** Everything but the path. */
  matches(block: Block, i: number): boolean;
  /** Null: no path is asked for. */
  readonly path: JsonPath | null;
};

/** @throws JournalError "filter-path-invalid" */
export function ready(stream: string, filter: Filter): ReadyFilter {
  const query = parseQuery(filter.text);
  const path: JsonPath | null = filter.path === "" ? null : parsePath(filter.path);
  const types = new Set(filter.types);
  const from = filter.from ?? Number.NEGATIVE_INFINITY;
  const to = filter.to ?? Number.POSITIVE_INFINITY;
  const needs = [needOfQuery(query), needOfTypes(filter.types), ...(path === null ? [] : [path.need])];
  return {
    key: JSON.stringify([stream, filter]),
    stream,
    need: cheaply(allOf(needs)),
    path,
    reaches: ({ fromAt, toAt }) => toAt >= from && fromAt < to,
    matches(block, i) {
      if (block.isMark(i)) return false;
      const at = block.at(i);
      if (at < from || at >= to) return false;
      if (types.size > 0 && !types.has(block.type(i))) return false;
      if (query.length === 0) return true;
      return meets(query, { type: block.type(i), id: block.id(i), data: block.data(i) });
    },
  };
}
