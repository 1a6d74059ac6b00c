/**
 * The records of one stream that are in memory only: all of a stream that keeps nothing, or those the disk refused.
 * It holds what is needed to keep them few; the rows themselves are in the connection's in-memory table.
 */

/** So many records and so much text at most, for each stream; the oldest go first. */
export const memoryRecords = 2000;
export const memoryBytes = 16 * 1024 * 1024;

export type Held = { readonly seq: number; readonly bytes: number /** null: a mark */; readonly type: string | null };

export class MemoryWindow {
  #held: Held[] = [];
  #bytes = 0;

  get size(): number {
    return this.#held.length;
  }

  /** @returns those that have to go, oldest first */
  add(records: readonly Held[]): Held[] {
    this.#held.push(...records);
    for (const record of records) this.#bytes += record.bytes;
    let gone = 0;
    for (
      ;
      this.#held.length - gone > memoryRecords || (this.#bytes > memoryBytes && gone < this.#held.length - 1);
      gone++
    ) {
      this.#bytes -= this.#held[gone]?.bytes ?? 0;
    }
    return this.#held.splice(0, gone);
  }

  clear(): void {
    this.#held = [];
    this.#bytes = 0;
  }
}
