/**
 * What a forward proxy's failing means: from what was seen of it to kind and parameters. All of it is of the family PROXY;
 * what the server behind it does is judged in failure.ts like any other answer.
 */
import type { Params } from "../../../preload/contract.ts";

/** The proxy between us and the server failed, before the server had a say. */
export type ProxyEvidence = {
  readonly what: "proxy";
  /**
   * unreachable: no connection to it, code is the stack's. silent: it took the connection and did not answer in time.
   * closed: it hung up. protocol: it answers, though not as such a proxy does. certificate: an HTTPS proxy that is not
   * trusted. auth: it wants a sign-in; code is the schemes that it offers. refused: it does not let us through. gateway: it
   * could not reach the server. settings: what was set up cannot be used; code says where.
   */
  readonly why:
    | "unreachable"
    | "silent"
    | "closed"
    | "protocol"
    | "certificate"
    | "auth"
    | "refused"
    | "gateway"
    | "settings";
  /** Scheme, host and port of the proxy; "" where there is none to name. Never with credentials. */
  readonly proxy: string;
  /** Of an HTTP proxy's answer; null: it gave none. */
  readonly status: number | null;
  /** What the stack or the proxy itself calls it, e.g. ECONNREFUSED or ERR_ACCESS_DENIED; "" where nobody does. */
  readonly code: string;
  /** User name and password were sent. */
  readonly signedIn: boolean;
};

type Judged = { readonly final?: boolean; readonly status?: number | null; readonly params: Params };

const kinds: Readonly<Record<ProxyEvidence["why"], string>> = {
  unreachable: "proxy-unreachable",
  silent: "proxy-timeout",
  closed: "proxy-broken",
  protocol: "proxy-broken",
  certificate: "certificate",
  auth: "proxy-auth",
  refused: "tunnel-refused",
  gateway: "bad-gateway",
  settings: "proxy-settings",
};

/** Another try changes nothing: the password is tried once, and settings are somebody's to mend. */
const final: ReadonlySet<ProxyEvidence["why"]> = new Set(["auth", "settings"]);

/** Kind and facts of a failure; the kind is null where the status says it best. */
export function judgeProxy(evidence: ProxyEvidence): readonly [kind: string | null, rest: Judged] {
  const { why, proxy, status, code } = evidence;
  const advice = adviceFor(evidence);
  const params: Params = {
    ...(proxy === "" ? {} : { proxy }),
    ...(status === null ? {} : { status }),
    ...(code === "" ? {} : { code }),
    ...(advice === null ? {} : { advice }),
  };
  const byStatus = why === "refused" && status !== null;
  return [byStatus ? null : kinds[why], { ...(byStatus ? {} : { status, final: final.has(why) }), params }];
}

function adviceFor({ why, code, signedIn }: ProxyEvidence): string | null {
  if (why === "certificate") return "certificate-proxy";
  if (why === "settings") return code === "system" ? "proxy-system" : code === "manual" ? null : "proxy-environment";
  if (why !== "auth") return null;
  if (signedIn) return "proxy-auth-refused";
  // Basic is all that we can do; a proxy that says nothing of schemes may still take it.
  return code === "" || /\bbasic\b/i.test(code) ? "proxy-auth-missing" : "proxy-auth-unsupported";
}

/** A deadline passed while the proxy was to answer. Whether it waited for the server, nobody but the proxy knows. */
export function silentProxy(proxy: string, afterMs: number): ["PROXY", "proxy-timeout", { params: Params }] {
  return ["PROXY", "proxy-timeout", { params: { proxy, afterMs } }];
}
