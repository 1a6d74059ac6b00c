/** Blocks as they arrive get their numbers, and the pause before their first event. */
import { type Block, openBlock } from "./block.ts";
import { numberBlock, pause } from "./block-pack.ts";
import { type Numbered, numbered } from "./journal-blocks.ts";

/**
 * @param bytes of a block without numbers; they are written into it
 * @param number of its first record
 * @param lastMono monotonic time of the stream's newest event of this run, null: there is none
 * @param lastAt UTC ms of its newest event of earlier runs; asked only then
 */
export function numberArrived(
  bytes: Uint8Array,
  number: number,
  lastMono: number | null,
  lastAt: () => number | null,
): { readonly block: Numbered; readonly lastMono: number | null } {
  const block = openBlock(bytes);
  const [first, last] = eventsOf(block);
  let gap: number | null = null;
  // Monotonic time of an earlier run says nothing now; civil time may have jumped back.
  if (first >= 0) gap = lastMono === null ? pause(lastAt(), block.at(first)) : pause(lastMono, block.mono(first));
  numberBlock(bytes, number, gap);
  return { block: numbered(bytes), lastMono: last < 0 ? lastMono : block.mono(last) };
}

/** Whether a connection was opened in it. */
export function hasOpened(block: Block): boolean {
  for (let i = 0; i < block.count; i++) if (block.isMark(i) && block.mark(i, "").mark === "opened") return true;
  return false;
}

/** Places of the first and the last event; -1: there is none. */
function eventsOf(block: Block): [first: number, last: number] {
  let [first, last] = [0, block.count - 1];
  while (first < block.count && block.isMark(first)) first++;
  while (last >= 0 && block.isMark(last)) last--;
  return [first < block.count ? first : -1, last];
}
