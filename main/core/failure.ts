/**
 * From what was seen to what it means: Evidence → Failure. A table, not a story; words for each kind are in the catalogues.
 * Part of the core: it never sees an Error object, only the plain facts that the transport wrote down.
 */
import type { FailureView, Params } from "../../preload/contract.ts";

/** How an attempt or an open connection came to its end, as plain facts. */
export type Evidence =
  /** An error of the network stack. `codes` and `names` along the chain of causes, outermost first. */
  | {
      readonly what: "error";
      readonly stage: Stage;
      readonly codes: readonly string[];
      readonly names: readonly string[];
      readonly message: string;
      /** Bytes the socket had read when it closed, where known: 0 hints at a TLS/plain mix-up. */
      readonly bytesRead: number | null;
      readonly host: string;
    }
  /** Final headers that are not the start of an event stream. `retryAfterMs` is parsed in io, where dates are known. */
  | {
      readonly what: "answer";
      readonly status: number;
      readonly contentType: string;
      readonly retryAfterMs: number | null;
    }
  | {
      readonly what: "redirect";
      readonly why: "too-many" | "loop" | "refused" | "no-location";
      readonly location: string;
    }
  /** The body ended without an error; that proves nothing (RST on a close-delimited body looks the same). */
  | { readonly what: "end" }
  /** A deadline of ours passed. */
  | { readonly what: "deadline"; readonly deadline: "connect" | "headers" | "idle"; readonly afterMs: number }
  /** An event or line grew past the limit and did not end within the patience we have for that. */
  | { readonly what: "too-large"; readonly limitBytes: number }
  | { readonly what: "encoding"; readonly encoding: string }
  /** A secret that the request needs is not known any more: it is not sent without. */
  | { readonly what: "secret-missing" }
  /** What an attempt needs could not be had from our own parts; the server had no say in it. */
  | { readonly what: "internal"; readonly message: string }
  /** The request could not be made at all: our own input is at fault. */
  | { readonly what: "bad-request"; readonly message: string };

/** How far the attempt had come. */
export type Stage = "connect" | "headers" | "body";

export type Failure = FailureView & {
  /** The server's wish (Retry-After), clamped to 1 s … 60 min; null when it has none. */
  readonly retryAfterMs: number | null;
};

type Family = FailureView["family"];

/** What the classification may look at beside the evidence. */
export type Context = {
  /** This stream was open at least once since it was started or changed. */
  readonly worked: boolean;
  /** Refusals of the credential (401, 403) in a row before this one. */
  readonly refusals: number;
};

const retryAfterMinMs = 1000;
const retryAfterMaxMs = 3_600_000;

/** Codes of Node and undici, measured on 85 faults (undici 7.30.2). First match along the chain of causes wins. */
const byCode: Readonly<Record<string, readonly [Family, string]>> = {
  ECONNREFUSED: ["NETWORK", "refused"],
  ECONNRESET: ["NETWORK", "reset"],
  EPIPE: ["NETWORK", "reset"],
  ECONNABORTED: ["NETWORK", "reset"],
  ENOTFOUND: ["NETWORK", "dns"],
  ENODATA: ["NETWORK", "dns"],
  EAI_AGAIN: ["NETWORK", "dns-temporary"],
  EAI_FAIL: ["NETWORK", "dns-temporary"],
  ETIMEDOUT: ["NETWORK", "connect-timeout"],
  ETIMEOUT: ["NETWORK", "dns-temporary"],
  UND_ERR_CONNECT_TIMEOUT: ["NETWORK", "connect-timeout"],
  UND_ERR_HEADERS_TIMEOUT: ["NETWORK", "headers-timeout"],
  UND_ERR_BODY_TIMEOUT: ["NETWORK", "idle-timeout"],
  ENETUNREACH: ["NETWORK", "offline"],
  EHOSTUNREACH: ["NETWORK", "offline"],
  ENETDOWN: ["NETWORK", "offline"],
  EADDRNOTAVAIL: ["NETWORK", "offline"],
  EHOSTDOWN: ["NETWORK", "offline"],
  EMFILE: ["NETWORK", "local-limit"],
  ENFILE: ["NETWORK", "local-limit"],
  ENOBUFS: ["NETWORK", "local-limit"],
  EADDRINUSE: ["NETWORK", "local-limit"],
  UND_ERR_HEADERS_OVERFLOW: ["SERVER", "protocol"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["SERVER", "protocol"],
  ERR_HTTP2_ERROR: ["SERVER", "protocol"],
  ERR_HTTP2_STREAM_ERROR: ["PROXY", "dropped"],
  ERR_HTTP2_SESSION_ERROR: ["PROXY", "dropped"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["SERVER", "certificate"],
  SELF_SIGNED_CERT_IN_CHAIN: ["SERVER", "certificate"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["SERVER", "certificate"],
  UNABLE_TO_GET_ISSUER_CERT: ["SERVER", "certificate"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["SERVER", "certificate"],
  CERT_HAS_EXPIRED: ["SERVER", "certificate"],
  CERT_NOT_YET_VALID: ["SERVER", "certificate"],
  CERT_REVOKED: ["SERVER", "certificate"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["SERVER", "certificate"],
  CERT_UNTRUSTED: ["SERVER", "certificate"],
  CERT_REJECTED: ["SERVER", "certificate"],
  CERT_SIGNATURE_FAILURE: ["SERVER", "certificate"],
  CERT_CHAIN_TOO_LONG: ["SERVER", "certificate"],
  INVALID_CA: ["SERVER", "certificate"],
  INVALID_PURPOSE: ["SERVER", "certificate"],
  HOSTNAME_MISMATCH: ["SERVER", "certificate"],
  EPROTO: ["SERVER", "tls"],
  Z_DATA_ERROR: ["SERVER", "protocol"],
  Z_BUF_ERROR: ["SERVER", "protocol"],
};

const proxyStatus = /proxy response \((\d{3})\) !== 200|proxy authentication required \((407)\)/i;

/** Answers that are not a stream: [family, kind, final]. What is missing: ≥ 500 server-error, else http-status. */
const byStatus: Readonly<Record<number, readonly [Family, string, boolean]>> = {
  204: ["SERVER", "no-content", true],
  400: ["SERVER", "bad-request", true],
  401: ["AUTH", "unauthorized", false],
  403: ["AUTH", "forbidden", false],
  405: ["SERVER", "method-not-allowed", true],
  406: ["SERVER", "not-acceptable", true],
  407: ["PROXY", "proxy-auth", true],
  410: ["SERVER", "gone", true],
  429: ["SERVER", "too-many-requests", false],
  502: ["PROXY", "bad-gateway", false],
  503: ["PROXY", "unavailable", false],
  504: ["PROXY", "gateway-timeout", false],
  511: ["PROXY", "captive-portal", false],
};

/** Classifies the end of an attempt. Never throws; what it does not know is `unknown`, kept and shown as such. */
export function classify(evidence: Evidence, { worked, refusals }: Context): Failure {
  switch (evidence.what) {
    case "error":
      return classifyError(evidence);
    case "answer":
      return classifyAnswer(evidence, worked, refusals);
    case "redirect":
      return make("PROXY", evidence.why === "refused" ? "redirect-refused" : "redirect", {
        params: { location: evidence.location, why: evidence.why },
      });
    case "end":
      return make("PROXY", "ended");
    case "deadline":
      return make("NETWORK", `${evidence.deadline}-timeout`, { params: { afterMs: evidence.afterMs } });
    case "too-large":
      return make("SERVER", "event-too-large", { params: { limit: evidence.limitBytes } });
    case "encoding":
      return make("PROXY", "protocol", { params: { encoding: evidence.encoding } });
    case "secret-missing":
      return make("AUTH", "secret-missing", { final: true });
    case "internal":
      return make("NETWORK", "internal", { params: { code: evidence.message } });
    case "bad-request":
      return make("NETWORK", "bad-url", { final: true, params: { code: evidence.message } });
  }
}

function classifyError(evidence: Extract<Evidence, { what: "error" }>): Failure {
  // undici hides a refused CONNECT behind the name AbortError: its text has to be looked at before anything else.
  const viaProxy = proxyStatus.exec(evidence.message);
  if (viaProxy !== null) {
    const status = Number(viaProxy[1] ?? viaProxy[2]);
    const kind = status === 407 ? "proxy-auth" : "bad-gateway";
    return make("PROXY", kind, { status, final: status === 407 });
  }
  const params: Params = { host: evidence.host, code: evidence.codes[0] ?? evidence.names[0] ?? "" };
  for (const code of evidence.codes) {
    const known = byCode[code];
    // Keep-alive probes that go unanswered report ETIMEDOUT on an open connection: that one was dropped.
    if (code === "ETIMEDOUT" && evidence.stage === "body") return make("NETWORK", "dropped", { params });
    if (known !== undefined) return make(known[0], known[1], { params });
    if (code === "UND_ERR_SOCKET") return classifySocketClose(evidence, params);
    // undici would not send it: the same request will not be sent the next time either.
    if (code === "UND_ERR_INVALID_ARG") return make("NETWORK", "bad-url", { final: true, params });
    if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) return make("SERVER", "tls", { params });
    if (/^(HPE_|Z_|ERR_BROTLI|ERR__ERROR_FORMAT|BROTLI_)/.test(code)) return make("SERVER", "protocol", { params });
  }
  if (evidence.names.includes("HTTPParserError")) return make("SERVER", "protocol", { params });
  return make("NETWORK", "unknown", { params });
}

function classifySocketClose(evidence: Extract<Evidence, { what: "error" }>, params: Params): Failure {
  if (/bad upgrade/i.test(evidence.message)) return make("SERVER", "protocol", { params });
  const kind = evidence.stage === "body" ? "dropped" : "closed-early";
  const silent = evidence.bytesRead === 0 ? { silent: 1 } : {};
  return make("PROXY", kind, { params: { ...params, ...silent } });
}

function classifyAnswer(evidence: Extract<Evidence, { what: "answer" }>, worked: boolean, refusals: number): Failure {
  const { status, contentType } = evidence;
  const retryAfterMs =
    evidence.retryAfterMs === null ? null : Math.min(Math.max(evidence.retryAfterMs, retryAfterMinMs), retryAfterMaxMs);
  const facts = { status, retryAfterMs, params: { status } };
  if (status === 200) return make("PROXY", "wrong-type", { ...facts, params: { contentType } });
  // A path that worked before can be missing for the minutes of a deploy; one that never worked is a typing error.
  if (status === 404) return make(worked ? "PROXY" : "SERVER", "not-found", { ...facts, final: !worked });
  const known = byStatus[status];
  if (known === undefined) return make("SERVER", status >= 500 ? "server-error" : "http-status", facts);
  const [family, kind, final] = known;
  // The same credential refused twice will be refused a third time, and accounts get locked by those who insist.
  const refusedAgain = family === "AUTH" && refusals >= 1;
  return make(family, kind, { ...facts, final: final || refusedAgain });
}

function make(family: Family, kind: string, rest: Partial<Failure> = {}): Failure {
  return { family, kind, status: null, final: false, retryAfterMs: null, params: {}, ...rest };
}
