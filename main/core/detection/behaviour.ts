/**
 * Marks that are no single line of an answer: its form, and when things arrive. By themselves they are hints: other
 * programs, and origins, do the same. Measured with HAProxy 2.6, Pingora 0.9, Caddy 2.6 and 2.11, node's http-proxy 1.18.
 */
import type { AnswerSeen, ArrivalsSeen, Observation } from "./observation.ts";
import { idleDefaults, type Source } from "./signatures.ts";

/** What speaks for a product. */
export type Mark = {
  readonly product: string;
  readonly version: string | null;
  readonly source: Source;
  readonly weight: number;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** The product made this answer itself. */
  readonly own: boolean;
  /** Smaller is nearer to us; null: the mark does not tell. */
  readonly place: number | null;
  readonly forwarded: boolean;
};

type Hint = Pick<Mark, "product" | "source" | "weight" | "code"> & Partial<Mark>;

const mark = (hint: Hint): Mark => ({
  version: null,
  params: {},
  own: false,
  place: null,
  forwarded: false,
  ...hint,
});

/** Nearer than any place in Via. */
const inFront = -1;

/** Headers of an answer by their lower-case names; the same name twice gives two values. */
export function valuesOf({ headers }: AnswerSeen, name: string): string[] {
  return headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value.trim());
}

/** The form of one answer. */
export function formMarks(answer: AnswerSeen): Mark[] {
  return [
    ...emptyErrors(answer),
    ...cdnErrors(answer),
    ...nginxOrder(answer),
    ...lowerCase(answer),
    ...closing(answer),
  ].map((one) => ({
    ...one,
    forwarded: answer.forwarded,
  }));
}

/** Errors that have only their headers to be known by, most of them without a word. */
function emptyErrors(answer: AnswerSeen): Mark[] {
  const { status } = answer;
  const own = { source: "error", code: "own-error", params: { status }, own: true } as const;
  const [server] = valuesOf(answer, "server");
  // Our gateway says why in JSON, and its name in Via as everywhere.
  const isOurs = valuesOf(answer, "via").some((value) => /\bholdfast-gateway\b/.test(value));
  if (isOurs && status >= 400 && /^\{"error":"[a-z-]+","kind":"/.test(answer.body))
    return [mark({ ...own, product: "holdfast-gateway", weight: 0.9 })];
  const isEmpty = valuesOf(answer, "content-length")[0] === "0" && answer.body === "";
  if (!isEmpty) return [];
  if (server === "Pingora" && status >= 400) {
    const isPlain = valuesOf(answer, "cache-control")[0] === "private, no-store";
    return [mark({ ...own, product: "pingora", weight: isPlain ? 0.95 : 0.8 })];
  }
  // Passing on, 2.11 writes Via and no Server; an older one writes Server to everything, so that more must be missing.
  const known = new Set(["server", "date", "content-length", "connection", "alt-svc", "retry-after"]);
  const isBare = answer.headers.every(([name]) => known.has(name.toLowerCase()));
  if (server === "Caddy" && isBare && (status >= 400 || status === 200))
    return [mark({ ...own, product: "caddy", weight: 0.85 })];
  const names = answer.headers.map(([name]) => name.toLowerCase()).toSorted();
  // Go's ReverseProxy and what is built on it without words of its own; Node adds Connection and Keep-Alive.
  if (status === 502 && names.join() === "content-length,date")
    return [mark({ ...own, product: "go-reverse-proxy", weight: 0.5 })];
  return [];
}

/** 520 to 527 and 530 are Cloudflare's own inventions about origins, whatever page the site has for them. */
function cdnErrors(answer: AnswerSeen): Mark[] {
  const { status } = answer;
  const isOwn = (status >= 520 && status <= 527) || status === 530;
  const isThere = valuesOf(answer, "cf-ray").length > 0 && /^cloudflare$/i.test(valuesOf(answer, "server")[0] ?? "");
  const own = {
    source: "error",
    code: "own-error",
    params: { status },
    own: true,
  } as const;
  return isOwn && isThere ? [mark({ ...own, product: "cloudflare", weight: 0.9 })] : [];
}

/** nginx's own headers come first and in one order (ngx_http_header_filter); programs that imitate the name do not know it. */
function nginxOrder(answer: AnswerSeen): Mark[] {
  const [product] = /^(?:nginx|openresty|tengine)\b/i.exec(valuesOf(answer, "server")[0] ?? "") ?? [];
  if (product === undefined) return [];
  const names = answer.headers.map(([name]) => name).join();
  if (!/^Server,Date,Content-Type,(?:Content-Length,|Transfer-Encoding,)?Connection(?:,|$)/.test(names)) return [];
  // It wrote Connection, which goes no further than one hop: nobody stands nearer.
  const who = product.toLowerCase();
  return [mark({ product: who, source: "shape", weight: 0.3, code: "header-order", place: inFront })];
}

/** HAProxy writes every name in lower case over HTTP/1.1, and lets a Keep-Alive of the origin through. So do programs in Rust. */
function lowerCase({ headers, httpVersion }: AnswerSeen): Mark[] {
  const names = headers.map(([name]) => name);
  if (!httpVersion.startsWith("1") || names.length < 3) return [];
  // Where the connection goes on it says nothing of it.
  if (names.some((name) => name !== name.toLowerCase()) || names.includes("connection")) return [];
  const leaks = names.includes("keep-alive");
  return [
    mark({
      product: "haproxy",
      source: "shape",
      weight: leaks ? 0.5 : 0.25,
      code: leaks ? "leaked-keep-alive" : "lower-case-names",
    }),
  ];
}

/** node's http-proxy asks the origin to close and passes that on, with a body that does not need it. */
function closing(answer: AnswerSeen): Mark[] {
  const isStream = answer.status === 200 && /^text\/event-stream/i.test(valuesOf(answer, "content-type")[0] ?? "");
  const closes = valuesOf(answer, "connection")[0]?.toLowerCase() === "close";
  if (!isStream || !closes || answer.framing !== "chunked") return [];
  if (valuesOf(answer, "via").length > 0) return [];
  return [mark({ product: "http-proxy", source: "shape", weight: 0.3, code: "needless-close" })];
}

/** What only the whole of what was seen shows. */
export function timingMarks(observations: readonly Observation[]): Mark[] {
  const answers = observations.filter((one) => one.what === "answer");
  const arrivals = observations.filter((one) => one.what === "arrivals");
  const compressed = answers.some((one) => valuesOf(one, "content-encoding").some((value) => value !== "identity"));
  return [
    ...arrivals.flatMap(batches),
    ...(compressed ? arrivals.flatMap(heldByCompression) : []),
    ...headerWaits(answers, arrivals),
    ...observations.flatMap(idleEnds),
  ];
}

/** Nagle between HAProxy and us: what collects in 200 ms leaves together. */
function batches({ bursts }: ArrivalsSeen): Mark[] {
  const gaps = bursts.slice(1).map((burst, i) => burst.atMs - (bursts[i]?.atMs ?? 0));
  const near = gaps.filter((gap) => gap >= 180 && gap <= 235).length;
  const events = bursts.reduce((sum, burst) => sum + burst.events, 0);
  if (gaps.length < 6 || near < gaps.length * 0.7 || events < bursts.length * 1.4) return [];
  const lags = bursts.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs])).toSorted((a, b) => a - b);
  const lag = lags[Math.floor(lags.length / 2)];
  // With stamps it is known that they were not made together; without, an origin with a beat of its own looks the same.
  if (lag !== undefined && lag < 40) return [];
  return [
    mark({
      product: "haproxy",
      source: "timing",
      weight: lag === undefined ? 0.3 : 0.55,
      code: "batches",
      params: { everyMs: 200 },
    }),
  ];
}

/** The head of a compressed body came (10 to 20 bytes) and nothing after it. */
function heldByCompression({ bursts, watchedMs }: ArrivalsSeen): Mark[] {
  const bytes = bursts.reduce((sum, burst) => sum + burst.bytes, 0);
  if (watchedMs < 3000 || bytes < 10 || bytes > 20) return [];
  const products = bytes === 17 ? ["varnish"] : ["pingora", "caddy"];
  return products.map((product) =>
    mark({ product, source: "timing", weight: 0.2, code: "held-compressed", params: { bytes } }),
  );
}

/** The header left only with the first byte of the body. */
function headerWaits(answers: readonly AnswerSeen[], arrivals: readonly ArrivalsSeen[]): Mark[] {
  const late = answers.filter((one) => one.status === 200 && one.headersMs >= 700);
  const together = arrivals.some(({ firstByteMs }) => firstByteMs !== null && firstByteMs <= 20);
  if (late.length === 0 || !together) return [];
  return [mark({ product: "http-proxy", source: "timing", weight: 0.2, code: "header-waits" })];
}

/** The default of an idle timeout: enough to support a name, never to give one. */
function idleEnds(one: Observation): Mark[] {
  if (one.what !== "ending" || one.how === "reset") return [];
  return Object.entries(idleDefaults).flatMap(([product, ms]) =>
    Math.abs(one.idleMs - ms) > 1500
      ? []
      : [mark({ product, source: "timing", weight: 0.15, code: "idle-default", params: { seconds: ms / 1000 } })],
  );
}
