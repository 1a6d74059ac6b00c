/** Rules about what is no stream and no plain refusal: pages, redirects, no answer, and no way to a server. */
import { describe } from "vitest";
import type { Facts, RedirectFact, TlsFact } from "../../main/core/diagnosis/facts.ts";
import { squid } from "./diagnosis-answers.ts";
import { claims } from "./diagnosis-claims.ts";
import { aHop, anAnswer, answered, aWatch, mute } from "./diagnosis-facts.ts";

const flows = aWatch();
const page = answered(200, { body: "<p>" }, { contentType: "text/html; charset=utf-8" });
const text = answered(200, { body: "data: 1" }, { contentType: "text/plain" });
const led = (more: Partial<RedirectFact> = {}) => ({
  redirects: { count: 1, login: false, refused: null, otherHost: false, ...more },
});
const online = { network: "online" } as const;
const elsewhere = { ...online, plain: page, ...led({ otherHost: true }) };

describe("a redirect", () => {
  claims("redirect", [
    ["in a circle", led({ count: 2, refused: "loop" }), "0.93 origin redirects=2 redirect-loop"],
    ["that leads nowhere", led({ refused: "no-location" }), "0.93 origin redirects=1 redirect-no-location"],
    ["is nothing where it was followed", led(), "none"],
    ["is nothing where there was none", { redirects: null }, "none"],
  ]);
  claims("login", [
    [
      "to a page to sign in at",
      { plain: page, ...led({ login: true }) },
      "0.93 origin redirects=1 content-type=text/html; charset=utf-8",
    ],
    [
      "to one that is no page",
      { plain: text, ...led({ login: true }) },
      "0.93 origin redirects=1 content-type=text/plain",
    ],
    ["to some page", { plain: page, ...led() }, "0.6 origin redirects=1 content-type=text/html; charset=utf-8"],
    [
      "to some page of another host",
      elsewhere,
      "0.55 origin redirects=1 other-host content-type=text/html; charset=utf-8",
    ],
    ["not to some other thing", { plain: text, ...led() }, "none"],
    ["not to a type that only ends so", { plain: answered(200, {}, { contentType: "x-text/html" }), ...led() }, "none"],
    ["not without one", { plain: page, ...led({ count: 0, login: true }) }, "none"],
    ["not where none was seen", { plain: page, redirects: null }, "none"],
    ["not to a stream", led({ login: true }), "none"],
    ["not where nothing answered", { plain: mute(), ...led({ login: true }) }, "none"],
    ["not where nothing was asked", { plain: null, ...led({ login: true }) }, "none"],
  ]);
  claims("captive-portal", [
    ["of a network that wants a sign-in", elsewhere, "0.62 - redirects=1 other-host"],
    ["not of an encrypted stream", { ...elsewhere, encrypted: true }, "none"],
    ["not of this computer", { ...elsewhere, network: "loopback" }, "none"],
    ["not to a site's own sign-in", { ...elsewhere, ...led({ otherHost: true, login: true }) }, "none"],
    ["not to the same host", { ...elsewhere, ...led() }, "none"],
    ["not to what is no page", { ...elsewhere, plain: text }, "none"],
    [
      "not to a type that only ends so",
      { ...elsewhere, plain: answered(200, {}, { contentType: "x-text/html" }) },
      "none",
    ],
    ["not to a stream", { ...elsewhere, plain: flows }, "none"],
    ["not without one", { ...elsewhere, redirects: null }, "none"],
    ["by its status", { plain: answered(511) }, "0.97 - answered=511"],
    ["not by another status", { plain: answered(510) }, "none"],
    ["not where nothing was asked", { plain: null }, "none"],
  ]);
});

describe("an answer of another type", () => {
  const fallback = (status: number, body: string) => anAnswer(status, { unrouted: true, body });
  const typed = "content-type=text/plain";
  claims("wrong-type", [
    ["is the origin's", { plain: text }, `0.85 origin ${typed}`],
    ["is the origin's, of a page", { plain: page }, "0.85 origin content-type=text/html; charset=utf-8"],
    [
      "is so without redirects known",
      { plain: page, redirects: null },
      "0.85 origin content-type=text/html; charset=utf-8",
    ],
    ["may have none", { plain: answered(200, { body: "x" }) }, "0.85 origin content-type=–"],
    [
      "is somebody's on the way, where it is right directly",
      { plain: text, direct: flows },
      `0.85 - ${typed} direct-works`,
    ],
    [
      "is a fallback's, where every path has it",
      { plain: text, unrouted: fallback(200, "data: 1") },
      `0.85 origin ${typed} unrouted-same=200`,
    ],
    [
      "is that of the web server in front",
      { plain: text, unrouted: fallback(200, "data: 1") },
      `0.85 nginx ${typed} unrouted-same=200`,
      aHop("nginx"),
    ],
    [
      "is the origin's behind nginx, where others have another",
      { plain: text, unrouted: fallback(200, "x") },
      `0.85 origin ${typed}`,
      aHop("nginx"),
    ],
    [
      "is the origin's, where others have another status",
      { plain: text, unrouted: fallback(404, "data: 1") },
      `0.85 origin ${typed}`,
    ],
    [
      "is the origin's, where both are empty",
      { plain: answered(200, {}, { contentType: "text/plain" }), unrouted: fallback(200, "") },
      `0.85 origin ${typed}`,
    ],
    ["says less behind a redirect", { plain: page, ...led() }, "0.45 origin content-type=text/html; charset=utf-8"],
    ["says as much behind one, of no page", { plain: text, ...led() }, `0.85 origin ${typed}`],
    [
      "says as much of a type that only ends so",
      { plain: answered(200, { body: "x" }, { contentType: "x-text/html" }), ...led() },
      "0.85 origin content-type=x-text/html",
    ],
    ["with any good status", { plain: answered(299, { body: "x" }) }, "0.85 origin content-type=–"],
    ["not with a bad one", { plain: answered(300, { body: "x" }) }, "none"],
    ["not with one of no answer", { plain: answered(199, { body: "x" }) }, "none"],
    ["not where there is nothing", { plain: answered(204) }, "none"],
    ["not where it is Caddy's empty one", { plain: answered(200, { framing: "none" }) }, "none"],
    ["not where it is a stream", {}, "none"],
    ["not where nothing answered", { plain: mute() }, "none"],
  ]);
  claims("no-content", [
    ["204", { plain: answered(204) }, "0.95 origin answered=204"],
    ["not 205", { plain: answered(205) }, "none"],
    ["not where nothing was asked", { plain: null }, "none"],
  ]);
});

describe("no answer", () => {
  const failed = (kind: string, afterMs = 5) =>
    ({ ...mute(), failure: { what: "failure", kind, forwarded: false, afterMs } }) as const;
  claims("closed-early", [
    ...["closed-early", "reset", "dropped"].map(
      (kind) => [kind, { plain: failed(kind) }, `0.8 origin error-${kind} answered-at-once`] as const,
    ),
    ["after a while", { plain: failed("reset", 50) }, "0.8 origin error-reset answered-after=50"],
    ["almost at once", { plain: failed("reset", 49) }, "0.8 origin error-reset answered-at-once"],
    [
      "behind http-proxy",
      { plain: failed("reset") },
      "0.8 http-proxy error-reset answered-at-once",
      aHop("http-proxy"),
    ],
    ["not for another reason", { plain: failed("refused") }, "none"],
    ["not behind an answer", { plain: { ...flows, failure: failed("reset").failure } }, "none"],
    ["not without a reason", { plain: { ...mute(), failure: null } }, "none"],
    ["not where nothing was asked", { plain: null }, "none"],
  ]);
  claims("protocol", [
    ["that can be read", { plain: failed("protocol") }, "0.85 origin error-protocol"],
    ["not for another reason", { plain: failed("reset") }, "none"],
    ["not behind an answer", { plain: { ...flows, failure: failed("protocol").failure } }, "none"],
    ["not where nothing was asked", { plain: null }, "none"],
  ]);
  const wantsHttps = "0.97 client answered=400 wants-https";
  claims("protocol", [
    [
      "of a server in Go",
      { plain: answered(400, { body: "Client sent an HTTP request to an HTTPS server." }) },
      wantsHttps,
    ],
    ["of nginx", { plain: answered(400, { body: "400 The plain HTTP request was sent to HTTPS port" }) }, wantsHttps],
    [
      "of Apache",
      { plain: answered(400, { body: "You're speaking plain HTTP to an SSL-enabled server port." }) },
      wantsHttps,
    ],
    ["not by other words", { plain: answered(400, { body: "HTTPS port" }) }, "none"],
    ["not with another status", { plain: answered(403, { body: "sent an HTTP request to an HTTPS server" }) }, "none"],
  ]);
});

describe("no way", () => {
  const tcp = (failure: string) => ({ tcp: { tookMs: 3, failure } });
  const dns = (failure: string) => ({ dns: { tookMs: 3, failure, addresses: 0, literal: false } });
  const tls = (trouble: TlsFact["trouble"], more: Partial<TlsFact> = {}) => ({
    tls: { tookMs: 5, protocol: null, trouble, issuer: "Somebody", daysLeft: -2, ...more },
  });
  const offline: Partial<Facts> = { network: "offline" };
  claims("offline", [
    ["out of this computer", offline, "0.97 - no-interface"],
    ["is none where there is one", online, "none"],
  ]);
  claims("dns", [
    ["to a name", dns("dns"), "0.95 - error-dns"],
    ["to a name for now", dns("dns-temporary"), "0.95 - error-dns-temporary"],
    ["to a name, for being offline", { ...dns("dns"), ...offline }, "0.5 - error-dns"],
    ["to a name behind a redirect", { ...dns("dns"), ...led({ count: 2 }) }, "0.95 - error-dns redirects=2"],
    ["is none where it was found", {}, "none"],
    ["is none where it was not looked up", { dns: null }, "none"],
  ]);
  claims("refused", [
    ["to a port", tcp("refused"), "0.95 - error-refused"],
    ["is another", tcp("unreachable"), "none"],
  ]);
  claims("unreachable", [
    ...["unreachable", "offline", "network-changed", "not-permitted"].map(
      (kind) => [kind, tcp(kind), `0.95 - error-${kind}`] as const,
    ),
    ["is another", tcp("refused"), "none"],
    ["is none where it was not tried", { tcp: null }, "none"],
  ]);
  claims("connect-timeout", [["in time", tcp("connect-timeout"), "0.95 - error-connect-timeout"]]);
  claims("tls-expired", [
    ["past its time", tls("expired"), "0.95 - days-left=-2"],
    ["before its time", tls("not-yet", { daysLeft: null }), "0.95 - days-left=0"],
    ["is another", tls("name"), "none"],
    ["is none where it is not encrypted", { tls: null }, "none"],
  ]);
  claims("tls-name", [
    ["by another name", tls("name"), "0.95 - issuer=Somebody other-name"],
    ["by another name of nobody's", tls("name", { issuer: null }), "0.95 - other-name"],
  ]);
  claims("tls-intercepted", [["past an inspection", tls("intercepted"), "0.95 - issuer=Somebody"]]);
  claims("tls-self-signed", [["signed by itself", tls("self-signed"), "0.95 - issuer=Somebody"]]);
  claims("tls-issuer", [["signed by a stranger", tls("issuer"), "0.95 - issuer=Somebody"]]);
  claims("tls-silent", [["that answers", tls("silent"), "0.95 - tls-silent=5"]]);
  claims("tls-handshake", [
    ["that both speak", tls("handshake", { tookMs: 60 }), "0.95 - error-tls answered-after=60"],
  ]);
  claims("protocol", [
    ["with TLS", tls("not-tls"), "0.95 client not-tls answered-at-once"],
    ["is another", tls("silent"), "none"],
  ]);
  const proxy = (why: string, status: number | null, squidError: string | null) => ({
    proxy: { tookMs: 7, answer: null, trouble: { why, status, squidError } } as Facts["proxy"],
  });
  claims("proxy-unreachable", [
    ...["unreachable", "silent", "closed"].map(
      (why) => [`by a proxy that is ${why}`, proxy(why, null, null), `0.95 - proxy-${why}=7`] as const,
    ),
    ["is another", proxy("auth", 407, null), "none"],
    ["is none without trouble", { proxy: { tookMs: 7, answer: null, trouble: null } }, "none"],
    ["is none without a proxy", { proxy: null }, "none"],
  ]);
  claims("proxy-auth", [
    ["by a proxy that asks who it is", proxy("auth", 407, null), "0.97 - connect-status=407"],
    ["by an answer that asks so", { plain: answered(407) }, "0.97 - answered=407 no-marks answered-at-once"],
    [
      "by Squid, which asks so",
      { plain: squid(407, "X") },
      "0.97 squid answered=407 own-words=squid squid-error=X 0 answered-at-once",
    ],
    ["not by another answer", { plain: answered(401) }, "none"],
  ]);
  claims("proxy-denied", [
    [
      "by Squid, which forbids it",
      proxy("denied", 403, "ERR_X 0"),
      "0.95 squid connect-status=403 squid-error=ERR_X 0",
    ],
  ]);
  claims("proxy-tunnel", [["by a proxy that has none", proxy("refused", 503, null), "0.9 - connect-status=503"]]);
});
