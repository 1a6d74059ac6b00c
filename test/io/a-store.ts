/** The journal's store without its worker thread: for tests that look at every step. */
import { onTestFinished } from "vitest";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { packBlocks } from "../../main/io/journal/block-pack.ts";
import { type Limits, limitsOf } from "../../main/io/journal/journal-limits.ts";
import { JournalStore } from "../../main/io/journal/journal-store.ts";

const { every } = limitsOf({ days: 366, events: 10_000_000, mebibytes: 4096 }, []);

export const storeStart = (dir: string, limits: Partial<Limits> = {}) => ({
  dir,
  session: "test",
  maxBytes: null,
  limits: { every: { ...every, ...limits }, own: [] },
  volatile: [],
  lost: [],
});

let tickets = 0;

/** @returns the number of the first record */
export function appendTo(
  store: JournalStore,
  stream: string,
  records: readonly (ReceivedEvent | Mark)[],
  cursor: string | null = null,
): number {
  const first = store.lastSeq + 1;
  store.append(++tickets, { stream, blocks: packBlocks(records), first, cursor });
  return first;
}

export function aStore(dir: string, limits: Partial<Limits> = {}): JournalStore {
  const store = new JournalStore(storeStart(dir, limits));
  onTestFinished(() => store.close());
  return store;
}

/** All there is to do, step by step. @returns how many steps it took */
export function upkeep(store: JournalStore): number {
  let steps = 0;
  while (store.keepUp(store.streams())) steps++;
  return steps;
}
