/** A proxy as people write it: `proxy.example:3128`, `http://user:word@[2001:db8::1]:8080`, `socks5://proxy.example`. */
import type { ProxyScheme, ProxyServer } from "./proxy-route.ts";

/** Codes of the catalogues (`field.*`). */
export type AddressTrouble = "required" | "proxy-url-invalid" | "proxy-url-scheme";

/** What people write and what it means. socks5h: names are looked up by the proxy, which is what we do with socks5 too. */
const schemes: Readonly<Record<string, ProxyScheme>> = {
  http: "http",
  https: "https",
  socks: "socks5",
  socks5: "socks5",
  socks5h: "socks5",
};

/** Where a proxy listens when nobody says; RFC 1928 names 1080, the others are their schemes' own. */
export const defaultPorts: Readonly<Record<ProxyScheme, number>> = { http: 80, https: 443, socks5: 1080 };

const shape = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[0-9a-f:.]+\]|[^\s@:/?#[\]]+)(?::(\d{1,5}))?\/?$/i;
const hostName = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/;

/** The proxy behind the words, or what is wrong with them. Without a scheme it is an HTTP proxy, as everywhere else. */
export function parseProxyAddress(text: string): ProxyServer | AddressTrouble {
  const trimmed = text.trim();
  if (trimmed === "") return "required";
  const found = shape.exec(trimmed);
  if (found === null) return "proxy-url-invalid";
  const [, given, userinfo, bracketed = "", digits] = found;
  const scheme = schemes[(given ?? "http").toLowerCase()];
  if (scheme === undefined) return "proxy-url-scheme";
  const host = bracketed.replace(/^\[|\]$/g, "").toLowerCase();
  if (!bracketed.startsWith("[") && !hostName.test(host)) return "proxy-url-invalid";
  const port = digits === undefined ? defaultPorts[scheme] : Number(digits);
  if (port < 1 || port > 65_535) return "proxy-url-invalid";
  return { kind: "proxy", scheme, host, port, credentials: credentialsOf(userinfo) };
}

function credentialsOf(userinfo: string | undefined): ProxyServer["credentials"] {
  if (userinfo === undefined || userinfo === "") return null;
  const colon = userinfo.indexOf(":");
  const [username, password] = colon < 0 ? [userinfo, ""] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  return { username: decoded(username), password: decoded(password) };
}

/** Percent signs that are none of a code are taken as they stand: passwords have them. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
