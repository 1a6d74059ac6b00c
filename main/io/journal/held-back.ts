/**
 * Records of streams that keep nothing, on this side of the worker: they go there only when somebody asks what it alone can say. Packing
 * and sending them costs as much as reading them did, and mostly nobody asks.
 */
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import { charsOf, packBlock, parted, pause } from "./block-pack.ts";
import { memoryBytes, memoryRecords } from "./journal-memory.ts";
import { lastMono } from "./newest-rows.ts";

type Entry = ReceivedEvent | Mark;
type Batch = { readonly first: number; readonly records: readonly Entry[]; readonly bytes: number };
type Held = {
  batches: Batch[];
  count: number;
  bytes: number;
  /** Records of the stream that there are in memory, here or at the worker. */
  known: number;
  /** Monotonic time of the newest event before the batches. */
  before: number | null;
  lastMono: number | null;
};

export class HeldBack {
  readonly #streams = new Map<string, Held>();

  /** Streams of which something is here. */
  get streams(): string[] {
    return [...this.#streams].flatMap(([stream, { count }]) => (count > 0 ? [stream] : []));
  }

  /** @returns how many of the older records have gone for it */
  take(stream: string, first: number, records: readonly Entry[]): number {
    const held = this.#of(stream);
    let bytes = 0;
    for (const record of records) bytes += "type" in record ? record.bytes : 0;
    held.batches.push({ first, records, bytes });
    held.count += records.length;
    held.bytes += bytes;
    held.lastMono = lastMono(records) ?? held.lastMono;
    // The newest stays whatever its size.
    for (let oldest = held.batches[0]; oldest !== undefined && held.batches.length > 1; oldest = held.batches[0]) {
      if (held.count - oldest.records.length < memoryRecords && held.bytes <= memoryBytes) break;
      held.batches.shift();
      held.count -= oldest.records.length;
      held.bytes -= oldest.bytes;
      held.before = lastMono(oldest.records) ?? held.before;
    }
    const known = Math.min(memoryRecords, held.known + records.length);
    const gone = held.known + records.length - known;
    held.known = known;
    return gone;
  }

  /** What is here, packed and with its numbers, and no longer here. */
  release(stream: string): Uint8Array[] {
    const held = this.#streams.get(stream);
    if (held === undefined || held.count === 0) return [];
    const entries = held.batches.flatMap(({ first, records }) =>
      records.map((record, i) => ({ seq: first + i, record })),
    );
    // Only so many are kept there; more in one batch would be packed for nothing.
    const cut = Math.max(0, entries.length - memoryRecords);
    let before = lastMono(entries.slice(0, cut).map(({ record }) => record)) ?? held.before;
    const blocks = parted(entries.slice(cut), ({ record }) => charsOf(record)).map((some) => {
      const gaps = some.map(({ record }) => {
        if (!("type" in record)) return null;
        const gap = pause(before, record.mono);
        before = record.mono;
        return gap;
      });
      return packBlock(
        some.map(({ record }) => record),
        { seqs: some.map(({ seq }) => seq), gaps },
      );
    });
    Object.assign(held, { batches: [], count: 0, bytes: 0, before: held.lastMono });
    return blocks;
  }

  /** All of it is gone, and so is what the worker had in memory. */
  drop(stream: string): void {
    const held = this.#streams.get(stream);
    if (held !== undefined) Object.assign(held, { batches: [], count: 0, bytes: 0, known: 0, before: held.lastMono });
  }

  forget(stream: string): void {
    this.#streams.delete(stream);
  }

  #of(stream: string): Held {
    let held = this.#streams.get(stream);
    if (held === undefined) {
      held = { batches: [], count: 0, bytes: 0, known: 0, before: null, lastMono: null };
      this.#streams.set(stream, held);
    }
    return held;
  }
}
