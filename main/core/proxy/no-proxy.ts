/**
 * NO_PROXY: which hosts are asked directly. There is no standard; this is what curl and Go read, together: commas or blanks
 * between entries; `*` alone is everything; a name stands for itself and what is below it, with or without a leading dot or
 * `*.`; an address or a CIDR block for addresses; `:port` narrows an entry. Names are not looked up.
 */
import { isInBlock, parseIp } from "./ip-address.ts";

/** @param host as it is dialled: a name or an address, IPv6 without brackets */
export function isExempt(noProxy: string, host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === "*") return true;
  const { host, port: only } = splitPort(entry);
  if (only !== null && only !== port) return false;
  const [base = "", bits] = host.split("/");
  const block = parseIp(base);
  const address = parseIp(name);
  if (block !== null) {
    const length = bits === undefined ? block.length * 8 : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    return address !== null && length >= 0 && length <= block.length * 8 && isInBlock(address, block, length);
  }
  const suffix = base.replace(/^\*?\./, "").replace(/\.$/, "");
  // An address has no subdomains: `1` must not match `10.0.0.1`.
  if (suffix === "" || bits !== undefined || address !== null) return false;
  return name === suffix || name.endsWith(`.${suffix}`);
}

/** `[2001:db8::1]:443`, `example.com:443`; an IPv6 address without brackets has no port. */
function splitPort(entry: string): { host: string; port: number | null } {
  const bracketed = /^\[([^\]]+)\](\/\d+)?(?::(\d+))?$/.exec(entry);
  if (bracketed !== null) {
    const [, host = "", bits = "", port] = bracketed;
    return { host: `${host}${bits}`, port: port === undefined ? null : Number(port) };
  }
  const [, host = "", port] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  return port === undefined ? { host: entry, port: null } : { host, port: Number(port) };
}
