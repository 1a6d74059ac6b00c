/**
 * Facts as the probes measure them, one set for each outcome that the pictures show. Figures only: what they mean is told by the
 * real core (fake-diagnosis.ts), so that no picture shows what cannot be together.
 */
import type { AnswerSeen, ArrivalsSeen } from "../../main/core/detection/observation.ts";
import { type Facts, nothingMeasured, type Watch } from "../../main/core/diagnosis/facts.ts";

type Headers = AnswerSeen["headers"];

const html: Headers = [["Content-Type", "text/html"]];
const nginxPage = `<html>
<head><title>404 Not Found</title></head>
<body>
<center><h1>404 Not Found</h1></center>
<hr><center>nginx/1.22.1</center>
</body>
</html>
`;

function anAnswer(status: number, headers: Headers, more: Partial<AnswerSeen> = {}): AnswerSeen {
  return {
    what: "answer",
    to: "path",
    forwarded: false,
    unrouted: false,
    status,
    httpVersion: "1.1",
    headers,
    framing: status === 200 ? "chunked" : "length",
    body: "",
    headersMs: 38.4,
    ...more,
  };
}

const nginx404 = anAnswer(404, [["Server", "nginx/1.22.1"], ...html], { unrouted: true, body: nginxPage });

/** Bursts at a beat of a second, or of what is given. */
function beats(
  count: number,
  everyMs = 1004,
  each: Partial<ArrivalsSeen["bursts"][number]> = {},
  watchedMs = 100 + count * everyMs,
): ArrivalsSeen {
  const bursts = Array.from({ length: count }, (_, at) => ({
    atMs: 1.2 + at * everyMs,
    bytes: 140,
    events: 1,
    comments: 0,
    lagMs: 3.1,
    ...each,
  }));
  return { what: "arrivals", firstByteMs: bursts[0]?.atMs ?? null, watchedMs, bursts };
}

/** An event stream that opened. */
function aWatch(server: Headers, more: Partial<Watch> = {}): Watch {
  return {
    answer: anAnswer(200, [...server, ["Content-Type", "text/event-stream"]]),
    failure: null,
    waitedMs: 38.4,
    isStream: true,
    contentType: "text/event-stream",
    encoding: "",
    bodyBytes: 420,
    arrivals: beats(3),
    ending: null,
    serverTimingMs: null,
    ...more,
  };
}

/** An answer that is no stream, or none at all. */
const noStream = (more: Partial<Watch>): Watch =>
  aWatch([], { isStream: false, contentType: "", arrivals: null, bodyBytes: 0, ...more });

const url = (host: string, path: string) => ({ host, port: "443", path });

/** Connected directly and encrypted, and not yet asked. */
const reached: Facts = {
  ...nothingMeasured,
  ...url("deploy.internal.example", "/deploys/stream"),
  encrypted: true,
  network: "online",
  dns: { tookMs: 9.3, failure: null, addresses: 2, literal: false },
  tcp: { tookMs: 12.1, failure: null },
  tls: { tookMs: 24.2, protocol: "TLSv1.3", trouble: null, issuer: "Harbour CA", daysLeft: 41 },
  redirects: { count: 0, login: false, refused: null, otherHost: false },
  budgetMs: 12_000,
};

/** Asked once, and then for a path that no route has. */
const opened: Facts = {
  ...reached,
  plain: aWatch([]),
  unrouted: anAnswer(404, [["Content-Type", "application/json"]], { unrouted: true, body: '{"error":"none"}' }),
  headersMs: { path: [38.4], direct: [] },
};

/** Everything that is asked without being told to, and all of it good. */
const well: Facts = {
  ...opened,
  compressed: aWatch([], { arrivals: beats(2) }),
  repeat: { watch: aWatch([], { arrivals: beats(1) }), seenBefore: 0 },
  resume: { outcome: "honoured", settled: true },
  http2: { offered: true, streams: true, headersMs: 44.9 },
  websocket: { status: 404 },
  headersMs: { path: [38.4, 40.2, 37.9, 39], direct: [] },
  holds: [aWatch([], { arrivals: beats(5) })],
};

const nginx: Headers = [["Server", "nginx/1.22.1"]];

/** nginx keeps everything back, behind a forward proxy that is innocent. */
const mute: Facts = {
  ...reached,
  route: { kind: "http", tunnel: true },
  dns: null,
  tcp: null,
  proxy: {
    tookMs: 12.4,
    trouble: null,
    answer: anAnswer(200, [["Via", "1.1 proxy.corp.example (squid/5.7)"]], {
      to: "connect",
      forwarded: true,
      framing: "none",
      headersMs: 12.4,
    }),
  },
  plain: noStream({
    answer: null,
    failure: { what: "failure", kind: "headers-timeout", forwarded: true, afterMs: 8500 },
    waitedMs: 8500,
  }),
  unrouted: { ...nginx404, forwarded: true },
};

/** A gateway that knows no such path. */
const noRoute: Facts = {
  ...reached,
  ...url("edge-2.example", "/v1/telemetry"),
  plain: noStream({
    answer: anAnswer(
      404,
      [
        ["Server", "Pingora"],
        ["Content-Length", "0"],
        ["Cache-Control", "private, no-store"],
      ],
      { headersMs: 100 },
    ),
  }),
  headersMs: { path: [100], direct: [] },
};

/** Good behind an nginx, and a gateway says what it took itself. */
const healthy: Facts = {
  ...well,
  ...url("api.shop.example", "/v1/orders/stream"),
  plain: aWatch(nginx, { serverTimingMs: 31 }),
  unrouted: nginx404,
};

/** A greeting, and then silence until the time was up. */
const greeted = (watchedMs: number) => aWatch([], { arrivals: beats(1, 0, {}, watchedMs) });
const undecided: Facts = {
  ...well,
  ...url("stock.example", "/levels"),
  plain: greeted(8500),
  compressed: greeted(1200),
  resume: { outcome: "unclear", settled: false },
  http2: null,
  websocket: null,
  holds: [],
};

/** Batches of three, as small packets make them that wait for each other; a chain on the way, so slow that no time is left. */
const batches = beats(12, 205, { events: 3, bytes: 310, lagMs: 110 });
const chain: Headers = [
  ["Server", "nginx/1.22.1"],
  ["Via", "1.1 varnish (Varnish/7.1)"],
];
const slowly = (status: number, headers: Headers) => anAnswer(status, headers, { headersMs: 1900 });
const budget: Facts = {
  ...opened,
  plain: aWatch(chain, { answer: slowly(200, [...chain, ["Content-Type", "text/event-stream"]]), arrivals: batches }),
  compressed: aWatch(chain, {
    answer: slowly(200, [...chain, ["Content-Type", "text/event-stream"]]),
    arrivals: beats(4, 205, { events: 3, bytes: 310, lagMs: 110 }),
  }),
  unrouted: { ...nginx404, headersMs: 1900 },
  headersMs: { path: [1900, 1900], direct: [] },
};

export const fakeFacts = { reached, opened, mute, noRoute, healthy, undecided, budget } satisfies Record<string, Facts>;
