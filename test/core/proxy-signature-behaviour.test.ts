/** Marks that are no single header: the form of an answer, and when things arrive. Each as it is, and one step beside it. */
import { describe, expect, it } from "vitest";
import { formMarks, type Mark, timingMarks, valuesOf } from "../../main/core/detection/behaviour.ts";
import type { AnswerSeen, ArrivalsSeen, EndingSeen, Observation } from "../../main/core/detection/observation.ts";

type Headers = AnswerSeen["headers"];

const answer = (status: number, headers: Headers, more: Partial<AnswerSeen> = {}): AnswerSeen => ({
  what: "answer",
  to: "path",
  forwarded: false,
  unrouted: false,
  status,
  httpVersion: "1.1",
  headers,
  framing: "length",
  body: "",
  headersMs: 3,
  ...more,
});

const said = (marks: readonly Mark[]) => marks.map(({ product, code, weight }) => `${product} ${code} ${weight}`);
const ofForm = (...seen: Parameters<typeof answer>) => said(formMarks(answer(...seen)));
const ofTime = (...seen: readonly Observation[]) => said(timingMarks(seen));

const empty = ["Content-Length", "0"] as const;
const date = ["Date", "Sun, 22 Nov 2026 10:00:00 GMT"] as const;
const stream = ["Content-Type", "text/event-stream"] as const;
const lower = (...names: string[]): Headers => names.map((name) => [name, "x"]);

it("reads the values of a header by its name in any case, each without the space around it", () => {
  const headers: Headers = [["VIA", " 1.1 a "], date, ["via", "1.1 b"]];
  expect(valuesOf(answer(200, headers), "via")).toEqual(["1.1 a", "1.1 b"]);
});

describe("an error without a word", () => {
  const pingora = ["Server", "Pingora"] as const;
  const caddy = ["Server", "Caddy"] as const;
  const store = ["Cache-Control", "private, no-store"] as const;
  const all: Headers = [date, empty, ["Connection", "close"], ["Alt-Svc", "h3"], ["Retry-After", "5"]];
  it.each<[string, number, Headers, string[]]>([
    ["Pingora's", 400, [pingora, empty, store], ["pingora own-error 0.95"]],
    ["Pingora's, with a cache header of the gateway", 502, [pingora, empty], ["pingora own-error 0.8"]],
    ["what is no error, of Pingora's name", 399, [pingora, empty, store], []],
    ["another's of nearly that name", 502, [["Server", "Pingoras"], empty], []],
    ["one with a length", 502, [pingora, ["Content-Length", "5"]], []],
    ["one without a length", 502, [pingora], []],
    ["Caddy's", 400, [caddy, ...all], ["caddy own-error 0.85"]],
    ["Caddy's 200 without a route", 200, [caddy, empty], ["caddy own-error 0.85"]],
    ["a 201 through Caddy", 201, [caddy, empty], []],
    ["a redirect through Caddy", 399, [caddy, empty], []],
    ["an origin's through Caddy, with a header of its own", 502, [caddy, ["X-App", "1"], ...all], []],
    ["that of Go's ReverseProxy", 502, [date, empty], ["go-reverse-proxy own-error 0.5"]],
    ["the same in another order", 502, [empty, date], ["go-reverse-proxy own-error 0.5"]],
    ["a 503 of a program in Go", 503, [date, empty], []],
    ["a 502 of a program in Node", 502, [date, empty, ["Connection", "keep-alive"]], []],
  ])("%s", (_what, status, headers, marks) => {
    expect(ofForm(status, headers)).toEqual(marks);
  });

  it("is none with a word in it", () => {
    for (const server of [pingora, caddy]) expect(ofForm(502, [server, empty], { body: "x" })).toEqual([]);
  });

  it("was made by whoever is named, of the status that it has", () => {
    const [mark] = formMarks(answer(502, [pingora, empty], { forwarded: true }));
    const plain = {
      version: null,
      place: null,
      source: "error",
      forwarded: true,
    };
    expect(mark).toMatchObject({
      ...plain,
      own: true,
      params: { status: 502 },
    });
  });
});

it.each<[string, number, Headers, string, boolean]>([
  ["as it writes it", 400, [["Via", "1.1 holdfast-gateway"]], '{"error":"no-route","kind":"NoRoute"}', true],
  ["behind another", 502, [["Via", "1.1 holdfast-gateway, 1.1 Caddy"]], '{"error":"timeout","kind":"', true],
  [
    "of an answer with two headers",
    502,
    lower("via").concat([["Via", "1.1 holdfast-gateway"]]),
    '{"error":"x","kind":"',
    true,
  ],
  ["of no error", 399, [["Via", "1.1 holdfast-gateway"]], '{"error":"no-route","kind":"NoRoute"}', false],
  ["without its name", 404, [["Via", "1.1 gateway"]], '{"error":"no-route","kind":"NoRoute"}', false],
  ["with words of somebody else", 404, [["Via", "1.1 holdfast-gateway"]], '{"error":"No route","kind":"x"}', false],
  ["with an empty word", 404, [["Via", "1.1 holdfast-gateway"]], '{"error":"","kind":"x"}', false],
  ["that is quoted", 404, [["Via", "1.1 holdfast-gateway"]], 'x{"error":"no-route","kind":"NoRoute"}', false],
])("our gateway's JSON is its own, %s: %#", (_what, status, headers, body, isOwn) => {
  expect(ofForm(status, headers, { body })).toEqual(isOwn ? ["holdfast-gateway own-error 0.9"] : []);
});

describe("a status that only Cloudflare has", () => {
  const ray = ["CF-RAY", "8f1e2d3c4b5a6978-FRA"] as const;
  const server = ["Server", "Cloudflare"] as const;
  it.each([519, 520, 527, 528, 529, 530, 531])("%s", (status) => {
    const isOwn = [520, 527, 530].includes(status);
    const made = { product: "cloudflare", weight: 0.9, own: true, params: { status } };
    expect(formMarks(answer(status, [server, ray]))).toMatchObject(isOwn ? [made] : []);
  });

  it.each<[string, Headers]>([
    ["its name", [ray]],
    ["the number of the request", [server]],
    ["its very name", [["Server", "cloudflared"], ray]],
    ["its name alone", [["Server", "my cloudflare"], ray]],
  ])("is nobody's without %s", (_what, headers) => {
    expect(ofForm(522, headers)).toEqual([]);
  });
});

describe("nginx's order of headers", () => {
  const ordered = (server: string, ...names: string[]) =>
    ofForm(200, [["Server", server], ...names.map((name) => [name, "x"] as const)]);
  it.each([
    ["nginx", "nginx/1.22.1", ["Date", "Content-Type", "Connection"]],
    ["nginx", "nginx", ["Date", "Content-Type", "Content-Length", "Connection", "ETag"]],
    ["openresty", "openresty/1.21.4.1", ["Date", "Content-Type", "Transfer-Encoding", "Connection"]],
    ["tengine", "Tengine", ["Date", "Content-Type", "Connection"]],
    ["nginx", "nginx (build)", ["Date", "Content-Type", "Connection"]],
  ])("is that of %s, as %s: %s", (product, server, names) => {
    expect(ordered(server, ...names)).toEqual([`${product} header-order 0.3`]);
  });

  it.each([
    ["nginx", ["Content-Type", "Date", "Connection"]],
    ["nginx", ["Date", "Content-Type", "ETag", "Connection"]],
    ["nginx", ["Date", "Content-Type", "Connections"]],
    ["nginx", ["Date", "Content-Type"]],
    ["my nginx", ["Date", "Content-Type", "Connection"]],
    ["Apache", ["Date", "Content-Type", "Connection"]],
  ])("is not that of %s: %s", (server, names) => {
    expect(ordered(server, ...names)).toEqual([]);
  });

  it("is not its order where something stands before its name", () => {
    const headers = [date, ["Server", "nginx"], date, stream, ["Connection", "close"]] as const;
    expect(ofForm(200, headers)).toEqual([]);
  });

  it("puts it nearer than whoever is in Via", () => {
    const headers = [["Server", "nginx"], date, stream, ["Connection", "close"]] as const;
    expect(formMarks(answer(200, headers))).toMatchObject([{ place: -1, own: false, params: {}, forwarded: false }]);
  });
});

it.each<[string, string, readonly string[], string[]]>([
  ["three names and no more", "1.1", ["date", "etag", "vary"], ["haproxy lower-case-names 0.25"]],
  ["a Keep-Alive of the origin's", "1.1", ["date", "keep-alive", "vary"], ["haproxy leaked-keep-alive 0.5"]],
  ["the same in HTTP/1.0", "1.0", ["date", "etag", "vary"], ["haproxy lower-case-names 0.25"]],
  ["two names", "1.1", ["date", "etag"], []],
  ["a capital", "1.1", ["date", "etag", "Vary"], []],
  ["a word about the connection", "1.1", ["date", "connection", "vary"], []],
  ["HTTP/2, where all names are so", "2.0", ["date", "etag", "vary"], []],
])("small letters, with %s", (_what, httpVersion, names, marks) => {
  expect(ofForm(200, lower(...names), { httpVersion })).toEqual(marks);
});

describe("a stream that is closed without need", () => {
  const close = ["Connection", "Close"] as const;
  const chunked = { framing: "chunked" } as const;
  it("is http-proxy's", () => {
    expect(ofForm(200, [stream, close], chunked)).toEqual(["http-proxy needless-close 0.3"]);
  });

  it.each<[string, Parameters<typeof answer>]>([
    ["not with another status", [201, [stream, close], chunked]],
    ["not with another type", [200, [["Content-Type", "x/text/event-stream"], close], chunked]],
    ["not without a type", [200, [close], chunked]],
    ["not where it stays open", [200, [stream, ["Connection", "keep-alive"]], chunked]],
    ["not where nothing is said of it", [200, [stream], chunked]],
    ["not where the end of the body is the connection's", [200, [stream, close], { framing: "close" }]],
    ["not with a Via, which it does not write", [200, [stream, close, ["Via", "1.1 x"]], chunked]],
  ])("%s", (_what, seen) => {
    expect(ofForm(...seen)).toEqual([]);
  });
});

describe("batches each 200 ms", () => {
  const arrivals = (gaps: readonly number[], events: number, lags: readonly (number | null)[] = []): ArrivalsSeen => {
    const at = [0, ...gaps].map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 7));
    const bursts = at.map((atMs, i) => ({
      atMs,
      bytes: 80,
      events: i === 0 ? events - (at.length - 1) : 1,
      comments: 0,
      lagMs: lags[i] ?? null,
    }));
    return { what: "arrivals", firstByteMs: 7, watchedMs: 5000, bursts };
  };
  const gaps = (count: number, ms = 200) => Array.from({ length: count }, () => ms);
  const hint = ["haproxy batches 0.3"];
  it.each<[string, ArrivalsSeen, string[]]>([
    ["six gaps", arrivals(gaps(6), 10), hint],
    ["five gaps are too few", arrivals(gaps(5), 20), []],
    ["no sooner than 180 ms", arrivals(gaps(6, 180), 10), hint],
    ["sooner", arrivals(gaps(6, 179), 10), []],
    ["no later than 235 ms", arrivals(gaps(6, 235), 10), hint],
    ["later", arrivals(gaps(6, 236), 10), []],
    ["seven of ten gaps", arrivals([...gaps(7), ...gaps(3, 90)], 20), hint],
    ["six of ten gaps", arrivals([...gaps(6), ...gaps(4, 90)], 20), []],
    ["seven events in five bursts", arrivals(gaps(9), 14), hint],
    ["fewer events than that", arrivals(gaps(9), 13), []],
    ["as old as in a batch", arrivals(gaps(6), 10, [9, 100, 40, 101, 8, 40, 7]), ["haproxy batches 0.55"]],
    ["stamped as made together", arrivals(gaps(6), 10, [9, 100, 39, 101, 8, 39, 7]), []],
  ])("%s", (_what, seen, marks) => {
    expect(ofTime(seen)).toEqual(marks);
  });

  it("say how far apart they are", () => {
    expect(timingMarks([arrivals(gaps(6), 10)])).toMatchObject([
      { source: "timing", forwarded: false, params: { everyMs: 200 } },
    ]);
  });
});

describe("the beginning of a compressed body, and nothing behind it", () => {
  const encoded = (encoding: string) => answer(200, [stream, ["Content-Encoding", encoding]]);
  const came = (bytes: readonly number[], watchedMs = 3000): ArrivalsSeen => {
    const bursts = bytes.map((each, i) => ({
      atMs: i * 500,
      bytes: each,
      events: 0,
      comments: 0,
      lagMs: null,
    }));
    return { what: "arrivals", firstByteMs: 30, watchedMs, bursts };
  };
  const others = ["pingora held-compressed 0.2", "caddy held-compressed 0.2"];
  it.each<[string, readonly Observation[], string[]]>([
    ["17 bytes are Varnish's", [encoded("gzip"), came([10, 7])], ["varnish held-compressed 0.2"]],
    ["10 bytes", [encoded("br"), came([10])], others],
    ["20 bytes", [encoded("gzip"), came([20])], others],
    ["9 bytes", [encoded("gzip"), came([9])], []],
    ["21 bytes", [encoded("gzip"), came([21])], []],
    ["too short a watch", [encoded("gzip"), came([15], 2999)], []],
    ["what is not compressed", [encoded("identity"), came([15])], []],
    ["what says nothing of it", [answer(200, [stream]), came([15])], []],
    ["one of two answers", [answer(200, [stream]), encoded("gzip"), came([15])], others],
  ])("%s", (_what, seen, marks) => {
    expect(ofTime(...seen)).toEqual(marks);
  });

  it("says how many came", () => {
    expect(timingMarks([encoded("gzip"), came([17])])).toMatchObject([{ source: "timing", params: { bytes: 17 } }]);
  });
});

describe("a header that came only with the first byte", () => {
  const late = (headersMs: number, status = 200) => answer(status, [stream], { headersMs });
  const bursts: ArrivalsSeen["bursts"] = [];
  const first = (firstByteMs: number | null) => ({ what: "arrivals", firstByteMs, watchedMs: 5000, bursts }) as const;
  const waits = ["http-proxy header-waits 0.2"];
  it.each<[string, readonly Observation[], string[]]>([
    ["700 ms late", [late(700), first(20)], waits],
    ["sooner", [late(699), first(20)], []],
    ["a byte some time behind it", [late(700), first(21)], []],
    ["no byte at all", [late(700), first(null)], []],
    ["an error", [late(700, 404), first(20)], []],
    ["one of two", [late(3), late(700), first(null), first(0)], waits],
  ])("%s", (_what, seen, marks) => {
    expect(ofTime(...seen)).toEqual(marks);
  });
});

describe("an end after the silence that is somebody's default", () => {
  const end = (idleMs: number, how: EndingSeen["how"] = "truncated"): EndingSeen => ({
    what: "ending",
    how,
    openMs: idleMs + 100,
    idleMs,
    framing: "chunked",
  });
  it.each([
    [28_499, []],
    [28_500, ["haproxy"]],
    [31_500, ["haproxy"]],
    [31_501, []],
    [55_000, ["heroku"]],
    [60_000, ["nginx", "openresty", "tengine", "apache", "varnish", "aws-alb"]],
    [100_000, ["cloudflare"]],
  ])("%s ms: %s", (idleMs, products) => {
    expect(timingMarks([end(idleMs)]).map(({ product }) => product)).toEqual(products);
    expect(timingMarks([end(idleMs, "reset")])).toEqual([]);
  });

  it("says how many seconds that are", () => {
    expect(timingMarks([end(30_300, "clean")])).toMatchObject([{ code: "idle-default", params: { seconds: 30 } }]);
  });
});
