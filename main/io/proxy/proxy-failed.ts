/** What the connectors fail with where a proxy is at fault: an error that carries its evidence, so that nobody has to guess. */
import { meaningOf } from "../../core/failure/failure-codes.ts";
import type { ProxyEvidence } from "../../core/failure/proxy-failure.ts";
import { type ProxyServer, routeName } from "../../core/proxy/proxy-route.ts";

export class ProxyFailed extends Error {
  readonly evidence: ProxyEvidence;
  constructor(route: ProxyServer, why: ProxyEvidence["why"], code = "", status: number | null = null) {
    super(`proxy ${why}`);
    const proxy = routeName(route) ?? "";
    this.evidence = { what: "proxy", why, proxy, status, code: plain(code), signedIn: route.credentials !== null };
  }
}

/** Whether the next way of the list is tried: what a living proxy decided about us is its last word. */
export function movesOn({ evidence: { why, status } }: ProxyFailed): boolean {
  if (why === "refused") return status !== null && status >= 500 && status !== 511;
  return why !== "auth" && why !== "settings";
}

/** Whether the proxy itself is to be put off, for every stream: not when it only could not reach this one server. */
export function isProxysFault({ evidence: { why } }: ProxyFailed): boolean {
  return why !== "auth" && why !== "settings" && why !== "refused" && why !== "gateway";
}

/** An error on the way to the proxy. Having no descriptors left is this computer's trouble and stays what it is. */
export function towardsProxy(route: ProxyServer, error: Error): Error {
  const codes = codesOf(error);
  const kinds = codes.map((code) => meaningOf(code)?.[1]);
  if (kinds.includes("local-limit")) return error;
  const untrusted = codes.find((code) => ["certificate", "tls"].includes(meaningOf(code)?.[1] ?? ""));
  if (untrusted !== undefined) return new ProxyFailed(route, "certificate", untrusted);
  return new ProxyFailed(route, "unreachable", codes[0] ?? "");
}

/** Of the error itself, or of the tries at each of a name's addresses. */
export function codesOf(error: unknown): string[] {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  const inner = Array.isArray(errors) ? errors.flatMap((each) => codesOf(each)) : [];
  return [...(typeof code === "string" ? [code] : []), ...inner];
}

/** What a proxy wrote is shown and kept in logs: short, and of one line. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 100);
}
