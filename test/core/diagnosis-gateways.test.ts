/** Rules about a gateway that speaks for an origin: what each claims of an error, and of the one beside it. */
import { describe, expect, it } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import { cloudflare, haproxy, nginx, pingora, squid, tinyproxy } from "./diagnosis-answers.ts";
import { claims } from "./diagnosis-claims.ts";
import { anAnswer, answered, aWatch, ending, mute, opened, wellFacts } from "./diagnosis-facts.ts";

type Headers = AnswerSeen["headers"];

const flows = aWatch();
const json: Headers = [["Content-Type", "application/json"]];
const down = { ...mute(), failure: { what: "failure", kind: "refused", forwarded: false, afterMs: 1 } } as const;
const unrouted = (status: number, more: Partial<AnswerSeen> = {}) => anAnswer(status, { unrouted: true, ...more });
const nobody = { unrouted: null };
const own = (status: number, product: string) => `answered=${status} own-words=${product} answered-at-once`;
const unmarked = (status: number) => `answered=${status} no-marks answered-at-once`;

describe("no route", () => {
  claims("no-route", [
    ["by a 404 of its own", { plain: nginx(404) }, `0.95 nginx ${own(404, "nginx")}`],
    [
      "by a bad request, of who goes out for clients",
      { plain: tinyproxy(400) },
      `0.85 tinyproxy ${own(400, "tinyproxy")}`,
    ],
    ["not by a bad request of nginx", { plain: nginx(400) }, "none"],
    [
      "by HAProxy's 503 at once",
      { plain: haproxy(503, 749) },
      "0.9 haproxy answered=503 own-words=haproxy answered-after=749",
    ],
    ["not by a later one", { plain: haproxy(503, 750) }, "none"],
    ["not by nginx's", { plain: nginx(503) }, "none"],
    ["not by HAProxy's 502", { plain: haproxy(502) }, "none"],
    [
      "less sure, where every path has it",
      { plain: haproxy(503), unrouted: unrouted(503) },
      `0.62 haproxy ${own(503, "haproxy")}`,
    ],
    [
      "surer, where the stream opens directly",
      { plain: haproxy(503), unrouted: unrouted(503), direct: flows },
      `0.9 haproxy ${own(503, "haproxy")} direct-works`,
    ],
    [
      "by anybody's 404, where the stream opens directly",
      { plain: answered(404), direct: flows },
      `0.93 - ${unmarked(404)} direct-works`,
    ],
    ["not by the same 404 directly", { plain: answered(404), direct: answered(404) }, "none"],
    ["likely by nobody's 404", { plain: answered(404) }, `0.4 - ${unmarked(404)}`],
    ["hardly by an application's", { plain: answered(404, { headers: json }) }, `0.25 - ${unmarked(404)}`],
    ["by that of a router in Go", { plain: answered(404, { body: "404 page not found\n" }) }, `0.5 - ${unmarked(404)}`],
    [
      "not by that of a page that says more",
      { plain: answered(404, { body: "404 page not found: x" }) },
      `0.4 - ${unmarked(404)}`,
    ],
    ["not by another error", { plain: answered(410), direct: flows }, "none"],
    ["not by a stream", {}, "none"],
  ]);

  const empty = (headers: Headers, more: object = {}) => answered(200, { headers, framing: "length", ...more });
  const zero = ["Content-Length", "0"] as const;
  claims("no-route", [
    [
      "by Caddy's empty 200",
      { plain: empty([zero, ["Server", "Caddy"]]) },
      "0.95 caddy answered=200 empty own-words=caddy",
    ],
    [
      "by a newer Caddy's",
      { plain: empty([zero, ["Via", "1.1 Caddy"]]) },
      "0.95 caddy answered=200 empty own-words=caddy",
    ],
    ["by anybody's", { plain: empty([zero]) }, "0.7 - answered=200 empty"],
    [
      "by anybody's, whose name only sounds so",
      { plain: empty([zero, ["Server", "my caddy"]]) },
      "0.7 - answered=200 empty",
    ],
    ["by one without a body", { plain: answered(200, { framing: "none" }) }, "0.7 - answered=200 empty"],
    ["by one that ended", { plain: answered(200, {}, { ending: ending("clean", 5, 5) }) }, "0.7 - answered=200 empty"],
    ["not by one that may still come", { plain: answered(200) }, "none"],
    ["not by one with something in it", { plain: answered(200, { framing: "none", body: "x" }) }, "none"],
    ["not by one of a type", { plain: answered(200, { framing: "none" }, { contentType: "text/html" }) }, "none"],
    ["not by an empty 201", { plain: answered(201, { framing: "none" }) }, "none"],
  ]);
});

describe("an origin that is down", () => {
  claims("upstream-down", [
    ["by nginx's 502 at once", { plain: nginx(502) }, `0.92 nginx ${own(502, "nginx")}`],
    [
      "not so surely by a late one",
      { plain: nginx(502, 1500) },
      "0.4 nginx answered=502 own-words=nginx answered-after=1500",
    ],
    ["until it is late", { plain: nginx(502, 1499) }, "0.92 nginx answered=502 own-words=nginx answered-after=1499"],
    [
      "not so surely, where it is there directly",
      { plain: nginx(502), direct: flows },
      `0.4 nginx ${own(502, "nginx")} direct-works`,
    ],
    [
      "where directly it is down too",
      { plain: nginx(502), direct: down },
      `0.97 nginx ${own(502, "nginx")} direct-down`,
    ],
    [
      "where directly it is down too, by anybody's word",
      { plain: answered(502), direct: down },
      `0.97 - ${unmarked(502)} direct-down`,
    ],
    ["not by a 500 for that", { ...nobody, plain: answered(500), direct: down }, "none"],
    [
      "where another path has it too",
      { plain: nginx(502), unrouted: unrouted(502) },
      `0.92 nginx ${own(502, "nginx")} unrouted-same=502`,
    ],
    ["by a 504 at once", { plain: nginx(504) }, `0.6 nginx ${own(504, "nginx")}`],
    ["hardly by a late 504", { plain: nginx(504, 1500) }, "0.3 nginx answered=504 own-words=nginx answered-after=1500"],
    ["not by a 404", { plain: nginx(404) }, "none"],
    ["not by a Pingora's 500, which has no route", { plain: pingora(500) }, "none"],
    ["not where it is no error", {}, "none"],
    ["not where it is denied", { plain: squid(503, "ERR_ACCESS_DENIED") }, "none"],
    ["not where a user is asked for", { plain: squid(503, "ERR_CACHE_ACCESS_DENIED") }, "none"],
    [
      "by Squid's word",
      { plain: squid(503, "ERR_CONNECT_FAIL") },
      "0.92 squid answered=503 own-words=squid squid-error=ERR_CONNECT_FAIL 0 answered-at-once",
    ],
    [
      "by Squid's word, where it is there directly",
      { plain: squid(503, "ERR_CONNECT_FAIL", 2000), direct: flows },
      "0.85 squid answered=503 own-words=squid squid-error=ERR_CONNECT_FAIL 0 answered-after=2000 direct-works",
    ],
    [
      "less by HAProxy's at once",
      { plain: haproxy(503, 749) },
      "0.58 haproxy answered=503 own-words=haproxy answered-after=749",
    ],
    [
      "by HAProxy's after another try",
      { plain: haproxy(503, 750) },
      "0.92 haproxy answered=503 own-words=haproxy answered-after=750",
    ],
    [
      "by HAProxy's, however late",
      { plain: haproxy(503, 3000) },
      "0.92 haproxy answered=503 own-words=haproxy answered-after=3000",
    ],
    [
      "hardly by HAProxy's, where it is there directly",
      { plain: haproxy(503, 750), direct: flows },
      "0.4 haproxy answered=503 own-words=haproxy answered-after=750 direct-works",
    ],
    [
      "by a 500 that says so",
      { plain: tinyproxy(500, "Unable to connect") },
      `0.88 tinyproxy ${own(500, "tinyproxy")}`,
    ],
    [
      "by a late 500 that says so",
      { plain: tinyproxy(500, "", 1500) },
      "0.7 tinyproxy answered=500 own-words=tinyproxy answered-after=1500",
    ],
    ["hardly by another 500", { plain: nginx(500) }, `0.35 nginx ${own(500, "nginx")}`],
    [
      "by what only Cloudflare says",
      { plain: cloudflare(522, 19_000) },
      "0.92 cloudflare answered=522 own-words=cloudflare answered-after=19000",
    ],
    ["not by that of somebody else", { ...nobody, plain: answered(522) }, "none"],
  ]);
  claims("upstream-down", [
    [
      "by nobody's word at once, where it is there directly",
      { plain: answered(502), direct: flows },
      `0.85 proxy ${unmarked(502)} direct-works`,
    ],
    ["by a 503 so", { plain: answered(503), direct: flows }, `0.5 proxy ${unmarked(503)} direct-works`],
    [
      "by a late 502 so",
      { plain: answered(502, { headersMs: 1500 }), direct: flows },
      "0.5 proxy answered=502 no-marks answered-after=1500 direct-works",
    ],
    ["not where it says the same directly", { ...nobody, plain: answered(502), direct: answered(502) }, "none"],
    ["not where the origin speaks of other paths", { plain: answered(502) }, "none"],
    [
      "where every path has it",
      { plain: answered(502), unrouted: unrouted(502) },
      `0.8 - ${unmarked(502)} unrouted-same=502`,
    ],
    [
      "less where it came late",
      { plain: answered(502, { headersMs: 1500 }), unrouted: unrouted(502) },
      "0.35 - answered=502 no-marks answered-after=1500 unrouted-same=502",
    ],
    ["less where others have another", { plain: answered(502), unrouted: unrouted(503) }, `0.35 - ${unmarked(502)}`],
    ["less by a 504", { plain: answered(504), unrouted: unrouted(504) }, `0.35 - ${unmarked(504)} unrouted-same=504`],
    ["where nothing is known of others", { ...nobody, plain: answered(503) }, `0.35 - ${unmarked(503)}`],
  ]);
  it.each([401, 403, 404, 405, 406, 500])("an origin that says %s of another path speaks", (status) => {
    const seen = { facts: { ...wellFacts, holds: [], plain: answered(502), unrouted: unrouted(status) }, hops: [] };
    const holds = rules.filter(({ code }) => code === "upstream-down").some(({ when }) => when(seen) !== null);
    expect(holds).toBe(![401, 403, 404, 405].includes(status));
  });
});

describe("an origin that does not answer in time", () => {
  const later = (ms: number) => `answered-after=${ms}`;
  claims("upstream-timeout", [
    ["by a 504 that came late", { plain: nginx(504, 1500) }, `0.95 nginx answered=504 own-words=nginx ${later(1500)}`],
    ["less by one that did not", { plain: nginx(504, 1499) }, `0.8 nginx answered=504 own-words=nginx ${later(1499)}`],
    [
      "by Squid's 504, whatever it says besides",
      { plain: squid(504, "ERR_CONNECT_FAIL") },
      "0.8 squid answered=504 own-words=squid squid-error=ERR_CONNECT_FAIL 0 answered-at-once",
    ],
    ["by a late 502", { plain: nginx(502, 1500) }, `0.88 nginx answered=502 own-words=nginx ${later(1500)}`],
    ["not by one at once", { plain: nginx(502) }, "none"],
    ["not where nobody is there", { plain: squid(503, "ERR_CONNECT_FAIL", 2000) }, "none"],
    ["not by HAProxy's 503", { plain: haproxy(503, 3000) }, "none"],
    [
      "by HAProxy's 502 that came late",
      { plain: haproxy(502, 3000) },
      `0.88 haproxy answered=502 own-words=haproxy ${later(3000)}`,
    ],
    [
      "by what only Cloudflare says",
      { plain: cloudflare(524, 100_000) },
      `0.95 cloudflare answered=524 own-words=cloudflare ${later(100_000)}`,
    ],
    ["not by that of somebody else", { ...nobody, plain: answered(524, { headersMs: 3000 }) }, "none"],
    [
      "by a late one of nobody's",
      { ...nobody, plain: answered(503, { headersMs: 1500 }) },
      `0.7 - answered=503 no-marks ${later(1500)}`,
    ],
    [
      "surer, where the origin speaks of others",
      { plain: answered(503, { headersMs: 1500 }) },
      `0.75 - answered=503 no-marks ${later(1500)}`,
    ],
    ["by a 504 of nobody's", { ...nobody, plain: answered(504) }, `0.5 - ${unmarked(504)}`],
    ["not where the origin speaks of others", { plain: answered(504) }, "none"],
    ["unless it is there directly", { plain: answered(504), direct: flows }, `0.7 - ${unmarked(504)} direct-works`],
    ["not by a 503 at once", { ...nobody, plain: answered(503) }, "none"],
    ["not where it says the same directly", { plain: nginx(504, 3000), direct: answered(504) }, "none"],
    ["not where directly it is down", { plain: nginx(504, 3000), direct: down }, "none"],
    ["not by another error", { plain: nginx(500, 3000) }, "none"],
  ]);
  it.each([
    [1500, 2],
    [400, 1],
    [3400, 3],
  ])("after %s ms is said to be %s s", (headersMs, seconds) => {
    const seen = { facts: { ...wellFacts, plain: nginx(504, headersMs) }, hops: [] };
    const [claim] = rules.filter(({ code }) => code === "upstream-timeout").map(({ when }) => when(seen));
    expect(claim?.values).toEqual({ seconds });
  });
});

describe("an error that looks like another", () => {
  const loop = { redirects: { count: 1, login: false, refused: "loop", otherHost: false } } as const;
  claims("not-found", [
    ["404 where a redirect was refused", { ...nobody, ...loop, plain: answered(404) }, `0.55 origin ${unmarked(404)}`],
    [
      "404 that quotes a router in Go",
      { ...nobody, plain: answered(404, { body: "no: 404 page not found" }) },
      `0.55 origin ${unmarked(404)}`,
    ],
  ]);
  claims("origin-status", [
    ["400 where a redirect was refused", { ...nobody, ...loop, plain: answered(400) }, `0.7 origin ${unmarked(400)}`],
    [
      "500 in the words of a router in Go",
      { ...nobody, plain: answered(500, { body: "404 page not found" }) },
      `0.7 origin ${unmarked(500)}`,
    ],
    [
      "500 that speaks of the wrong scheme",
      { ...nobody, plain: answered(500, { body: "sent an HTTP request to an HTTPS server" }) },
      `0.7 origin ${unmarked(500)}`,
    ],
    [
      "502, while a proxy speaks of other paths",
      { plain: answered(502), unrouted: nginx(404).answer },
      `0.5 origin ${unmarked(502)}`,
    ],
    ["not a stream with nothing in it", { plain: opened([], {}, { status: 204 }) }, "none"],
  ]);
});
