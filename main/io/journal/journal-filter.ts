/** Which records a filter asks for: of one block by its summary where that can tell, else record by record. */
import type { Filter } from "../../../preload/contract.ts";
import { meets } from "../../core/search/matcher.ts";
import { parseQuery } from "../../core/search/query.ts";
import type { Block } from "./block.ts";
import type { BlockEntry } from "./journal-directory.ts";

export const everything: Filter = { types: [], text: "", path: "", from: null, to: null };

export const isUnfiltered = ({ types, text, path, from, to }: Filter): boolean =>
  types.length === 0 && text === "" && path === "" && from === null && to === null;

/** Whether the text of events must be read to answer it: see search/event-search.ts. */
export const needsText = ({ text, path }: Filter): boolean => text !== "" || path !== "";

/** How many of a block's records match, or null: it has to be looked into. */
export function countBySummary(entry: BlockEntry, filter: Filter): number | null {
  if (isUnfiltered(filter)) return entry.count;
  const { from, to } = filter;
  if ((from !== null && entry.toAt < from) || (to !== null && entry.fromAt >= to)) return 0;
  const isWithin = (from === null || entry.fromAt >= from) && (to === null || entry.toAt < to);
  const ofTypes = typesWanted(entry, filter);
  if (ofTypes === 0) return 0;
  return isWithin && !needsText(filter) ? ofTypes : null;
}

function typesWanted({ types, events }: BlockEntry, filter: Filter): number | null {
  if (filter.types.length === 0) return events;
  if (types === null) return null;
  return types.reduce((sum, [type, count]) => sum + (filter.types.includes(type) ? count : 0), 0);
}

/**
 * Whether a record of a block matches. Marks are shown only in the whole list: between filtered events they would say what did
 * not happen there. Of texts it decides as the search does, without an index; paths are the search's alone.
 */
export function predicate(filter: Filter): (block: Block, i: number) => boolean {
  if (isUnfiltered(filter)) return () => true;
  const types = new Set(filter.types);
  const { from, to } = filter;
  const query = parseQuery(filter.text);
  return (block, i) => {
    if (block.isMark(i)) return false;
    if (types.size > 0 && !types.has(block.type(i))) return false;
    const at = block.at(i);
    if ((from !== null && at < from) || (to !== null && at >= to)) return false;
    if (query.length === 0) return true;
    return meets(query, { type: block.type(i), id: block.id(i), data: block.data(i) });
  };
}
