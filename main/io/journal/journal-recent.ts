/**
 * What the journal holds of a stream, as fingerprints: how a stream that starts again knows what it has already. Read in
 * pages, newest first, each a question of its own, so that no append waits for more than one of them.
 */
import { contentPrint, idPrint } from "../../core/events/fingerprint.ts";
import type { Connection } from "./journal-file.ts";
import { readableTables } from "./journal-rows.ts";

/** `prints` as of core/events/fingerprint.ts; `read`: bytes it cost; `before`: where the next page goes on, null: there is none. */
export type RecentPage = { readonly prints: Float64Array; readonly read: number; readonly before: number | null };

/** A page ends with so many records or so much text: 20 ms (measured). */
const pageRecords = 2000;
const pageBytes = 2 * 1024 * 1024;
const recordBytes = 100;
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
export function recentPage(db: Connection, stream: string, before: number, limit: number): RecentPage {
  const tables = readableTables(db);
  const union = (select: (table: string) => string): string =>
    tables.map(({ name }) => select(name)).join(" UNION ALL ");
  const twice = (...values: unknown[]): unknown[] => tables.flatMap(() => values);
  // How long the data is, is told by a column before it; the data itself is read only where it is wanted.
  const heads = union(
    (table) =>
      `SELECT seq, id IS NOT NULL AS named, CAST(bytes AS INTEGER) AS bytes FROM ${table} WHERE stream = ? AND seq < ?`,
  );
  const looked = db.prepare(`${heads} ORDER BY seq DESC LIMIT ?`).all(...twice(stream, before), pageRecords) as {
    seq: number;
    named: number;
    bytes: number | null;
  }[];
  let [read, named, count] = [0, 0, 0];
  for (const head of looked) {
    count++;
    read += recordBytes + (head.named === 1 ? (head.bytes ?? 0) : 0);
    named += head.named;
    if (read >= pageBytes || named >= limit) break;
  }
  const oldest = looked[count - 1]?.seq ?? 0;
  const texts = ["id", "type", "data"].map((name) => `CAST(${name} AS BLOB) AS ${name}`).join(", ");
  const rows = union(
    (table) => `SELECT seq, ${texts} FROM ${table} WHERE stream = ? AND seq >= ? AND seq < ? AND id IS NOT NULL`,
  );
  const found = named === 0 ? [] : db.prepare(`${rows} ORDER BY seq`).all(...twice(stream, oldest, before));
  const prints = new Float64Array(found.length * 2);
  for (const [index, row] of (found as Record<"id" | "type" | "data", Uint8Array | null>[]).entries()) {
    prints[index * 2] = idPrint(text(row.id));
    prints[index * 2 + 1] = contentPrint(text(row.type), text(row.data));
  }
  const isAll = count === looked.length && looked.length < pageRecords;
  return { prints, read, before: isAll ? null : oldest };
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "" : Buffer.from(bytes).toString();
}
