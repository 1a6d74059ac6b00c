/**
 * Marks that proxies leave in an answer: one row each, with how far it can be trusted by itself. Measured on loopback with
 * the versions of eight proxies that a distribution ships, the others as their documentation and source say. It weighs
 * nothing up: that is proxy-signature.ts; what shows in an answer's form and in time is behaviour.ts.
 */
import type { HopView } from "../../../preload/contract.ts";

/**
 * Where a mark was found. Marks of one source lie for the same reason, so that two of them are worth the better one.
 * `error`: an answer that the proxy made itself; `via`: its name in Via; `header`: a header that only it writes;
 * `server`: the Server header, which an origin can have just as well; `shape`: order and case of headers, framing;
 * `timing`: when things arrive.
 */
export type Source = "error" | "via" | "header" | "server" | "shape" | "timing";

/** The first group of `match` is the version, where there is one. */
export type Signature = {
  readonly product: string;
  readonly source: Exclude<Source, "shape" | "timing">;
  /** The header to look at, in lower case; null: the body of an error. Via is looked at entry by entry. */
  readonly header: string | null;
  readonly match: RegExp;
  /** How likely the product is there when this is all one has, 0 to 1. */
  readonly weight: number;
  /** Only on answers that the product made itself: whoever carries it has spoken. */
  readonly own: boolean;
  /** What the body of an error is: a page that begins with a tag, or plain words. Whoever quotes a page in words is another. */
  readonly body?: "page" | "words";
};

/** A name in Via is hardly ever put there by anybody else. */
const viaWeight = 0.88;
/** A program that is nothing but a proxy, or a web server that may be the origin itself: Server alone is never enough. */
const [proxyServer, webServer] = [0.75, 0.7];
/** Texts that nobody else writes. */
const pageWeight = 0.95;

const via = (product: string, match: RegExp, weight = viaWeight): Signature => ({
  product,
  source: "via",
  header: "via",
  match,
  weight,
  own: false,
});
const server = (product: string, match: RegExp, weight = webServer): Signature => ({
  product,
  source: "server",
  header: "server",
  match,
  weight,
  own: false,
});
const header = (product: string, name: string, match: RegExp, weight: number): Signature => ({
  product,
  source: "header",
  header: name,
  match,
  weight,
  own: false,
});
/** A header of an answer that the product made itself. */
const ownHeader = (product: string, name: string, match: RegExp, weight: number): Signature => ({
  product,
  source: "error",
  header: name,
  match,
  weight,
  own: true,
});
const page = (product: string, match: RegExp, weight = pageWeight): Signature => ({
  product,
  source: "error",
  header: null,
  match,
  weight,
  own: true,
  body: "page",
});
const words = (product: string, match: RegExp, weight = pageWeight): Signature => ({
  ...page(product, match, weight),
  body: "words",
});

/** What nginx and its kin write at the end of their pages; comments behind it fill the page up for old browsers. */
const footer = (name: string): RegExp =>
  new RegExp(`<hr>\\s*<center>${name}</center>\\s*</body>\\s*</html>\\s*(?:<!--(?:[^-]|-(?!->))*-->\\s*)*$`, "i");
/** Of a product that says its version after a slash. */
const versionOf = (name: string) => `${name}(?:/([\\d.]+))?`;

/** HAProxy's built-in texts (http_err_msgs), each after `<h1>STATUS Reason</h1>` and a line break. */
const haproxyTexts = [
  "No server is available to handle this request",
  "The server didn't respond in time",
  "The server returned an invalid or incomplete response",
  "Your browser sent an invalid request",
  "Your browser didn't send a complete request in time",
  "Request forbidden by administrative rules",
  "The resource could not be found",
  "You need a valid user and password to access this content",
  "You have sent too many requests in a given amount of time",
  "An internal server error occurred",
  "The requested functionality is not implemented",
].join("|");

export const signatures: readonly Signature[] = [
  server("nginx", /^nginx(?:\/([\d.]+))?(?: \([^)]*\))?$/i),
  page("nginx", footer(`${versionOf("nginx")}(?: \\([^)]*\\))?`)),
  server("openresty", /^openresty(?:\/([\d.]+))?$/i),
  page("openresty", footer(versionOf("openresty"))),
  server("tengine", /^tengine(?:\/([\d.]+))?$/i),
  page("tengine", footer(versionOf("tengine"))),
  page("tengine", /Powered by Tengine(?:\/([\d.]+))?(?:\s*<[^>]*>)*$/i),

  page("haproxy", new RegExp(`^<html><body><h1>[45]\\d\\d [^<\\n]+</h1>\\s*(?:${haproxyTexts})()`)),

  via("caddy", /^\S+ Caddy$/i),
  server("caddy", /^Caddy$/),

  // Not Apache-Coyote, which is Tomcat, nor Apache Traffic Server.
  server("apache", /^Apache(?:\/([\d.]+))?(?: .*)?$/),
  page("apache", /<h1>Proxy Error<\/h1>\s*<p>The proxy server (?:received an invalid|could not handle)()/i),
  page("apache", /<address>Apache(?:\/([\d.]+))?[^<]* Server at [^<]*<\/address>\s*<\/body>\s*<\/html>$/i),
  // The same pages without a signature, as older and newer versions of 2.4 write them. Others have copied the form.
  page(
    "apache",
    /^<!DOCTYPE HTML PUBLIC "-\/\/(?:IETF\/\/DTD HTML 2\.0|W3C\/\/DTD HTML 4\.01)\/\/EN"[^>]*>\s*<html><head>\s*<title>[45]\d\d [^<]*<\/title>\s*<\/head><body>\s*<h1>()/,
    0.75,
  ),

  header("varnish", "x-varnish", /^\d+(?: \d+)?$/, 0.9),
  via("varnish", /\(Varnish\/([\d.]+)\)$/),
  via("varnish", /^\S+ varnish(?:-v\d+)?$/i, 0.7),
  ownHeader("varnish", "server", /^Varnish$/, 0.85),
  page("varnish", /<h3>Guru Meditation:<\/h3>|<p>XID: \d+<\/p>\s*<hr>\s*<p>Varnish cache server/i),

  ownHeader("squid", "x-squid-error", /^[A-Z_]+ -?\d+$/, 0.96),
  ownHeader("squid", "server", /^squid(?:\/([\w.-]+))?$/i, 0.85),
  page("squid", /<body id="?ERR_[A-Z_]+"?>|Generated [^<]* by [^<]* \(squid(?:\/([\w.-]+))?\)/i),
  via("squid", /\(squid(?:\/([\w.-]+))?\)$/i),
  header("squid", "x-cache-lookup", /^(?:HIT|MISS|NONE) from \S+:\d+$/, 0.85),
  header("squid", "x-cache", /^(?:HIT|MISS|NONE) from \S+$/, 0.45),

  via("holdfast-gateway", /^\S+ holdfast-gateway(?:\/([\w.-]+))?(?: |$)/i, 0.95),

  header("envoy", "x-envoy-upstream-service-time", /^\d+$/, 0.88),
  header("envoy", "x-envoy-decorator-operation", /./, 0.88),
  server("envoy", /^(?:istio-)?envoy$/i, proxyServer),
  words("envoy", /^RBAC: access denied$/),
  words(
    "envoy",
    /^(?:upstream connect error or disconnect\/reset before headers|no healthy upstream$|upstream request timeout$)()/,
  ),

  // Plain words in a Go server's form; a program in Go could say the same.
  words("traefik", /^(?:Bad Gateway|Gateway Timeout)$()/, 0.5),

  header("cloudflare", "cf-ray", /^[0-9a-f]{16}(?:-[A-Z]{3})?$/i, 0.95),
  server("cloudflare", /^cloudflare$/i, proxyServer),
  page("cloudflare", footer("cloudflare()")),
  page("cloudflare", /<span class="cf-error-code">/),
  words("cloudflare", /^error code: (?:1\d\d\d|5\d\d)$/),
  // It stops the request for a test of the browser, which no program passes.
  ownHeader("cloudflare", "cf-mitigated", /^challenge$/i, 0.95),

  ownHeader("aws-alb", "server", /^awselb\/([\d.]+)$/, 0.9),
  header("aws-alb", "set-cookie", /^AWSALB(?:TG)?(?:CORS)?=/, 0.85),
  header("cloudfront", "x-amz-cf-id", /./, 0.93),
  via("cloudfront", /\(CloudFront\)$/i, 0.93),
  ownHeader("cloudfront", "x-cache", /^(?:Error|LambdaGeneratedResponse) from cloudfront$/i, 0.85),
  ownHeader("cloudfront", "server", /^CloudFront$/, 0.88),

  ownHeader("akamai", "server", /^AkamaiGHost$/, 0.9),
  header("akamai", "akamai-grn", /./, 0.9),
  header("akamai", "x-akamai-request-id", /./, 0.9),
  header("fastly", "x-fastly-request-id", /^[0-9a-f]{40}$/, 0.93),
  header("fastly", "x-served-by", /^cache-[a-z0-9-]+-[A-Z]{3}(?:,|$)/, 0.9),
  page("fastly", /<p>Fastly error: /),
  words("fastly", /^Fastly error: /),
  via("google-lb", /^\S+ google$/i),
  header("azure-front-door", "x-azure-ref", /./, 0.9),
  server("azure-gateway", /^Microsoft-Azure-Application-Gateway\/(v?[\d.]+)$/i, proxyServer),
  page("azure-gateway", footer("Microsoft-Azure-Application-Gateway/(v?[\\d.]+)")),
  via("heroku", /^\S+ (?:vegur|heroku-router)$/i),
  header("vercel", "x-vercel-id", /./, 0.9),
  header("fly", "fly-request-id", /./, 0.9),
  header("kong", "x-kong-proxy-latency", /^\d+$/, 0.92),
  via("kong", /^(?:\S+ )?kong\/([\w.-]+)$/i),
  server("kong", /^kong\/([\w.-]+)$/i, proxyServer),

  server("lighttpd", /^lighttpd(?:\/([\d.]+))?$/i),
  // As its source writes an error, in the older form and in the shorter one.
  page(
    "lighttpd",
    /^<\?xml version="1\.0" encoding="iso-8859-1"\?>\s*<!DOCTYPE html PUBLIC "-\/\/W3C\/\/DTD XHTML 1\.0 Transitional\/\/EN"\s+"[^"]*">\s*<html [^>]*>\s*<head>\s*<title>[45]\d\d [^<]*<\/title>\s*<\/head>\s*<body>\s*<h1>[45]\d\d ()/,
    0.8,
  ),
  page(
    "lighttpd",
    /^<!DOCTYPE html>\n<html lang="en">\n <head>\n {2}<title>[45]\d\d [^<]*<\/title>\n <\/head>\n <body>\n {2}<h1>[45]\d\d ()/,
    0.8,
  ),
  via("nghttpx", /^\S+ nghttpx(?:\/([\d.]+))?$/i),
  server("nghttpx", /^nghttpx(?: nghttp2\/([\d.]+))?$/i, proxyServer),
  page("nghttpx", /<footer>nghttpx(?: nghttp2\/([\d.]+))?(?: at port \d+)?<\/footer>/),
  via("tinyproxy", /\(tinyproxy(?:\/([\w.-]+))?\)$/i),
  via("tinyproxy", /^\S+ tinyproxy$/i),
  ownHeader("tinyproxy", "server", /^tinyproxy(?:\/([\w.-]+))?$/i, 0.88),
  page("tinyproxy", /<em>Generated by <a href="[^"]*">tinyproxy<\/a> version ([\w.-]*\w)/i),
  via("traffic-server", /\(ApacheTrafficServer\/([\d.]+)[^)]*\)$/i),
  server("traffic-server", /^ATS(?:\/([\d.]+))?$/, proxyServer),
  server("iis", /^Microsoft-IIS\/([\d.]+)$/i),
  header("iis-arr", "x-powered-by", /^ARR\/([\d.]+)$/, 0.88),
  ownHeader("big-ip", "server", /^Big-?IP$/i, 0.75),
  header("big-ip", "set-cookie", /^BIGipServer[^=]*=/, 0.88),

  ownHeader("zscaler", "server", /^Zscaler(?:\/([\w.-]+))?$/i, 0.9),
  // Its title, not an address of it: many pages link to its help.
  page("zscaler", /<title>[^<]*Zscaler/i, 0.85),
  header("blue-coat", "x-bluecoat-via", /./, 0.93),
  ownHeader("blue-coat", "proxy-connection", /^Blue ?Coat/i, 0.85),
  page("blue-coat", /Blue Coat (?:Systems|ProxySG)/, 0.85),
  via("web-gateway", /\((?:McAfee|Skyhigh) (?:Secure )?Web Gateway ([\d.]+)[^)]*\)$/i),
  via("cisco-wsa", /\(Cisco-(?:WSA|IronPort)[^/)]*\/([\w.-]+)\)$/i),
  ownHeader("mitmproxy", "server", /^mitmproxy ([\d.]+)/, 0.88),
];

/** As they are written; what is missing is written like its code. */
const names: Readonly<Record<string, string>> = {
  haproxy: "HAProxy",
  caddy: "Caddy",
  apache: "Apache",
  varnish: "Varnish",
  squid: "Squid",
  pingora: "Pingora",
  openresty: "OpenResty",
  tengine: "Tengine",
  envoy: "Envoy",
  traefik: "Traefik",
  cloudflare: "Cloudflare",
  "aws-alb": "AWS ALB",
  cloudfront: "CloudFront",
  akamai: "Akamai",
  fastly: "Fastly",
  "google-lb": "Google Cloud Load Balancing",
  "azure-front-door": "Azure Front Door",
  "azure-gateway": "Azure Application Gateway",
  heroku: "Heroku",
  vercel: "Vercel",
  fly: "Fly.io",
  kong: "Kong",
  iis: "IIS",
  "iis-arr": "IIS ARR",
  "traffic-server": "Apache Traffic Server",
  "big-ip": "BIG-IP",
  zscaler: "Zscaler",
  "blue-coat": "Blue Coat",
  "web-gateway": "Skyhigh Web Gateway",
  "cisco-wsa": "Cisco Secure Web Appliance",
  "http-proxy": "node http-proxy",
  "go-reverse-proxy": "Go ReverseProxy",
};

/** "" for a hop that does not say who it is. */
export function nameOf(product: string): string {
  return product === "unknown" ? "" : (names[product] ?? product);
}

/** How long each lets a silent stream live by default, ms. Measured, or documented by whoever runs it. */
export const idleDefaults: Readonly<Record<string, number>> = {
  nginx: 60_000,
  openresty: 60_000,
  tengine: 60_000,
  apache: 60_000,
  varnish: 60_000,
  "aws-alb": 60_000,
  heroku: 55_000,
  haproxy: 30_000,
  cloudflare: 100_000,
};

/** What a product is on the path. `either`: forward where the request went through a forward proxy, else reverse. */
type Role = HopView["role"] | "either";
const roles: Readonly<Record<string, Role>> = {
  "holdfast-gateway": "gateway",
  pingora: "gateway",
  kong: "gateway",
  squid: "either",
  tinyproxy: "either",
  "traffic-server": "either",
  mitmproxy: "either",
  zscaler: "forward",
  "blue-coat": "forward",
  "web-gateway": "forward",
  "cisco-wsa": "forward",
  unknown: "unknown",
};

/** It goes out for clients, or can: what it says of addresses and connections is about that. */
export function isForwardByTrade(product: string): boolean {
  return roles[product] === "either" || roles[product] === "forward";
}

export function roleOf(product: string, forwarded: boolean): HopView["role"] {
  const role = roles[product] ?? "reverse";
  if (role !== "either") return role;
  return forwarded ? "forward" : "reverse";
}
