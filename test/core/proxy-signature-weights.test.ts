/** How marks are weighed up: what comes together, who is nearest, who spoke, and what is said as evidence. */
import { describe, expect, it } from "vitest";
import type { AnswerSeen, ArrivalsSeen, EndingSeen } from "../../main/core/detection/observation.ts";
import { isForwardByTrade, nameOf, roleOf } from "../../main/core/detection/signatures.ts";
import { hopsOf, speakerOf } from "../../main/core/proxy-signature.ts";

type Headers = AnswerSeen["headers"];

const answer = (status: number, headers: Headers, more: Partial<AnswerSeen> = {}): AnswerSeen => ({
  what: "answer",
  to: "path",
  forwarded: false,
  unrouted: false,
  status,
  httpVersion: "1.1",
  headers,
  framing: "chunked",
  body: "",
  headersMs: 3,
  ...more,
});
const html = ["Content-Type", "text/html"] as const;
const text = ["Content-Type", "text/plain"] as const;
const nginxPage = "<html><body>\n<hr><center>nginx</center>\n</body>\n</html>\n";
const batches: ArrivalsSeen = {
  what: "arrivals",
  firstByteMs: 200,
  watchedMs: 4100,
  bursts: Array.from({ length: 20 }, (_, i) => ({ atMs: i * 205, bytes: 80, events: 2, comments: 0, lagMs: 105 })),
};
/** As HAProxy passes a stream of Node on. */
const leaked = answer(200, [
  ["date", "x"],
  ["keep-alive", "timeout=5"],
  ["vary", "x"],
]);
const idle: EndingSeen = { what: "ending", how: "truncated", openMs: 30_100, idleMs: 30_000, framing: "chunked" };
const productsOf = (...seen: Parameters<typeof hopsOf>[0]) => hopsOf(seen).map(({ product }) => product);
const via = (value: string, ...more: Headers) => answer(200, [["Via", value], ...more]);

it.each([
  ["of two marks of one source the better counts", [batches, idle], 0.55],
  ["two sources count together, to 0.7 where they are form and time", [leaked, batches], 0.7],
  [
    "a hint of a quarter is the least that names",
    [
      answer(200, [
        ["date", "x"],
        ["etag", "x"],
        ["vary", "x"],
      ]),
    ],
    0.25,
  ],
])("%s", (_what, seen, confidence) => {
  expect(hopsOf(seen)).toMatchObject([{ product: "haproxy", confidence }]);
});

it("names nobody for the default of an idle timeout alone", () => {
  expect(hopsOf([idle])).toEqual([]);
});

describe("who is nearer", () => {
  it.each<[string, string, readonly string[]]>([
    ["who stands later in Via", "1.1 varnish (Varnish/7.1), 1.1 Caddy", ["caddy", "varnish"]],
    ["a stranger who stands later", "1.1 Caddy, 1.1 edge7", ["unknown", "caddy"]],
    ["a stranger who stands sooner", "1.1 edge7, 1.1 Caddy", ["caddy", "unknown"]],
    ["in HTTP/1.1 as it may be written too", "HTTP/1.1 edge7, 2 Caddy", ["caddy", "unknown"]],
    ["in HTTP/2, a stranger as well", "2 edge7, 1.1 Caddy", ["caddy", "unknown"]],
    ["with a comma in a comment", "1.1 Caddy, 1.1 a (Varnish/7.1), 1.1 b (x, y)", ["unknown", "varnish", "caddy"]],
  ])("%s", (_what, value, products) => {
    expect(productsOf(via(value))).toEqual(products);
  });

  it("is no stranger who does not say a version first", () => {
    for (const value of ["edge7", "1.1", "x 1.1 edge7", "1.1\tedge7", ""]) expect(productsOf(via(value))).toEqual([]);
  });

  it("a forward proxy, wherever its mark stands", () => {
    const squid = ["X-Cache", "MISS from host"] as const;
    const seen = answer(200, [squid, ["Via", "1.1 Caddy"]], { forwarded: true });
    expect(hopsOf([seen]).map(({ product, role }) => [product, role])).toEqual([
      ["squid", "forward"],
      ["caddy", "reverse"],
    ]);
    expect(productsOf(answer(200, seen.headers))).toEqual(["caddy", "squid"]);
    // One answer that came through it is enough; so is what it said to CONNECT.
    expect(hopsOf([answer(200, [squid]), seen])[0]).toMatchObject({ product: "squid", role: "forward" });
    expect(hopsOf([answer(502, [squid], { to: "connect" })])).toMatchObject([{ product: "squid", role: "forward" }]);
  });

  it("who left a mark in an answer, before who was guessed by form or by time", () => {
    const squid = answer(200, [["X-Cache", "MISS from host"]]);
    const traefik = answer(502, [text], { body: "Bad Gateway" });
    expect(productsOf(leaked, batches, squid)).toEqual(["squid", "haproxy"]);
    expect(productsOf(batches, traefik)).toEqual(["traefik", "haproxy"]);
    expect(productsOf(leaked, traefik)).toEqual(["traefik", "haproxy"]);
  });

  it("who is surer, and then by name, where no mark tells", () => {
    const vercel = ["X-Vercel-Id", "fra1::x"] as const;
    const akamai = ["Akamai-GRN", "0.2"] as const;
    const envoy = ["X-Envoy-Upstream-Service-Time", "3"] as const;
    expect(productsOf(answer(200, [envoy, vercel, akamai]))).toEqual(["akamai", "vercel", "envoy"]);
    expect(productsOf(answer(200, [akamai, vercel, envoy]))).toEqual(["akamai", "vercel", "envoy"]);
  });
});

describe("Fastly, which is made of Varnish", () => {
  const served = ["X-Served-By", "cache-fra-eddf8230050-FRA"] as const;
  it("is one hop where it has given its own name", () => {
    expect(productsOf(via("1.1 varnish"))).toEqual(["varnish"]);
    expect(productsOf(via("1.1 varnish", served))).toEqual(["fastly"]);
  });
  it("has a Varnish behind it that shows itself otherwise", () => {
    expect(productsOf(via("1.1 varnish", served, ["X-Varnish", "32770"]))).toEqual(["fastly", "varnish"]);
    expect(productsOf(via("1.1 Caddy", served))).toEqual(["caddy", "fastly"]);
  });
});

describe("who spoke", () => {
  const pingora = ["Server", "Pingora"] as const;
  const empty = ["Content-Length", "0"] as const;
  it.each<[string, AnswerSeen, string | null]>([
    ["whoever is sure enough", answer(502, [pingora, empty], { framing: "length" }), "pingora"],
    ["nobody who may be another", answer(502, [text], { body: "Bad Gateway" }), null],
    ["nobody whose name is only passed on", answer(502, [["Server", "nginx"]]), null],
    ["the surer of two", answer(502, [["X-Cache", "Error from cloudfront"], html], { body: nginxPage }), "nginx"],
    [
      "the first by name of two alike",
      answer(403, [["CF-Mitigated", "challenge"], html], { body: nginxPage }),
      "cloudflare",
    ],
  ])("%s", (_what, seen, product) => {
    expect(speakerOf(seen)?.product ?? null).toBe(product);
  });

  it("with a version of its own, not of others on the way", () => {
    const seen = answer(502, [html, ["Via", "1.1 host (squid/5.7)"]], { body: nginxPage });
    expect(speakerOf(seen)).toEqual({ product: "nginx", version: null });
  });
});

describe("a page of an error", () => {
  it("may have space around it, and no type", () => {
    expect(productsOf(answer(502, [], { body: `\r\n${nginxPage}\r\n` }))).toEqual(["nginx"]);
  });
  it("is nobody's where words come before it", () => {
    expect(productsOf(answer(502, [html], { body: `They said: ${nginxPage}` }))).toEqual([]);
  });
  it("of HAProxy's form is not HAProxy's without its text", () => {
    const body = "<html><body><h1>503 Service Unavailable</h1>\nCome back later.\n</body></html>\n";
    expect(productsOf(answer(503, [html], { body }))).toEqual([]);
  });
});

describe("evidence", () => {
  it.each<[string, AnswerSeen, string, object]>([
    ["a page", answer(502, [html], { body: nginxPage }), "own-page", { status: 502 }],
    [
      "a header of its own answer",
      answer(503, [["X-Squid-Error", "ERR_NONE 0"]]),
      "own-header",
      { name: "x-squid-error", status: 503 },
    ],
    ["its name in Via", via("1.1 Caddy"), "via", { said: "caddy" }],
    ["its name and version in Via", via("1.1 h (squid/5.7)"), "via", { said: "squid/5.7" }],
    ["its name in Server", answer(200, [["Server", "nginx/1.22.1"]]), "server", { said: "nginx/1.22.1" }],
    ["a header that it writes", answer(200, [["X-Varnish", "2"]]), "header", { name: "x-varnish" }],
    ["what a stranger calls itself", via("1.1 edge-7"), "via-stranger", { said: "edge-7" }],
    ["a stranger with the name of a host", via("1.1 edge.corp.example"), "via-stranger", { said: "?" }],
    ["a stranger with too long a name", via(`1.1 ${"e".repeat(33)}`), "via-stranger", { said: "?" }],
  ])("is %s", (_what, seen, code, params) => {
    expect(hopsOf([seen])).toMatchObject([{ evidence: [{ code, params }] }]);
  });

  it("is said once, six of it at most, the weightiest first", () => {
    const headers: Headers = [
      ["Server", "squid/5.7"],
      ["X-Squid-Error", "ERR_CONNECT_FAIL 111"],
      ["X-Cache", "MISS from host"],
      ["X-Cache-Lookup", "MISS from host:3128"],
      ["Via", "1.1 host (squid/5.7)"],
      html,
    ];
    const own = answer(503, headers, { body: "<html><body id=ERR_CONNECT_FAIL></body></html>" });
    const passed = answer(200, headers);
    const codes = hopsOf([own, passed, own])[0]?.evidence.map(({ code, params }) => `${code} ${params["name"] ?? ""}`);
    expect(codes?.slice(0, 3)).toEqual(["own-header x-squid-error", "own-page ", "via "]);
    expect(codes).toHaveLength(6);
    expect(new Set(codes).size).toBe(6);
  });
});

it("calls each by its name as it is written, and nobody who does not say it", () => {
  expect(["aws-alb", "http-proxy", "nginx", "unknown"].map(nameOf)).toEqual([
    "AWS ALB",
    "node http-proxy",
    "nginx",
    "",
  ]);
});

it.each([
  ["squid", "reverse", "forward", true],
  ["zscaler", "forward", "forward", true],
  ["kong", "gateway", "gateway", false],
  ["nginx", "reverse", "reverse", false],
  ["unknown", "unknown", "unknown", false],
])("%s is %s, and asked through a proxy %s", (product, role, forwarded, goesOut) => {
  expect([roleOf(product, false), roleOf(product, true)]).toEqual([role, forwarded]);
  expect(isForwardByTrade(product)).toBe(goesOut);
});
