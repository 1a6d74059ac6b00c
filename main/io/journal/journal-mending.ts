/**
 * A block that is not what it was costs its own records and no others: a gap takes its place in the list and in the file, which holds on
 * to the damaged bytes as long as it would have held the block. A file that SQLite itself cannot read is journal-disk.ts's.
 */
import type { Code } from "../../../preload/contract.ts";
import type { Mark } from "../../core/events/record.ts";
import { isSound, openBlock } from "./block.ts";
import { numberBlock, packBlock } from "./block-pack.ts";
import { type BlockReader, DamagedBlock, mendBlock, type Numbered, numbered } from "./journal-blocks.ts";
import type { BlockEntry, Directory } from "./journal-directory.ts";
import type { JournalDisk } from "./journal-disk.ts";
import type { JournalSource } from "./journal-source.ts";
import type { StreamStates } from "./journal-streams.ts";

export type MendingWorld = {
  readonly disk: JournalDisk;
  readonly streams: StreamStates;
  readonly reader: BlockReader;
  readonly source: Pick<JournalSource, "removed" | "added">;
};

type Place = {
  readonly stream: string;
  readonly directory: Directory;
  readonly at: number;
  readonly entry: BlockEntry;
};

export class Mending {
  readonly #world: MendingWorld;
  #blocks = 0;
  #records = 0;

  constructor(world: MendingWorld) {
    this.#world = world;
  }

  /** What was lost so far in this run; nothing: none of it. */
  get problems(): readonly Code[] {
    const params = { blocks: this.#blocks, records: this.#records };
    return this.#blocks === 0 ? [] : [{ code: "journal-block-damaged", params }];
  }

  /** Asks again after each damaged block that stood in the way. Not within a transaction. */
  past<T>(work: () => T): T {
    const mended = new Set<number>();
    for (;;) {
      try {
        return work();
      } catch (error) {
        // One that is in the way again was not to be mended.
        if (!(error instanceof DamagedBlock) || mended.has(error.first) || !this.mend(error)) throw error;
        mended.add(error.first);
      }
    }
  }

  /** @returns false: it is no damaged block, or one that is not listed */
  mend(error: unknown): boolean {
    if (!(error instanceof DamagedBlock)) return false;
    const place = this.#placeOf(error.first);
    if (place === null) return false;
    const { disk, reader, source } = this.#world;
    const { stream, directory, at, entry } = place;
    const bytes = reader.rawBytes(entry.first);
    const instead = soundIn(bytes, entry) ?? gapFor(entry);
    const isLost = instead.entry.events === 0;
    const types = reader.types(entry);
    const kept = isLost ? bytes : null;
    const done = disk.transact(() => mendBlock(disk.db, stream, entry.first, instead, kept));
    directory.remove(at, 1, [types]);
    directory.insert(at, instead);
    reader.forget();
    // A disk that cannot be written has the damaged one still; here it is known for what it is.
    if (!done) reader.readInstead(instead);
    source.removed(stream, [entry]);
    source.added(stream, instead.entry);
    if (!isLost) return true;
    this.#blocks += 1;
    this.#records += entry.count;
    return true;
  }

  #placeOf(first: number): Place | null {
    for (const stream of this.#world.streams.known()) {
      const directory = this.#world.streams.directory(stream);
      const at = directory.blockOf(first);
      const entry = directory.entries[at];
      if (entry?.first === first && entry.body === null) return { stream, directory, at, entry };
    }
    return null;
  }
}

/** The block itself, where only what was said of it, or its short form, was wrong. */
function soundIn(bytes: Uint8Array | null, { first }: BlockEntry): Numbered | null {
  if (bytes === null || !isSound(bytes)) return null;
  try {
    const block = numbered(bytes);
    return block.entry.first === first ? block : null;
  } catch {
    return null;
  }
}

/** One row that says how many stood here, and from when to when. */
function gapFor({ first, count, fromAt, toAt }: BlockEntry): Numbered {
  const params = { reason: "block-damaged", records: count, fromAt, toAt };
  const mark: Mark = { stream: "", at: fromAt, mark: "gap", failure: null, params };
  const bytes = packBlock([mark]);
  numberBlock(bytes, first, null);
  return { ...numbered(bytes), block: openBlock(bytes) };
}
