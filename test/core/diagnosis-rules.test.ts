/** From facts to causes: each row is what was measured, and what has to be said first. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnosisOf, observationsOf, verdictOf } from "../../main/core/diagnosis/diagnosis.ts";
import { type Facts, nothingMeasured, type TlsFact } from "../../main/core/diagnosis/facts.ts";
import { said } from "../../main/core/diagnosis/rule.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import type { Finding } from "../../preload/contract.ts";
import { anAnswer, answered, aWatch, beats, ending, mute, opened, silence, wellFacts } from "./diagnosis-facts.ts";

const over = { running: null, over: true };
const diagnosed = (facts: Facts) => diagnosisOf(facts, hopsOf(observationsOf(facts)), over);
const withFacts = (more: Partial<Facts>): Facts => ({ ...wellFacts, ...more });

const tls = (trouble: TlsFact["trouble"]): TlsFact => ({
  tookMs: 5,
  protocol: "TLSv1.3",
  trouble,
  issuer: "Somebody",
  daysLeft: 9,
});
const stopped = (more: Partial<Facts>): Facts => ({ ...nothingMeasured, network: "online", ...more });
const nginxPage = (text: string) =>
  `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`;
const nginx = [["Server", "nginx/1.22.1"]] as const;
const nginx404 = anAnswer(404, { unrouted: true, headers: nginx, body: nginxPage("404 Not Found") });
const haproxyPage =
  "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
const tinyproxy = [["Server", "tinyproxy/1.11.1"]] as const;
const tinyproxyPage = (text: string) =>
  `<?xml version="1.0" encoding="UTF-8" ?>\n<html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`;
const lighttpd = [["Server", "lighttpd/1.4.69"]] as const;
const lighttpdPage = `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
         "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
 </body>
</html>
`;
const failed = (kind: string) => ({ tookMs: 3, failure: kind });
const trouble = (why: "auth" | "denied" | "refused", status: number, squidError: string | null) => ({
  tookMs: 3,
  trouble: { why, status, squidError },
  answer: null,
});

describe("the way to a server", () => {
  it.each<[string, Partial<Facts>]>([
    ["offline", { network: "offline", dns: { ...failed("dns-temporary"), addresses: 0, literal: false } }],
    ["dns", { dns: { ...failed("dns"), addresses: 0, literal: false } }],
    ["refused", { tcp: failed("refused") }],
    ["unreachable", { tcp: failed("unreachable") }],
    ["connect-timeout", { tcp: failed("connect-timeout") }],
    ["tls-expired", { encrypted: true, tls: tls("expired") }],
    ["tls-name", { encrypted: true, tls: tls("name") }],
    ["tls-issuer", { encrypted: true, tls: tls("issuer") }],
    ["tls-self-signed", { encrypted: true, tls: tls("self-signed") }],
    ["tls-intercepted", { encrypted: true, tls: tls("intercepted") }],
    ["tls-handshake", { encrypted: true, tls: tls("handshake") }],
    ["tls-silent", { encrypted: true, tls: tls("silent") }],
    ["protocol", { encrypted: true, tls: tls("not-tls") }],
    [
      "proxy-unreachable",
      { proxy: { tookMs: 3, trouble: { why: "silent", status: null, squidError: null }, answer: null } },
    ],
    ["proxy-auth", { proxy: trouble("auth", 407, "ERR_CACHE_ACCESS_DENIED 0") }],
    ["proxy-denied", { proxy: trouble("denied", 403, "ERR_ACCESS_DENIED 0") }],
    ["proxy-tunnel", { proxy: trouble("refused", 503, "ERR_CONNECT_FAIL 111") }],
  ])("%s", (code, facts) => {
    const { findings, verdict } = diagnosed(stopped(facts));
    expect(findings[0]).toMatchObject({ code, severity: "broken" });
    expect(verdict).toBe("broken");
  });
});

describe("an answer that is no stream", () => {
  it.each<[string, string, Partial<Facts>]>([
    [
      "no-route",
      "a Pingora's empty 404",
      {
        plain: answered(404, {
          headers: [
            ["Server", "Pingora"],
            ["Content-Length", "0"],
            ["Cache-Control", "private, no-store"],
          ],
        }),
      },
    ],
    [
      "no-route",
      "a Pingora's empty 500",
      {
        plain: answered(500, {
          headers: [
            ["Server", "Pingora"],
            ["Content-Length", "0"],
          ],
        }),
      },
    ],
    ["no-route", "nginx's own 404", { plain: answered(404, { headers: nginx, body: nginxPage("404 Not Found") }) }],
    [
      "no-route",
      "HAProxy's 503 at once",
      { plain: answered(503, { body: haproxyPage }), unrouted: anAnswer(503, { body: haproxyPage }) },
    ],
    [
      "no-route",
      "Caddy's empty 200",
      {
        plain: answered(200, {
          headers: [
            ["Server", "Caddy"],
            ["Content-Length", "0"],
          ],
          framing: "length",
        }),
      },
    ],
    ["no-route", "an unmarked 404 where the stream opens directly", { plain: answered(404), direct: aWatch() }],
    [
      "upstream-down",
      "nginx's own 502 at once",
      { plain: answered(502, { headers: nginx, body: nginxPage("502 Bad Gateway") }) },
    ],
    [
      "upstream-down",
      "HAProxy's 503 after one more try",
      { plain: answered(503, { body: haproxyPage, headersMs: 1040 }), unrouted: anAnswer(503, { body: haproxyPage }) },
    ],
    [
      "upstream-down",
      "Squid's own words",
      { plain: answered(502, { headers: [["X-Squid-Error", "ERR_READ_ERROR 0"]] }) },
    ],
    ["upstream-down", "an unmarked 502 for every path", { plain: answered(502), unrouted: anAnswer(502) }],
    [
      "upstream-timeout",
      "nginx's 504",
      { plain: answered(504, { headers: nginx, body: nginxPage("504 Gateway Time-out"), headersMs: 3010 }) },
    ],
    [
      "upstream-timeout",
      "a Pingora's late 502",
      {
        plain: answered(502, {
          headers: [
            ["Server", "Pingora"],
            ["Content-Length", "0"],
          ],
          headersMs: 2010,
        }),
      },
    ],
    [
      "upstream-timeout",
      "Varnish's late 503",
      {
        plain: answered(503, {
          headers: [
            ["Server", "Varnish"],
            ["X-Varnish", "2"],
          ],
          body: "Guru Meditation",
          headersMs: 3020,
        }),
      },
    ],
    [
      "no-route",
      "a 400 of a program that goes out for clients, asked like a server",
      { plain: answered(400, { headers: tinyproxy, body: tinyproxyPage("400 Bad Request") }) },
    ],
    [
      "upstream-down",
      "its 500 at once, where it could not connect",
      { plain: answered(500, { headers: tinyproxy, body: tinyproxyPage("500 Unable to connect") }) },
    ],
    ["no-route", "lighttpd's own page", { plain: answered(404, { headers: lighttpd, body: lighttpdPage }) }],
    [
      "proxy-status",
      "nginx's own 403, which the origin never saw",
      { plain: answered(403, { headers: nginx, body: nginxPage("403 Forbidden") }) },
    ],
    [
      "proxy-status",
      "nginx's own 500",
      { plain: answered(500, { headers: nginx, body: nginxPage("500 Internal Server Error") }) },
    ],
    ["unauthorized", "the origin's 401", { plain: answered(401) }],
    ["forbidden", "the origin's 403 through nginx", { plain: answered(403, { headers: nginx, body: "{}" }) }],
    ["not-found", "the origin's 404 through nginx", { plain: answered(404, { headers: nginx, body: "{}" }) }],
    ["rate-limited", "the origin's 429", { plain: answered(429) }],
    ["origin-status", "the origin's 500", { plain: answered(500) }],
    ["origin-status", "the origin's own 503, which has a 404 for other paths", { plain: answered(503) }],
    [
      "proxy-denied",
      "Squid's 403",
      { plain: answered(403, { forwarded: true, headers: [["X-Squid-Error", "ERR_ACCESS_DENIED 0"]] }) },
    ],
    ["no-content", "204", { plain: answered(204, { framing: "none" }) }],
    ["wrong-type", "a page", { plain: answered(200, { body: "<html>" }, { contentType: "text/html" }) }],
    [
      "login",
      "a page behind a redirect",
      {
        plain: answered(200, {}, { contentType: "text/html" }),
        redirects: { count: 1, login: true, refused: null, otherHost: false },
      },
    ],
    ["captive-portal", "511", { plain: answered(511) }],
    [
      "captive-portal",
      "a network's own page, asked in plain text on another host",
      {
        network: "online",
        plain: answered(200, {}, { contentType: "text/html" }),
        redirects: { count: 1, login: false, refused: null, otherHost: true },
      },
    ],
    [
      "redirect",
      "a circle",
      { plain: answered(302), redirects: { count: 2, login: false, refused: "loop", otherHost: false } },
    ],
  ])("%s: %s", (code, _, facts) => {
    expect(diagnosed(withFacts(facts)).findings[0]?.code).toBe(code);
  });
});

it("is as sure of the origin's 404 as the marks on it allow", () => {
  const sureOf = (plain: Facts["plain"]) =>
    diagnosed(withFacts({ plain })).findings.map(({ code, confidence }) => [code, confidence]);
  const json = [["Content-Type", "application/json"]] as const;
  expect(sureOf(answered(404, { headers: json, body: "{}" }))[0]).toEqual(["not-found", 0.9]);
  expect(sureOf(answered(404, { body: "nothing here" }))).toEqual([
    ["not-found", 0.55],
    ["no-route", 0.4],
  ]);
  // A router in Go is a gateway's as well as an origin's.
  expect(sureOf(answered(404, { body: "404 page not found\n" }))).toEqual([
    ["no-route", 0.5],
    ["not-found", 0.45],
  ]);
});

it("every status that is an error has a cause, whoever says it", () => {
  const speakers = [
    [],
    nginx,
    [["Server", "Varnish"]],
    [["X-Squid-Error", "ERR_UNKNOWN 0"]],
    [["Server", "Pingora"]],
  ] as const;
  // All that a rule names, with their neighbours; the others are all alike to every rule.
  const statuses = [400, 401, 402, 403, 404, 405, 406, 407, 408, 428, 429, 430, 450, 451, 452, 498, 499];
  const fives = [500, 501, 502, 503, 504, 505, 509, 510, 511, 512, 519, 520, 521, 524, 525, 526, 530, 531, 599];
  for (const status of [...statuses, ...fives]) {
    for (const headers of speakers) {
      for (const forwarded of [true, false]) {
        const plain = answered(status, { headers, forwarded, body: headers === nginx ? nginxPage(`${status} X`) : "" });
        expect(diagnosed(withFacts({ plain })), `${status} ${headers}`).toMatchObject({ verdict: "broken" });
      }
    }
  }
});

describe("a stream that is held back", () => {
  const old = { bytes: 4104, events: 80, lagMs: 7900 };
  const gulp = opened(nginx, { waitedMs: 8000, arrivals: beats(1, 100, old) }, { headersMs: 8000 });
  it.each<[string, string, Partial<Facts>]>([
    ["buffering", "a late header and old events with it", { plain: gulp, unrouted: nginx404 }],
    ["buffering", "no header, and nginx on the path", { plain: mute(), unrouted: nginx404 }],
    ["buffering", "gulps of old events", { plain: opened([], { arrivals: beats(5, 900, { ...old, lagMs: 850 }) }) }],
    [
      "batching",
      "two events each 200 ms, one of them old",
      {
        plain: opened([], { arrivals: beats(11, 203, { events: 2, bytes: 120, lagMs: 101 }) }, { headersMs: 205 }),
        headersMs: { path: [205, 204, 205], direct: [] },
      },
    ],
    [
      "compression",
      "15 bytes and silence where it flows uncompressed",
      {
        compressed: opened([["Content-Encoding", "gzip"]], {
          encoding: "gzip",
          bodyBytes: 15,
          arrivals: {
            ...silence(1500),
            firstByteMs: 3,
            bursts: [{ atMs: 3, bytes: 15, events: 0, comments: 0, lagMs: null }],
          },
        }),
      },
    ],
    [
      "header-wait",
      "no header, while directly it comes with nothing behind it",
      { plain: mute(), direct: aWatch({ arrivals: silence(2500) }) },
    ],
    [
      "slow-header",
      "a late header directly as well",
      {
        plain: opened([], { waitedMs: 4000, arrivals: beats(10, 100) }, { headersMs: 4000 }),
        direct: opened([], {}, { headersMs: 4000 }),
      },
    ],
    [
      "cache",
      "two ids in X-Varnish",
      {
        repeat: {
          watch: opened([
            ["X-Varnish", "32771 3"],
            ["Age", "1"],
          ]),
          seenBefore: 9,
        },
      },
    ],
  ])("%s: %s", (code, _, facts) => {
    expect(diagnosed(withFacts(facts)).findings[0]?.code).toBe(code);
  });
});

describe("held back, as only the direct path shows", () => {
  const silent = aWatch({ bodyBytes: 0, arrivals: silence(7500) });
  const eachSecond = aWatch({ arrivals: beats(3, 1000, { lagMs: null }) });
  const quiet = { compressed: silent, repeat: null, holds: [], resume: null };
  const cf = { ...silent, answer: anAnswer(200, { headers: [["CF-RAY", "8c1f2a3b4c5d6e7f-FRA"]] }) };

  it.each<[string, Facts["plain"]]>([
    ["without a mark", silent],
    ["with Cloudflare on the path", cf],
  ])("headers at once and nothing behind them, %s", (_, plain) => {
    const { findings, verdict, stages } = diagnosed(withFacts({ ...quiet, plain, direct: eachSecond }));
    expect([verdict, findings[0]?.code, findings[0]?.confidence]).toEqual(["broken", "buffering", 0.93]);
    expect(findings[0]?.evidence.map(({ code }) => code).slice(0, 2)).toEqual(["nothing-behind", "direct-events"]);
    expect(stages.find(({ stage }) => stage === "buffering")).toMatchObject({ result: { code: "all" } });
  });

  it("are not nginx's doing, which keeps the headers as well", () => {
    const plain = { ...silent, answer: anAnswer(200, { headers: [["Content-Type", "text/event-stream"], ...nginx] }) };
    const [first] = diagnosed(withFacts({ ...quiet, plain, direct: eachSecond, unrouted: nginx404 })).findings;
    expect([first?.code, first?.fix.product]).toEqual(["buffering", "proxy"]);
  });

  it("is no missing heartbeat, however long nothing came", () => {
    const plain = aWatch({ bodyBytes: 0, arrivals: silence(45_000) });
    const { findings } = diagnosed(withFacts({ ...quiet, plain, direct: eachSecond }));
    expect(findings.map(({ code }) => code)).toEqual(["buffering"]);
  });

  it("is not claimed of a stream that is as silent directly, or of too short a watch", () => {
    const codes = (plain: Facts["plain"], direct: Facts["direct"]) =>
      diagnosed(withFacts({ ...quiet, plain, direct })).findings.map(({ code }) => code);
    expect(codes(silent, aWatch({ bodyBytes: 0, arrivals: silence(2500) }))).toEqual([]);
    expect(codes(aWatch({ bodyBytes: 0, arrivals: silence(1500) }), eachSecond)).toEqual([]);
    // A heartbeat each 15 s that all streams share, and which falls into the direct watch.
    expect(codes(silent, aWatch({ arrivals: beats(1, 1000, { lagMs: null }) }))).toEqual([]);
  });

  const gulps = (everyMs: number, events: number) =>
    aWatch({ arrivals: beats(4, everyMs, { events, bytes: 60 * events, lagMs: null }) });
  it.each([
    [4000, 4, 1000],
    [2000, 8, 250],
  ])("gulps each %s ms of %s small events that come each %s ms directly", (everyMs, events, alone) => {
    const direct = aWatch({ arrivals: beats(Math.ceil(2600 / alone), alone, { lagMs: null }) });
    const { findings, verdict } = diagnosed(withFacts({ plain: gulps(everyMs, events), direct }));
    expect([verdict, findings[0]?.code]).toEqual(["degraded", "buffering"]);
    expect(findings[0]?.evidence.map(({ code }) => code)).toContain("direct-even");
  });

  it("are nobody's fault where the origin makes them so", () => {
    const direct = aWatch({ arrivals: beats(2, 2000, { events: 8, lagMs: null }) });
    expect(diagnosed(withFacts({ plain: gulps(2000, 8), direct })).findings).toEqual([]);
  });
});

describe("how a stream ends", () => {
  const five = beats(5, 100);
  const quiet = { ...beats(1, 100), watchedMs: 3100 };
  it.each<[string, string, Partial<Facts>]>([
    [
      "idle-cut",
      "a silence before the end",
      { plain: aWatch({ arrivals: quiet, ending: ending("truncated", 3005, 3003) }) },
    ],
    [
      "idle-cut",
      "as it was measured",
      {
        plain: aWatch({ arrivals: quiet }),
        idle: { silentMs: 60_000, watchedMs: 60_000, cut: ending("truncated", 60_010, 60_005) },
      },
    ],
    ["cut", "no end, while events flow", { plain: aWatch({ arrivals: five, ending: ending("truncated", 510, 100) }) }],
    [
      "ended",
      "a good end, while events flow",
      { plain: aWatch({ arrivals: five, ending: ending("clean", 510, 100) }) },
    ],
    [
      "framing",
      "a good end where directly there is none",
      {
        plain: aWatch({ arrivals: five, ending: ending("clean", 510, 100) }),
        direct: aWatch({ arrivals: five, ending: ending("reset", 505, 100) }),
      },
    ],
    ["framing", "neither chunks nor a length", { plain: opened([], {}, { framing: "close" }) }],
    ["content-length", "a length", { plain: opened([["Content-Length", "100000"]], {}, { framing: "length" }) }],
    ["hang", "silence where there was a rhythm", { plain: aWatch({ arrivals: { ...five, watchedMs: 8500 } }) }],
    [
      "no-heartbeat",
      "a minute of silence",
      {
        plain: aWatch({ arrivals: { ...beats(1, 100), watchedMs: 8500 } }),
        idle: { silentMs: 60_000, watchedMs: 61_000, cut: null },
      },
    ],
    [
      "max-duration",
      "twice the same time while events flow",
      {
        plain: aWatch({
          arrivals: beats(30, 100),
          ending: ending("truncated", 3010, 90),
        }),
        compressed: aWatch({
          arrivals: beats(30, 100),
          ending: ending("truncated", 3040, 20),
        }),
      },
    ],
    [
      "max-duration",
      "the one that was held ends, while events flow",
      {
        holds: [
          aWatch({
            arrivals: beats(40, 100),
            ending: ending("truncated", 4005, 90),
          }),
        ],
      },
    ],
    [
      "cut",
      "the one that was held ends, and the next one outlives it",
      {
        holds: [
          aWatch({
            arrivals: beats(20, 100),
            ending: ending("truncated", 2005, 90),
          }),
          aWatch({ arrivals: beats(50, 100) }),
        ],
      },
    ],
    [
      "idle-cut",
      "the one that was held ends after a silence",
      {
        holds: [
          aWatch({
            arrivals: { ...five, watchedMs: 7000 },
            ending: ending("truncated", 6900, 6500),
          }),
        ],
      },
    ],
    [
      "hang",
      "the one that was held loses its rhythm",
      { holds: [aWatch({ arrivals: { ...beats(20, 100), watchedMs: 8000 } })] },
    ],
    [
      "resume-refused",
      "an error for an id, and a stream without one",
      { resume: { outcome: "refused", settled: true, refusal: { status: 410, failure: null } } },
    ],
    ["resume-ignored", "Last-Event-ID makes no difference", { resume: { outcome: "ignored" } }],
  ])("%s: %s", (code, _, facts) => {
    expect(diagnosed(withFacts(facts)).findings[0]?.code).toBe(code);
  });
});

it.each([
  [7, 3],
  [12, 6],
  [60, 15],
])("a cut after %s s is met by a comment each %s s", (cutS, everyS) => {
  const cut = ending("truncated", cutS * 1000 + 10, cutS * 1000 + 5);
  const facts = {
    idle: { silentMs: cutS * 1000, watchedMs: cutS * 1000, cut },
    unrouted: null,
  };
  const found = diagnosed(withFacts(facts)).findings.find(({ code }) => code === "idle-cut");
  expect(found?.fix.text).toContain(`every ${everyS} s`);
  expect(found?.fix.text).toContain(`${everyS}_000)`);
});

it("a greeting is no heartbeat: after a minute of silence behind it there is none", () => {
  const plain = aWatch({ arrivals: { ...beats(1, 100, { events: 0, comments: 1 }), watchedMs: 8500 } });
  const idle = { silentMs: 60_000, watchedMs: 61_000, cut: null };
  expect(diagnosed(withFacts({ plain, idle }))).toMatchObject({
    verdict: "degraded",
    findings: [{ code: "no-heartbeat" }],
  });
});

it("a stream that went dead was not often heard of", () => {
  const plain = aWatch({ arrivals: { ...beats(5, 100), watchedMs: 8500 } });
  const stage = diagnosed(withFacts({ plain })).stages.find((one) => one.stage === "idle-cut");
  expect(stage).toMatchObject({ state: "skipped", result: { code: "not-asked" } });
});

it("finds nothing where everything was seen well, and says so", () => {
  expect(diagnosed(wellFacts)).toMatchObject({ verdict: "healthy", findings: [], proxyLatency: null });
});

it("finds nothing in an origin that makes its events in batches of 200 ms, or sends old ones first", () => {
  const batches = aWatch({ arrivals: beats(11, 200, { events: 3, lagMs: 0 }) });
  const [first, ...rest] = beats(22, 100).bursts;
  const history = aWatch({
    arrivals: {
      ...beats(22, 100),
      bursts: [{ ...(first ?? { atMs: 2, comments: 0 }), bytes: 9000, events: 90, lagMs: 60_000 }, ...rest],
    },
  });
  for (const plain of [batches, history]) expect(diagnosed(withFacts({ plain })).findings).toEqual([]);
});

it("calls nothing healthy that was watched for a moment only, and says how long it would need", () => {
  const { verdict, stages, findings } = diagnosed(withFacts({ holds: [aWatch({ arrivals: beats(20, 100) })] }));
  expect([verdict, findings]).toEqual(["undecided", []]);
  expect(stages.find(({ stage }) => stage === "hold")).toMatchObject({
    state: "undecided",
    result: { code: "short" },
  });
});

it("calls a silent stream undecided, and says how long it would need", () => {
  const plain = aWatch({ arrivals: { ...beats(1, 100, { events: 0, comments: 1 }), watchedMs: 8500 }, bodyBytes: 8 });
  const { verdict, stages, findings } = diagnosed(
    withFacts({ plain, compressed: plain, resume: { outcome: "no-ids" } }),
  );
  expect([verdict, findings]).toEqual(["undecided", []]);
  expect(stages.find(({ stage }) => stage === "heartbeat")).toMatchObject({ state: "undecided", needsMs: 60_000 });
});

it("tells what the path adds: by comparison, by the gateway's word, or not at all", () => {
  const told = aWatch({ serverTimingMs: 1.5 });
  expect(diagnosed(withFacts({ plain: told })).proxyLatency).toEqual({ ms: 1.5, by: "server-timing" });
  const headersMs = { path: [205, 210, 207], direct: [2, 4] };
  expect(diagnosed(withFacts({ plain: told, headersMs })).proxyLatency).toEqual({ ms: 204, by: "direct" });
});

it("never calls healthy what was not measured", () => {
  const keys = [
    "plain",
    "compressed",
    "redirects",
    "tcp",
    "dns",
    "resume",
    "repeat",
    "unrouted",
    "websocket",
    "holds",
  ] as const;
  fc.assert(
    fc.property(fc.subarray([...keys]), fc.boolean(), (left, isOver) => {
      const facts = { ...nothingMeasured, ...Object.fromEntries(left.map((key) => [key, wellFacts[key]])) } as Facts;
      const { verdict } = diagnosisOf(facts, [], { running: null, over: isOver });
      const seenWell = left.includes("plain") && left.includes("compressed") && left.includes("holds");
      expect(verdict === "healthy").toBe(isOver && seenWell);
    }),
  );
});

it("says the same whenever it is asked, and shows every stage once and in order", () => {
  const { stages } = diagnosisOf(nothingMeasured, [], { running: "tcp", over: false });
  expect(stages.map(({ stage }) => stage).slice(0, 5)).toEqual(["network", "dns", "proxy", "tcp", "tls"]);
  expect(stages.filter(({ state }) => state === "running").map(({ stage }) => stage)).toEqual(["tcp"]);
  expect(stages).toHaveLength(19);
});

const stageIn = (facts: Facts, name: string) => diagnosed(facts).stages.find(({ stage }) => stage === name);
const evidenceOf = (facts: Facts, code: string) =>
  diagnosed(facts)
    .findings.find((one) => one.code === code)
    ?.evidence.map((one) => one.code) ?? [];

const answeredNothing = (kind: string) => ({
  ...mute(),
  failure: { what: "failure", kind, forwarded: false, afterMs: 5 } as const,
});

describe("says no more than it knows", () => {
  it("of an origin that took its time for a header, and was fresh then: slow, not broken, and nobody's buffer", () => {
    const plain = opened([], { waitedMs: 2100, arrivals: beats(22, 100) }, { headersMs: 2100 });
    const { verdict, findings } = diagnosed(withFacts({ plain }));
    expect([verdict, findings[0]?.code, findings[0]?.fix.product]).toEqual(["degraded", "slow-header", "origin"]);
    expect(findings.map(({ code }) => code)).not.toContain("buffering");
  });

  it("of a hint behind a surer cause: no verdict is built on it", () => {
    const finding = (code: string, severity: "broken" | "degraded", confidence: number) => {
      const [fix, otherFixes] = [{ product: "origin", lines: [] }, []] as never[];
      return { code, severity, confidence, evidence: [], fix, otherFixes } as unknown as Finding;
    };
    const verdictWith = (...findings: Finding[]) => verdictOf(findings, []);
    const sure = finding("slow-header", "degraded", 0.7);
    expect(verdictWith(sure, finding("hang", "broken", 0.45))).toBe("degraded");
    expect(verdictWith(sure, finding("hang", "broken", 0.5))).toBe("broken");
    expect(verdictWith(finding("buffering", "broken", 0.4))).toBe("broken");
  });

  it("of a path that is mute: nothing came that could be counted", () => {
    const facts = withFacts({ plain: mute(), unrouted: nginx404, holds: [] });
    expect(stageIn(facts, "buffering")).toMatchObject({ state: "warning", result: { code: "mute", params: {} } });
  });

  it("of an idle cut: a stream that is never silent shows none, and rules none out", () => {
    const measured = { silentMs: 900, watchedMs: 4000, cut: null };
    for (const idle of [null, measured])
      expect(stageIn(withFacts({ idle }), "idle-cut")).toMatchObject({
        state: "skipped",
        result: { code: "never-silent" },
      });
  });

  it("of a confidence: the very figure, not a tenth", () => {
    const plain = opened(nginx, { arrivals: beats(5, 900, { bytes: 4104, events: 80, lagMs: 850 }) });
    const [first] = diagnosed(withFacts({ plain })).findings;
    const product = first?.evidence.find(({ code }) => code === "product");
    expect(product?.params).toEqual({ product: "nginx", confidence: 0.7 });
    expect(said("product", { product: "nginx", confidence: 0.78 }).params).toMatchObject({ confidence: 0.78 });
    expect(said("lag", { ms: 0.78 }).params).toEqual({ ms: 0.8 });
  });

  it("of heartbeats: none was seen only where none was", () => {
    const withComments = { ...beats(1, 100, { comments: 1 }), watchedMs: 3100 };
    const without = { ...beats(1, 100), watchedMs: 3100 };
    const end = ending("truncated", 3005, 3003);
    const idle = { silentMs: 60_000, watchedMs: 61_000, cut: null };
    const alone = (more: Partial<Facts>) => withFacts({ compressed: null, repeat: null, holds: [], ...more });
    const cutAfter = (arrivals: typeof without) => alone({ plain: aWatch({ arrivals, ending: end }) });
    const silentAfter = (arrivals: typeof without) => alone({ plain: aWatch({ arrivals }), idle });
    expect(evidenceOf(cutAfter(without), "idle-cut")).toContain("no-comments");
    expect(evidenceOf(cutAfter(withComments), "idle-cut")).not.toContain("no-comments");
    expect(evidenceOf(silentAfter(without), "no-heartbeat")).toContain("no-comments");
    expect(evidenceOf(silentAfter(withComments), "no-heartbeat")).not.toContain("no-comments");
  });

  it.each<[string, string, Partial<Facts>]>([
    ["closed-early", "of one that hangs up", { plain: answeredNothing("closed-early") }],
    ["hang", "of a stream gone dead", { plain: aWatch({ arrivals: { ...beats(5, 100), watchedMs: 8500 } }) }],
    [
      "idle-cut",
      "of a cut after 30 s",
      { idle: { silentMs: 30_000, watchedMs: 30_000, cut: ending("truncated", 30_010, 30_005) } },
    ],
  ])("%s, %s: whose lines they are, nobody knows who has seen no hop", (code, _, facts) => {
    const quiet = { unrouted: null, compressed: null, repeat: null, holds: [] };
    const found = diagnosisOf(withFacts({ ...quiet, ...facts }), [], over).findings.find((one) => one.code === code);
    expect(found?.fix.product).toBe("origin");
  });

  it("of the same cut again: only those after the same silence are counted", () => {
    const cut = (ms: number) =>
      aWatch({ arrivals: { ...beats(1, 100), watchedMs: ms + 20 }, ending: ending("truncated", ms + 5, ms) });
    const facts = withFacts({
      plain: cut(3000),
      compressed: cut(3050),
      repeat: { watch: cut(9000), seenBefore: 0 },
      holds: [],
    });
    const [first] = diagnosed(facts).findings;
    expect(first?.evidence.find(({ code }) => code === "again")?.params).toEqual({ times: 2 });
  });
});

it("calls nothing healthy of which something stayed undecided, be it never so small", () => {
  expect(diagnosed(withFacts({ resume: { outcome: "unclear" } }))).toMatchObject({
    verdict: "undecided",
    findings: [],
  });
});
