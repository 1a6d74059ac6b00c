/**
 * What the codes of network stacks mean: Node and undici (85 faults measured on undici 7.30.2), and Chromium's list.
 * A dictionary for failure.ts; what depends on more than the code (how far the attempt had come, texts) is decided there.
 */
import type { FailureView } from "../../../preload/contract.ts";

/**
 * `closed` and `timed-out` are not kinds yet: what they mean depends on how far the attempt had come.
 * `unsendable`: the request was not sent, and the same one will not be the next time either.
 */
export type Meaning = readonly [family: FailureView["family"], kind: string];

const node: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: ["NETWORK", "refused"],
  ECONNRESET: ["NETWORK", "reset"],
  EPIPE: ["NETWORK", "reset"],
  ECONNABORTED: ["NETWORK", "reset"],
  ENETRESET: ["NETWORK", "reset"],
  ENOTCONN: ["NETWORK", "reset"],
  ENOTFOUND: ["NETWORK", "dns"],
  ENODATA: ["NETWORK", "dns"],
  EBADNAME: ["NETWORK", "dns"],
  EAI_NONAME: ["NETWORK", "dns"],
  EAI_NODATA: ["NETWORK", "dns"],
  EAI_AGAIN: ["NETWORK", "dns-temporary"],
  EAI_FAIL: ["NETWORK", "dns-temporary"],
  ETIMEOUT: ["NETWORK", "dns-temporary"],
  ESERVFAIL: ["NETWORK", "dns-temporary"],
  EREFUSED: ["NETWORK", "dns-temporary"],
  EBADRESP: ["NETWORK", "dns-temporary"],
  ETIMEDOUT: ["NETWORK", "timed-out"],
  UND_ERR_CONNECT_TIMEOUT: ["NETWORK", "connect-timeout"],
  UND_ERR_HEADERS_TIMEOUT: ["NETWORK", "headers-timeout"],
  UND_ERR_BODY_TIMEOUT: ["NETWORK", "idle-timeout"],
  ENETUNREACH: ["NETWORK", "offline"],
  EHOSTUNREACH: ["NETWORK", "offline"],
  ENETDOWN: ["NETWORK", "offline"],
  EADDRNOTAVAIL: ["NETWORK", "offline"],
  EHOSTDOWN: ["NETWORK", "offline"],
  EAFNOSUPPORT: ["NETWORK", "offline"],
  EMFILE: ["NETWORK", "local-limit"],
  ENFILE: ["NETWORK", "local-limit"],
  ENOBUFS: ["NETWORK", "local-limit"],
  ENOMEM: ["NETWORK", "local-limit"],
  EADDRINUSE: ["NETWORK", "local-limit"],
  // A firewall of this computer answers connect() with these.
  EACCES: ["NETWORK", "not-permitted"],
  EPERM: ["NETWORK", "not-permitted"],
  UND_ERR_SOCKET: ["PROXY", "closed"],
  UND_ERR_INFO: ["PROXY", "closed"],
  // A chunked body that was cut after `Connection: close`, where undici gives it a code.
  HPE_INVALID_EOF_STATE: ["PROXY", "closed"],
  UND_ERR_PRX_CONN: ["PROXY", "proxy-unreachable"],
  UND_ERR_PRX_TLS: ["PROXY", "proxy-unreachable"],
  UND_ERR_SOCKS5: ["PROXY", "proxy-unreachable"],
  UND_ERR_HEADERS_OVERFLOW: ["SERVER", "protocol"],
  UND_ERR_HTTP_PARSER: ["SERVER", "protocol"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["SERVER", "protocol"],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ["SERVER", "event-too-large"],
  UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: ["SERVER", "event-too-large"],
  // Ours are known by a flag and never get here: an agent that ended by itself is a fault of our own parts.
  UND_ERR_DESTROYED: ["NETWORK", "internal"],
  UND_ERR_CLOSED: ["NETWORK", "internal"],
  UND_ERR_ABORTED: ["NETWORK", "internal"],
  UND_ERR_INVALID_ARG: ["NETWORK", "unsendable"],
  ERR_INVALID_URL: ["NETWORK", "bad-url"],
  ERR_INVALID_PROTOCOL: ["NETWORK", "bad-url"],
  ERR_INVALID_CHAR: ["NETWORK", "bad-url"],
  ERR_HTTP2_ERROR: ["SERVER", "protocol"],
  ERR_HTTP2_STREAM_ERROR: ["PROXY", "dropped"],
  ERR_HTTP2_STREAM_CANCEL: ["PROXY", "dropped"],
  ERR_HTTP2_SESSION_ERROR: ["PROXY", "dropped"],
  ERR_HTTP2_GOAWAY_SESSION: ["PROXY", "dropped"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["SERVER", "certificate"],
  SELF_SIGNED_CERT_IN_CHAIN: ["SERVER", "certificate"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["SERVER", "certificate"],
  UNABLE_TO_GET_ISSUER_CERT: ["SERVER", "certificate"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["SERVER", "certificate"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["SERVER", "certificate"],
  INVALID_CA: ["SERVER", "certificate"],
  INVALID_PURPOSE: ["SERVER", "certificate"],
  HOSTNAME_MISMATCH: ["SERVER", "certificate"],
  EPROTO: ["SERVER", "tls"],
};

/** net_error_list.h, as far as it can end a stream; peers' classes of them (connection, certificate, HTTP, proxy, DNS). */
const chromium: readonly (readonly [code: number, name: string, ...Meaning])[] = [
  [-7, "TIMED_OUT", "NETWORK", "timed-out"],
  [-10, "ACCESS_DENIED", "NETWORK", "not-permitted"],
  [-12, "INSUFFICIENT_RESOURCES", "NETWORK", "local-limit"],
  [-13, "OUT_OF_MEMORY", "NETWORK", "local-limit"],
  [-15, "SOCKET_NOT_CONNECTED", "PROXY", "closed"],
  [-20, "BLOCKED_BY_CLIENT", "NETWORK", "not-permitted"],
  [-21, "NETWORK_CHANGED", "NETWORK", "network-changed"],
  [-22, "BLOCKED_BY_ADMINISTRATOR", "NETWORK", "not-permitted"],
  [-100, "CONNECTION_CLOSED", "PROXY", "closed"],
  [-101, "CONNECTION_RESET", "NETWORK", "reset"],
  [-102, "CONNECTION_REFUSED", "NETWORK", "refused"],
  [-103, "CONNECTION_ABORTED", "NETWORK", "reset"],
  [-104, "CONNECTION_FAILED", "NETWORK", "unreachable"],
  [-105, "NAME_NOT_RESOLVED", "NETWORK", "dns"],
  [-106, "INTERNET_DISCONNECTED", "NETWORK", "offline"],
  [-107, "SSL_PROTOCOL_ERROR", "SERVER", "tls"],
  [-108, "ADDRESS_INVALID", "NETWORK", "bad-url"],
  [-109, "ADDRESS_UNREACHABLE", "NETWORK", "unreachable"],
  [-110, "SSL_CLIENT_AUTH_CERT_NEEDED", "SERVER", "tls"],
  [-111, "TUNNEL_CONNECTION_FAILED", "PROXY", "tunnel-refused"],
  [-113, "SSL_VERSION_OR_CIPHER_MISMATCH", "SERVER", "tls"],
  [-115, "PROXY_AUTH_UNSUPPORTED", "PROXY", "proxy-auth"],
  [-117, "BAD_SSL_CLIENT_AUTH_CERT", "SERVER", "tls"],
  [-118, "CONNECTION_TIMED_OUT", "NETWORK", "connect-timeout"],
  [-119, "HOST_RESOLVER_QUEUE_TOO_LARGE", "NETWORK", "local-limit"],
  [-120, "SOCKS_CONNECTION_FAILED", "PROXY", "proxy-unreachable"],
  [-121, "SOCKS_CONNECTION_HOST_UNREACHABLE", "PROXY", "bad-gateway"],
  [-127, "PROXY_AUTH_REQUESTED", "PROXY", "proxy-auth"],
  [-130, "PROXY_CONNECTION_FAILED", "PROXY", "proxy-unreachable"],
  [-131, "MANDATORY_PROXY_CONFIGURATION_FAILED", "PROXY", "proxy-settings"],
  [-136, "PROXY_CERTIFICATE_INVALID", "PROXY", "certificate"],
  [-137, "NAME_RESOLUTION_FAILED", "NETWORK", "dns-temporary"],
  [-138, "NETWORK_ACCESS_DENIED", "NETWORK", "not-permitted"],
  [-150, "SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", "PROXY", "certificate"],
  // Chromium's own comment: somebody on the way who opens TLS and speaks it badly.
  [-180, "TLS13_DOWNGRADE_DETECTED", "PROXY", "certificate"],
  [-217, "CERT_KNOWN_INTERCEPTION_BLOCKED", "PROXY", "certificate"],
  [-218, "SSL_OBSOLETE_VERSION", "SERVER", "tls"],
  [-300, "INVALID_URL", "NETWORK", "bad-url"],
  [-301, "DISALLOWED_URL_SCHEME", "NETWORK", "bad-url"],
  [-302, "UNKNOWN_URL_SCHEME", "NETWORK", "bad-url"],
  [-303, "INVALID_REDIRECT", "PROXY", "redirect-refused"],
  [-310, "TOO_MANY_REDIRECTS", "PROXY", "redirect"],
  [-311, "UNSAFE_REDIRECT", "PROXY", "redirect-refused"],
  [-312, "UNSAFE_PORT", "NETWORK", "bad-url"],
  [-320, "INVALID_RESPONSE", "SERVER", "protocol"],
  [-321, "INVALID_CHUNKED_ENCODING", "SERVER", "protocol"],
  [-323, "UNEXPECTED_PROXY_AUTH", "PROXY", "proxy-auth"],
  [-324, "EMPTY_RESPONSE", "PROXY", "closed-early"],
  [-325, "RESPONSE_HEADERS_TOO_BIG", "SERVER", "protocol"],
  [-326, "PAC_STATUS_NOT_OK", "PROXY", "proxy-settings"],
  [-327, "PAC_SCRIPT_FAILED", "PROXY", "proxy-settings"],
  [-330, "CONTENT_DECODING_FAILED", "SERVER", "protocol"],
  [-331, "NETWORK_IO_SUSPENDED", "NETWORK", "offline"],
  [-336, "NO_SUPPORTED_PROXIES", "PROXY", "proxy-settings"],
  [-337, "HTTP2_PROTOCOL_ERROR", "SERVER", "protocol"],
  [-338, "INVALID_AUTH_CREDENTIALS", "PROXY", "proxy-auth"],
  [-339, "UNSUPPORTED_AUTH_SCHEME", "PROXY", "proxy-auth"],
  [-341, "MISSING_AUTH_CREDENTIALS", "PROXY", "proxy-auth"],
  [-342, "UNEXPECTED_SECURITY_LIBRARY_STATUS", "PROXY", "proxy-auth"],
  [-343, "MISCONFIGURED_AUTH_ENVIRONMENT", "PROXY", "proxy-auth"],
  [-346, "RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH", "SERVER", "protocol"],
  [-351, "HTTP2_SERVER_REFUSED_STREAM", "PROXY", "dropped"],
  [-352, "HTTP2_PING_FAILED", "NETWORK", "dropped"],
  [-354, "CONTENT_LENGTH_MISMATCH", "PROXY", "dropped"],
  [-355, "INCOMPLETE_CHUNKED_ENCODING", "PROXY", "dropped"],
  [-356, "QUIC_PROTOCOL_ERROR", "SERVER", "protocol"],
  [-357, "RESPONSE_HEADERS_TRUNCATED", "PROXY", "closed-early"],
  [-358, "QUIC_HANDSHAKE_FAILED", "SERVER", "protocol"],
  [-360, "HTTP2_INADEQUATE_TRANSPORT_SECURITY", "SERVER", "tls"],
  [-361, "HTTP2_FLOW_CONTROL_ERROR", "SERVER", "protocol"],
  [-362, "HTTP2_FRAME_SIZE_ERROR", "SERVER", "protocol"],
  [-363, "HTTP2_COMPRESSION_ERROR", "SERVER", "protocol"],
  [-365, "HTTP_1_1_REQUIRED", "SERVER", "protocol"],
  [-366, "PROXY_HTTP_1_1_REQUIRED", "PROXY", "proxy-settings"],
  [-367, "PAC_SCRIPT_TERMINATED", "PROXY", "proxy-settings"],
  [-370, "INVALID_HTTP_RESPONSE", "SERVER", "protocol"],
  [-371, "CONTENT_DECODING_INIT_FAILED", "SERVER", "protocol"],
  [-381, "QUIC_GOAWAY_REQUEST_CAN_BE_RETRIED", "PROXY", "dropped"],
];

const byCode: ReadonlyMap<string, Meaning> = new Map([
  ...chromium.flatMap(([code, name, family, kind]): [string, Meaning][] => [
    [`${code}`, [family, kind]],
    [`ERR_${name}`, [family, kind]],
  ]),
  ...Object.entries(node),
]);

/** Whole ranges of codes, for those that have no line of their own. */
const byPattern: readonly (readonly [RegExp, Meaning])[] = [
  [/^(CERT_|ERR_CERT|-2\d\d$)/, ["SERVER", "certificate"]],
  [/^(ERR_DNS_|-8\d\d$)/, ["NETWORK", "dns-temporary"]],
  [/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_)/, ["SERVER", "tls"]],
  [/^(HPE_|Z_|ERR_ZLIB|ERR_BROTLI|ERR__ERROR_|BROTLI_|ZSTD_|ERR_HTTP2_|ERR_QUIC_)/, ["SERVER", "protocol"]],
];

/**
 * What a code means; null when nobody has told us.
 * @param code as the stack wrote it: `ECONNREFUSED`, Chromium's `ERR_CONNECTION_REFUSED`, or its number as `-102`
 */
export function meaningOf(code: string): Meaning | null {
  return byCode.get(code) ?? byPattern.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

/** Codes after which we know what somebody would have to change; the words are `advice.*` in the catalogues. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "certificate-expired"],
  [/^CERT_NOT_YET_VALID$/, "certificate-clock"],
  [/^(ERR_CERT_DATE_INVALID|-201)$/, "certificate-clock"],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|ERR_CERT_COMMON_NAME_INVALID|-200)$/, "certificate-name"],
  [/^(CERT_REVOKED|ERR_CERT_REVOKED|-206)$/, "certificate-expired"],
  [
    /^(ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN|ERR_TLS13_DOWNGRADE_DETECTED|ERR_CERT_KNOWN_INTER\w+|-150|-180|-217)$/,
    "certificate-intercepted",
  ],
  [/^(ERR_PROXY_CERTIFICATE_INVALID|-136)$/, "certificate-proxy"],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/, "scheme"],
];

/** The advice that goes with a code and the kind it means; null: there is nothing better to say than the kind. */
export function adviceFor(code: string, kind: string): string | null {
  const known = advice.find(([pattern]) => pattern.test(code))?.[1];
  return known ?? (kind === "certificate" ? "certificate-issuer" : null);
}
