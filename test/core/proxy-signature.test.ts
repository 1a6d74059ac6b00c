/** Who is named by which marks: the exact headers and bodies that eight proxies wrote on this loopback, and impostors. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { AnswerSeen, ArrivalsSeen, EndingSeen, Observation } from "../../main/core/detection/observation.ts";
import { hopsOf, speakerOf, surely } from "../../main/core/proxy-signature.ts";

type Headers = readonly (readonly [string, string])[];

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

const html: readonly [string, string] = ["Content-Type", "text/html"];
const stream: readonly [string, string] = ["Content-Type", "text/event-stream"];
const date: readonly [string, string] = ["Date", "Sun, 22 Nov 2026 10:00:00 GMT"];
const empty: readonly [string, string] = ["Content-Length", "0"];
const nginxPage = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`;
const haproxyPage = (title: string, text: string) => `<html><body><h1>${title}</h1>\n${text}\n</body></html>\n`;
const guru =
  "<!DOCTYPE html>\n<html>\n  <head>\n    <title>503 Backend fetch failed</title>\n  </head>\n  <body>\n    <h1>Error 503 Backend fetch failed</h1>\n    <p>Backend fetch failed</p>\n    <h3>Guru Meditation:</h3>\n    <p>XID: 32770</p>\n    <hr>\n    <p>Varnish cache server</p>\n  </body>\n</html>\n";
const apachePage = (title: string, h1: string, p: string) =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${h1}</h1>\n<p>${p}</p>\n</body></html>\n`;
const squidPage =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html><head>\n<title>ERROR</title>\n</head><body id=ERR_CONNECT_FAIL>\n<div id="titles">\n<h1>ERROR</h1>';

/** Product, what was seen, version, least and greatest confidence. */
const named: readonly (readonly [string, string, Observation, string | null, number, number])[] = [
  [
    "nginx",
    "a stream",
    answer(200, [
      ["Server", "nginx/1.22.1"],
      date,
      stream,
      ["Transfer-Encoding", "chunked"],
      ["Connection", "keep-alive"],
    ]),
    "1.22.1",
    0.7,
    0.79,
  ],
  [
    "nginx",
    "its 502",
    answer(502, [["Server", "nginx/1.22.1"], date, html, ["Content-Length", "157"], ["Connection", "keep-alive"]], {
      body: nginxPage("502 Bad Gateway"),
    }),
    "1.22.1",
    0.95,
    1,
  ],
  [
    "nginx",
    "an origin's 502",
    answer(502, [["Server", "nginx/1.22.1"], date, ["Content-Type", "application/json"]]),
    "1.22.1",
    0.7,
    0.79,
  ],
  [
    "haproxy",
    "its 503",
    answer(
      503,
      [
        ["content-length", "107"],
        ["cache-control", "no-cache"],
        ["content-type", "text/html"],
      ],
      {
        body: haproxyPage("503 Service Unavailable", "No server is available to handle this request."),
      },
    ),
    null,
    0.95,
    1,
  ],
  [
    "haproxy",
    "its 504",
    answer(
      504,
      [
        ["content-length", "92"],
        ["cache-control", "no-cache"],
        ["content-type", "text/html"],
      ],
      {
        body: haproxyPage("504 Gateway Time-out", "The server didn't respond in time."),
      },
    ),
    null,
    0.95,
    1,
  ],
  [
    "haproxy",
    "a stream of a Node origin",
    answer(200, [
      ["content-type", "text/event-stream"],
      ["date", date[1]],
      ["keep-alive", "timeout=5"],
      ["transfer-encoding", "chunked"],
    ]),
    null,
    0.4,
    0.7,
  ],
  ["caddy", "2.6's stream", answer(200, [stream, date, ["Server", "Caddy"]]), null, 0.7, 0.79],
  ["caddy", "2.11's stream", answer(200, [stream, date, ["Via", "1.1 Caddy"]]), null, 0.8, 1],
  ["caddy", "its 502", answer(502, [["Server", "Caddy"], date, empty], { framing: "length" }), null, 0.8, 1],
  [
    "caddy",
    "its 200 without a route",
    answer(200, [["Server", "Caddy"], date, empty], { framing: "length" }),
    null,
    0.8,
    1,
  ],
  ["apache", "a stream", answer(200, [date, ["Server", "Apache/2.4.71 (Debian)"], stream]), "2.4.71", 0.7, 0.79],
  [
    "apache",
    "its 502",
    answer(502, [date, ["Server", "Apache/2.4.71 (Debian)"], html], {
      body: apachePage(
        "502 Proxy Error",
        "Proxy Error",
        "The proxy server received an invalid\r\nresponse from an upstream server.<br />\r\n",
      ),
    }),
    "2.4.71",
    0.95,
    1,
  ],
  [
    "apache",
    "its 503",
    answer(503, [date, ["Server", "Apache/2.4.71 (Debian)"], html, ["Connection", "close"]], {
      body: apachePage(
        "503 Service Unavailable",
        "Service Unavailable",
        "The server is temporarily unable to service your\nrequest",
      ),
    }),
    "2.4.71",
    0.8,
    1,
  ],
  [
    "varnish",
    "a stream",
    answer(200, [
      stream,
      date,
      ["X-Varnish", "32770"],
      ["Age", "0"],
      ["Via", "1.1 varnish (Varnish/7.1)"],
      ["Accept-Ranges", "bytes"],
    ]),
    "7.1",
    0.9,
    1,
  ],
  [
    "varnish",
    "its 503",
    answer(
      503,
      [
        date,
        ["Server", "Varnish"],
        html,
        ["Retry-After", "5"],
        ["X-Varnish", "5"],
        ["Via", "1.1 varnish (Varnish/7.1)"],
      ],
      {
        body: guru,
      },
    ),
    "7.1",
    0.95,
    1,
  ],
  [
    "squid",
    "a stream",
    answer(200, [
      stream,
      ["X-Cache", "MISS from host"],
      ["X-Cache-Lookup", "MISS from host:3128"],
      ["Via", "1.1 host (squid/5.7)"],
    ]),
    "5.7",
    0.9,
    1,
  ],
  [
    "squid",
    "its 503",
    answer(
      503,
      [
        ["Server", "squid/5.7"],
        ["Mime-Version", "1.0"],
        html,
        ["X-Squid-Error", "ERR_CONNECT_FAIL 111"],
        ["Via", "1.1 host (squid/5.7)"],
      ],
      {
        body: squidPage,
      },
    ),
    "5.7",
    0.95,
    1,
  ],
  [
    "squid",
    "its word at CONNECT",
    answer(503, [["Server", "squid/5.7"], html, ["X-Squid-Error", "ERR_CONNECT_FAIL 111"]], {
      to: "connect",
      forwarded: true,
    }),
    "5.7",
    0.95,
    1,
  ],
  [
    "pingora",
    "its 404",
    answer(404, [["Server", "Pingora"], date, empty, ["Cache-Control", "private, no-store"], ["Connection", "close"]], {
      framing: "length",
    }),
    null,
    0.9,
    1,
  ],
  [
    "holdfast-gateway",
    "a stream",
    answer(200, [stream, ["Via", "1.1 holdfast-gateway"], ["Server-Timing", "proxy;dur=1.2"]]),
    null,
    0.9,
    1,
  ],
  [
    "http-proxy",
    "a stream",
    answer(200, [stream, date, ["Connection", "close"], ["Transfer-Encoding", "chunked"]]),
    null,
    0.25,
    0.5,
  ],
  [
    "envoy",
    "a stream",
    answer(200, [["server", "envoy"], ["x-envoy-upstream-service-time", "3"], stream]),
    null,
    0.9,
    1,
  ],
  ["envoy", "Server alone", answer(200, [["server", "envoy"], stream]), null, 0.7, 0.79],
  [
    "cloudflare",
    "a stream",
    answer(200, [["Server", "cloudflare"], ["CF-RAY", "8f1e2d3c4b5a6978-FRA"], stream]),
    null,
    0.9,
    1,
  ],
  ["aws-alb", "its 502", answer(502, [["Server", "awselb/2.0"], date, html]), "2.0", 0.85, 1],
  [
    "cloudfront",
    "a stream",
    answer(200, [stream, ["Via", "1.1 abc.cloudfront.net (CloudFront)"], ["X-Amz-Cf-Id", "x=="]]),
    null,
    0.9,
    1,
  ],
  ["nghttpx", "a stream", answer(200, [stream, ["server", "nghttpx"], ["via", "1.1 nghttpx"]]), null, 0.9, 1],
  ["lighttpd", "a stream", answer(200, [stream, ["Server", "lighttpd/1.4.69"]]), "1.4.69", 0.7, 0.79],
  ["tinyproxy", "a stream", answer(200, [["Via", "1.1 tinyproxy (tinyproxy/1.11.1)"], stream]), "1.11.1", 0.85, 1],
  ["unknown", "a stranger in Via", answer(200, [["Via", "1.1 edge7"], stream]), null, 0.5, 0.5],
];

it.each(named)("names %s by %s", (product, _what, observation, version, least, most) => {
  const hops = hopsOf([observation]);
  const hop = hops.find((one) => one.product === product);
  expect(hop).toMatchObject({ product, version });
  expect(hop?.confidence).toBeGreaterThanOrEqual(least);
  expect(hop?.confidence).toBeLessThanOrEqual(most);
  expect(hop?.evidence.length).toBeGreaterThan(0);
  // Nobody else is named with it, save as a hint.
  expect(hops.filter((one) => one.product !== product && one.confidence >= 0.5)).toEqual([]);
});

const mine: Headers = [
  ["X-Powered-By", "Express"],
  stream,
  date,
  ["Connection", "keep-alive"],
  ["Keep-Alive", "timeout=5"],
  ["Transfer-Encoding", "chunked"],
];

/** What origins say that sounds like a proxy. */
const impostors: readonly (readonly [string, Observation])[] = [
  ["an app that says Apache", answer(200, [["Server", "Apache"], ...mine])],
  ["an app that says nginx", answer(502, [["Server", "nginx/1.18.0"], ...mine], { body: '{"error":"bad gateway"}' })],
  ["an app that says cloudflare", answer(200, [["Server", "cloudflare"], ...mine])],
  ["an app that says Varnish on a stream", answer(200, [["Server", "Varnish"], ...mine])],
  ["an app that says Pingora on a stream", answer(200, [["Server", "Pingora"], ...mine])],
  ["Tomcat", answer(503, [["Server", "Apache-Coyote/1.1"], html])],
  [
    "an app that quotes nginx in its JSON",
    answer(502, [...mine.filter(([name]) => name !== "Content-Type"), ["Content-Type", "application/json"]], {
      body: JSON.stringify({ upstream: nginxPage("502 Bad Gateway") }),
    }),
  ],
  ["a page that speaks of nginx", answer(200, [html], { body: nginxPage("How errors look") })],
  [
    "an app with the words of HAProxy in its text",
    answer(503, [html], { body: "<p>Sorry. No server is available to handle this request.</p>" }),
  ],
  [
    "Go's own 404",
    answer(404, [["Content-Type", "text/plain; charset=utf-8"], ["X-Content-Type-Options", "nosniff"], date], {
      body: "404 page not found\n",
    }),
  ],
  [
    "a program in Rust",
    answer(200, [
      ["content-type", "text/event-stream"],
      ["cache-control", "no-cache"],
      ["date", "x"],
    ]),
  ],
];

it.each(impostors)("is not sure of anybody because of %s", (_what, observation) => {
  expect(hopsOf([observation]).filter(({ confidence }) => confidence >= surely)).toEqual([]);
});

it("is not made surer by hearing the same again, nor by an origin's name and a timing together", () => {
  const once = answer(200, [["Server", "nginx/1.22.1"], ...mine]);
  expect(hopsOf([once, once, once])).toEqual(hopsOf([once]));
  const cut: EndingSeen = { what: "ending", how: "truncated", openMs: 90_000, idleMs: 60_000, framing: "chunked" };
  expect(hopsOf([once, cut, cut])[0]?.confidence).toBeLessThan(surely);
});

it("finds several hops and puts the nearest first", () => {
  const behind = answer(200, [
    ["Server", "nginx/1.22.1"],
    date,
    stream,
    ["X-Varnish", "1"],
    ["Via", "1.1 varnish (Varnish/7.1), 1.1 Caddy"],
  ]);
  expect(hopsOf([behind]).map(({ product }) => product)).toEqual(["caddy", "varnish", "nginx"]);
  const inFront = answer(200, [
    ["Server", "nginx/1.22.1"],
    date,
    stream,
    ["Transfer-Encoding", "chunked"],
    ["Connection", "keep-alive"],
    ["X-Varnish", "1"],
    ["Via", "1.1 varnish (Varnish/7.1)"],
  ]);
  expect(hopsOf([inFront]).map(({ product }) => product)).toEqual(["nginx", "varnish"]);
});

it("takes a proxy that we asked through for a forward one, and puts it before the site's", () => {
  const seen = answer(200, [["Server", "nginx"], stream, ["Via", "1.1 varnish (Varnish/7.1), 1.1 host (squid/5.7)"]], {
    forwarded: true,
  });
  expect(hopsOf([seen]).map(({ product, role }) => [product, role])).toEqual([
    ["squid", "forward"],
    ["varnish", "reverse"],
    ["nginx", "reverse"],
  ]);
});

it("keeps names of hosts out of its evidence", () => {
  const seen = answer(502, [
    ["Via", "1.1 proxy7.corp.example:3128 (squid/5.7), 1.1 secret.corp.example"],
    ["X-Cache", "MISS from proxy7.corp.example"],
  ]);
  expect(JSON.stringify(hopsOf([seen]))).not.toContain("corp");
});

it("sees HAProxy's batches where the origin's stamps say that they were not made together", () => {
  const bursts = Array.from({ length: 20 }, (_, i) => ({
    atMs: i * 205,
    bytes: 80,
    events: 2,
    comments: 0,
    lagMs: 105,
  }));
  const seen: ArrivalsSeen = { what: "arrivals", firstByteMs: 200, watchedMs: 4100, bursts };
  const [hop] = hopsOf([seen]);
  expect(hop?.product).toBe("haproxy");
  expect(hop?.confidence).toBeLessThan(surely);
  const beat: ArrivalsSeen = { ...seen, bursts: bursts.map((burst) => ({ ...burst, lagMs: 1 })) };
  expect(hopsOf([beat])).toEqual([]);
});

it("says who spoke: the proxy itself where its own marks are on the answer, else nobody of the path", () => {
  const own = answer(502, [["Server", "nginx/1.22.1"], html], { body: nginxPage("502 Bad Gateway") });
  expect(speakerOf(own)).toEqual({ product: "nginx", version: "1.22.1" });
  const passedOn = answer(502, [["Server", "nginx/1.22.1"], html], { body: "<h1>out of orders</h1>" });
  expect(speakerOf(passedOn)).toBeNull();
});

const name = fc.constantFrom(
  "Content-Type",
  "Date",
  "Connection",
  "Cache-Control",
  "X-Request-Id",
  "ETag",
  "Vary",
  "content-type",
  "date",
  "Set-Cookie",
  "X-Powered-By",
  "Access-Control-Allow-Origin",
);
const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    "Express",
    "close",
    "keep-alive",
    "text/event-stream",
    "text/html",
    "application/json",
    "timeout=5",
    "Next.js",
    "PHP/8.2",
  ),
);
const server = fc.constantFrom(
  "nginx",
  "Apache/2.4.1",
  "Caddy",
  "uvicorn",
  "gunicorn",
  "Kestrel",
  "Jetty(9.4)",
  "Werkzeug/2.2 Python/3.11",
  "lighttpd",
  "Microsoft-IIS/10.0",
);
const bare: fc.Arbitrary<Observation> = fc.oneof(
  fc
    .record({
      status: fc.constantFrom(200, 204, 401, 403, 404, 500, 502, 503, 504),
      headers: fc.array(fc.tuple(name, value), { maxLength: 8 }),
      server: fc.option(server),
      body: fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.constantFrom('{"error":"no"}', "Cannot GET /x", "404 page not found\n", "<h1>Not Found</h1>", "Bad Gateway"),
      ),
      framing: fc.constantFrom("chunked" as const, "length" as const, "close" as const, "none" as const),
      headersMs: fc.nat(20_000),
    })
    .map(({ server: said, headers, status, ...more }) =>
      answer(status, said === null ? headers : [["Server", said], ...headers], more),
    ),
  fc.record({
    what: fc.constant("ending" as const),
    how: fc.constantFrom("clean" as const, "truncated" as const, "reset" as const),
    openMs: fc.nat(200_000),
    idleMs: fc.oneof(fc.nat(100_000), fc.constantFrom(30_000, 60_000)),
    framing: fc.constant("chunked" as const),
  }),
  fc.record({
    what: fc.constant("arrivals" as const),
    firstByteMs: fc.option(fc.nat(5000)),
    watchedMs: fc.nat(20_000),
    bursts: fc.array(
      fc.record({
        atMs: fc.nat(20_000),
        bytes: fc.nat(5000),
        events: fc.nat(9),
        comments: fc.nat(2),
        lagMs: fc.option(fc.nat(1000)),
      }),
      { maxLength: 30 },
    ),
  }),
);

it("is never sure of a name on the strength of what an origin without a proxy can say", () => {
  fc.assert(
    fc.property(fc.array(bare, { maxLength: 12 }), (seen) => {
      for (const hop of hopsOf(seen)) expect(hop.confidence).toBeLessThan(surely);
    }),
    { numRuns: 500 },
  );
});

it("does not care in which order it was told", () => {
  const any = fc.oneof(bare, fc.constantFrom(...named.map(([, , observation]) => observation)));
  const shuffled = fc
    .array(any, { maxLength: 10 })
    .chain((seen) => fc.tuple(fc.constant(seen), fc.shuffledSubarray(seen, { minLength: seen.length })));
  fc.assert(
    fc.property(shuffled, ([seen, other]) => {
      expect(hopsOf(other)).toEqual(hopsOf(seen));
    }),
    { numRuns: 500 },
  );
});

it("names nobody where nothing was seen", () => {
  expect(hopsOf([])).toEqual([]);
});

it("names nobody whose page is only quoted, or whose help is linked to", () => {
  const footer = "<hr><center>nginx/1.22.1</center>";
  const plain: readonly [string, string] = ["Content-Type", "text/plain"];
  const quoted: readonly Observation[] = [
    answer(404, [html], { body: '<html><body>See <a href="https://help.zscaler.com/">help</a></body></html>' }),
    answer(500, [plain], { body: `upstream said: <html><body>${footer}</body></html>` }),
    answer(500, [plain], { body: nginxPage("502 Bad Gateway") }),
    answer(500, [html], { body: `<html><body><pre>${footer}</pre><p>That is what came.</p></body></html>` }),
    answer(500, [plain], { body: "The page had <h3>Guru Meditation:</h3> in it" }),
  ];
  for (const one of quoted) expect(hopsOf([one])).toEqual([]);
});

it("knows nginx by its page although comments fill it up for old browsers", () => {
  const padding = "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n".repeat(6);
  const [hop] = hopsOf([answer(404, [html], { body: nginxPage("404 Not Found") + padding })]);
  expect(hop).toMatchObject({ product: "nginx", version: "1.22.1", confidence: 0.95 });
});

it("is never surer than 0.78 of what an origin may say just as well, whatever comes together", () => {
  const silentEnd: EndingSeen = {
    what: "ending",
    how: "truncated",
    openMs: 60_100,
    idleMs: 60_000,
    framing: "chunked",
  };
  const headers: Headers = [
    ["Server", "nginx/1.22.1"],
    date,
    stream,
    ["Transfer-Encoding", "chunked"],
    ["Connection", "keep-alive"],
  ];
  const [hop] = hopsOf([answer(200, headers), silentEnd]);
  expect(hop).toMatchObject({ product: "nginx", confidence: 0.78 });
  expect(hop?.evidence.map(({ code }) => code)).toEqual(expect.arrayContaining(["server", "idle-default"]));
});
