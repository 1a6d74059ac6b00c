/** What a process and its descendants hold, as /proc says: their ids and their sockets. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Socket = {
  readonly protocol: string;
  readonly local: string;
  readonly remote: string;
  readonly state: string;
};

/** The process and everything it began. */
export function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // Gone between the two readings.
    }
  }
  const members = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (!members.has(parent) || members.has(pid)) continue;
      members.add(pid);
      grown = true;
    }
  }
  return [...members];
}

/** The network sockets that these processes hold right now. */
export function socketsOf(pids: readonly number[]): Socket[] {
  const inodes = new Set(pids.flatMap(socketInodes));
  return ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, "latin1")
      .trim()
      .split("\n")
      .slice(1)
      .flatMap((line) => {
        const [, local = "", remote = "", state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
        if (!inodes.has(inode)) return [];
        return [{ protocol, local: address(local), remote: address(remote), state: states[state] ?? state }];
      }),
  );
}

const states: Record<string, string> = { "01": "established", "02": "connecting", "0A": "listening" };

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** "0100007F:1F90" is 127.0.0.1:8080: bytes of each word in the machine's order. */
function address(text: string): string {
  const [hex = "", port = ""] = text.split(":");
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const host = bytes.length === 4 || mapped ? bytes.slice(-4).join(".") : `[${Buffer.from(bytes).toString("hex")}]`;
  return `${host}:${Number.parseInt(port, 16)}`;
}
