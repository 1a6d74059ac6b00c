/** Which header names whom: as each product writes it, and what stands right beside it and is somebody else's. */
import { expect, it } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";

const answer = (status: number, header: string, value: string): AnswerSeen => ({
  what: "answer",
  to: "path",
  forwarded: false,
  unrouted: false,
  status,
  httpVersion: "1.1",
  headers: [[header, value]],
  framing: "chunked",
  body: "",
  headersMs: 3,
});

type Row = readonly [
  product: string,
  header: string,
  /** Values that name it, and the version in each. */
  named: Readonly<Record<string, string | null>>,
  /** Values that look so and do not. */
  others: readonly string[],
];

/** On everything that passes through. */
const passing: readonly Row[] = [
  [
    "nginx",
    "server",
    {
      nginx: null,
      "nginx/1.22.1": "1.22.1",
      "nginx/1.18.0 (Ubuntu)": "1.18.0",
    },
    ["not nginx", "nginx/1.22.1 and more", "nginxy"],
  ],
  ["openresty", "server", { openresty: null, "openresty/1.21.4.1": "1.21.4.1" }, ["an openresty", "openresty/1.21!"]],
  ["tengine", "server", { Tengine: null, "Tengine/2.4.1": "2.4.1" }, ["a Tengine", "Tengine/2.4.1!"]],
  ["caddy", "server", { Caddy: null }, ["a Caddy", "Caddyshack"]],
  ["caddy", "via", { "1.1 Caddy": null, "2.0 Caddy": null }, ["1.1 old Caddy", "1.1 Caddyshack"]],
  [
    "apache",
    "server",
    {
      Apache: null,
      "Apache/2.4.71": "2.4.71",
      "Apache/2.4.71 (Debian)": "2.4.71",
      "Apache (Debian)": null,
    },
    ["an Apache", "Apache-Coyote/1.1", "ApacheTrafficServer/9.2.3"],
  ],
  ["varnish", "x-varnish", { "32770": null, "32771 32769": null }, ["v 32770", "32770 hits"]],
  ["varnish", "via", { "1.1 varnish (Varnish/7.1)": "7.1", "1.1 edge (Varnish/6.0)": "6.0" }, ["1.1 (Varnish/7.1) x"]],
  ["varnish", "via", { "1.1 varnish": null, "1.1 varnish-v14": null }, ["1.1 my varnish", "1.1 varnish-vx"]],
  ["squid", "via", { "1.1 host (squid)": null, "1.1 host (squid/5.7)": "5.7" }, ["1.1 host (squid/5.7) x"]],
  [
    "squid",
    "x-cache-lookup",
    {
      "MISS from host:3128": null,
      "HIT from host:80": null,
      "NONE from host:3128": null,
    },
    ["a MISS from host:3128", "MISS from host:3128 x", "MISS from host"],
  ],
  [
    "squid",
    "x-cache",
    { "MISS from host": null, "HIT from host": null },
    ["a MISS from host", "MISS from host here", "Hit from cloudfront"],
  ],
  [
    "holdfast-gateway",
    "via",
    {
      "1.1 holdfast-gateway": null,
      "1.1 holdfast-gateway/0.4.0": "0.4.0",
      "1.1 holdfast-gateway (edge)": null,
    },
    ["1.1 no holdfast-gateway", "1.1 holdfast-gateways"],
  ],
  ["envoy", "x-envoy-upstream-service-time", { "3": null, "412": null }, ["some 3", "3 ms"]],
  ["envoy", "x-envoy-decorator-operation", { "orders:8080/*": null }, [""]],
  ["envoy", "server", { envoy: null, "istio-envoy": null }, ["an envoy", "envoys"]],
  [
    "cloudflare",
    "cf-ray",
    { "8f1e2d3c4b5a6978-FRA": null, "8f1e2d3c4b5a6978": null },
    ["ray 8f1e2d3c4b5a6978", "8f1e2d3c4b5a6978-FRA1", "8f1e-FRA"],
  ],
  ["cloudflare", "server", { cloudflare: null }, ["not cloudflare", "cloudflared"]],
  [
    "aws-alb",
    "set-cookie",
    {
      "AWSALB=x": null,
      "AWSALBTG=x": null,
      "AWSALBCORS=x": null,
      "AWSALBTGCORS=x": null,
    },
    ["MYAWSALB=x", "AWSALBUM=x"],
  ],
  ["cloudfront", "x-amz-cf-id", { "x==": null }, [""]],
  ["cloudfront", "via", { "1.1 abc.cloudfront.net (CloudFront)": null }, ["1.1 abc (CloudFront) x"]],
  ["akamai", "akamai-grn", { "0.2d3c": null }, [""]],
  ["akamai", "x-akamai-request-id", { "2d3c": null }, [""]],
  ["fastly", "x-fastly-request-id", { [`${"0f9a".repeat(10)}`]: null }, ["0f9a", `${"0f9a".repeat(10)}00`]],
  [
    "fastly",
    "x-served-by",
    {
      "cache-fra-eddf8230050-FRA": null,
      "cache-iad-kiad7000154-IAD, cache-fra-eddf8230050-FRA": null,
    },
    ["a cache-fra-eddf8230050-FRA", "cache-fra-eddf8230050-FRANCE"],
  ],
  ["google-lb", "via", { "1.1 google": null }, ["1.1 my google", "1.1 googlebot"]],
  ["azure-front-door", "x-azure-ref", { "20261122T1": null }, [""]],
  [
    "azure-gateway",
    "server",
    {
      "Microsoft-Azure-Application-Gateway/v2": "v2",
      "Microsoft-Azure-Application-Gateway/2.1": "2.1",
    },
    ["a Microsoft-Azure-Application-Gateway/v2", "Microsoft-Azure-Application-Gateway/v2!"],
  ],
  ["heroku", "via", { "1.1 vegur": null, "2.0 heroku-router": null }, ["1.1 my vegur", "1.1 vegurs"]],
  ["vercel", "x-vercel-id", { "fra1::x": null }, [""]],
  ["fly", "fly-request-id", { "01H-fra": null }, [""]],
  ["kong", "x-kong-proxy-latency", { "2": null, "12": null }, ["some 2", "2 ms"]],
  ["kong", "via", { "kong/3.4.2": "3.4.2", "1.1 kong/3.4.2": "3.4.2" }, ["1.1 my kong/3.4.2", "1.1 kong/3.4.2 x"]],
  ["kong", "server", { "kong/3.4.2": "3.4.2" }, ["my kong/3.4.2", "kong/3.4.2!"]],
  ["lighttpd", "server", { lighttpd: null, "lighttpd/1.4.69": "1.4.69" }, ["a lighttpd", "lighttpd/1.4.69!"]],
  ["nghttpx", "via", { "1.1 nghttpx": null, "2 nghttpx/1.52": "1.52" }, ["1.1 my nghttpx", "1.1 nghttpx-like"]],
  ["nghttpx", "server", { nghttpx: null, "nghttpx nghttp2/1.52.0": "1.52.0" }, ["my nghttpx", "nghttpx nghttp2/1.5!"]],
  [
    "tinyproxy",
    "via",
    { "1.1 h (tinyproxy)": null, "1.1 h (tinyproxy/1.11.1)": "1.11.1" },
    ["1.1 h (tinyproxy/1.1) x"],
  ],
  ["tinyproxy", "via", { "1.1 tinyproxy": null }, ["1.1 my tinyproxy", "1.1 tinyproxys"]],
  [
    "traffic-server",
    "via",
    {
      "http/1.1 host (ApacheTrafficServer/9.2.3)": "9.2.3",
      "http/1.1 h (ApacheTrafficServer/9.2.3 [cMsSf ])": "9.2.3",
    },
    ["http/1.1 host (ApacheTrafficServer/9.2.3) x"],
  ],
  ["traffic-server", "server", { ATS: null, "ATS/9.2.3": "9.2.3" }, ["an ATS", "ATS/9.2.3!"]],
  ["iis", "server", { "Microsoft-IIS/10.0": "10.0" }, ["a Microsoft-IIS/10.0", "Microsoft-IIS/10.0!"]],
  ["iis-arr", "x-powered-by", { "ARR/3.0": "3.0" }, ["an ARR/3.0", "ARR/3.0!"]],
  ["big-ip", "set-cookie", { "BIGipServerpool_app=1.2.3": null, "BIGipServer=1": null }, ["a BIGipServerpool=1"]],
  ["blue-coat", "x-bluecoat-via", { "2d3c": null }, [""]],
  [
    "web-gateway",
    "via",
    {
      "1.1 host (McAfee Web Gateway 9.2.1.34143)": "9.2.1.34143",
      "1.1 host (Skyhigh Secure Web Gateway 12.2.3 build 7)": "12.2.3",
    },
    ["1.1 host (McAfee Web Gateway 9.2.1) x"],
  ],
  [
    "cisco-wsa",
    "via",
    {
      "1.1 host (Cisco-WSA/12.5.1-011)": "12.5.1-011",
      "1.1 host (Cisco-IronPort-WSA/8.0.6)": "8.0.6",
    },
    ["1.1 host (Cisco-WSA/12.5.1-011) x"],
  ],
];

/** Only on what the product made itself. */
const own: readonly Row[] = [
  ["varnish", "server", { Varnish: null }, ["a Varnish", "Varnish 7"]],
  [
    "squid",
    "x-squid-error",
    {
      "ERR_CONNECT_FAIL 111": null,
      "ERR_NONE 0": null,
      "ERR_READ_ERROR -104": null,
    },
    ["an ERR_NONE 0", "ERR_NONE 0 x"],
  ],
  ["squid", "server", { squid: null, "squid/5.7": "5.7", "squid/3.5.27-1": "3.5.27-1" }, ["a squid", "squid/5.7 x"]],
  ["cloudflare", "cf-mitigated", { challenge: null }, ["no challenge", "challenged"]],
  ["aws-alb", "server", { "awselb/2.0": "2.0" }, ["an awselb/2.0", "awselb/2.0b"]],
  [
    "cloudfront",
    "x-cache",
    {
      "Error from cloudfront": null,
      "LambdaGeneratedResponse from cloudfront": null,
    },
    ["No Error from cloudfront", "Error from cloudfronts", "Hit from cloudfront"],
  ],
  ["cloudfront", "server", { CloudFront: null }, ["a CloudFront", "CloudFronts"]],
  ["akamai", "server", { AkamaiGHost: null }, ["an AkamaiGHost", "AkamaiGHosts"]],
  ["tinyproxy", "server", { tinyproxy: null, "tinyproxy/1.11.1": "1.11.1" }, ["a tinyproxy", "tinyproxy/1.11.1 x"]],
  ["big-ip", "server", { BigIP: null, "BIG-IP": null }, ["a BigIP", "BigIPs"]],
  ["zscaler", "server", { Zscaler: null, "Zscaler/6.2": "6.2" }, ["a Zscaler", "Zscaler/6.2 x"]],
  ["blue-coat", "proxy-connection", { "Blue Coat": null, "BlueCoat SG": null }, ["a Blue Coat"]],
  ["mitmproxy", "server", { "mitmproxy 10.1.5": "10.1.5" }, ["a mitmproxy 10.1.5"]],
];

const rows = [...passing, ...own];
const named = rows.flatMap(([product, header, values]) =>
  Object.entries(values).map(([value, version]) => ({
    product,
    header,
    value,
    version,
  })),
);
const others = rows.flatMap(([product, header, , values]) => values.map((value) => ({ product, header, value })));
const productsIn = (seen: AnswerSeen) => hopsOf([seen]).map(({ product }) => product);

it.each(named)("$product is named by $header: $value", ({ product, header, value, version }) => {
  const [hop, ...more] = hopsOf([answer(502, header, value)]);
  expect(hop).toMatchObject({ product, version });
  expect(more).toEqual([]);
});

it.each(others)("$product is not named by $header: $value", ({ product, header, value }) => {
  expect(productsIn(answer(502, header, value))).not.toContain(product);
});

it("knows whose a header is on whatever passes, if it is not one for answers of its own", () => {
  const on = (status: number, table: readonly Row[]) =>
    table.map(([, header, values]) => productsIn(answer(status, header, Object.keys(values)[0] ?? "")));
  expect(on(200, passing)).toEqual(passing.map(([product]) => [product]));
  expect(on(299, own).flat()).toEqual([]);
  expect(on(300, own)).toEqual(own.map(([product]) => [product]));
});
