/** From a connection's bytes to text, slice by slice. It knows UTF-8 and nothing of events. */
import { isAscii } from "node:buffer";

export class ChunkText {
  // Node's decoder takes off two byte-order marks when the first comes in single bytes (24.21, measured): the caller takes off the one.
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** The newest slice is ASCII, so that each of its characters is a byte. */
  isAscii = true;

  /** ASCII is its own text, and most of every stream: the decoder takes four times as long over it, and is asked where more is in it. */
  of(slice: Uint8Array): string {
    // After a slice that was not, the decoder may hold the beginning of a character.
    const mayHold = !this.isAscii;
    this.isAscii = isAscii(slice);
    if (mayHold || !this.isAscii) return this.#utf8.decode(slice, { stream: true });
    return Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).toString("latin1");
  }
}
