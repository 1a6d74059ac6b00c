/** IP addresses as bits, for the question whether one lies in a block. Text that is no address is null; names are not looked up. */

/** Of an IPv4 address 4 bytes, of an IPv6 address 16. */
export type IpBytes = readonly number[];

export function parseIp(text: string): IpBytes | null {
  return text.includes(":") ? parseIp6(text) : parseIp4(text);
}

function parseIp4(text: string): IpBytes | null {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** RFC 4291 §2.2, with an IPv4 tail; a zone (`%eth0`) is nobody's block and is left out. */
function parseIp6(text: string): IpBytes | null {
  const [whole = ""] = text.split("%");
  const halves = whole.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groups);
  if (head === undefined || head === null || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing < 2 ? null : [...head, ...Array<number>(missing).fill(0), ...tail];
}

function groups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    const four = at === parts.length - 1 && part.includes(".") ? parseIp4(part) : null;
    if (four !== null) bytes.push(...four);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return null;
  }
  return bytes;
}

/** Whether the first `bits` of both are the same; addresses of two families have nothing in common. */
export function isInBlock(address: IpBytes, block: IpBytes, bits: number): boolean {
  if (address.length !== block.length) return false;
  return block.every((byte, at) => {
    const here = Math.min(8, Math.max(0, bits - at * 8));
    const mask = (0xff << (8 - here)) & 0xff;
    return ((address[at] ?? 0) & mask) === (byte & mask);
  });
}

/** 127.0.0.0/8, ::1, and the names that mean this computer (RFC 6761 §6.3). */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const bytes = parseIp(name);
  if (bytes === null) return false;
  if (bytes.length === 4) return bytes[0] === 127;
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes[12] === 127 : bytes.every((byte, at) => byte === (at === 15 ? 1 : 0));
}
