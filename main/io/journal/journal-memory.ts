/**
 * The blocks of one stream that are in memory only: all of a stream that keeps nothing, or those the disk refused. They are the
 * last of its directory, and here they are kept few.
 */
import { openBlock } from "./block.ts";
import { packBlock } from "./block-pack.ts";
import { numbered } from "./journal-blocks.ts";
import { type BlockEntry, type Directory, summarise, type TypeCounts } from "./journal-directory.ts";

/** So many records and so much at most, for each stream; the oldest go first, and the newest block stays whatever its size. */
export const memoryRecords = 2000;
export const memoryBytes = 16 * 1024 * 1024;

/** Those of the stream that wait for the disk. */
export const unsavedBlocks = (directory: Directory): BlockEntry[] => directory.entries.filter(({ unsaved }) => unsaved);

/** Drops what is too much. `gone`: blocks that were there; `left`: what remained of the last of them, as a block of its own. */
export function trim(directory: Directory): { readonly gone: readonly BlockEntry[]; readonly left: BlockEntry | null } {
  const memory = directory.entries.slice(directory.memoryFrom);
  let count = memory.reduce((sum, entry) => sum + entry.count, 0);
  let bytes = memory.reduce((sum, entry) => sum + entry.size, 0);
  const gone: BlockEntry[] = [];
  let left: BlockEntry | null = null;
  for (const entry of memory.slice(0, -1)) {
    if (count <= memoryRecords && bytes <= memoryBytes) break;
    const cut = bytes > memoryBytes ? entry.count : Math.min(entry.count, count - memoryRecords);
    gone.push(entry);
    left = dropFirst(directory, entry, cut);
    count -= cut;
    bytes -= entry.size;
  }
  return { gone, left };
}

/** All of them. @returns whether there were any */
export function dropMemory(directory: Directory): boolean {
  const from = directory.memoryFrom;
  const memory = directory.entries.slice(from);
  directory.remove(from, memory.length, memory.map(typesIn));
  return memory.length > 0;
}

/** They stay in memory, and no longer wait for the disk. */
export function keepInMemory(directory: Directory): void {
  for (const [at, entry] of directory.entries.entries())
    if (entry.unsaved) directory.replace(at, { ...entry, unsaved: false });
}

/** Every record, as a directory says it from the beginning. */
export const relist = (entry: BlockEntry) => ({ entry, types: typesIn(entry) });

function typesIn({ types, body }: BlockEntry): TypeCounts {
  return types ?? (body === null ? [] : summarise(openBlock(body)).types);
}

/** The block's first records go. @returns the rest of it, packed anew */
function dropFirst(directory: Directory, entry: BlockEntry, cut: number): BlockEntry | null {
  const at = directory.entries.indexOf(entry);
  directory.remove(at, 1, [typesIn(entry)]);
  if (cut === entry.count || entry.body === null) return null;
  const block = openBlock(entry.body);
  const places = Array.from({ length: block.count - cut }, (_, i) => cut + i);
  const seqs = places.map((i) => block.seq(i));
  const gaps = places.map((i) => block.gapMs(i));
  const rest = numbered(
    packBlock(
      places.map((i) => block.record(i, "")),
      { seqs, gaps },
    ),
  );
  const left = { ...rest.entry, body: rest.bytes, unsaved: entry.unsaved };
  directory.insert(at, { entry: left, types: rest.types });
  return left;
}
