/**
 * Takes chosen entries out of a zip file. Small on purpose: no encryption, no zip64, no symbolic links; what it does not
 * know it refuses. It saves unpacking 680 MB to keep 260.
 */
import { chmod, mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";

const inflate = promisify(inflateRaw);

/** Maps an entry's name to its place under the target folder; undefined leaves it out. */
export type Place = (name: string) => string | undefined;

type Entry = { name: string; method: number; packedSize: number; size: number; mode: number; offset: number };

/** Unpacks what `place` keeps into `folder`, with the permissions it was packed with. */
export async function unzip(file: string, folder: string, place: Place): Promise<number> {
  const zip = await open(file);
  let count = 0;
  try {
    const read = async (offset: number, length: number) => {
      const { buffer, bytesRead } = await zip.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead !== length) throw new Error("the zip file is cut short");
      return buffer;
    };
    for (const entry of await directory(read, (await zip.stat()).size)) {
      const target = entry.name.endsWith("/") ? undefined : place(entry.name);
      if (target === undefined) continue;
      await extract(read, entry, inside(folder, target));
      count++;
    }
  } finally {
    await zip.close();
  }
  return count;
}

type Read = (offset: number, length: number) => Promise<Buffer>;

async function directory(read: Read, size: number): Promise<Entry[]> {
  const tail = await read(Math.max(0, size - 65_557), Math.min(size, 65_557));
  const at = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (at < 0) throw new Error("this is not a zip file");
  const bytes = await read(tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  const entries: Entry[] = [];
  for (let position = 0; position + 46 <= bytes.length; ) {
    if (bytes.readUInt32LE(position) !== 0x02014b50) throw new Error("the zip file's directory is damaged");
    const nameLength = bytes.readUInt16LE(position + 28);
    entries.push({
      name: bytes.toString("utf8", position + 46, position + 46 + nameLength),
      method: bytes.readUInt16LE(position + 10),
      packedSize: bytes.readUInt32LE(position + 20),
      size: bytes.readUInt32LE(position + 24),
      mode: bytes.readUInt32LE(position + 38) >>> 16,
      offset: bytes.readUInt32LE(position + 42),
    });
    position += 46 + nameLength + bytes.readUInt16LE(position + 30) + bytes.readUInt16LE(position + 32);
  }
  return entries;
}

async function extract(read: Read, entry: Entry, target: string): Promise<void> {
  if ((entry.mode & 0o170000) === 0o120000) throw new Error(`${entry.name} is a symbolic link`);
  const header = await read(entry.offset, 30);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = entry.packedSize === 0 ? Buffer.alloc(0) : await read(start, entry.packedSize);
  if (entry.method !== 0 && entry.method !== 8) throw new Error(`${entry.name} is packed in an unknown way`);
  const content = entry.method === 8 && entry.packedSize > 0 ? await inflate(packed) : packed;
  if (content.length !== entry.size) throw new Error(`${entry.name} is damaged`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  await chmod(target, entry.mode & 0o111 ? 0o755 : 0o644);
}

function inside(folder: string, target: string): string {
  const path = normalize(join(folder, target));
  if (!path.startsWith(normalize(folder) + sep)) throw new Error(`${target} would land outside the folder`);
  return path;
}
