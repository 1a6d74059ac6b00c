/** What an HTTP proxy says when it does not let a request through: which answers are its own, and what it calls them. Pure. */
import type { ProxyServer } from "../../core/proxy/proxy-route.ts";
import { ProxyFailed } from "./proxy-failed.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A proxy's answer to CONNECT other than 2xx. */
export function refusal(route: ProxyServer, status: number, headers: Headers): ProxyFailed {
  if (status === 407) return new ProxyFailed(route, "auth", challenges(headers), status);
  return new ProxyFailed(route, "refused", ownWord(headers) ?? "", status);
}

/**
 * Whether an answer to a request in absolute form is the proxy's own and not the server's: Squid, tinyproxy and whoever
 * follows RFC 9209 say so. Null: nothing says so, and it is judged as the server's.
 */
export function ownAnswer(route: ProxyServer, status: number, headers: Headers): ProxyFailed | null {
  if (status === 407) return refusal(route, status, headers);
  return status >= 400 && ownWord(headers) !== null ? refusal(route, status, headers) : null;
}

/** The schemes that are offered, e.g. "Negotiate, NTLM"; realms are left out. */
function challenges(headers: Headers): string {
  const offered = [headers["proxy-authenticate"] ?? []].flat().map((line) => line.replace(/"[^"]*"/g, '""'));
  const schemes = offered.flatMap((line) => [...line.matchAll(/(?:^|,\s*)([a-z][a-z0-9-]*)(?=\s+[a-z]|\s*(?:,|$))/gi)]);
  return [...new Set(schemes.map(([, scheme = ""]) => scheme))].join(", ");
}

function ownWord(headers: Headers): string | null {
  const first = (name: string) => [headers[name] ?? []].flat()[0] ?? null;
  // Squid: "ERR_ACCESS_DENIED 0".
  const squid = /^\S+/.exec(first("x-squid-error") ?? "")?.[0];
  if (squid !== undefined) return squid;
  // RFC 9209 §2.3.1: "proxy; error=connection_refused".
  const standard = /;\s*error=([a-z_]+)/.exec(first("proxy-status") ?? "")?.[1];
  if (standard !== undefined) return standard;
  return /^tinyproxy\//i.test(first("server") ?? "") ? "tinyproxy" : null;
}
