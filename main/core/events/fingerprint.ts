/**
 * What is remembered of an event so that it is known when it comes again: two numbers of 53 bits instead of its text.
 * Not against forgery: a server that makes two events alike deceives only about its own events.
 */

/** Pairs in one row, oldest event first: id, content, id, content, … It travels between threads as it is. */
export type Fingerprints = Float64Array;

/** Odd, with bits spread about evenly: 2³² over the golden ratio, and the one of MurmurHash3's final mix. */
const oneFactor = 0x9e3779b1;
const otherFactor = 0x85ebca6b;
/** So many neighbours stay together in a table: 2 to that. */
const runBits = 4;

type Lanes = { one: number; other: number };

/** Up to so long, units are read one by one; a pair that the end of a piece parts makes no difference between equal texts. */
const shortUnits = 48;
const pieceUnits = 16_384;
const encoder = new TextEncoder();
const words = new Uint32Array((pieceUnits * 3) / 4 + 1);
const bytes = new Uint8Array(words.buffer);

/** Of the language's hosts everywhere, and pure; only the core's library of types has no word of it. */
declare class TextEncoder {
  encodeInto(text: string, into: Uint8Array): { written: number };
}

/**
 * Of an event's id: equal for equal ids; two of 50,000 others are taken for equal once in ten million streams. A whole number is its own:
 * ids that are counted then stand side by side in a table, and looking them up costs a third (measured).
 */
export function idPrint(id: string): number {
  return wholeNumber(id) ?? printOf("", id);
}

/** Of what the event says: equal for equal type and data, and not for the same letters parted in another place. */
export function contentPrint(type: string, data: string): number {
  return printOf(type, data);
}

/** Where in a table of 2ⁿ places a fingerprint belongs, before the mask. */
export function placeOf(print: number): number {
  // Neighbours stay neighbours, in runs that are spread about: numbers with the same end must not all meet in one place.
  const low = print >>> 0;
  return (
    ((Math.imul((low >>> runBits) ^ (print / 0x1_0000_0000), oneFactor) >>> 7) << runBits) | (low & (2 ** runBits - 1))
  );
}

function printOf(head: string, tail: string): number {
  const lanes = { one: oneFactor, other: tail.length ^ otherFactor };
  take(lanes, head);
  take(lanes, tail);
  const one = mixed(lanes.one ^ (lanes.other >>> 15));
  const other = mixed(lanes.other ^ one);
  return (other >>> 11) * 0x1_0000_0000 + (one >>> 0);
}

/** Adds a text to both sums. */
function take(lanes: Lanes, text: string): void {
  if (text.length > shortUnits) takeLong(lanes, text);
  else takeShort(lanes, text);
}

/** By its bytes in UTF-8, four at a step: the way to them costs 70 ns, and then they are read at a quarter of what units cost. */
function takeLong(lanes: Lanes, text: string): void {
  let { one, other } = lanes;
  for (let at = 0; at < text.length; at += pieceUnits) {
    const piece = text.length <= pieceUnits ? text : text.slice(at, at + pieceUnits);
    const { written } = encoder.encodeInto(piece, bytes);
    // What an earlier text left behind the last byte is no part of this one.
    bytes.fill(0, written, written + 4);
    const end = (written + 3) >>> 2;
    for (let i = 0; i < end; i++) {
      const word = words[i] ?? 0;
      one = Math.imul(((one << 5) | (one >>> 27)) ^ word, oneFactor);
      other = Math.imul(((other << 13) | (other >>> 19)) ^ word, otherFactor);
    }
  }
  lanes.one = one;
  lanes.other = other;
}

/** 1.7 ns a unit, most of it for the reading of the unit (measured): two at a step are a third cheaper than one, four no more. */
function takeShort(lanes: Lanes, text: string): void {
  let { one, other } = lanes;
  const { length } = text;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const first = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    one = Math.imul(((one << 5) | (one >>> 27)) ^ first, oneFactor);
    other = Math.imul(((other << 13) | (other >>> 19)) ^ first, otherFactor);
    const second = text.charCodeAt(i + 2) | (text.charCodeAt(i + 3) << 16);
    one = Math.imul(((one << 5) | (one >>> 27)) ^ second, oneFactor);
    other = Math.imul(((other << 13) | (other >>> 19)) ^ second, otherFactor);
  }
  for (; i < length; i++) {
    const unit = text.charCodeAt(i);
    one = Math.imul(((one << 5) | (one >>> 27)) ^ unit, oneFactor);
    other = Math.imul(((other << 13) | (other >>> 19)) ^ unit, otherFactor);
  }
  lanes.one = one;
  lanes.other = other;
}

/** Every bit of the number goes into every bit of the result. */
function mixed(value: number): number {
  let v = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  v = Math.imul(v ^ (v >>> 13), 0xc2b2ae35);
  return v ^ (v >>> 16);
}

const [zero, nine] = [48, 57];
const mostDigits = 16;

/**
 * The number that an id counts, or null: "007" or 10²⁰ are names, not numbers that can be counted. Asked of every event: a pattern takes
 * three times as long.
 */
export function wholeNumber(id: string): number | null {
  const { length } = id;
  if (length === 0 || length > mostDigits || (length > 1 && id.charCodeAt(0) === zero)) return null;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const code = id.charCodeAt(i);
    if (code < zero || code > nine) return null;
    value = value * 10 + (code - zero);
  }
  return Number.isSafeInteger(value) ? value : null;
}
