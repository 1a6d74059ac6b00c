/** Chromium's net errors, by number and by name, as Electron's net and its WebSocket would say them. */
import { expect, it } from "vitest";
import { classify, freshContext } from "../../main/core/failure/failure.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };
import { error, show } from "./failure-evidence.ts";

const codes = [
  // Offline: waits for the network.
  [-106, "INTERNET_DISCONNECTED", "NETWORK offline"],
  [-331, "NETWORK_IO_SUSPENDED", "NETWORK offline"],
  // Cut: by whoever, worth another try.
  [-21, "NETWORK_CHANGED", "NETWORK network-changed"],
  [-100, "CONNECTION_CLOSED", "PROXY closed-early"],
  [-101, "CONNECTION_RESET", "NETWORK reset"],
  [-351, "HTTP2_SERVER_REFUSED_STREAM", "PROXY dropped"],
  [-352, "HTTP2_PING_FAILED", "NETWORK dropped"],
  [-355, "INCOMPLETE_CHUNKED_ENCODING", "PROXY dropped"],
  [-381, "QUIC_GOAWAY_REQUEST_CAN_BE_RETRIED", "PROXY dropped"],
  // Back off.
  [-7, "TIMED_OUT", "NETWORK headers-timeout"],
  [-102, "CONNECTION_REFUSED", "NETWORK refused"],
  [-104, "CONNECTION_FAILED", "NETWORK unreachable"],
  [-118, "CONNECTION_TIMED_OUT", "NETWORK connect-timeout"],
  [-324, "EMPTY_RESPONSE", "PROXY closed-early"],
  // Names and routes: another endpoint may do better.
  [-105, "NAME_NOT_RESOLVED", "NETWORK dns"],
  [-137, "NAME_RESOLUTION_FAILED", "NETWORK dns-temporary"],
  [-109, "ADDRESS_UNREACHABLE", "NETWORK unreachable"],
  [-800, "DNS_MALFORMED_RESPONSE", "NETWORK dns-temporary"],
  [-802, "DNS_SERVER_FAILED", "NETWORK dns-temporary"],
  [-803, "DNS_TIMED_OUT", "NETWORK dns-temporary"],
  // The proxy: its own trouble, its settings, its password.
  [-111, "TUNNEL_CONNECTION_FAILED", "PROXY tunnel-refused"],
  [-115, "PROXY_AUTH_UNSUPPORTED", "PROXY proxy-auth final"],
  [-120, "SOCKS_CONNECTION_FAILED", "PROXY proxy-unreachable"],
  [-121, "SOCKS_CONNECTION_HOST_UNREACHABLE", "PROXY bad-gateway"],
  [-127, "PROXY_AUTH_REQUESTED", "PROXY proxy-auth final"],
  [-130, "PROXY_CONNECTION_FAILED", "PROXY proxy-unreachable"],
  [-131, "MANDATORY_PROXY_CONFIGURATION_FAILED", "PROXY proxy-settings"],
  [-136, "PROXY_CERTIFICATE_INVALID", "PROXY certificate"],
  [-323, "UNEXPECTED_PROXY_AUTH", "PROXY proxy-auth final"],
  [-327, "PAC_SCRIPT_FAILED", "PROXY proxy-settings"],
  [-367, "PAC_SCRIPT_TERMINATED", "PROXY proxy-settings"],
  [-336, "NO_SUPPORTED_PROXIES", "PROXY proxy-settings"],
  [-338, "INVALID_AUTH_CREDENTIALS", "PROXY proxy-auth final"],
  [-339, "UNSUPPORTED_AUTH_SCHEME", "PROXY proxy-auth final"],
  [-341, "MISSING_AUTH_CREDENTIALS", "PROXY proxy-auth final"],
  [-342, "UNEXPECTED_SECURITY_LIBRARY_STATUS", "PROXY proxy-auth final"],
  [-343, "MISCONFIGURED_AUTH_ENVIRONMENT", "PROXY proxy-auth final"],
  // Protocols that were not agreed on.
  [-337, "HTTP2_PROTOCOL_ERROR", "SERVER protocol"],
  [-356, "QUIC_PROTOCOL_ERROR", "SERVER protocol"],
  [-358, "QUIC_HANDSHAKE_FAILED", "SERVER protocol"],
  [-360, "HTTP2_INADEQUATE_TRANSPORT_SECURITY", "SERVER tls"],
  [-361, "HTTP2_FLOW_CONTROL_ERROR", "SERVER protocol"],
  [-362, "HTTP2_FRAME_SIZE_ERROR", "SERVER protocol"],
  [-363, "HTTP2_COMPRESSION_ERROR", "SERVER protocol"],
  [-365, "HTTP_1_1_REQUIRED", "SERVER protocol"],
  // Somebody opens what should be closed, or a certificate that nobody should trust.
  [-107, "SSL_PROTOCOL_ERROR", "SERVER tls"],
  [-113, "SSL_VERSION_OR_CIPHER_MISMATCH", "SERVER tls"],
  [-150, "SSL_PINNED_KEY_NOT_IN_CERT_CHAIN", "PROXY certificate"],
  [-180, "TLS13_DOWNGRADE_DETECTED", "PROXY certificate"],
  [-200, "CERT_COMMON_NAME_INVALID", "SERVER certificate"],
  [-201, "CERT_DATE_INVALID", "SERVER certificate"],
  [-202, "CERT_AUTHORITY_INVALID", "SERVER certificate"],
  [-203, "CERT_CONTAINS_ERRORS", "SERVER certificate"],
  [-204, "CERT_NO_REVOCATION_MECHANISM", "SERVER certificate"],
  [-205, "CERT_UNABLE_TO_CHECK_REVOCATION", "SERVER certificate"],
  [-206, "CERT_REVOKED", "SERVER certificate"],
  [-207, "CERT_INVALID", "SERVER certificate"],
  [-208, "CERT_WEAK_SIGNATURE_ALGORITHM", "SERVER certificate"],
  [-210, "CERT_NON_UNIQUE_NAME", "SERVER certificate"],
  [-211, "CERT_WEAK_KEY", "SERVER certificate"],
  [-212, "CERT_NAME_CONSTRAINT_VIOLATION", "SERVER certificate"],
  [-213, "CERT_VALIDITY_TOO_LONG", "SERVER certificate"],
  [-214, "CERTIFICATE_TRANSPARENCY_REQUIRED", "SERVER certificate"],
  [-217, "CERT_KNOWN_INTERCEPTION_BLOCKED", "PROXY certificate"],
  [-218, "SSL_OBSOLETE_VERSION", "SERVER tls"],
  // The address itself.
  [-300, "INVALID_URL", "NETWORK bad-url final"],
  [-301, "DISALLOWED_URL_SCHEME", "NETWORK bad-url final"],
  [-302, "UNKNOWN_URL_SCHEME", "NETWORK bad-url final"],
  [-303, "INVALID_REDIRECT", "PROXY redirect-refused"],
  [-310, "TOO_MANY_REDIRECTS", "PROXY redirect"],
  // What was compressed cannot be read.
  [-330, "CONTENT_DECODING_FAILED", "SERVER protocol"],
  [-371, "CONTENT_DECODING_INIT_FAILED", "SERVER protocol"],
] as const;

it.each(codes)("%s, ERR_%s, is %s", (code, name, becomes) => {
  expect(show(error(`${code}`))).toBe(becomes);
  expect(show(error(`ERR_${name}`))).toBe(becomes);
  const { kind } = classify(error(`${code}`), freshContext);
  expect(kind).not.toBe("unknown");
  expect(Object.keys(en)).toContain(`failure.${kind}`);
});

it.each([
  ["connect", "-7", "NETWORK connect-timeout"],
  ["body", "-7", "NETWORK dropped"],
  ["body", "-100", "PROXY dropped"],
] as const)("takes in %s %s for %s", (stage, code, becomes) => expect(show(error(code, { stage }))).toBe(becomes));
