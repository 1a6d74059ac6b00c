/**
 * Which proxy the environment names: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read as curl reads them. The lower case
 * wins, an empty value counts as none, and HTTP_PROXY is for http: only.
 */
import { isLoopbackHost } from "./ip-address.ts";
import { isExempt } from "./no-proxy.ts";
import { parseProxyAddress } from "./proxy-address.ts";
import { direct, type ProxyRoute } from "./proxy-route.ts";

/** Where a request goes; WebSockets count as the http: or https: that their handshake is. */
export type Destination = { readonly encrypted: boolean; readonly host: string; readonly port: number };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The way by the environment. What is on this computer is asked directly, as by the system's own proxy settings: a proxy
 * elsewhere would look for it on itself.
 */
export function environmentRoute(env: Environment, { encrypted, host, port }: Destination): ProxyRoute {
  if (isLoopbackHost(host)) return direct;
  const exempt = env["no_proxy"] || env["NO_PROXY"] || "";
  if (isExempt(exempt, host, port)) return direct;
  const names = [...(encrypted ? ["https_proxy", "HTTPS_PROXY"] : httpNames(env)), "all_proxy", "ALL_PROXY"];
  const name = names.find((each) => (env[each] ?? "").trim() !== "");
  if (name === undefined) return direct;
  const parsed = parseProxyAddress(env[name] ?? "");
  // A proxy that was meant and cannot be read must not become a direct way by mistake.
  return typeof parsed === "string" ? { kind: "unusable", where: name } : parsed;
}

/** httpoxy (CVE-2016-5385): within CGI whoever sends a `Proxy:` header sets HTTP_PROXY, though not the lower case. */
function httpNames(env: Environment): string[] {
  return env["REQUEST_METHOD"] === undefined ? ["http_proxy", "HTTP_PROXY"] : ["http_proxy"];
}
