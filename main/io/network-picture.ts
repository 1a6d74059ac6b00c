/**
 * What the list of network interfaces says: whether there is a network, and which. Pure; looking again and again is
 * network-monitor.ts's. It sees what the system says of its interfaces, not whether anything answers behind them.
 */
import { createHash } from "node:crypto";
import type { NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** What `os.networkInterfaces` answers: interfaces that are up and have a carrier, with their addresses. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

export type NetworkPicture = {
  /** An interface other than loopback has an address with which one gets beyond the own cable. */
  readonly online: boolean;
  /**
   * Names the network for as long as its interfaces and subnets stay: the same after a renewed lease, a rotated privacy
   * address and a restart. "" while offline. Two homes that both use 192.168.1.0/24 on the same interface look the same.
   */
  readonly network: string;
  /** IPv4 addresses in use: connections made from one that is gone are dead, whatever the network is called. */
  readonly addresses: readonly string[];
};

type Address = Pick<NetworkInterfaceInfo, "address" | "netmask" | "family" | "internal">;

export function picture(interfaces: Interfaces): NetworkPicture {
  const usable = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.filter(isUsable).map((address) => ({ name, address })),
  );
  // One interface has a subnet as often as it has addresses in it; how often is chance.
  const subnets = [...new Set(usable.map(({ name, address }) => `${name} ${subnet(address)}`))].sort();
  const network =
    subnets.length === 0 ? "" : createHash("sha256").update(subnets.join("\n")).digest("hex").slice(0, 12);
  const v4 = usable.filter(({ address }) => address.family === "IPv4");
  return {
    online: subnets.length > 0,
    network,
    addresses: v4.map(({ name, address }) => `${name} ${address.address}`),
  };
}

/** RFC 3927 and RFC 4291 §2.5.6: link-local addresses are what an interface gives itself when nobody gave it one. */
function isUsable({ address, family, internal }: Address): boolean {
  if (internal) return false;
  if (family === "IPv4") return !address.startsWith("169.254.") && address !== "0.0.0.0";
  return !/^fe[89ab][0-9a-f]:/i.test(address) && address !== "::";
}

/**
 * The address with its host's part taken away. Of IPv6 never more than the first 64 bits count (RFC 4291 §2.5.4): what
 * follows changes daily for privacy, and DHCPv6 hands out single addresses as /128.
 */
function subnet({ address, netmask, family }: Address): string {
  if (family === "IPv4") {
    const mask = netmask.split(".").map(Number);
    const parts = address.split(".").map((part, n) => Number(part) & (mask[n] ?? 255));
    return `${parts.join(".")}/${netmask}`;
  }
  const mask = hextets(netmask).slice(0, 4);
  const parts = hextets(address).slice(0, 4);
  return parts.map((part, n) => (part & (mask[n] ?? 0xffff)).toString(16)).join(":");
}

/** The eight groups of an IPv6 address, without its zone. */
function hextets(address: string): number[] {
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<number>(Math.max(0, zeros)).fill(0), ...after];
}
