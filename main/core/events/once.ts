/**
 * Each event is in the journal once. Duplicates are sought only between a (re)connect and the first id that was not seen
 * before: there the same id in the block itself with the same type and data is the same event again. Everywhere else
 * nothing is dropped, because a server may well say the same thing twice and mean it.
 *
 * It remembers the newest 50,000 ids of a stream as two numbers each. It is no record: what is kept is the journal's word,
 * and after a restart, or when the journal could not keep what it was given, it is `seed`ed from there.
 */
import { contentPrint, type Fingerprints, idPrint, placeOf } from "./fingerprint.ts";
import type { ReceivedEvent } from "./record.ts";

/** Ids that are remembered of each stream: 37 bytes each when all are taken (1.9 MB), 2.4 kB for a stream without ids. */
export const rememberedIds = 50_000;

/**
 * `new`: it goes into the journal. `duplicate`: it is there already. `reused`: it goes there and is marked, for its id is
 * known with other content.
 */
export type Verdict = "new" | "duplicate" | "reused";

export type Once = {
  readonly limit: number;
  /** A connection was opened, and no unseen id has come since. */
  isSeeking: boolean;
  /** Events that were dropped as duplicates, ever. */
  dropped: number;
  /** How many pairs were ever taken in; the newest is at (taken − 1) mod the ring's length. */
  taken: number;
  ids: Float64Array;
  contents: Float64Array;
  /**
   * Where in the ring the newest pair of an id is, by id; and any older pair of the same id, by id and content. 0 = free, else
   * place + 1. As long as every event has an id of its own, which is nearly always, the second table is never looked at.
   */
  byId: Int32Array;
  byPair: Int32Array;
};

const firstRoom = 64;
/** Places of the tables for each of the ring: at most half are ever taken, so that a search is over soon. */
const spread = 2;

/** @param limit ids that are remembered; the oldest go first */
export function createOnce(limit: number = rememberedIds): Once {
  return { limit, isSeeking: false, dropped: 0, taken: 0, ...room(Math.min(limit, firstRoom)) };
}

/** Forgets what was remembered and takes what the journal has, oldest first. The window and the count stay as they are. */
export function seed(once: Once, known: Fingerprints): void {
  Object.assign(once, { taken: 0 }, room(Math.min(once.limit, Math.max(firstRoom, known.length / 2))));
  for (let i = 0; i + 1 < known.length; i += 2) {
    remember(once, known[i] ?? 0, known[i + 1] ?? 0);
  }
}

/** A connection is open: what comes first may be what has come before. */
export function opened(once: Once): void {
  once.isSeeking = true;
}

/**
 * Judges an event and remembers it.
 * @param event `id` of its own block: null without one, and an empty one names no event either, so that neither is ever a
 * duplicate nor ends the window. Outside the window an id that comes again is not marked: several events may share one.
 */
export function admit(once: Once, event: Pick<ReceivedEvent, "id" | "type" | "data">): Verdict {
  if (event.id === null || event.id === "") return "new";
  const [id, content] = [idPrint(event.id), contentPrint(event.type, event.data)];
  // An id that is not known has no pair that is: what nearly every event is costs one look.
  if (once.byId[idSlot(once, id)] === 0) {
    insert(once, id, content);
    once.isSeeking = false;
    return "new";
  }
  if (once.isSeeking && knows(once, id, content)) {
    once.dropped++;
    return "duplicate";
  }
  remember(once, id, content);
  return once.isSeeking ? "reused" : "new";
}

function room(size: number): Pick<Once, "ids" | "contents" | "byPair" | "byId"> {
  const places = 2 ** Math.ceil(Math.log2(size * spread));
  return {
    ids: new Float64Array(size),
    contents: new Float64Array(size),
    byPair: new Int32Array(places),
    byId: new Int32Array(places),
  };
}

function remember(once: Once, id: number, content: number): void {
  if (!knows(once, id, content)) insert(once, id, content);
}

function knows(once: Once, id: number, content: number): boolean {
  const newest = once.byId[idSlot(once, id)] ?? 0;
  if (newest === 0) return false;
  return once.contents[newest - 1] === content || once.byPair[pairSlot(once, id, content)] !== 0;
}

/** Takes in a pair that is not known. */
function insert(once: Once, id: number, content: number): void {
  if (once.taken === once.ids.length && once.taken < once.limit) grow(once);
  const place = once.taken % once.ids.length;
  if (once.taken >= once.ids.length) forget(once, place);
  once.ids[place] = id;
  once.contents[place] = content;
  once.taken++;
  const slot = idSlot(once, id);
  const before = once.byId[slot] ?? 0;
  if (before !== 0) once.byPair[pairSlot(once, id, once.contents[before - 1] ?? 0)] = before;
  once.byId[slot] = place + 1;
}

function grow(once: Once): void {
  const { ids, contents } = once;
  Object.assign(once, { taken: 0 }, room(Math.min(once.limit, ids.length * 2)));
  for (let i = 0; i < ids.length; i++) remember(once, ids[i] ?? 0, contents[i] ?? 0);
}

/** Makes a place of the ring free. A newer pair of the same id keeps the id known. */
function forget(once: Once, place: number): void {
  const id = once.ids[place] ?? 0;
  const slot = idSlot(once, id);
  if (once.byId[slot] === place + 1) freeId(once, slot);
  else freePair(once, pairSlot(once, id, once.contents[place] ?? 0));
}

const pairStart = (id: number, content: number): number => placeOf(id) ^ placeOf(content);

/** Where the pair is, or the free place where it would stand. */
function pairSlot({ byPair, ids, contents }: Once, id: number, content: number): number {
  const mask = byPair.length - 1;
  for (let slot = pairStart(id, content) & mask; ; slot = (slot + 1) & mask) {
    const held = (byPair[slot] ?? 0) - 1;
    if (held < 0 || (ids[held] === id && contents[held] === content)) return slot;
  }
}

function idSlot({ byId, ids }: Once, id: number): number {
  const mask = byId.length - 1;
  for (let slot = placeOf(id) & mask; ; slot = (slot + 1) & mask) {
    const held = (byId[slot] ?? 0) - 1;
    if (held < 0 || ids[held] === id) return slot;
  }
}

/** Frees a slot and moves up those behind it that would not be found any more. */
function freePair({ byPair, ids, contents }: Once, from: number): void {
  const mask = byPair.length - 1;
  let hole = from;
  for (let slot = (from + 1) & mask; byPair[slot] !== 0; slot = (slot + 1) & mask) {
    const held = byPair[slot] ?? 0;
    const start = pairStart(ids[held - 1] ?? 0, contents[held - 1] ?? 0) & mask;
    // It may stay when its search begins behind the hole.
    if (((slot - start) & mask) < ((slot - hole) & mask)) continue;
    byPair[hole] = held;
    hole = slot;
  }
  byPair[hole] = 0;
}

/** The same by id. Twice the text and no function between: it is done for every event of a busy stream. */
function freeId({ byId, ids }: Once, from: number): void {
  const mask = byId.length - 1;
  let hole = from;
  for (let slot = (from + 1) & mask; byId[slot] !== 0; slot = (slot + 1) & mask) {
    const held = byId[slot] ?? 0;
    const start = placeOf(ids[held - 1] ?? 0) & mask;
    if (((slot - start) & mask) < ((slot - hole) & mask)) continue;
    byId[hole] = held;
    hole = slot;
  }
  byId[hole] = 0;
}
