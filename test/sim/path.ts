/**
 * The way of bytes from a server to us: held back by proxies, in pieces, late, but always in order. How fast it is is asked
 * anew for each piece: a path that is mended brings at once what it had still to bring.
 */
import type { Origin } from "./origin.ts";

/** `end`: the connection is over when it has come to it. */
type Block = {
  readonly bytes: Uint8Array;
  readonly earliest: number;
  /** What was sent is whole with it. */
  readonly isWhole: boolean;
  readonly end: (() => void) | null;
};

export class Path {
  readonly #origin: Origin;
  readonly #arrive: (bytes: Uint8Array, isLast: boolean) => void;
  #held: Uint8Array[] = [];
  #blocks: Block[] = [];
  /** Bytes of the first block that have come. */
  #come = 0;
  #isPlanned = false;

  /** @param arrive takes each piece when it has come; `isLast`: the block that was sent is whole with it */
  constructor(origin: Origin, arrive: (bytes: Uint8Array, isLast: boolean) => void) {
    this.#origin = origin;
    this.#arrive = arrive;
  }

  /** @param passes nobody keeps it */
  carry(bytes: Uint8Array, passes = false): void {
    const holdBytes = passes ? 0 : this.#origin.layers.get("holdBytes");
    this.#held.push(bytes);
    if (holdBytes === 0 || this.#held.reduce((sum, { length }) => sum + length, 0) >= holdBytes) this.letGo();
  }

  /** What was held back goes on. */
  letGo(): void {
    const { layers, chance, timeline } = this.#origin;
    for (const bytes of this.#held.splice(0)) {
      if (bytes.length === 0) continue;
      const [low, high] = layers.get("latencyMs");
      this.#queue({ bytes, earliest: timeline.now + chance.between(low, high), isWhole: true, end: null });
    }
  }

  /** Two halves of one thing; the second, and what follows it, is late. */
  carryHalves(bytes: Uint8Array, at: number, lateMs: number): void {
    const { timeline } = this.#origin;
    this.letGo();
    this.#queue({ bytes: bytes.subarray(0, at), earliest: timeline.now, isWhole: false, end: null });
    this.#queue({ bytes: bytes.subarray(at), earliest: timeline.now + lateMs, isWhole: true, end: null });
  }

  /** Nothing follows what is under way. */
  end(over: () => void): void {
    this.#queue({ bytes: new Uint8Array(), earliest: this.#origin.timeline.now, isWhole: true, end: over });
  }

  #queue(block: Block): void {
    this.#blocks.push(block);
    if (!this.#isPlanned) this.#plan();
  }

  #plan(): void {
    const [first] = this.#blocks;
    this.#isPlanned = first !== undefined;
    if (first === undefined) return;
    const { layers, timeline } = this.#origin;
    const waitMs = this.#come > 0 ? layers.get("pieceMs") : first.earliest - timeline.now;
    timeline.after(waitMs, () => this.#piece(first));
  }

  #piece({ bytes, isWhole, end }: Block): void {
    const from = this.#come;
    this.#come = end === null ? from + this.#origin.layers.get("pieceBytes") : bytes.length;
    const isLast = this.#come >= bytes.length;
    const piece = bytes.subarray(from, this.#come);
    if (isLast) {
      this.#blocks.shift();
      this.#come = 0;
    }
    const others = isLast && isWhole && end === null ? this.#alsoHere() : [];
    this.#plan();
    if (end === null) this.#arrive(others.length === 0 ? piece : Buffer.concat([piece, ...others]), isLast && isWhole);
    else end();
  }

  /** What has come meanwhile, each of it whole, is now and then read at once: one slice of as many as it happens to be. */
  #alsoHere(): Uint8Array[] {
    const { chance, layers, timeline } = this.#origin;
    const pieceBytes = layers.get("pieceBytes");
    const others: Uint8Array[] = [];
    for (let [next] = this.#blocks; next !== undefined; [next] = this.#blocks) {
      const isHere =
        next.end === null && next.isWhole && next.bytes.length <= pieceBytes && next.earliest <= timeline.now;
      if (!isHere || chance.oneIn(3)) break;
      others.push(next.bytes);
      this.#blocks.shift();
    }
    return others;
  }
}
