/**
 * What the system answers when it is asked for a proxy: the text of a PAC result, e.g. `PROXY a:3128; HTTPS b:443; DIRECT`.
 * Chromium says it in this form whatever its source is (PAC, WPAD, the desktop's settings).
 */
import { parseProxyAddress } from "./proxy-address.ts";
import type { ProxyRoute } from "./proxy-route.ts";
import { direct } from "./proxy-route.ts";

export type ProxyList = {
  /** In the order in which they are to be tried; never empty. */
  readonly routes: readonly ProxyRoute[];
  /** The system gave no answer, so the way is direct. */
  readonly silent: boolean;
};

/** SOCKS without a number is version 4 to Chromium; nearly every server of it speaks 5 as well, which is tried. */
const schemeOf: Readonly<Record<string, string>> = {
  PROXY: "http",
  HTTP: "http",
  HTTPS: "https",
  SOCKS: "socks5",
  SOCKS5: "socks5",
};

/** An entry that nobody here can speak to (SOCKS4, QUIC) or read is left out; when nothing else is there, that is said. */
export function parseProxyList(text: string): ProxyList {
  const entries = text
    .split(";")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length === 0) return { routes: [direct], silent: true };
  const routes = entries.flatMap((entry) => routeOf(entry) ?? []);
  return { routes: routes.length > 0 ? routes : [{ kind: "unusable", where: "system" }], silent: false };
}

function routeOf(entry: string): ProxyRoute | null {
  const [kind = "", server = "", ...more] = entry.split(/\s+/);
  const word = kind.toUpperCase();
  if (word === "DIRECT") return direct;
  const scheme = schemeOf[word];
  if (scheme === undefined || more.length > 0) return null;
  const parsed = parseProxyAddress(`${scheme}://${server}`);
  return typeof parsed === "string" ? null : { ...parsed, credentials: null };
}
