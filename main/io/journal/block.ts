/**
 * A block read: up to some hundred records of one stream in one piece of bytes, each looked at only where it is asked for.
 * `openBlock` checks that the pieces fit together; every read checks its own bounds, so that damaged bytes end in a BlockError
 * and never elsewhere. Whether a bit of the text flipped, only `isSound` tells. Written by block-pack.ts.
 */
import type { Row } from "../../../preload/contract.ts";
import type { EventFlag, EventRecord, Mark, ReceivedEvent } from "../../core/events/record.ts";
import {
  BlockError,
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

export { BlockError };

export const previewChars = 240;
/** A unit of UTF-16 takes at most three bytes; and one character more, that a cut one at the end is not among the shown. */
const previewBytes = 3 * previewChars + 4;
const importedBit = 1 << (flagShift + flagOrder.indexOf("imported"));
/** More records than any block of ours has; what says more is damage. */
const mostRecords = 1 << 20;

/** @throws BlockError */
export function openBlock(bytes: Uint8Array): Block {
  return new Block(bytes);
}

/** Whether the checksum is that of the bytes. Only of numbered blocks. 15 µs for a block of 40 KB. */
export function isSound(bytes: Uint8Array): boolean {
  if (bytes.byteLength < headerBytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(header.checksum, true) === checksumOf(bytes);
}

export class Block {
  readonly count: number;
  /** Of all its bytes. */
  readonly size: number;
  /** Number of the first record; 0 while the block has no numbers. */
  readonly first: number;
  readonly #view: DataView;
  readonly #text: Buffer;
  readonly #encoding: (typeof encodings)[number];
  readonly #widths = new Uint8Array(columnCount);
  readonly #bases = new Float64Array(columnCount);
  readonly #starts = new Float64Array(columnCount);
  readonly #firstGapMs: number | null;
  readonly #strings: (string | undefined)[];
  #firstEvent = -1;

  /** @throws BlockError */
  constructor(bytes: Uint8Array) {
    if (bytes.byteLength < headerBytes || bytes[header.magic] !== magic) throw new BlockError("block-damaged");
    if (bytes[header.version] !== blockVersion) throw new BlockError("block-newer");
    const encoding = encodings[bytes[header.encoding] ?? encodings.length];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = view;
    this.size = bytes.byteLength;
    this.count = view.getUint32(header.count, true);
    const strings = view.getUint32(header.strings, true);
    this.first = view.getFloat64(header.first, true);
    const gap = view.getFloat64(header.firstGap, true);
    this.#firstGapMs = Number.isNaN(gap) ? null : gap;
    let at = headerBytes;
    for (let which = 0; which < columnCount; which++) {
      const width = bytes[descriptors + which * descriptorBytes] ?? 0;
      if (width > 8 || (width & (width - 1)) !== 0) throw new BlockError("block-damaged");
      this.#widths[which] = width;
      this.#bases[which] = view.getFloat64(descriptors + which * descriptorBytes + 1, true);
      this.#starts[which] = at;
      at += (which === column.stringEnd ? strings : this.count) * width;
    }
    const isTooMuch = this.count < 1 || this.count > mostRecords || strings > 3 * this.count || at > bytes.byteLength;
    if (encoding === undefined || isTooMuch || !Number.isSafeInteger(this.first)) throw new BlockError("block-damaged");
    this.#encoding = encoding;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
    this.#strings = new Array(strings);
  }

  /** Number of the last record. */
  get last(): number {
    return this.seq(this.count - 1);
  }

  seq(i: number): number {
    return this.first + i + this.#value(column.skip, i);
  }

  /** It came from a file. */
  isImported(i: number): boolean {
    return (this.#value(column.bits, i) & importedBit) !== 0;
  }

  isMark(i: number): boolean {
    return (this.#value(column.bits, i) & bit.mark) !== 0;
  }

  /** UTC ms. */
  at(i: number): number {
    return this.#value(column.at, i);
  }

  /** Since the event before it; null for marks and for the first of a stream. */
  gapMs(i: number): number | null {
    if (this.isMark(i)) return null;
    const gap = this.#value(column.gap, i);
    if (gap > 0) return gap - 1;
    if (this.#firstEvent < 0) {
      let at = 0;
      while (at < this.count && this.isMark(at)) at++;
      this.#firstEvent = at;
    }
    return i === this.#firstEvent ? this.#firstGapMs : null;
  }

  mono(i: number): number {
    return this.#value(column.mono, i);
  }

  /** UTF-8 bytes of type, id and data, as the event said. */
  bytes(i: number): number {
    return this.#value(column.bytes, i);
  }

  /** "" for marks. */
  type(i: number): string {
    return this.isMark(i) ? "" : this.string(this.#value(column.type, i));
  }

  /** Place of the type among the block's strings: the same for the same type, so that it need not be compared. -1 for marks. */
  typePlace(i: number): number {
    return this.isMark(i) ? -1 : this.#value(column.type, i);
  }

  /** One of the strings that are repeated, by its place: see typePlace. */
  string(place: number): string {
    const known = this.#strings[place];
    if (known !== undefined) return known;
    if (!(place >= 0 && place < this.#strings.length)) throw new BlockError("block-damaged");
    const start = place === 0 ? 0 : this.#value(column.stringEnd, place - 1);
    const value = this.#read(start, this.#value(column.stringEnd, place));
    this.#strings[place] = value;
    return value;
  }

  id(i: number): string | null {
    if ((this.#value(column.bits, i) & bit.hasId) === 0) return null;
    return this.#read(i === 0 ? this.#stringsEnd() : this.#value(column.idEnd, i - 1), this.#value(column.idEnd, i));
  }

  /** What came; of a mark what it says, as JSON. */
  data(i: number): string {
    return this.#read(this.#dataStart(i), this.#value(column.dataEnd, i));
  }

  /** The first 240 characters of the data, whole ones. */
  preview(i: number): string {
    const start = this.#dataStart(i);
    const end = this.#value(column.dataEnd, i);
    return cut(this.#read(start, Math.min(end, start + previewBytes)), previewChars);
  }

  /** @param unsaved it is not on the disk */
  row(i: number, unsaved = false): Row {
    if (this.isMark(i)) {
      const { at, mark, failure, params } = this.mark(i, "");
      return { kind: "mark", seq: this.seq(i), at, mark, failure, params };
    }
    return {
      kind: "event",
      seq: this.seq(i),
      at: this.at(i),
      gapMs: this.gapMs(i),
      type: this.type(i),
      id: this.id(i),
      preview: this.preview(i),
      bytes: this.bytes(i),
      generation: this.#value(column.generation, i),
      flags: this.#flags(i, unsaved),
    };
  }

  event(i: number, stream: string, unsaved = false): EventRecord {
    const id = this.id(i);
    const bits = this.#value(column.bits, i);
    return {
      seq: this.seq(i),
      stream,
      endpoint: this.string(this.#value(column.endpoint, i)),
      transport: (bits & bit.websocket) !== 0 ? "websocket" : "sse",
      generation: this.#value(column.generation, i),
      id,
      lastEventId: (bits & bit.sameId) !== 0 ? (id ?? "") : this.string(this.#value(column.lastId, i)),
      type: this.type(i),
      data: this.data(i),
      bytes: this.bytes(i),
      receivedAt: this.at(i),
      mono: this.mono(i),
      flags: this.#flags(i, unsaved),
    };
  }

  /** What was packed. */
  record(i: number, stream: string): ReceivedEvent | Mark {
    if (this.isMark(i)) return this.mark(i, stream);
    const { seq: _, ...event } = this.event(i, stream);
    return event;
  }

  mark(i: number, stream: string): Mark {
    try {
      const [mark, failure, params] = JSON.parse(this.data(i));
      return { stream, at: this.at(i), mark, failure, params };
    } catch {
      throw new BlockError("block-damaged");
    }
  }

  #flags(i: number, unsaved: boolean): EventFlag[] {
    const bits = this.#value(column.bits, i) >> flagShift;
    const flags: EventFlag[] = bits === 0 ? [] : flagOrder.filter((_, place) => (bits & (1 << place)) !== 0);
    if (unsaved) flags.push("unsaved");
    return flags;
  }

  #value(which: number, i: number): number {
    const width = this.#widths[which] as number;
    const base = this.#bases[which] as number;
    if (width === 0) return base;
    const at = (this.#starts[which] as number) + i * width;
    if (width === 1) return base + this.#view.getUint8(at);
    if (width === 2) return base + this.#view.getUint16(at, true);
    if (width === 4) return base + this.#view.getUint32(at, true);
    return this.#view.getFloat64(at, true);
  }

  #stringsEnd(): number {
    const last = this.#strings.length - 1;
    return last < 0 ? 0 : this.#value(column.stringEnd, last);
  }

  #dataStart(i: number): number {
    return i === 0 ? this.#value(column.idEnd, this.count - 1) : this.#value(column.dataEnd, i - 1);
  }

  #read(start: number, end: number): string {
    if (!(start >= 0 && start <= end && end <= this.#text.length)) throw new BlockError("block-damaged");
    return start === end ? "" : this.#text.toString(this.#encoding, start, end);
  }
}

/** The first `max` UTF-16 units, without half a character at the end. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  const last = value.charCodeAt(max - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
