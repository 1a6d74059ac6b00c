/**
 * Where things stand in a block's bytes, for the two that know: block-pack.ts writes, block.ts reads. All numbers are
 * little-endian. Header, then the columns one after the other, then one run of text: the repeated strings (endpoints,
 * types, last ids), the ids, the data.
 */
import { crc32 } from "node:zlib";

export const magic = 0x48;
/** A change of anything below is another version; each that was ever released is read for ever. */
export const blockVersion = 1;

/** How the run of text is written. Strings that are not valid UTF-16 survive only in the last. */
export const encodings = ["latin1", "utf8", "utf16le"] as const;

/** Offsets in the header. `checksum`: CRC-32 of all the rest, 0 until the block is numbered. */
export const header = {
  magic: 0,
  version: 1,
  encoding: 2,
  checksum: 4,
  first: 8,
  firstGap: 16,
  count: 24,
  strings: 28,
};
export const descriptors = 32;
/** Each column's width in bytes a value, then its base. */
export const descriptorBytes = 9;

/**
 * The columns. `skip`: number minus (first number + place), 0 throughout unless blocks were merged. `gap`: pause before an
 * event plus 1, 0 = none or, at the first event, that of the header. `type`, `endpoint`, `lastId`: place among the strings.
 * `idEnd`, `dataEnd`, `stringEnd`: where in the text it ends, in bytes; the last has a value a string, all others one a record.
 */
export const column = {
  skip: 0,
  at: 1,
  mono: 2,
  gap: 3,
  bits: 4,
  type: 5,
  endpoint: 6,
  lastId: 7,
  generation: 8,
  bytes: 9,
  idEnd: 10,
  dataEnd: 11,
  stringEnd: 12,
} as const;
export const columnCount = 13;
export const headerBytes = descriptors + columnCount * descriptorBytes;

/** In `bits`; the flags of an event stand above them, in the order of `flagOrder`. `sameId`: the last id is the event's own. */
export const bit = { mark: 1, websocket: 2, hasId: 4, sameId: 8 };
export const flagShift = 4;
export const flagOrder = ["replayed", "id-ignored", "type-cut", "id-reused", "imported"] as const;

/** Of everything but the checksum itself. */
export function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes.subarray(header.first), crc32(bytes.subarray(0, header.checksum)));
}

/** A block that cannot be read. "block-damaged": its bytes contradict themselves; "block-newer": a later app wrote it. */
export class BlockError extends Error {
  readonly code: "block-damaged" | "block-newer";
  constructor(code: BlockError["code"]) {
    super(code);
    this.name = "BlockError";
    this.code = code;
  }
}
