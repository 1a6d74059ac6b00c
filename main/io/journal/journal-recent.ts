/**
 * What the journal holds of a stream, as fingerprints: how a stream that starts again knows what it has already. Read in
 * pages, newest first, each a question of its own, so that no append waits for more than one of them.
 */
import { contentPrint, idPrint } from "../../core/events/fingerprint.ts";
import type { BlockReader } from "./journal-blocks.ts";
import type { BlockEntry, Directory } from "./journal-directory.ts";

/** `prints` as of core/events/fingerprint.ts; `read`: bytes it cost; `before`: where the next page goes on, null: there is none. */
export type RecentPage = { readonly prints: Float64Array; readonly read: number; readonly before: number | null };

/** A page ends with so many records or so much text: 20 ms (measured). */
const pageRecords = 2000;
const pageBytes = 2 * 1024 * 1024;
/** In all, half a second: beyond it a start would wait for events that a server hardly ever sends again. */
const recentBytes = 64 * 1024 * 1024;

/** Fingerprints of at most `limit` events of a stream with ids, oldest first, page by page. */
export async function readRecent(
  limit: number,
  ask: (before: number, limit: number) => Promise<RecentPage>,
): Promise<Float64Array> {
  const pages: Float64Array[] = [];
  let [before, found, read]: [number | null, number, number] = [Number.MAX_SAFE_INTEGER, 0, 0];
  while (before !== null && found < limit && read < recentBytes) {
    const page = await ask(before, limit - found);
    pages.unshift(page.prints);
    found += page.prints.length / 2;
    read += page.read;
    before = page.before;
  }
  const all = new Float64Array(found * 2);
  let at = 0;
  for (const page of pages) {
    all.set(page, at);
    at += page.length;
  }
  return all;
}

/** One page: the newest events with ids of numbers below `before`, at most `limit`, oldest first. */
export function recentPage(directory: Directory, reader: BlockReader, before: number, limit: number): RecentPage {
  const { entries } = directory;
  const prints: number[] = [];
  let [looked, read, at] = [0, 0, directory.blockOf(before - 1)];
  for (; at >= 0 && looked < pageRecords && read < pageBytes && prints.length / 2 < limit; at--) {
    const entry = entries[at] as BlockEntry;
    const block = reader.read(entry, false);
    looked += block.count;
    read += block.size;
    for (let i = block.count - 1; i >= 0 && prints.length / 2 < limit; i--) {
      const id = block.id(i);
      // Backwards, as all of it: turned round at the end.
      // What came from a file this stream's server never sent here.
      if (id !== null && block.seq(i) < before && !block.isImported(i))
        prints.push(contentPrint(block.type(i), block.data(i)), idPrint(id));
    }
  }
  return {
    prints: Float64Array.from(prints.reverse()),
    read,
    before: at < 0 ? null : (entries[at + 1]?.first ?? null),
  };
}
