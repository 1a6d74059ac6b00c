import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Interfaces, picture } from "../../main/io/network-picture.ts";
import { loopback, v4, v6 } from "./interfaces.ts";

const home = { ...loopback, wlan0: [v4("192.168.1.20"), v6("2001:db8:1:2::20"), v6("fe80::1")] };
const of = (interfaces: Interfaces) => picture(interfaces).network;

describe("online", () => {
  it.each<[name: string, interfaces: Interfaces, online: boolean]>([
    ["nothing at all", {}, false],
    ["loopback only", loopback, false],
    ["an interface that gave itself an IPv4 address", { ...loopback, eth0: [v4("169.254.3.4", "255.255.0.0")] }, false],
    ["an interface with link-local IPv6 only", { ...loopback, eth0: [v6("fe80::1"), v6("FEBF::1")] }, false],
    ["an interface without an address yet", { ...loopback, eth0: [v4("0.0.0.0", "0.0.0.0"), v6("::")] }, false],
    ["a listed interface without a list", { eth0: undefined }, false],
    ["an IPv4 address", { eth0: [v4("10.0.0.2")] }, true],
    ["an IPv6 address alone", { eth0: [v6("fe80::1"), v6("fd00::2")] }, true],
    ["an address that only looks link-local", { eth0: [v6("fec0::1")] }, true],
  ])("%s", (_name, interfaces, online) => {
    const seen = picture(interfaces);
    expect(seen.online).toBe(online);
    expect(seen.network === "").toBe(!online);
  });
});

describe("the network's name stays", () => {
  it.each<[name: string, interfaces: Interfaces]>([
    [
      "when a lease brings another address of the subnet",
      { ...home, wlan0: [v4("192.168.1.77"), v6("2001:db8:1:2::20")] },
    ],
    ["when a privacy address is added", { ...home, wlan0: [...home.wlan0, v6("2001:db8:1:2:a1b2:c3d4:e5f6:1")] }],
    ["when the privacy address is another one", { ...home, wlan0: [v4("192.168.1.20"), v6("2001:db8:1:2:9::9")] }],
    ["when DHCPv6 gives a single address", { wlan0: [v4("192.168.1.20"), v6("2001:db8:1:2::abcd", 128)] }],
    ["when link-local addresses come and go", { ...home, awdl0: [v6("fe80::99")], veth1: [v6("fe80::98")] }],
    ["in whatever order the system lists", { wlan0: [...home.wlan0].reverse(), ...loopback }],
  ])("%s", (_name, interfaces) => {
    expect(of(interfaces)).toBe(of(home));
  });
});

describe("the network's name is another", () => {
  it.each<[name: string, interfaces: Interfaces]>([
    ["in another IPv4 subnet", { wlan0: [v4("192.168.2.20"), v6("2001:db8:1:2::20")] }],
    ["with another netmask", { wlan0: [v4("192.168.1.20", "255.255.0.0"), v6("2001:db8:1:2::20")] }],
    ["in another IPv6 subnet", { wlan0: [v4("192.168.1.20"), v6("2001:db8:1:3::20")] }],
    ["on another interface", { eth0: home.wlan0 }],
    ["with a tunnel beside it", { ...home, tun0: [v4("10.8.0.2", "255.255.255.255")] }],
  ])("%s", (_name, interfaces) => {
    expect(of(interfaces)).not.toBe(of(home));
  });
});

it("masks an IPv6 prefix that ends within a group", () => {
  expect(of({ eth0: [v6("2001:db8:1:2f00::1", 56)] })).toBe(of({ eth0: [v6("2001:db8:1:2fff::1", 56)] }));
  expect(of({ eth0: [v6("2001:db8:1:2e00::1", 56)] })).not.toBe(of({ eth0: [v6("2001:db8:1:2f00::1", 56)] }));
});

it("is short, and never tells an address", () => {
  expect(of(home)).toMatch(/^[0-9a-f]{12}$/);
});

it("does not care for the host's part of any address", () => {
  const hextet = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const host = fc.tuple(hextet, hextet, hextet, hextet).map((groups) => groups.join(":"));
  fc.assert(
    fc.property(host, host, fc.integer({ min: 1, max: 254 }), (a, b, n) => {
      const one = { eth0: [v4("10.1.2.3"), v6(`2001:db8:7:8:${a}`)] };
      expect(of({ eth0: [v4(`10.1.2.${n}`), v6(`2001:db8:7:8:${b}`)] })).toBe(of(one));
    }),
  );
});

it("takes what this computer really has", () => {
  const seen = picture(networkInterfaces());
  expect(seen.network).toMatch(seen.online ? /^[0-9a-f]{12}$/ : /^$/);
});
