/** Addresses as `os.networkInterfaces` lists them. */
import type { NetworkInterfaceInfo } from "node:os";

const mac = "02:00:00:00:00:01";

export function v4(address: string, netmask = "255.255.255.0", internal = false): NetworkInterfaceInfo {
  return { address, netmask, family: "IPv4", mac, internal, cidr: null };
}

/** @param bits of the prefix */
export function v6(address: string, bits = 64, internal = false): NetworkInterfaceInfo {
  const groups = Array.from({ length: 8 }, (_, n) => {
    const ones = Math.min(16, Math.max(0, bits - 16 * n));
    return ((0xffff << (16 - ones)) & 0xffff).toString(16);
  });
  return { address, netmask: groups.join(":"), family: "IPv6", mac, internal, cidr: null, scopeid: 0 };
}

export const loopback = { lo: [v4("127.0.0.1", "255.0.0.0", true), v6("::1", 128, true)] };
