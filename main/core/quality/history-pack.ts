/**
 * A history as short text, to be stored: numbers in the way source maps write them, five bits a letter, and only what is
 * not zero. A full history of a busy stream stays under 52 kB. What is unpacked may come from anybody's hand.
 */
import {
  type Cell,
  type Counter,
  conditions,
  counters,
  emptyCell,
  emptyHistory,
  type History,
  levels,
  type Ring,
} from "./history.ts";
import { coarse, fine, maxCount, type Scale, type Sketch } from "./sketch.ts";

/** One text for each ring, minutes first; `countedTo`: the moment (UTC ms) up to which time is in them. */
export type HistorySnapshot =
  | { readonly version: 1; readonly rings: readonly string[] }
  | { readonly version: 2; readonly countedTo: number; readonly rings: readonly string[] };

/** What is read; without `countedTo` nobody knows when it ended. */
export type Unpacked = { readonly history: History; readonly countedTo: number | null; readonly damaged: boolean };

const sketches = { headers: coarse, sessions: fine, recoveries: coarse } as const satisfies Record<string, Scale>;
type SketchName = keyof typeof sketches;

/**
 * What a bucket may hold, in the order in which it is packed; each has its bit in the bucket's mask. A version knows the
 * first so many of them, and new ones come at the end: so what an older one has written stays readable.
 */
const fields: readonly { readonly mask: number; readonly name: Counter | SketchName }[] = [
  ...counters.slice(0, 10),
  "headers" as const,
  ...counters.slice(10),
  "sessions" as const,
  "recoveries" as const,
].map((name, bit) => ({ mask: 2 ** bit, name }));
const known = { 1: 11, 2: fields.length } as const;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Map([...alphabet].map((letter, value) => [letter, value]));
/** Above any ring that can be packed; more is not ours. */
const maxRingLetters = 40_000;

export function pack(history: History, countedTo: number): HistorySnapshot {
  return { version: 2, countedTo, rings: history.rings.map(packRing) };
}

/** @returns the history, empty and `damaged` when the snapshot is not one that a `pack` can have made */
export function unpack(snapshot: unknown): Unpacked {
  const { version, rings, countedTo = null } = isObject(snapshot) ? snapshot : {};
  const history = emptyHistory();
  const whole =
    (version === 1 || (version === 2 && isMoment(countedTo))) &&
    Array.isArray(rings) &&
    rings.length === levels.length &&
    history.rings.every((ring, level) => unpackRing(ring, rings[level], known[version]));
  if (!whole) return { history: emptyHistory(), countedTo: null, damaged: true };
  return { history, countedTo: isMoment(countedTo) ? countedTo : null, damaged: false };
}

function isObject(value: unknown): value is { version?: unknown; rings?: unknown; countedTo?: unknown } {
  return typeof value === "object" && value !== null;
}

function isMoment(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function packRing({ slots }: Ring): string {
  const cells = slots.filter((cell) => cell !== undefined).sort((a, b) => a.index - b.index);
  const texts: string[] = [];
  let before = 0;
  for (const cell of cells) {
    // Clocks before 1970 exist; their buckets are not worth a sign bit in all others.
    if (cell.index < before) continue;
    texts.push(packNumber(cell.index - before), packCell(cell));
    before = cell.index;
  }
  // Joined, not added: what is added letter by letter would be put together when all streams are written, at once.
  return texts.join("");
}

function packCell(cell: Cell): string {
  let masks = 0;
  let text = "";
  for (const { mask, name } of fields) {
    const packed = isSketch(name) ? packSketch(cell[name]) : packSum(cell.sums[name]);
    if (packed === "") continue;
    masks += mask;
    text += packed;
  }
  return packNumber(masks) + text;
}

function isSketch(name: Counter | SketchName): name is SketchName {
  return name === "headers" || name === "sessions" || name === "recoveries";
}

function packSum(sum: number): string {
  if (!(sum > 0)) return "";
  const value = Math.min(Number.MAX_SAFE_INTEGER, Math.round(sum));
  return value === 0 ? "" : packNumber(value);
}

function packSketch(sketch: Sketch): string {
  if (sketch.length === 0) return "";
  let text = packNumber(sketch.length);
  for (const [step, count] of sketch) text += packNumber(step) + packNumber(count);
  return text;
}

function packNumber(value: number): string {
  let rest = value;
  let text = "";
  // Division, not shifts: bytes of a day do not fit 32 bits. What does fit is most, and shifts are a third faster.
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 32)) text += alphabet[(rest % 32) + 32];
  for (; rest >= 32; rest >>>= 5) text += alphabet[(rest & 31) + 32];
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
function unpackRing(ring: Ring, text: unknown, knownFields: number): boolean {
  if (typeof text !== "string" || text.length > maxRingLetters) return false;
  const letters = new Letters(text);
  let index = 0;
  for (let first = true; !letters.done; first = false) {
    const step = letters.number();
    if (!(step > 0 || (first && step === 0))) return false;
    index += step;
    const cell = unpackCell(letters, index, ring.widthMs, knownFields);
    const slot = index % ring.slots.length;
    if (cell === null || !Number.isSafeInteger(index * ring.widthMs) || ring.slots[slot] !== undefined) return false;
    ring.slots[slot] = cell;
  }
  return true;
}

function unpackCell(letters: Letters, index: number, widthMs: number, knownFields: number): Cell | null {
  const cell = emptyCell(index);
  const masks = letters.number();
  if (!(masks >= 0 && masks < 2 ** knownFields)) return null;
  for (const { mask, name } of fields) {
    if (Math.floor(masks / mask) % 2 === 0) continue;
    if (isSketch(name)) {
      if (!unpackSketch(letters, cell[name], sketches[name])) return null;
    } else {
      const value = letters.number();
      if (Number.isNaN(value)) return null;
      cell.sums[name] = value;
    }
  }
  return conditions.reduce((sum, condition) => sum + cell.sums[condition], 0) > widthMs ? null : cell;
}

function unpackSketch(letters: Letters, sketch: Sketch, { maxStep, maxSteps }: Scale): boolean {
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
