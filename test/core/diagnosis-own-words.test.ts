/** What each proxy means by an error that it made itself, by its words or else by the status. */
import { describe, expect, it } from "vitest";
import { speakerOf } from "../../main/core/diagnosis/own-words.ts";
import { cloudflare, haproxy, nginx, pingora, squid, tinyproxy } from "./diagnosis-answers.ts";
import { answered } from "./diagnosis-facts.ts";

describe("what a proxy means by its own error", () => {
  const gateway = (word: string) =>
    answered(502, { headers: [["Via", "1.1 holdfast-gateway"]], body: `{"error":"${word}","kind":"X"}` });
  it.each([
    ["squid", "auth", squid(403, "ERR_CACHE_ACCESS_DENIED")],
    ["squid", "auth", squid(403, "ERR_CACHE_MGR_ACCESS_DENIED")],
    ["squid", "denied", squid(403, "ERR_ACCESS_DENIED")],
    ["squid", "denied", squid(413, "ERR_TOO_BIG")],
    ["squid", "upstream-timeout", squid(503, "ERR_READ_TIMEOUT")],
    ["squid", "upstream-down", squid(502, "ERR_ZERO_SIZE_OBJECT")],
    ["squid", "upstream-down", squid(503, "ERR_DNS_FAIL")],
    ["squid", null, squid(503, "ERR_OTHER")],
    ["squid", "no-route", squid(404, "ERR_OTHER")],
    ["holdfast-gateway", "no-route", gateway("no-route")],
    ["holdfast-gateway", "upstream-down", gateway("unreachable")],
    ["holdfast-gateway", "upstream-timeout", gateway("timeout")],
    ["holdfast-gateway", null, gateway("overloaded")],
    ["pingora", "no-route", pingora(500)],
    ["pingora", null, pingora(502)],
    ["haproxy", "upstream-timeout", haproxy(504, 5, "The server didn't respond in time.")],
    ["haproxy", "denied", haproxy(403, 5, "Request forbidden by administrative rules.")],
    ["haproxy", null, haproxy(503)],
    ["cloudflare", "upstream-timeout", cloudflare(524)],
    ...[520, 521, 522, 523, 525, 526, 530].map(
      (status) => ["cloudflare", "upstream-down", cloudflare(status)] as const,
    ),
    ["cloudflare", null, cloudflare(527)],
    [
      "apache",
      "upstream-timeout",
      answered(502, {
        body: "<h1>Proxy Error</h1>\n<p>The proxy server could not handle it</p>\nReason: <strong>Error reading from remote server",
      }),
    ],
    ["apache", null, answered(502, { body: "<h1>Proxy Error</h1>\n<p>The proxy server received an invalid" })],
    ["nginx", "no-route", nginx(404)],
    ["nginx", "upstream-timeout", nginx(504)],
    ["nginx", "auth", nginx(407)],
    ["nginx", null, nginx(500)],
    ["envoy", "upstream-down", answered(503, { body: "no healthy upstream" })],
    ["tinyproxy", "upstream-down", tinyproxy(502, "Could not connect to x")],
    ["tinyproxy", "upstream-down", tinyproxy(502, "It couldn't connect")],
    ["tinyproxy", "upstream-down", tinyproxy(500)],
    ["tinyproxy", null, tinyproxy(502)],
    ["tinyproxy", "no-route", tinyproxy(400)],
    ["tinyproxy", null, answered(400, { headers: [["Server", "tinyproxy"]], forwarded: true })],
  ] as const)("%s: %s (%#)", (product, says, { answer }) => {
    expect(speakerOf(answer)).toEqual({ product, says });
  });

  it("is nothing where it is no error, or nobody's", () => {
    expect([null, nginx(399).answer, squid(399, "ERR_NONE").answer, answered(502).answer].map(speakerOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
