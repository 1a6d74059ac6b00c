/**
 * Records of one stream → the bytes of a block. It costs as little as it can, because it runs where the events arrive;
 * numbers and the pause before the first event are only known where the block is kept, and are written in there.
 */
import type { Mark, ReceivedEvent } from "../../core/events/record.ts";
import {
  bit,
  blockVersion,
  checksumOf,
  column,
  columnCount,
  descriptorBytes,
  descriptors,
  encodings,
  flagOrder,
  flagShift,
  header,
  headerBytes,
  magic,
} from "./block-layout.ts";

type Entry = ReceivedEvent | Mark;

/** What is known of records that were numbered before: blocks that are merged. */
export type Numbered = { readonly seqs: readonly number[]; readonly gaps: readonly (number | null)[] };

/** A block has no more records, and no more text unless one event alone has. */
export const blockRecords = 256;
export const blockChars = 256 * 1024;
/** A longer event stands alone in its block, so that a list can be read without it. */
export const longChars = 16 * 1024;

/** Records in order → the blocks they make: one, unless there are many or long ones. */
export function packBlocks(records: readonly Entry[]): Uint8Array[] {
  return parted(records, charsOf).map((some) => packBlock(some));
}

export const charsOf = (record: Entry): number => ("mark" in record ? 0 : record.data.length);

/** Parts of a list, each as much as goes into one block. @param chars of an item */
export function parted<T>(items: readonly T[], chars: (item: T) => number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  let [from, sum, isLong] = [0, 0, false];
  for (let at = 0; at < items.length; at++) {
    const length = chars(items[at] as T);
    if (at > from && (isLong || length > longChars || sum + length > blockChars || at - from >= blockRecords)) {
      parts.push(items.slice(from, at));
      [from, sum] = [at, 0];
    }
    sum += length;
    isLong = length > longChars;
  }
  if (from < items.length) parts.push(from === 0 ? items : items.slice(from));
  return parts;
}

/**
 * One block of these records, at least one. Its bytes are its own (no part of a pool), and hold on to nothing of the records.
 * It has no numbers yet unless `known` says them: see numberBlock.
 */
export function packBlock(records: readonly Entry[], known?: Numbered): Uint8Array {
  const columns = new Columns(records.length);
  const strings = new Strings();
  const ids: string[] = [];
  const data: string[] = [];
  let before: number | null = null;
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as Entry;
    if (known !== undefined) columns.set(column.skip, i, (known.seqs[i] ?? 0) - (known.seqs[0] ?? 0) - i);
    if ("mark" in record) {
      columns.set(column.at, i, record.at);
      columns.set(column.mono, i, before ?? 0);
      columns.set(column.bits, i, bit.mark);
      ids.push("");
      data.push(JSON.stringify([record.mark, record.failure, record.params]));
      continue;
    }
    const gap = known === undefined ? pause(before, record.mono) : (known.gaps[i] ?? null);
    columns.event(i, record, before === null ? null : gap, strings);
    before = record.mono;
    ids.push(record.id ?? "");
    data.push(record.data);
  }
  const bytes = write(columns, strings.all, ids, data);
  if (known !== undefined) {
    const firstEvent = records.findIndex((record) => "type" in record);
    numberBlock(bytes, known.seqs[0] ?? 0, known.gaps[firstEvent] ?? null);
  }
  return bytes;
}

/** Gives a block its numbers, from `first` on, and the pause before its first event; and seals it with its checksum. */
export function numberBlock(bytes: Uint8Array, first: number, firstGapMs: number | null): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setFloat64(header.first, first, true);
  view.setFloat64(header.firstGap, firstGapMs ?? Number.NaN, true);
  view.setUint32(header.checksum, checksumOf(bytes), true);
}

export function pause(before: number | null, mono: number): number | null {
  return before === null ? null : Math.max(0, Math.round(mono - before));
}

/** Strings that come again and again, each once. */
class Strings {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();
  #last = "";
  #lastPlace = -1;

  place(value: string): number {
    if (value === this.#last && this.#lastPlace >= 0) return this.#lastPlace;
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.all.push(value) - 1;
      this.#places.set(value, place);
    }
    this.#last = value;
    this.#lastPlace = place;
    return place;
  }
}

/** Numbers of records, column by column. */
class Columns {
  readonly count: number;
  readonly values: Float64Array;

  constructor(count: number) {
    this.count = count;
    this.values = new Float64Array(count * (columnCount - 1));
  }

  set(which: number, i: number, value: number): void {
    this.values[which * this.count + i] = value;
  }

  event(i: number, event: ReceivedEvent, gap: number | null, strings: Strings): void {
    let bits = event.transport === "websocket" ? bit.websocket : 0;
    if (event.id !== null) bits |= bit.hasId;
    if (event.lastEventId === event.id) bits |= bit.sameId;
    else this.set(column.lastId, i, strings.place(event.lastEventId));
    for (const flag of event.flags) {
      const place = (flagOrder as readonly string[]).indexOf(flag);
      if (place >= 0) bits |= 1 << (flagShift + place);
    }
    this.set(column.at, i, event.receivedAt);
    this.set(column.mono, i, event.mono);
    this.set(column.gap, i, gap === null ? 0 : gap + 1);
    this.set(column.bits, i, bits);
    this.set(column.type, i, strings.place(event.type));
    this.set(column.endpoint, i, strings.place(event.endpoint));
    this.set(column.generation, i, event.generation);
    this.set(column.bytes, i, event.bytes);
  }

  of(which: number): Float64Array {
    return this.values.subarray(which * this.count, (which + 1) * this.count);
  }
}

function write(
  columns: Columns,
  strings: readonly string[],
  ids: readonly string[],
  data: readonly string[],
): Uint8Array {
  const { count } = columns;
  const text = strings.join("") + ids.join("") + data.join("");
  // Nearly all blocks are ASCII, and then one look at the whole text says where everything ends.
  const utf8Bytes = Buffer.byteLength(text);
  const isPlain = utf8Bytes === text.length;
  const isWhole = isPlain || [strings, ids, data].every((some) => some.every((one) => one.isWellFormed()));
  const encoding = isPlain ? 0 : isWhole ? 1 : 2;
  const sizeOf = (one: string): number => (isPlain ? one.length : isWhole ? Buffer.byteLength(one) : one.length * 2);
  const stringEnd = new Float64Array(strings.length);
  let end = ends(strings, stringEnd, 0, sizeOf);
  end = ends(ids, columns.of(column.idEnd), end, sizeOf);
  end = ends(data, columns.of(column.dataEnd), end, sizeOf);
  const plans = Array.from({ length: columnCount }, (_, which) =>
    plan(which === column.stringEnd ? stringEnd : columns.of(which)),
  );
  const textAt = plans.reduce((sum, { values, width }) => sum + values.length * width, headerBytes);
  // Not from the pool: what is sent to another thread is the whole buffer underneath.
  const bytes = Buffer.allocUnsafeSlow(textAt + end);
  bytes.fill(0, 0, headerBytes);
  const view = new DataView(bytes.buffer);
  bytes[header.magic] = magic;
  bytes[header.version] = blockVersion;
  bytes[header.encoding] = encoding;
  view.setUint32(header.count, count, true);
  view.setUint32(header.strings, strings.length, true);
  view.setFloat64(header.firstGap, Number.NaN, true);
  let at = headerBytes;
  for (let which = 0; which < columnCount; which++) {
    const { values, width, base } = plans[which] as Plan;
    bytes[descriptors + which * descriptorBytes] = width;
    view.setFloat64(descriptors + which * descriptorBytes + 1, base, true);
    fill(bytes, view, at, values, width, base);
    at += values.length * width;
  }
  bytes.write(text, textAt, encodings[encoding]);
  return bytes;
}

function ends(texts: readonly string[], into: Float64Array, from: number, sizeOf: (one: string) => number): number {
  let end = from;
  for (let i = 0; i < texts.length; i++) {
    end += sizeOf(texts[i] as string);
    into[i] = end;
  }
  return end;
}

type Plan = { readonly values: Float64Array; readonly width: number; readonly base: number };

/** As few bytes a value as the column's span needs; none where all are the same; 8 = the number itself. */
function plan(values: Float64Array): Plan {
  let [least, most, whole] = [values[0] ?? 0, values[0] ?? 0, true];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < least) least = value;
    else if (value > most) most = value;
    if (whole && !Number.isSafeInteger(value)) whole = false;
  }
  const span = most - least;
  const width = !whole || span > 0xffff_ffff ? 8 : span === 0 ? 0 : span <= 0xff ? 1 : span <= 0xffff ? 2 : 4;
  return { values, width, base: width === 8 ? 0 : least };
}

function fill(bytes: Uint8Array, view: DataView, at: number, values: Float64Array, width: number, base: number): void {
  const { length } = values;
  if (width === 1) for (let i = 0; i < length; i++) bytes[at + i] = (values[i] as number) - base;
  else if (width === 2) for (let i = 0; i < length; i++) view.setUint16(at + i * 2, (values[i] as number) - base, true);
  else if (width === 4) for (let i = 0; i < length; i++) view.setUint32(at + i * 4, (values[i] as number) - base, true);
  else if (width === 8) for (let i = 0; i < length; i++) view.setFloat64(at + i * 8, values[i] as number, true);
}
