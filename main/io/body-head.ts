/**
 * The beginning of a body that is no stream, for who looks at who made it. It is worth a moment and not more: what is here by
 * then is what is looked at.
 */
import { bodyChars } from "./answer-seen.ts";

/** A failure is told this much later at most, ms. */
const patienceMs = 500;

export class BodyHead {
  #bytes = Buffer.alloc(0);
  #isOver = false;
  readonly #timer: NodeJS.Timeout;
  readonly #told: (body: string) => void;

  /** @param told is called once, with what has come by then; never after `cancel` */
  constructor(told: (body: string) => void) {
    this.#told = told;
    this.#timer = setTimeout(() => this.end(), patienceMs);
  }

  take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, bodyChars)]);
    if (this.#bytes.length >= bodyChars) this.end();
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#told(this.#bytes.toString("utf8").slice(0, bodyChars));
  }

  cancel(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
