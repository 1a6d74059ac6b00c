/** Codes of network stacks that no other table has: what each means, what each advises, and the facts that go along. */
import { expect, it } from "vitest";
import { classify, type Evidence, freshContext } from "../../main/core/failure/failure.ts";
import { adviceFor, meaningOf } from "../../main/core/failure/failure-codes.ts";
import { isRefusal } from "../../main/core/failure/failure-traits.ts";
import { looksLikeLogin } from "../../main/core/failure/login-address.ts";
import { answer, error, show } from "./failure-evidence.ts";

it.each([
  ["NETWORK reset", "ECONNRESET EPIPE ECONNABORTED ENETRESET ENOTCONN"],
  ["NETWORK dns", "ENOTFOUND ENODATA EBADNAME EAI_NONAME EAI_NODATA"],
  ["NETWORK dns-temporary", "EAI_AGAIN EAI_FAIL ETIMEOUT ESERVFAIL EREFUSED EBADRESP"],
  ["NETWORK offline", "ENETUNREACH EHOSTUNREACH ENETDOWN EADDRNOTAVAIL EHOSTDOWN EAFNOSUPPORT"],
  ["NETWORK local-limit", "EMFILE ENFILE ENOBUFS ENOMEM EADDRINUSE"],
  ["NETWORK not-permitted", "EACCES EPERM"],
  ["NETWORK internal", "UND_ERR_DESTROYED UND_ERR_CLOSED UND_ERR_ABORTED"],
  ["NETWORK bad-url", "ERR_INVALID_URL ERR_INVALID_PROTOCOL ERR_INVALID_CHAR"],
  ["PROXY proxy-unreachable", "UND_ERR_PRX_CONN UND_ERR_PRX_TLS UND_ERR_SOCKS5"],
  [
    "SERVER protocol",
    "UND_ERR_HEADERS_OVERFLOW UND_ERR_HTTP_PARSER UND_ERR_RES_CONTENT_LENGTH_MISMATCH ERR_HTTP2_ERROR",
  ],
  ["SERVER event-too-large", "UND_ERR_RES_EXCEEDED_MAX_SIZE UND_ERR_WS_MESSAGE_SIZE_EXCEEDED"],
  ["SERVER certificate", "UNABLE_TO_GET_ISSUER_CERT INVALID_CA INVALID_PURPOSE HOSTNAME_MISMATCH ERR_CERT_WEAK_KEY"],
  ["SERVER tls", "EPROTO ERR_TLS_HANDSHAKE_TIMEOUT ERR_OSSL_WRONG"],
])("knows of %s by %s", (meaning, codes) => {
  for (const code of codes.split(" ")) expect([code, meaningOf(code)?.join(" ")]).toEqual([code, meaning]);
});

it.each([
  [-10, "ACCESS_DENIED", "NETWORK not-permitted"],
  [-12, "INSUFFICIENT_RESOURCES", "NETWORK local-limit"],
  [-13, "OUT_OF_MEMORY", "NETWORK local-limit"],
  [-15, "SOCKET_NOT_CONNECTED", "PROXY closed"],
  [-20, "BLOCKED_BY_CLIENT", "NETWORK not-permitted"],
  [-22, "BLOCKED_BY_ADMINISTRATOR", "NETWORK not-permitted"],
  [-103, "CONNECTION_ABORTED", "NETWORK reset"],
  [-108, "ADDRESS_INVALID", "NETWORK bad-url"],
  [-110, "SSL_CLIENT_AUTH_CERT_NEEDED", "SERVER tls"],
  [-117, "BAD_SSL_CLIENT_AUTH_CERT", "SERVER tls"],
  [-119, "HOST_RESOLVER_QUEUE_TOO_LARGE", "NETWORK local-limit"],
  [-138, "NETWORK_ACCESS_DENIED", "NETWORK not-permitted"],
  [-311, "UNSAFE_REDIRECT", "PROXY redirect-refused"],
  [-312, "UNSAFE_PORT", "NETWORK bad-url"],
  [-320, "INVALID_RESPONSE", "SERVER protocol"],
  [-321, "INVALID_CHUNKED_ENCODING", "SERVER protocol"],
  [-325, "RESPONSE_HEADERS_TOO_BIG", "SERVER protocol"],
  [-326, "PAC_STATUS_NOT_OK", "PROXY proxy-settings"],
  [-346, "RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH", "SERVER protocol"],
  [-354, "CONTENT_LENGTH_MISMATCH", "PROXY dropped"],
  [-357, "RESPONSE_HEADERS_TRUNCATED", "PROXY closed-early"],
  [-366, "PROXY_HTTP_1_1_REQUIRED", "PROXY proxy-settings"],
  [-370, "INVALID_HTTP_RESPONSE", "SERVER protocol"],
] as const)("takes Chromium's %s (%s) for %s, by number and by name", (code, name, meaning) => {
  expect([`${code}`, `ERR_${name}`].map((one) => meaningOf(one)?.join(" "))).toEqual([meaning, meaning]);
});

it.each(["NO_CERT_HERE", "-2010", "-1-201", "MY_ERR_DNS_X", "-8001", "X_ERR_SSL_Y", "A_HPE_B", "E_NONSENSE", "-9", ""])(
  "knows nothing of %j: a range is where a code begins, and all of a number",
  (code) => expect(meaningOf(code)).toBeNull(),
);

it.each([
  ["CERT_HAS_EXPIRED", "certificate-expired"],
  ["CERT_NOT_YET_VALID", "certificate-clock"],
  ["ERR_CERT_DATE_INVALID", "certificate-clock"],
  ["-201", "certificate-clock"],
  ["HOSTNAME_MISMATCH", "certificate-name"],
  ["-200", "certificate-name"],
  ["CERT_REVOKED", "certificate-expired"],
  ["-206", "certificate-expired"],
  ["ERR_CERT_KNOWN_INTERCEPTION_BLOCKED", "certificate-intercepted"],
  ["-217", "certificate-intercepted"],
  ["-136", "certificate-proxy"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "scheme"],
  // Longer than a code we know, in front or behind: another code.
  ...["X_CERT_HAS_EXPIRED", "CERT_HAS_EXPIRED_2", "X_CERT_NOT_YET_VALID", "CERT_NOT_YET_VALID_2"].map(issuer),
  ...["X-201", "-2011", "X-200", "-2001", "X-206", "-2061", "X-150", "-1501", "X-136"].map(issuer),
])("advises for a certificate with %s: %s", (code, advice) => expect(adviceFor(code, "certificate")).toBe(advice));

function issuer(code: string): [string, string] {
  return [code, "certificate-issuer"];
}

it.each(["X_ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG_2", "EPROTO"])(
  "advises nothing for %s, where no certificate is in question",
  (code) => expect(adviceFor(code, "tls")).toBeNull(),
);

it.each<[string, Evidence, object]>([
  [
    "where a redirect led",
    { what: "redirect", why: "loop", location: "http://b/" },
    { location: "http://b/", why: "loop" },
  ],
  ["how long nothing came", { what: "mute", held: true, afterMs: 15_000 }, { afterMs: 15_000 }],
  ["how much came that was no stream", { what: "not-a-stream", bytes: 4096 }, { bytes: 4096 }],
  ["how long a deadline was", { what: "deadline", deadline: "idle", afterMs: 300_000 }, { afterMs: 300_000 }],
  ["the limit that an event broke", { what: "too-large", limitBytes: 9 }, { limit: 9 }],
  ["the encoding that nobody reads", { what: "encoding", encoding: "compress" }, { encoding: "compress" }],
  ["why there is no credential", { what: "credential", message: "exit 1" }, { code: "exit 1" }],
  ["which of our parts failed", { what: "internal", message: "disk" }, { code: "disk" }],
  ["what is wrong with our request", { what: "bad-request", message: "port" }, { code: "port" }],
  ["a close code with its reason", { what: "closed", code: 4000, reason: "bye" }, { code: "4000 bye" }],
  ["a status", answer(500), { status: 500 }],
  ["the type of an answer", answer(200, { contentType: "text/html" }), { contentType: "text/html" }],
  [
    "host and code of an error, and no advice where there is none",
    error("ECONNREFUSED"),
    { host: "h:1", code: "ECONNREFUSED" },
  ],
  [
    "the status of a tunnel",
    error("", { message: "Proxy response (502) !== 200 when HTTP Tunneling" }),
    { status: 502 },
  ],
])("tells %s", (_, evidence, params) => expect(classify(evidence, freshContext).params).toEqual(params));

it.each([
  [299, "PROXY tunnel-refused"],
  [300, "PROXY captive-portal"],
  [399, "PROXY captive-portal"],
  [400, "PROXY tunnel-refused"],
  [499, "PROXY tunnel-refused"],
  [500, "PROXY bad-gateway"],
  [511, "PROXY captive-portal"],
])("a tunnel that was answered with %s is %s", (status, kind) => {
  const message = `Proxy response (${status}) !== 200 when HTTP Tunneling`;
  expect(show(error("UND_ERR_ABORTED", { message }))).toBe(kind);
});

it("takes a hang-up without a byte for a wrong scheme, and one after some bytes for no such thing", () => {
  const params = (bytesRead: number) => classify(error("UND_ERR_SOCKET", { bytesRead }), freshContext).params;
  expect(params(0)).toMatchObject({ silent: 1, advice: "scheme" });
  expect(params(7)).toEqual({ host: "h:1", code: "UND_ERR_SOCKET" });
});

it("a reset without a byte is no hang-up", () => {
  expect(classify(error("ECONNRESET", { bytesRead: 0 }), freshContext).params).toEqual({
    host: "h:1",
    code: "ECONNRESET",
  });
});

it("only a refusal of AUTH's family is one", () => {
  const failure = classify(answer(403), freshContext);
  expect([isRefusal(failure), isRefusal({ ...failure, family: "SERVER" })]).toEqual([true, false]);
});

it.each([
  ["https://a/sign-in", true],
  ["https://a/signin", true],
  ["https://a/saml", true],
  ["https://a/saml2", true],
  ["https://a/oauth", true],
  ["https://a/oauth2", true],
  ["https://a/portal", true],
  ["https://a/captive-portal", true],
  ["https://a/captiveportal", true],
  ["https://a/guest-portal", true],
  ["https://a/portals", false],
])("takes %s for a page to sign in at: %s", (address, is) => expect(looksLikeLogin(address)).toBe(is));
