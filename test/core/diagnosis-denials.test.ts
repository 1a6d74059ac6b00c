/** Rules about an error that says no: the origin's, a proxy's, or a forward proxy's in the site's place, and how sure that is. */
import { describe } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { cloudflare, haproxy, nginx, squid, tinyproxy } from "./diagnosis-answers.ts";
import { claims } from "./diagnosis-claims.ts";
import { anAnswer, answered, aWatch, opened } from "./diagnosis-facts.ts";

type Headers = AnswerSeen["headers"];

const flows = aWatch();
const json: Headers = [["Content-Type", "application/json"]];
const basic: Headers = [["WWW-Authenticate", "Basic"]];
const unrouted = (status: number, more: Partial<AnswerSeen> = {}) => anAnswer(status, { unrouted: true, ...more });
const nobody = { unrouted: null };
const own = (status: number, product: string) => `answered=${status} own-words=${product} answered-at-once`;
const unmarked = (status: number) => `answered=${status} no-marks answered-at-once`;
const forward = { route: { kind: "http", tunnel: false } } as const;
const tunnel = { route: { kind: "http", tunnel: true } } as const;
const through = (status: number, more: Partial<AnswerSeen> = {}) => answered(status, { forwarded: true, ...more });
const tinyproxys = (status: number) => through(status, { headers: [["Server", "tinyproxy"]] });
const wrongScheme = answered(400, { body: "Client sent an HTTP request to an HTTPS server.\n" });

describe("the origin's own", () => {
  claims("unauthorized", [
    ["401, unmarked", { ...nobody, plain: answered(401) }, `0.7 origin ${unmarked(401)}`],
    ["401 of an application", { ...nobody, plain: answered(401, { headers: json }) }, `0.9 origin ${unmarked(401)}`],
    [
      "401 that asks who it is",
      { ...nobody, plain: answered(401, { headers: basic }) },
      `0.7 origin ${unmarked(401)} asks-who`,
    ],
    [
      "401 that asks who it is, and not directly",
      { ...nobody, plain: answered(401, { headers: basic }), direct: flows },
      `0.9 - ${unmarked(401)} asks-who`,
    ],
    [
      "401 of nginx that asks who it is",
      {
        ...nobody,
        plain: {
          ...nginx(401),
          answer: anAnswer(401, { ...nginx(401).answer, headers: [["Server", "nginx"], ...basic] }),
        },
      },
      `0.9 nginx ${own(401, "nginx")} asks-who`,
    ],
    ["not 401 of nginx that asks nobody", { ...nobody, plain: nginx(401) }, "none"],
    ["not 403", { plain: answered(403) }, "none"],
  ]);
  claims("forbidden", [
    ["403, unmarked", { ...nobody, plain: answered(403) }, `0.7 origin ${unmarked(403)}`],
    [
      "403, while it has another word for other paths",
      { plain: answered(403) },
      `0.7 origin ${unmarked(403)} unrouted-other=404`,
    ],
    ["403, where every path has it", { plain: answered(403), unrouted: unrouted(403) }, `0.7 origin ${unmarked(403)}`],
    [
      "403 with a header that asks",
      { ...nobody, plain: answered(403, { headers: basic }) },
      `0.7 origin ${unmarked(403)}`,
    ],
    [
      "403 directly too",
      { ...nobody, plain: nginx(403), direct: answered(403) },
      `0.96 origin ${own(403, "nginx")} direct-same=403`,
    ],
    ["not what directly opens", { ...nobody, plain: answered(403), direct: flows }, "none"],
    ["not nginx's", { ...nobody, plain: nginx(403) }, "none"],
    [
      "less sure through a forward proxy that refuses every path",
      { ...forward, plain: through(403), unrouted: unrouted(403) },
      `0.5 origin ${unmarked(403)}`,
    ],
    ["as sure in a tunnel", { ...tunnel, plain: through(403), unrouted: unrouted(403) }, `0.7 origin ${unmarked(403)}`],
    [
      "as sure where another path has another word",
      { ...forward, plain: through(403), unrouted: unrouted(404) },
      `0.7 origin ${unmarked(403)} unrouted-other=404`,
    ],
    [
      "surer of an application's",
      { ...forward, plain: through(403, { headers: json }), unrouted: unrouted(403) },
      `0.9 origin ${unmarked(403)}`,
    ],
  ]);
  claims("not-found", [
    ["404, unmarked", { ...nobody, plain: answered(404) }, `0.55 origin ${unmarked(404)}`],
    [
      "404 of a router in Go",
      { ...nobody, plain: answered(404, { body: "404 page not found" }) },
      `0.45 origin ${unmarked(404)}`,
    ],
  ]);
  claims("rate-limited", [
    [
      "that of a forward proxy",
      { ...nobody, ...forward, plain: tinyproxys(429) },
      `0.9 tinyproxy ${own(429, "tinyproxy")}`,
    ],
    [
      "429",
      { ...nobody, plain: answered(429, { headers: [["Retry-After", "30"]] }) },
      "0.7 origin answered=429 no-marks answered-at-once retry-after=30",
    ],
    [
      "429, late",
      { ...nobody, plain: answered(429, { headersMs: 50 }) },
      "0.7 origin answered=429 no-marks answered-after=50",
    ],
  ]);
  claims("origin-status", [
    ["500", { ...nobody, plain: answered(500) }, `0.7 origin ${unmarked(500)}`],
    ["410", { ...nobody, plain: answered(410) }, `0.7 origin ${unmarked(410)}`],
    ...[401, 403, 404, 407, 429].map((status) => [`not ${status}`, { plain: answered(status) }, "none"] as const),
    ["not the wrong scheme", { plain: wrongScheme }, "none"],
    ["a bad request that says otherwise", { ...nobody, plain: answered(400) }, `0.7 origin ${unmarked(400)}`],
    ["502 while it speaks of other paths", { plain: answered(502) }, `0.85 origin ${unmarked(502)} unrouted-other=404`],
    ["504 while it speaks of other paths", { plain: answered(504) }, `0.85 origin ${unmarked(504)} unrouted-other=404`],
    ["505, which is no gateway's", { ...nobody, plain: answered(505) }, `0.7 origin ${unmarked(505)}`],
    ["501, which is no gateway's", { ...nobody, plain: answered(501) }, `0.7 origin ${unmarked(501)}`],
    ["502 of which nothing more is known", { ...nobody, plain: answered(502) }, `0.5 origin ${unmarked(502)}`],
    [
      "502, late",
      { ...nobody, plain: answered(502, { headersMs: 1500 }) },
      "0.45 origin answered=502 no-marks answered-after=1500",
    ],
    [
      "502, not so late",
      { ...nobody, plain: answered(502, { headersMs: 1499 }) },
      "0.5 origin answered=502 no-marks answered-after=1499",
    ],
    [
      "a redirect that nothing is known of",
      { ...nobody, redirects: null, plain: answered(302) },
      `0.7 origin ${unmarked(302)}`,
    ],
    [
      "not a redirect that was refused",
      { redirects: { count: 1, login: false, refused: "loop", otherHost: false }, plain: answered(302) },
      "none",
    ],
    [
      "a stream with a status that streams do not have",
      { ...nobody, plain: opened([], {}, { status: 206 }) },
      `0.7 origin ${unmarked(206)}`,
    ],
    ["not an empty answer", { plain: answered(204) }, "none"],
    ["not a page", { plain: answered(206) }, "none"],
    ["not a stream", {}, "none"],
    ["not nothing", { plain: null }, "none"],
  ]);
});

describe("a proxy's own", () => {
  claims("proxy-status", [
    ["403 of nginx", { plain: nginx(403) }, `0.8 nginx ${own(403, "nginx")}`],
    [
      "403 of nginx, where directly it opens",
      { plain: nginx(403), direct: flows },
      `0.9 nginx ${own(403, "nginx")} direct-works`,
    ],
    ["not where directly it is the same", { plain: nginx(403), direct: answered(403) }, "none"],
    ["500 of nginx", { plain: nginx(500) }, `0.65 nginx ${own(500, "nginx")}`],
    ["not 404 of nginx, which is a route's", { plain: nginx(404) }, "none"],
    ["not 407 of nginx", { plain: nginx(407) }, "none"],
    ["not 502 of nginx", { plain: nginx(502) }, "none"],
    ["not 503 of nginx", { plain: nginx(503) }, "none"],
    ["not what means something else", { plain: squid(500, "ERR_CONNECT_FAIL") }, "none"],
    ["not an origin's", { plain: answered(403) }, "none"],
    ["not a question who it is", { plain: answered(401, { headers: basic }), direct: flows }, "none"],
    ["not the wrong scheme", { plain: wrongScheme, direct: flows }, "none"],
    ["not a stream", { direct: flows }, "none"],
    ["not nobody's 404, which is a route's", { plain: answered(404), direct: flows }, "none"],
    ["not nobody's 407", { plain: answered(407), direct: flows }, "none"],
    [
      "nobody's, where directly it opens",
      { plain: answered(403), direct: flows },
      `0.9 - ${unmarked(403)} direct-works`,
    ],
    [
      "an application's, where directly it opens",
      { plain: answered(403, { headers: json }), direct: flows },
      `0.75 - ${unmarked(403)} direct-works`,
    ],
    [
      "a gateway's word, where directly it opens",
      { plain: answered(503), direct: flows },
      `0.45 - ${unmarked(503)} direct-works`,
    ],
    ["not what a forward proxy refuses", { ...forward, plain: through(403), direct: flows }, "none"],
    ["what a tunnel brought", { ...tunnel, plain: through(403), direct: flows }, `0.9 - ${unmarked(403)} direct-works`],
    [
      "another error through a forward proxy",
      { ...forward, plain: through(410), direct: flows },
      `0.9 - ${unmarked(410)} direct-works`,
    ],
    ["not what a forward proxy forbids by name", { ...forward, plain: tinyproxys(403) }, "none"],
    ["not a limit of a forward proxy", { ...forward, plain: tinyproxys(429) }, "none"],
    [
      "a challenge of Cloudflare's",
      { plain: answered(403, { headers: [["CF-Mitigated", "challenge"]] }) },
      `0.8 cloudflare ${own(403, "cloudflare")}`,
    ],
    ["not what Cloudflare says of an origin", { plain: cloudflare(522) }, "none"],
  ]);
  claims("proxy-denied", [
    [
      "Squid's word",
      { plain: squid(403, "ERR_ACCESS_DENIED") },
      "0.9 squid answered=403 own-words=squid squid-error=ERR_ACCESS_DENIED 0 answered-at-once",
    ],
    [
      "Squid's word, when it was asked through",
      { plain: through(403, { headers: [["X-Squid-Error", "ERR_ACCESS_DENIED 0"]] }) },
      "0.95 squid answered=403 own-words=squid squid-error=ERR_ACCESS_DENIED 0 answered-at-once",
    ],
    [
      "HAProxy's rule",
      { plain: haproxy(403, 5, "Request forbidden by administrative rules.") },
      `0.9 haproxy ${own(403, "haproxy")}`,
    ],
    ["not nginx's 403", { plain: nginx(403) }, "none"],
    ["not another of Squid's", { plain: squid(503, "ERR_CONNECT_FAIL") }, "none"],
    ...[401, 403, 405].map(
      (status) =>
        [
          `${status} of a forward proxy by name`,
          { ...forward, plain: through(status, { headers: [["Server", "tinyproxy"]] }) },
          `0.88 tinyproxy ${own(status, "tinyproxy")}`,
        ] as const,
    ),
    [
      "not its question who it is",
      { ...forward, plain: through(403, { headers: [["X-Squid-Error", "ERR_CACHE_ACCESS_DENIED 0"]] }) },
      "none",
    ],
    ["not its limit", { ...forward, plain: tinyproxys(429) }, "none"],
    ["not what comes out of a tunnel", { ...tunnel, plain: tinyproxys(403) }, "none"],
    ["not what was asked of it like of a server", { ...forward, plain: tinyproxy(403) }, "none"],
    ["not a stream", {}, "none"],
  ]);
});

describe("a forward proxy without a name", () => {
  const said = (status: number) => `${unmarked(status)} in-force`;
  claims("proxy-denied", [
    ...[401, 403, 405, 429, 451].map(
      (status) =>
        [
          `refuses every path with ${status}`,
          { ...forward, plain: through(status), unrouted: unrouted(status) },
          `0.75 - ${said(status)} unrouted-same=${status}`,
        ] as const,
    ),
    ["is not suspected of another status", { ...forward, plain: through(410), unrouted: unrouted(410) }, "none"],
    ["is not suspected in a tunnel", { ...tunnel, plain: through(403), unrouted: unrouted(403) }, "none"],
    [
      "is not suspected of what came another way",
      { ...forward, plain: answered(403), unrouted: unrouted(403) },
      "none",
    ],
    ["is not suspected of one path alone", { ...forward, plain: through(403), unrouted: unrouted(404) }, "none"],
    [
      "is not suspected of an application's",
      { ...forward, plain: through(403, { headers: json }), unrouted: unrouted(403) },
      "none",
    ],
    [
      "is not suspected where it is the same directly",
      { ...forward, plain: through(403), unrouted: unrouted(403), direct: answered(403) },
      "none",
    ],
    [
      "is not suspected of asking who it is",
      { ...forward, plain: through(401, { headers: basic }), unrouted: unrouted(401) },
      "none",
    ],
    [
      "refuses what directly opens",
      { ...forward, plain: through(403), unrouted: unrouted(404), direct: flows },
      `0.9 - ${said(403)} direct-works`,
    ],
    [
      "refuses every path, and directly it opens",
      { ...forward, plain: through(403, { headers: json }), unrouted: unrouted(403), direct: flows },
      `0.9 - ${said(403)} direct-works unrouted-same=403`,
    ],
  ]);
});
