/** Every fault that was measured on undici (7.30.2; where it says so, 8.12.4), as the evidence it leaves, and what it is taken for. */
import { expect, it } from "vitest";
import { classify, type Evidence, freshContext } from "../../main/core/failure/failure.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };
import { answer, deadline, end, error, show } from "./failure-evidence.ts";

const connect = { stage: "connect" } as const;
const body = { stage: "body" } as const;
const hangsUp = { message: "other side closed" };
const tunnel = (status: number) => ({
  names: ["AbortError"],
  message: `Proxy response (${status}) !== 200 when HTTP Tunneling`,
});
const parser = { names: ["HTTPParserError"] };
const early = {
  ...connect,
  message: "Client network socket disconnected before secure TLS connection was established",
};

const faults: readonly (readonly [fault: string, evidence: Evidence, becomes: string])[] = [
  ["refused on v4", error("ECONNREFUSED", connect), "NETWORK refused"],
  ["refused on v6", error("ECONNREFUSED", connect), "NETWORK refused"],
  ["refused on both", error("ECONNREFUSED ECONNREFUSED ECONNREFUSED", connect), "NETWORK refused"],
  ["refused on v4 where there is no v6", error("ENETUNREACH ENETUNREACH ECONNREFUSED", connect), "NETWORK refused"],
  ["v6 never answers, v4 refuses", error("ETIMEDOUT ETIMEDOUT ECONNREFUSED", connect), "NETWORK refused"],
  ["unknown name", error("ENOTFOUND", connect), "NETWORK dns"],
  ["name without addresses", error("ENODATA", connect), "NETWORK dns"],
  ["name server busy", error("EAI_AGAIN", connect), "NETWORK dns-temporary"],
  ["name server failed", error("EAI_FAIL", connect), "NETWORK dns-temporary"],
  ["name server silent", error("ETIMEOUT", connect), "NETWORK dns-temporary"],
  ["lookup hangs", error("UND_ERR_CONNECT_TIMEOUT", connect), "NETWORK connect-timeout"],
  ["TCP black hole", error("UND_ERR_CONNECT_TIMEOUT", connect), "NETWORK connect-timeout"],
  ["TLS handshake silent", error("UND_ERR_CONNECT_TIMEOUT", connect), "NETWORK connect-timeout"],
  ["SYN unanswered", error("ETIMEDOUT", connect), "NETWORK connect-timeout"],
  ["no connection within our deadline", deadline("connect"), "NETWORK connect-timeout"],
  ["no route to the network", error("ENETUNREACH", connect), "NETWORK offline"],
  ["no route to the host", error("EHOSTUNREACH", connect), "NETWORK offline"],
  ["interface down", error("ENETDOWN", connect), "NETWORK offline"],
  ["no address of our own", error("EADDRNOTAVAIL", connect), "NETWORK offline"],
  ["host down", error("EHOSTDOWN", connect), "NETWORK offline"],
  ["no files left", error("EMFILE", connect), "NETWORK local-limit"],
  ["no files left in the system", error("ENFILE", connect), "NETWORK local-limit"],
  ["no buffers", error("ENOBUFS", connect), "NETWORK local-limit"],
  ["firewall of this computer", error("EACCES", connect), "NETWORK not-permitted"],
  ["never answers, HTTP/1.1", error("UND_ERR_HEADERS_TIMEOUT"), "NETWORK headers-timeout"],
  ["never answers, HTTP/2", error("UND_ERR_HEADERS_TIMEOUT", { message: "HTTP/2: ..." }), "NETWORK headers-timeout"],
  ["headers byte by byte", error("UND_ERR_HEADERS_TIMEOUT"), "NETWORK headers-timeout"],
  ["endless 103", deadline("headers"), "NETWORK headers-timeout"],
  ["half-open before the headers", error("ETIMEDOUT"), "NETWORK headers-timeout"],
  ["RST before headers", error("ECONNRESET", { message: "read ECONNRESET" }), "NETWORK reset"],
  ["FIN before headers", error("UND_ERR_SOCKET", { ...hangsUp, bytesRead: 0 }), "PROXY closed-early"],
  ["FIN in headers", error("UND_ERR_SOCKET", { ...hangsUp, bytesRead: 30 }), "PROXY closed-early"],
  ["RST in a chunked body", error("ECONNRESET", body), "NETWORK reset"],
  ["RST in a TLS body", error("ECONNRESET", body), "NETWORK reset"],
  ["RST in an HTTP/2 body", error("ECONNRESET", body), "NETWORK reset"],
  ["write to a closed connection", error("EPIPE", body), "NETWORK reset"],
  ["FIN in a chunk", error("UND_ERR_SOCKET", { ...body, ...hangsUp }), "PROXY dropped"],
  ["FIN without a last chunk", error("UND_ERR_SOCKET", { ...body, ...hangsUp }), "PROXY dropped"],
  ["short Content-Length", error("UND_ERR_SOCKET", { ...body, ...hangsUp }), "PROXY dropped"],
  ["TLS truncated", error("UND_ERR_SOCKET", { ...body, ...hangsUp }), "PROXY dropped"],
  ["FIN in HTTP/2", error("UND_ERR_SOCKET", { ...body, ...hangsUp }), "PROXY dropped"],
  ["FIN of a close-delimited body", end, "PROXY ended"],
  ["RST of a close-delimited body", end, "PROXY ended"],
  ["last chunk", end, "PROXY ended"],
  ["END_STREAM", end, "PROXY ended"],
  ["silent body", error("UND_ERR_BODY_TIMEOUT", body), "NETWORK idle-timeout"],
  ["silence past our watchdog, or byte by byte", deadline("idle"), "NETWORK idle-timeout"],
  ["half-open, found by keep-alive", error("ETIMEDOUT", { ...body, message: "read ETIMEDOUT" }), "NETWORK dropped"],
  ["header over 16 KiB", error("UND_ERR_HEADERS_OVERFLOW"), "SERVER protocol"],
  ["garbage", error("", parser), "SERVER protocol"],
  ["bad status line", error("HPE_INVALID_CONSTANT", parser), "SERVER protocol"],
  ["chunks cut after Connection: close", error("HPE_INVALID_EOF_STATE", { ...parser, ...body }), "PROXY dropped"],
  ["bad chunk size", error("HPE_INVALID_CHUNK_SIZE", { ...parser, ...body }), "SERVER protocol"],
  ["NUL in a header", error("", parser), "SERVER protocol"],
  ["Content-Length and Transfer-Encoding", error("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "SERVER protocol"],
  ["two Content-Lengths", error("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "SERVER protocol"],
  ["101 unasked", error("UND_ERR_SOCKET", { message: "bad upgrade" }), "SERVER protocol"],
  ["204", answer(204), "SERVER no-content final"],
  ["205", answer(205), "SERVER http-status"],
  ["304", answer(304), "SERVER http-status"],
  ["999", answer(999), "SERVER server-error"],
  ["301 without Location", { what: "redirect", why: "no-location", location: "" }, "PROXY redirect"],
  ["redirects for ever", { what: "redirect", why: "too-many", location: "" }, "PROXY redirect"],
  ["redirect loop", { what: "redirect", why: "loop", location: "" }, "PROXY redirect"],
  ["redirect to file:", { what: "redirect", why: "refused", location: "" }, "PROXY redirect-refused"],
  ["redirect from https to http", { what: "redirect", why: "refused", location: "" }, "PROXY redirect-refused"],
  ["redirects for ever, fetch", error("", { message: "fetch failed ← redirect count exceeded" }), "PROXY redirect"],
  ["any redirect, fetch told not to", error("", { message: "unexpected redirect" }), "PROXY redirect"],
  ["redirect to data:, fetch", error("", { message: "URL scheme must be a HTTP(S) scheme" }), "PROXY redirect-refused"],
  ["redirect loop, interceptor", error("UND_ERR_INVALID_ARG", { message: "Redirect loop detected" }), "PROXY redirect"],
  ["self-signed", error("DEPTH_ZERO_SELF_SIGNED_CERT", connect), "SERVER certificate"],
  ["self-signed in the chain", error("SELF_SIGNED_CERT_IN_CHAIN", connect), "SERVER certificate"],
  ["unknown authority", error("UNABLE_TO_VERIFY_LEAF_SIGNATURE", connect), "SERVER certificate"],
  ["issuer not found", error("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", connect), "SERVER certificate"],
  ["expired", error("CERT_HAS_EXPIRED", connect), "SERVER certificate"],
  ["not yet valid", error("CERT_NOT_YET_VALID", connect), "SERVER certificate"],
  ["revoked", error("CERT_REVOKED", connect), "SERVER certificate"],
  ["another name", error("ERR_TLS_CERT_ALTNAME_INVALID", connect), "SERVER certificate"],
  ["TLS 1.1 server", error("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", connect), "SERVER tls"],
  ["client certificate wanted, TLS 1.2", error("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", connect), "SERVER tls"],
  ["client certificate wanted, TLS 1.3", error("UND_ERR_SOCKET", { ...hangsUp, bytesRead: 0 }), "PROXY closed-early"],
  ["http to a TLS port", error("UND_ERR_SOCKET", { ...hangsUp, bytesRead: 0 }), "PROXY closed-early"],
  ["https to a plain port", error("ERR_SSL_WRONG_VERSION_NUMBER", connect), "SERVER tls"],
  ["no common protocol", error("EPROTO", connect), "SERVER tls"],
  ["TLS handshake cut by FIN", error("ECONNRESET", early), "NETWORK reset"],
  ["TLS handshake cut by RST", error("ECONNRESET", { ...connect, message: "read ECONNRESET" }), "NETWORK reset"],
  ["h2 RST_STREAM INTERNAL_ERROR", error("ERR_HTTP2_STREAM_ERROR", body), "PROXY dropped"],
  ["h2 RST_STREAM REFUSED_STREAM", error("ERR_HTTP2_STREAM_ERROR", body), "PROXY dropped"],
  ["h2 RST_STREAM ENHANCE_YOUR_CALM", error("ERR_HTTP2_STREAM_ERROR", body), "PROXY dropped"],
  ["h2 RST_STREAM CANCEL", end, "PROXY ended"],
  ["h2 RST_STREAM NO_ERROR", end, "PROXY ended"],
  [
    "h2 GOAWAY 0",
    error("UND_ERR_SOCKET", { ...body, message: 'HTTP/2: "GOAWAY" frame received with code 0' }),
    "PROXY dropped",
  ],
  [
    "h2 GOAWAY 2",
    error("UND_ERR_SOCKET", { ...body, message: 'HTTP/2: "GOAWAY" frame received with code 2' }),
    "PROXY dropped",
  ],
  ["h2 GOAWAY 11, undici 8", error("ERR_HTTP2_SESSION_ERROR", body), "PROXY dropped"],
  ["h2 stream error", error("UND_ERR_INFO", { ...body, message: 'HTTP/2: "stream error"' }), "PROXY dropped"],
  ["h2 bad frame", error("ERR_HTTP2_ERROR", { names: ["NghttpError"] }), "SERVER protocol"],
  ["CONNECT answered 403", error("UND_ERR_ABORTED", tunnel(403)), "PROXY tunnel-refused"],
  ["CONNECT answered 502", error("UND_ERR_ABORTED", tunnel(502)), "PROXY bad-gateway"],
  ["CONNECT answered 503", error("UND_ERR_ABORTED", tunnel(503)), "PROXY bad-gateway"],
  ["CONNECT answered 302", error("UND_ERR_ABORTED", tunnel(302)), "PROXY captive-portal"],
  ["CONNECT answered 511", error("UND_ERR_ABORTED", tunnel(511)), "PROXY captive-portal"],
  ["CONNECT answered 407", error("UND_ERR_ABORTED", tunnel(407)), "PROXY proxy-auth final"],
  [
    "CONNECT answered 407, two causes deep",
    error("", {
      names: ["TypeError", "AbortError"],
      message: "fetch failed ← Request was cancelled. ← Proxy response (407) !== 200 when HTTP Tunneling",
    }),
    "PROXY proxy-auth final",
  ],
  [
    "407 without a tunnel",
    error("UND_ERR_INVALID_ARG", { message: "Proxy Authentication Required (407)" }),
    "PROXY proxy-auth final",
  ],
  ["proxy silent, or a FIN of it: nothing, ever", deadline("headers"), "NETWORK headers-timeout"],
  ["FIN of the proxy, undici 8", error("UND_ERR_PRX_CONN", connect), "PROXY proxy-unreachable"],
  ["TLS to the proxy", error("UND_ERR_PRX_TLS", connect), "PROXY proxy-unreachable"],
  ["SOCKS proxy that is none", error("UND_ERR_SOCKS5", connect), "PROXY proxy-unreachable"],
  ["our agent destroyed without our word", error("UND_ERR_DESTROYED"), "NETWORK internal"],
  ["maxResponseSize", error("UND_ERR_RES_EXCEEDED_MAX_SIZE", body), "SERVER event-too-large"],
  ["bad gzip", error("Z_DATA_ERROR", body), "SERVER protocol"],
  ["cut gzip", error("Z_BUF_ERROR", body), "SERVER protocol"],
  ["bad brotli", error("ERR__ERROR_FORMAT_CL_SPACE", body), "SERVER protocol"],
  [
    "six layers of compression",
    error("", { message: "too many content-encodings in response: 6, maximum allowed is 5" }),
    "SERVER protocol",
  ],
  ["unknown content coding", { what: "encoding", encoding: "zstd" }, "PROXY protocol"],
  ["unknown coding passed on raw", { what: "not-a-stream", bytes: 65_536 }, "PROXY not-a-stream"],
  ["event without end", { what: "too-large", limitBytes: 1 }, "SERVER event-too-large"],
  ["URL with a password, fetch", error("", { message: "url that includes credentials" }), "NETWORK bad-url final"],
  ["blocked port, fetch", error("", { message: "fetch failed ← bad port" }), "NETWORK bad-url final"],
  ["ftp:, fetch", error("", { message: "fetch failed ← unknown scheme" }), "NETWORK bad-url final"],
  ["ftp:, request", error("UND_ERR_INVALID_ARG", { message: "Invalid URL protocol" }), "NETWORK bad-url final"],
  ["header that is no latin1", error("", { message: "Cannot convert to ByteString" }), "NETWORK bad-url final"],
  ["unusable input", { what: "bad-request", message: "TypeError" }, "NETWORK bad-url final"],
];

it.each(faults)("%s", (_, evidence, becomes) => expect(show(evidence)).toBe(becomes));

it("lets none of the 85 measured faults be unknown, and has words for each", () => {
  const kinds = faults.map(([, evidence]) => classify(evidence, freshContext).kind);
  expect(faults.length).toBeGreaterThanOrEqual(85);
  expect(kinds).not.toContain("unknown");
  for (const kind of kinds) expect(Object.keys(en)).toContain(`failure.${kind}`);
});

it.each([
  ["an AbortError of the platform", error("", { names: ["AbortError"], message: "This operation was aborted" })],
  ["a TimeoutError", error("", { names: ["TimeoutError"] })],
  ["a string that was thrown", error("", { names: [], message: "stop" })],
  ["a code that nobody knows", error("EWHATEVER")],
  ["nothing at all", error("", { names: [] })],
])("says unknown of %s, and goes on", (_, evidence) => expect(show(evidence)).toBe("NETWORK unknown"));

it("keeps the code, or the name, of what it does not know", () => {
  expect(classify(error("EWHATEVER"), freshContext).params).toMatchObject({ host: "h:1", code: "EWHATEVER" });
  expect(classify(error("", { names: ["Strange"] }), freshContext).params).toMatchObject({ code: "Strange" });
});

it("does not take an error for ours because it is named AbortError: its code decides", () => {
  const named = { names: ["AbortError"] };
  expect(show(error("ECONNRESET", named))).toBe("NETWORK reset");
  expect(show(error("UND_ERR_SOCKET", { ...named, ...body }))).toBe("PROXY dropped");
});

it("names the code that it went by, not the first one of the chain", () => {
  expect(classify(error("ENETUNREACH ECONNREFUSED", connect), freshContext).params["code"]).toBe("ECONNREFUSED");
});

it("tells a server that closed without a word from one that had spoken: 0 bytes hint at TLS against plain", () => {
  expect(classify(error("UND_ERR_SOCKET", { bytesRead: 0 }), freshContext).params).toMatchObject({
    silent: 1,
    advice: "scheme",
  });
  expect(classify(error("UND_ERR_SOCKET", { bytesRead: 9 }), freshContext).params).not.toHaveProperty("silent");
});

it.each([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate-issuer"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate-issuer"],
  ["CERT_HAS_EXPIRED", "certificate-expired"],
  ["CERT_NOT_YET_VALID", "certificate-clock"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate-name"],
  ["-201", "certificate-clock"],
  ["-206", "certificate-expired"],
  ["-217", "certificate-intercepted"],
  ["ERR_PROXY_CERTIFICATE_INVALID", "certificate-proxy"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "scheme"],
])("says after %s what to change: %s", (code, advice) => {
  expect(classify(error(code, connect), freshContext).params["advice"]).toBe(advice);
  expect(Object.keys(en)).toContain(`advice.${advice}`);
});
