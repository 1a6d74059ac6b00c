/**
 * Stands between undici's WebSocket and the socket of the handshake, and looks like that socket to it. undici's WebSocket
 * cannot be paused (and its WebSocketStream in 7.30.2 has no back-pressure either: it queues whatever comes), resumes the
 * socket by itself, and hides bytes and the reason why it gives a connection up. Here all of them can be seen and held.
 */
import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";

export type GateSink = {
  /** So many bytes came; what they complete follows before the next `chunk`. */
  bytes(count: number): void;
  /** All that these bytes completed has been told. */
  chunk(): void;
  /** undici sends its close frame with this code: an answer to the server's, or it gives up. 1005: no code. */
  closing(code: number): void;
};

export class Gate extends EventEmitter {
  readonly #socket: Duplex;
  readonly #sink: GateSink;
  /** undici's own wish: its reply to a ping has not left yet. */
  #busy = false;
  #held: boolean;
  #open = false;
  /** The socket's error, if it had one. */
  error: Error | null = null;

  /** @param held reading does not begin until `hold(false)` */
  constructor(socket: Duplex, held: boolean, sink: GateSink) {
    super();
    this.#socket = socket;
    this.#sink = sink;
    this.#held = held;
    socket.on("error", (error) => {
      this.error ??= error;
      this.emit("error", error);
    });
    socket.on("drain", () => this.emit("drain"));
    socket.on("close", () => this.emit("close"));
    // Whoever destroyed it before undici listened must not bring the process down.
    this.on("error", () => {});
  }

  /** Reading begins; before, there is nobody to take what comes. */
  begin(): void {
    this.#open = true;
    this.#socket.on("data", (chunk: Buffer) => {
      this.#sink.bytes(chunk.length);
      this.emit("data", chunk);
      this.#sink.chunk();
    });
    this.#flow();
  }

  /** The reader's own pause: nothing more is read from the socket, so the server feels it. */
  hold(held: boolean): void {
    this.#held = held;
    if (this.#open) this.#flow();
  }

  // From here on: what undici asks of a socket.

  pause(): this {
    this.#busy = true;
    this.#flow();
    return this;
  }

  resume(): this {
    this.#busy = false;
    this.#flow();
    return this;
  }

  write(frame: Uint8Array, done?: () => void): boolean {
    const sent = this.#socket.write(frame, done);
    if (isClose(frame)) this.#sink.closing(closeCode(frame));
    return sent;
  }

  destroy(): this {
    this.#socket.destroy();
    return this;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  #flow(): void {
    if (this.#held || this.#busy) this.#socket.pause();
    else this.#socket.resume();
  }
}

function isClose(frame: Uint8Array): boolean {
  return ((frame[0] ?? 0) & 0x0f) === 8;
}

/** RFC 6455 §5.5.1, in a frame of ours: masked, its length in one byte. */
function closeCode(frame: Uint8Array): number {
  const at = (index: number) => (frame[6 + index] ?? 0) ^ (frame[2 + index] ?? 0);
  return ((frame[1] ?? 0) & 0x7f) < 2 ? 1005 : at(0) * 256 + at(1);
}
