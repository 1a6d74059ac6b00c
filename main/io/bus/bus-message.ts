/**
 * As much of D-Bus's wire format as one question needs: a method call with string arguments, and whether its reply has come.
 * Not a D-Bus library: no signals, no types beyond strings, no names of our own.
 * [spec] https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages
 */

export type MethodCall = {
  readonly path: string;
  readonly to: string;
  readonly on: string;
  readonly method: string;
  readonly arguments?: readonly string[];
};

const methodCall = 1;
const methodReturn = 2;
const failure = 3;
/** Do not start a service only to be asked. */
const noAutoStart = 2;
const fieldCodes = { path: 1, on: 2, method: 3, replySerial: 5, to: 6, signature: 8 } as const;

/** A call as bytes. ASCII only. */
export function call(serial: number, { path, to, on, method, arguments: words = [] }: MethodCall): Buffer {
  const body = new Bytes();
  for (const word of words) body.text(word);
  const fields = new Bytes();
  fields.field(fieldCodes.path, "o", path).field(fieldCodes.on, "s", on).field(fieldCodes.method, "s", method);
  fields.field(fieldCodes.to, "s", to);
  if (words.length > 0) fields.signatureField("s".repeat(words.length));
  const head = new Bytes();
  head.byte(0x6c).byte(methodCall).byte(noAutoStart).byte(1).word(body.length).word(serial).word(fields.length);
  return Buffer.concat([head.done(), fields.align(8).done(), body.done()]);
}

/** Bytes with D-Bus's alignment: every value starts at a multiple of its size. The head is 16 long, so a part may count from 0. */
class Bytes {
  #bytes: number[] = [];
  get length(): number {
    return this.#bytes.length;
  }
  byte(value: number): this {
    this.#bytes.push(value);
    return this;
  }
  align(to: number): this {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0);
    return this;
  }
  word(value: number): this {
    this.align(4);
    for (const shift of [0, 8, 16, 24]) this.#bytes.push((value >>> shift) & 0xff);
    return this;
  }
  text(value: string): this {
    this.word(value.length);
    this.#bytes.push(...Buffer.from(value, "latin1"), 0);
    return this;
  }
  field(code: number, type: "s" | "o", value: string): this {
    return this.align(8).byte(code).byte(1).byte(type.charCodeAt(0)).byte(0).text(value);
  }
  signatureField(signature: string): this {
    this.align(8).byte(fieldCodes.signature).byte(1).byte("g".charCodeAt(0)).byte(0).byte(signature.length);
    this.#bytes.push(...Buffer.from(signature, "latin1"), 0);
    return this;
  }
  done(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

/**
 * The reply to one of our calls among the messages received so far: its last 32 bits, which are the value when the reply is
 * one boolean, also inside a variant. 0 for an error; null while it has not come.
 */
export function replyIn(received: Buffer, serial: number): number | null {
  let at = 0;
  while (received.length - at >= 16) {
    const little = received[at] === 0x6c;
    const word = (place: number): number => (little ? received.readUInt32LE(place) : received.readUInt32BE(place));
    const bodyLength = word(at + 4);
    const fieldsEnd = at + 16 + word(at + 12);
    const bodyStart = at + 16 + Math.ceil(word(at + 12) / 8) * 8;
    const end = bodyStart + bodyLength;
    if (end > received.length) return null;
    const type = received[at + 1];
    const answers = replySerial(received.subarray(at + 16, fieldsEnd), little) === serial;
    if (answers && type === failure) return 0;
    if (answers && type === methodReturn) return bodyLength < 4 ? 0 : word(end - 4);
    at = end;
  }
  return null;
}

/** The call that a message answers, from its header fields; fields of other types are skipped. */
function replySerial(fields: Buffer, little: boolean): number | null {
  const word = (place: number): number => (little ? fields.readUInt32LE(place) : fields.readUInt32BE(place));
  let at = 0;
  while (at + 8 <= fields.length) {
    const code = fields[at];
    const type = String.fromCharCode(fields[at + 2] ?? 0);
    if (type === "u") {
      if (code === fieldCodes.replySerial) return word(at + 4);
      at += 8;
    } else if (type === "g") at += 4 + 1 + (fields[at + 4] ?? 0) + 1;
    else at += 4 + 4 + word(at + 4) + 1;
    at = Math.ceil(at / 8) * 8;
  }
  return null;
}
