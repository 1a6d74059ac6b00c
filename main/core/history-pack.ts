/**
 * A history as short text, to be stored: numbers in the way source maps write them, five bits a letter, and only what is
 * not zero. A full history of a busy stream stays under 25 kB. What is unpacked may come from anybody's hand.
 */
import { type Cell, counters, emptyCell, emptyHistory, type History, levels, type Ring } from "./history.ts";
import { maxCount, maxStep, maxSteps, type Sketch } from "./sketch.ts";

/** One text for each ring, minutes first. */
export type HistorySnapshot = { readonly version: 1; readonly rings: readonly string[] };

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Map([...alphabet].map((letter, value) => [letter, value]));
/** Above any ring that can be packed; more is not ours. */
const maxRingLetters = 40_000;
const sketchBit = 2 ** counters.length;

export function pack(history: History): HistorySnapshot {
  return { version: 1, rings: history.rings.map(packRing) };
}

/** @returns the history, empty and `damaged` when the snapshot is not one that `pack` can have made */
export function unpack(snapshot: unknown): { history: History; damaged: boolean } {
  const rings = typeof snapshot === "object" && snapshot !== null && "rings" in snapshot ? snapshot.rings : null;
  const version = typeof snapshot === "object" && snapshot !== null && "version" in snapshot ? snapshot.version : null;
  const history = emptyHistory();
  const whole =
    version === 1 &&
    Array.isArray(rings) &&
    rings.length === levels.length &&
    history.rings.every((ring, level) => unpackRing(ring, rings[level]));
  return whole ? { history, damaged: false } : { history: emptyHistory(), damaged: true };
}

function packRing({ slots }: Ring): string {
  const cells = slots.filter((cell) => cell !== undefined).sort((a, b) => a.index - b.index);
  let text = "";
  let before = 0;
  for (const cell of cells) {
    // Clocks before 1970 exist; their buckets are not worth a sign bit in all others.
    if (cell.index < before) continue;
    text += packNumber(cell.index - before) + packCell(cell);
    before = cell.index;
  }
  return text;
}

function packCell({ sums, headers }: Cell): string {
  let mask = headers.length > 0 ? sketchBit : 0;
  let text = "";
  for (const [bit, name] of counters.entries()) {
    const value = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(sums[name])));
    if (value === 0) continue;
    mask += 2 ** bit;
    text += packNumber(value);
  }
  if (headers.length > 0) text += packNumber(headers.length) + headers.map(packPair).join("");
  return packNumber(mask) + text;
}

const packPair = ([step, count]: Sketch[number]): string => packNumber(step) + packNumber(count);

function packNumber(value: number): string {
  let rest = value;
  let text = "";
  // Division, not shifts: bytes of a day do not fit 32 bits.
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += alphabet[(rest % 32) + 32];
  return text + alphabet[rest];
}

/** Reads numbers off a text; NaN when it ends early or holds something else. */
class Letters {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }
  get done(): boolean {
    return this.#at >= this.#text.length;
  }
  number(): number {
    let value = 0;
    for (let place = 1; place <= 32 ** 10; place *= 32) {
      const digit = values.get(this.#text[this.#at++] ?? "");
      if (digit === undefined) return Number.NaN;
      value += (digit % 32) * place;
      if (digit < 32) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
    }
    return Number.NaN;
  }
}

/** Fills a ring; false when the text is not one of ours. */
function unpackRing(ring: Ring, text: unknown): boolean {
  if (typeof text !== "string" || text.length > maxRingLetters) return false;
  const letters = new Letters(text);
  let index = 0;
  for (let first = true; !letters.done; first = false) {
    const step = letters.number();
    if (!(step > 0 || (first && step === 0))) return false;
    index += step;
    const cell = unpackCell(letters, index, ring.widthMs);
    const slot = index % ring.slots.length;
    if (cell === null || !Number.isSafeInteger(index * ring.widthMs) || ring.slots[slot] !== undefined) return false;
    ring.slots[slot] = cell;
  }
  return true;
}

function unpackCell(letters: Letters, index: number, widthMs: number): Cell | null {
  const cell = emptyCell(index);
  const mask = letters.number();
  if (!(mask >= 0 && mask < sketchBit * 2)) return null;
  for (const [bit, name] of counters.entries()) {
    if (Math.floor(mask / 2 ** bit) % 2 === 0) continue;
    const value = letters.number();
    if (Number.isNaN(value)) return null;
    cell.sums[name] = value;
  }
  const { open, down, paused, asleep, offline } = cell.sums;
  if (open + down + paused + asleep + offline > widthMs) return null;
  return mask < sketchBit || unpackSketch(letters, cell.headers) ? cell : null;
}

function unpackSketch(letters: Letters, sketch: Sketch): boolean {
  const count = letters.number();
  if (!(count >= 1 && count <= maxSteps)) return false;
  let before = -1;
  for (let pair = 0; pair < count; pair++) {
    const step = letters.number();
    const times = letters.number();
    if (!(step > before && step <= maxStep && times >= 1 && times <= maxCount)) return false;
    sketch.push([step, times]);
    before = step;
  }
  return true;
}
