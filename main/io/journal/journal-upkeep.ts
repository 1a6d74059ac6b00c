/**
 * What is done to the file when nobody waits: old blocks go, small ones are merged. Always a little at a time, so that no append
 * waits for more than one step. The cursor is not touched, and what went leaves no mark: it was kept as long as it was to be.
 */
import { blockChars, blockRecords, packBlock } from "./block-pack.ts";
import { type BlockReader, deleteBlock, insertBlock, type Numbered, numbered } from "./journal-blocks.ts";
import { type BlockEntry, type Directory, summarise } from "./journal-directory.ts";
import type { JournalDisk } from "./journal-disk.ts";
import type { KeptLimits, Limits } from "./journal-limits.ts";
import type { JournalSource } from "./journal-source.ts";
import type { StreamStates } from "./journal-streams.ts";

/** Blocks that one step deletes: 40 KB each are 2 ms with their overwriting (measured). */
const deletedAtOnce = 8;
/** A block with fewer records is small; so many of them in a row are worth a merge. */
const smallRecords = 64;
const smallBytes = 64 * 1024;
const worthMerging = 16;
const mergedAtOnce = 64;

export type UpkeepWorld = {
  readonly disk: JournalDisk;
  readonly streams: StreamStates;
  readonly reader: BlockReader;
  readonly source: JournalSource;
  /** null: nobody has said yet how much is kept, and then nothing goes. */
  readonly limits: KeptLimits | null;
};

/**
 * One small step, at most.
 * @param streams those to look after
 * @param now UTC ms
 * @returns whether there may be more to do
 */
export function keepUp(world: UpkeepWorld, streams: readonly string[], now: number): boolean {
  for (const stream of streams) {
    const directory = world.streams.directory(stream);
    const limits = limitsFor(stream, world.limits);
    const over = limits === null ? 0 : Math.min(beyond(directory, limits, now), deletedAtOnce);
    if (over > 0) return drop(world, stream, directory, over);
    const small = smallRun(directory);
    if (small !== null) return merge(world, stream, directory, small.at, small.count);
  }
  return false;
}

function limitsFor(stream: string, limits: KeptLimits | null): Limits | null {
  const own = limits?.own.find(([id]) => id === stream);
  return own?.[1] ?? limits?.every ?? null;
}

/** How many of the oldest blocks are beyond a limit. */
function beyond(directory: Directory, limits: Limits, now: number): number {
  const kept = directory.memoryFrom;
  let { total, bytes } = directory;
  let at = 0;
  for (; at < kept && at < deletedAtOnce; at++) {
    const entry = directory.entries[at] as BlockEntry;
    const isOld = entry.toAt < now - limits.maxAgeMs;
    if (!isOld && total - entry.count < limits.maxRecords && bytes <= limits.maxBytes) break;
    total -= entry.count;
    bytes -= entry.size;
  }
  return at;
}

function drop({ reader, disk, source }: UpkeepWorld, stream: string, directory: Directory, count: number): boolean {
  const gone = directory.entries.slice(0, count);
  const types = gone.map((entry) => entry.types ?? summarise(reader.read(entry, false)).types);
  const done = disk.transact(() => {
    for (const { first } of gone) deleteBlock(disk.db, first);
  });
  if (!done) return false;
  directory.remove(0, count, types);
  reader.forget();
  source.removed(stream, gone);
  return true;
}

/** The first run of small blocks that is worth it. */
function smallRun(directory: Directory): { at: number; count: number } | null {
  const kept = directory.memoryFrom;
  let [at, records, bytes] = [0, 0, 0];
  const isWorthIt = (end: number) => end - at >= worthMerging || (end - at > 1 && records >= blockRecords / 2);
  for (let i = 0; i < kept; i++) {
    const { count, size } = directory.entries[i] as BlockEntry;
    const isSmall = count < smallRecords && size < smallBytes;
    const isFull = records + count > blockRecords || bytes + size > blockChars || i - at >= mergedAtOnce;
    if (isSmall && !isFull) {
      records += count;
      bytes += size;
      continue;
    }
    if (isWorthIt(i)) return { at, count: i - at };
    [at, records, bytes] = isSmall ? [i, count, size] : [i + 1, 0, 0];
  }
  return isWorthIt(kept) ? { at, count: kept - at } : null;
}

function merge(
  { reader, disk, source }: UpkeepWorld,
  stream: string,
  directory: Directory,
  at: number,
  count: number,
): boolean {
  const old = directory.entries.slice(at, at + count);
  const merged = mergedBlock(old, reader);
  const done = disk.transact(() => {
    for (const { first } of old) deleteBlock(disk.db, first);
    insertBlock(disk.db, stream, merged);
  });
  if (!done) return false;
  directory.merge(at, count, merged.entry);
  reader.forget();
  source.removed(stream, old);
  source.added(stream, merged.entry);
  return true;
}

function mergedBlock(entries: readonly BlockEntry[], reader: BlockReader): Numbered {
  const blocks = entries.map((entry) => reader.read(entry, false));
  const each = <T>(read: (block: (typeof blocks)[number], i: number) => T): T[] =>
    blocks.flatMap((block) => Array.from({ length: block.count }, (_, i) => read(block, i)));
  const seqs = each((block, i) => block.seq(i));
  const gaps = each((block, i) => block.gapMs(i));
  return numbered(
    packBlock(
      each((block, i) => block.record(i, "")),
      { seqs, gaps },
    ),
  );
}
