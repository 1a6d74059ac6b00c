/** What was found of one filter so far, block by block, so that blocks may come, go and be merged. Places count from the oldest. */
import type { SourceBlock } from "./block-source.ts";

/** Numbers and times of the records of one block that match, oldest first. */
export type Hits = { readonly seqs: Float64Array; readonly ats: Float64Array };

export const noHits: Hits = { seqs: new Float64Array(0), ats: new Float64Array(0) };

export class ResultSet {
  #hits = new Map<SourceBlock, Hits>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  has(block: SourceBlock): boolean {
    return this.#hits.has(block);
  }

  set(block: SourceBlock, hits: Hits): void {
    this.#total += hits.seqs.length - (this.#hits.get(block)?.seqs.length ?? 0);
    this.#hits.set(block, hits);
  }

  delete(block: SourceBlock): void {
    this.#total -= this.#hits.get(block)?.seqs.length ?? 0;
    this.#hits.delete(block);
  }

  /** Numbers at the places from `from` on. @param blocks all of the stream, oldest first */
  window(blocks: readonly SourceBlock[], from: number, limit: number): number[] {
    const found: number[] = [];
    let before = 0;
    for (const block of blocks) {
      const seqs = this.#hits.get(block)?.seqs;
      if (seqs === undefined || seqs.length === 0) continue;
      const start = Math.max(0, from - before);
      before += seqs.length;
      for (let i = start; i < seqs.length && found.length < limit; i++) found.push(seqs[i] as number);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Numbers of the newest, oldest first. */
  tail(blocks: readonly SourceBlock[], limit: number): number[] {
    return this.window(blocks, Math.max(0, this.#total - limit), limit);
  }

  /** Place of the first that was received at `at` or later; the total when none was. */
  placeOf(blocks: readonly SourceBlock[], at: number): number {
    let place = 0;
    for (const block of blocks) {
      const ats = this.#hits.get(block)?.ats ?? noHits.ats;
      const i = block.toAt < at ? -1 : ats.findIndex((one) => one >= at);
      if (i >= 0) return place + i;
      place += ats.length;
    }
    return place;
  }
}
