/**
 * A WebSocket server that sends exactly the bytes it is told to, right ones and wrong ones, and writes down what the client
 * says. It stands on the scriptable server: a script may refuse, redirect, stay silent or cut instead of accepting.
 */
import { createHash } from "node:crypto";
import { type RawServer, rawServer, type Talk } from "./raw-server.ts";

export const text = 1;
export const binary = 2;
export const more = 0;
export const closing = 8;
export const ping = 9;
export const pong = 10;

/** Bits of a frame's first byte. */
export type FrameOptions = { readonly last?: boolean; readonly reserved?: number; readonly length?: number };

/** One frame as a server sends it: not masked. `length` lies about the payload's. */
export function frame(opcode: number, payload: string | Uint8Array = "", options: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload as string);
  const length = options.length ?? body.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (options.last === false ? 0 : 0x80) | (options.reserved ?? 0) | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, body]);
}

/** A close frame with code and reason. */
export function farewell(code: number, reason = ""): Buffer {
  const body = Buffer.alloc(2 + Buffer.byteLength(reason));
  body.writeUInt16BE(code);
  body.write(reason, 2);
  return frame(closing, body);
}

/** One accepted WebSocket, from the server's side. */
export class Peer {
  readonly talk: Talk;
  /** [opcode, payload] of each frame that the client sent, unmasked. */
  readonly heard: (readonly [opcode: number, payload: Buffer])[] = [];
  #rest = Buffer.alloc(0);

  constructor(talk: Talk) {
    this.talk = talk;
    talk.socket.on("data", (data) => this.#read(data));
  }

  send(...data: readonly (string | Uint8Array)[]): this {
    for (const one of data) this.talk.send(typeof one === "string" ? frame(text, one) : one);
    return this;
  }

  #read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 6) {
      // A listening client sends control frames only: their length fits the one byte.
      const length = this.#rest.readUInt8(1) & 0x7f;
      if (this.#rest.length < 6 + length) return;
      const mask = this.#rest.subarray(2, 6);
      const payload = this.#rest.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      this.heard.push([this.#rest.readUInt8(0) & 0x0f, Buffer.from(payload)]);
      this.#rest = this.#rest.subarray(6 + length);
    }
  }
}

/** Answers the handshake of this request as RFC 6455 wants it; headers given here replace the right ones. */
export function accept(talk: Talk, headers: Record<string, string> = {}): Peer {
  const key = talk.header("sec-websocket-key") ?? "";
  const hash = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const right = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": hash };
  talk.answer("101 Switching Protocols", { ...right, ...headers });
  return new Peer(talk);
}

export type WebSocketServer = { readonly url: string; readonly server: RawServer; readonly peers: readonly Peer[] };

/** Accepts everybody and lets the script speak. Ends with the test. */
export async function webSocketServer(
  script: (peer: Peer) => void | Promise<void> = () => {},
  headers: Record<string, string> = {},
): Promise<WebSocketServer> {
  const peers: Peer[] = [];
  const server = await rawServer((talk) => {
    const peer = accept(talk, headers);
    peers.push(peer);
    return script(peer);
  });
  return { url: server.url.replace("http", "ws"), server, peers };
}
