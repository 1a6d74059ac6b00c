/** Every fault that was measured (85 on undici 7.30.2), as the evidence it leaves, and what it is taken for. */
import { expect, it } from "vitest";
import { classify, type Evidence, type Stage } from "../../main/core/failure.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };

type Facts = { stage?: Stage; names?: string[]; message?: string; bytesRead?: number };
const error = (
  code: string | null,
  { stage = "headers", names = ["Error"], message = "", bytesRead }: Facts = {},
): Evidence => ({
  what: "error",
  stage,
  codes: code === null ? [] : code.split(" "),
  names,
  message,
  bytesRead: bytesRead ?? null,
  host: "h:1",
});
const body = { stage: "body" } as const;
const fresh = { worked: false, refusals: 0 };

const faults: readonly (readonly [fault: string, evidence: Evidence, becomes: string])[] = [
  ["refused", error("ECONNREFUSED", { stage: "connect" }), "NETWORK refused"],
  [
    "refused on v4 and v6",
    error("ECONNREFUSED ECONNREFUSED ECONNREFUSED", { stage: "connect", names: ["AggregateError"] }),
    "NETWORK refused",
  ],
  ["unknown name", error("ENOTFOUND"), "NETWORK dns"],
  ["name without addresses", error("ENODATA"), "NETWORK dns"],
  ["name server busy", error("EAI_AGAIN"), "NETWORK dns-temporary"],
  ["name server failed", error("EAI_FAIL"), "NETWORK dns-temporary"],
  ["name server silent", error("ETIMEOUT"), "NETWORK dns-temporary"],
  ["connection takes too long", error("UND_ERR_CONNECT_TIMEOUT"), "NETWORK connect-timeout"],
  ["SYN unanswered", error("ETIMEDOUT", { stage: "connect" }), "NETWORK connect-timeout"],
  ...["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EHOSTDOWN"].map(
    (code) => [code, error(code), "NETWORK offline"] as const,
  ),
  ...["EMFILE", "ENFILE", "ENOBUFS"].map((code) => [code, error(code), "NETWORK local-limit"] as const),
  ["headers too late", error("UND_ERR_HEADERS_TIMEOUT"), "NETWORK headers-timeout"],
  ["RST before headers", error("ECONNRESET", { message: "read ECONNRESET" }), "NETWORK reset"],
  ["FIN before headers", error("UND_ERR_SOCKET", { message: "other side closed", bytesRead: 0 }), "PROXY closed-early"],
  ["FIN in headers", error("UND_ERR_SOCKET", { message: "other side closed", bytesRead: 30 }), "PROXY closed-early"],
  ["RST in the body", error("ECONNRESET", body), "NETWORK reset"],
  ["write to a closed connection", error("EPIPE", body), "NETWORK reset"],
  [
    "FIN in a chunk, short Content-Length, truncated TLS",
    error("UND_ERR_SOCKET", { ...body, message: "other side closed" }),
    "PROXY dropped",
  ],
  ["end, also of a close-delimited body by FIN or RST", { what: "end" }, "PROXY ended"],
  ["silent body", error("UND_ERR_BODY_TIMEOUT", body), "NETWORK idle-timeout"],
  ["half-open, found by keep-alive", error("ETIMEDOUT", body), "NETWORK dropped"],
  ["header over 16 KiB", error("UND_ERR_HEADERS_OVERFLOW"), "SERVER protocol"],
  ["garbage, bad status line, bad chunk size, NUL", error(null, { names: ["HTTPParserError"] }), "SERVER protocol"],
  ["parser's own code", error("HPE_INVALID_CONSTANT", { names: ["HTTPParserError"] }), "SERVER protocol"],
  ["two Content-Lengths", error("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "SERVER protocol"],
  ["101 unasked", error("UND_ERR_SOCKET", { message: "bad upgrade" }), "SERVER protocol"],
  ["bad gzip", error("Z_DATA_ERROR", body), "SERVER protocol"],
  ["cut gzip", error("Z_BUF_ERROR", body), "SERVER protocol"],
  ["bad brotli", error("ERR__ERROR_FORMAT_CL_SPACE", body), "SERVER protocol"],
  ...[
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_REVOKED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "INVALID_CA",
  ].map((code) => [code, error(code, { stage: "connect" }), "SERVER certificate"] as const),
  ["TLS 1.1 server", error("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"), "SERVER tls"],
  [
    "client certificate wanted (TLS 1.2; a slash in the code)",
    error("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE"),
    "SERVER tls",
  ],
  ["https to a plain port", error("ERR_SSL_WRONG_VERSION_NUMBER"), "SERVER tls"],
  ["no common protocol", error("EPROTO"), "SERVER tls"],
  [
    "TLS handshake cut",
    error("ECONNRESET", { message: "Client network socket disconnected before secure TLS connection was established" }),
    "NETWORK reset",
  ],
  ["h2 stream reset", error("ERR_HTTP2_STREAM_ERROR", body), "PROXY dropped"],
  ["h2 GOAWAY (undici 8)", error("ERR_HTTP2_SESSION_ERROR", body), "PROXY dropped"],
  [
    "h2 GOAWAY (undici 7)",
    error("UND_ERR_SOCKET", { ...body, message: 'HTTP/2: "GOAWAY" frame received with code 0' }),
    "PROXY dropped",
  ],
  ["h2 bad frame", error("ERR_HTTP2_ERROR", { names: ["NghttpError"] }), "SERVER protocol"],
  [
    "CONNECT answered 403",
    error("UND_ERR_ABORTED", { names: ["AbortError"], message: "Proxy response (403) !== 200 when HTTP Tunneling" }),
    "PROXY bad-gateway",
  ],
  [
    "CONNECT answered 407",
    error("UND_ERR_ABORTED", { names: ["AbortError"], message: "Proxy response (407) !== 200 when HTTP Tunneling" }),
    "PROXY proxy-auth final",
  ],
  [
    "407 without a tunnel",
    error("UND_ERR_INVALID_ARG", { message: "Proxy Authentication Required (407)" }),
    "PROXY proxy-auth final",
  ],
  [
    "407 two causes deep",
    error(null, {
      names: ["TypeError", "AbortError"],
      message: "fetch failed ← Request was cancelled. ← Proxy response (407) !== 200 when HTTP Tunneling",
    }),
    "PROXY proxy-auth final",
  ],
  [
    "a request that undici will not send",
    error("UND_ERR_INVALID_ARG", { message: "invalid path" }),
    "NETWORK bad-url final",
  ],
  ["redirects for ever", { what: "redirect", why: "too-many", location: "" }, "PROXY redirect"],
  ["redirect loop", { what: "redirect", why: "loop", location: "" }, "PROXY redirect"],
  ["301 without Location", { what: "redirect", why: "no-location", location: "" }, "PROXY redirect"],
  [
    "redirect to file:, or from https to http",
    { what: "redirect", why: "refused", location: "" },
    "PROXY redirect-refused",
  ],
  ["no connection in time", { what: "deadline", deadline: "connect", afterMs: 1 }, "NETWORK connect-timeout"],
  ["endless 103", { what: "deadline", deadline: "headers", afterMs: 1 }, "NETWORK headers-timeout"],
  ["silence", { what: "deadline", deadline: "idle", afterMs: 1 }, "NETWORK idle-timeout"],
  ["event without end", { what: "too-large", limitBytes: 1 }, "SERVER event-too-large"],
  ["unknown content coding", { what: "encoding", encoding: "zstd" }, "PROXY protocol"],
  ["unusable input", { what: "bad-request", message: "TypeError" }, "NETWORK bad-url final"],
];

const show = (evidence: Evidence, context = fresh) => {
  const { family, kind, final } = classify(evidence, context);
  return `${family} ${kind}${final ? " final" : ""}`;
};

it.each(faults)("%s", (_, evidence, becomes) => expect(show(evidence)).toBe(becomes));

const answer = (status: number, retryAfterMs: number | null = null, contentType = "text/plain"): Evidence => ({
  what: "answer",
  status,
  contentType,
  retryAfterMs,
});
const answers = [
  [200, "PROXY wrong-type"],
  [204, "SERVER no-content final"],
  [205, "SERVER http-status"],
  [304, "SERVER http-status"],
  [400, "SERVER bad-request final"],
  [401, "AUTH unauthorized"],
  [403, "AUTH forbidden"],
  [404, "SERVER not-found final"],
  [405, "SERVER method-not-allowed final"],
  [406, "SERVER not-acceptable final"],
  [407, "PROXY proxy-auth final"],
  [408, "SERVER http-status"],
  [410, "SERVER gone final"],
  [429, "SERVER too-many-requests"],
  [431, "SERVER http-status"],
  [500, "SERVER server-error"],
  [502, "PROXY bad-gateway"],
  [503, "PROXY unavailable"],
  [504, "PROXY gateway-timeout"],
  [511, "PROXY captive-portal"],
  [520, "SERVER server-error"],
  [999, "SERVER server-error"],
] as const;
it.each(answers)("an answer of %s is %s", (status, becomes) => {
  expect(show(answer(status))).toBe(becomes);
  expect(classify(answer(status), fresh).status).toBe(status);
});

it("takes a second refusal of the same credential for final, and a missing path that worked for a deploy", () => {
  expect(show(answer(401), { worked: true, refusals: 1 })).toBe("AUTH unauthorized final");
  expect(show(answer(403), { worked: true, refusals: 1 })).toBe("AUTH forbidden final");
  expect(show(answer(404), { worked: true, refusals: 0 })).toBe("PROXY not-found");
});

it.each([
  [null, null],
  [0, 1000],
  [7000, 7000],
  [Number.POSITIVE_INFINITY, 3_600_000],
  [253_402_300_799_000, 3_600_000],
])("takes Retry-After of %s ms as %s", (sent, taken) =>
  expect(classify(answer(503, sent), fresh).retryAfterMs).toBe(taken),
);

it("has words for every kind, and lets no known fault be unknown", () => {
  const kinds = [...faults.map(([, evidence]) => evidence), ...answers.map(([status]) => answer(status))].map(
    (one) => classify(one, fresh).kind,
  );
  for (const kind of kinds) expect(Object.keys(en)).toContain(`failure.${kind}`);
  expect(kinds).not.toContain("unknown");
});

it("says unknown of what nobody knows, and keeps its code", () => {
  expect(classify(error("EWHATEVER"), fresh)).toMatchObject({
    family: "NETWORK",
    kind: "unknown",
    params: { code: "EWHATEVER" },
  });
  expect(classify(error(null, { names: [] }), fresh).kind).toBe("unknown");
});

it("tells a server that closed without a word from one that had spoken: 0 bytes hint at TLS against plain", () => {
  expect(classify(error("UND_ERR_SOCKET", { bytesRead: 0 }), fresh).params).toHaveProperty("silent", 1);
  expect(classify(error("UND_ERR_SOCKET", { bytesRead: 9 }), fresh).params).not.toHaveProperty("silent");
});
