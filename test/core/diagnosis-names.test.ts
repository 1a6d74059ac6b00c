/** Whose lines a cause shows first: those of somebody who was seen. A hint names nobody, however sure the cause is. */
import { describe, expect, it } from "vitest";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { fixTable } from "../../main/core/diagnosis/fixes.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import type { HopView } from "../../preload/contract.ts";
import { anAnswer, answered, aWatch, beats, ending, opened, silence, wellFacts } from "./diagnosis-facts.ts";

const over = { running: null, over: true };
const hop = (product: string, confidence: number): HopView => ({
  product,
  version: null,
  role: "reverse",
  confidence,
  evidence: [],
});

/** As a path with these headers shows it; what was asked for beside the stream shows nobody else. */
function diagnosed(headers: readonly (readonly [string, string])[], more: Partial<Facts>) {
  const answer = opened(headers).answer;
  const marked = (watch: Facts["plain"]) => (watch === null ? null : { ...watch, answer });
  const alone: Partial<Facts> = { unrouted: null, compressed: null, repeat: null, holds: [] };
  const facts: Facts = { ...wellFacts, ...alone, ...more };
  const seen: Facts = { ...facts, plain: marked(facts.plain) };
  return diagnosisOf(seen, hopsOf(observationsOf(seen)), over);
}

/** Whose lines are for whoever it is. */
const nobody = new Set(["origin", "client", "proxy"]);
/** Programs in Rust write all names so, as HAProxy does over HTTP/1.1. */
const lowerCase = [
  ["content-type", "text/event-stream"],
  ["cache-control", "no-cache"],
  ["date", "Thu, 26 Nov 2026 18:00:00 GMT"],
] as const;
const haproxys = [...lowerCase, ["keep-alive", "timeout=5"]] as const;
const cut = aWatch({ arrivals: { ...beats(1, 100), watchedMs: 3100 }, ending: ending("truncated", 3005, 3003) });

/** The answer as these headers make it, without those that all test answers begin with. */
const only = (headers: readonly (readonly [string, string])[], watch: Facts["plain"]): Partial<Facts> => ({
  plain: watch,
  unrouted: anAnswer(404, { headers, framing: "none", unrouted: true }),
});

describe("an origin that writes all names in lower case, and nobody before it", () => {
  it("is a hint of HAProxy's, whose lines do not come first", () => {
    const { hops, findings } = diagnosed([], only(lowerCase, cut));
    expect(hops).toMatchObject([{ product: "haproxy", confidence: 0.25 }]);
    expect([findings[0]?.code, findings[0]?.fix.product]).toEqual(["idle-cut", "origin"]);
  });

  it("is not HAProxy's either where events come in gulps", () => {
    const gulps = aWatch({ arrivals: beats(5, 900, { bytes: 4104, events: 80, lagMs: 850 }) });
    const { findings } = diagnosed([], only(lowerCase, gulps));
    expect([findings[0]?.code, findings[0]?.fix.product]).toEqual(["buffering", "origin"]);
  });

  it("is HAProxy where more of it shows", () => {
    const { findings } = diagnosed([], only(haproxys, cut));
    expect([findings[0]?.code, findings[0]?.fix.product]).toEqual(["idle-cut", "haproxy"]);
  });
});

it("a needless close is a hint of http-proxy, whose lines do not come first", () => {
  const dead = aWatch({ arrivals: { ...beats(5, 100), watchedMs: 8500 } });
  const { hops, findings } = diagnosed([["Connection", "close"]], { plain: dead });
  expect(hops).toMatchObject([{ product: "http-proxy", confidence: 0.3 }]);
  expect([findings[0]?.code, findings[0]?.fix.product]).toEqual(["hang", "origin"]);
});

it("a header that waits for the first byte on the path alone is the proxy's, whichever that is", () => {
  const plain = opened([], { arrivals: beats(4, 4000) }, { headersMs: 4025 });
  const direct = aWatch({ arrivals: silence(2600) });
  const facts: Facts = { ...wellFacts, plain, direct, compressed: null, repeat: null, holds: [] };
  const [first] = diagnosisOf(facts, [], over).findings;
  expect([first?.code, first?.confidence, first?.fix.product]).toEqual(["header-wait", 0.9, "proxy"]);
});

it("a hint makes a header that waits likelier than a slow origin, and still names nobody", () => {
  const plain = opened([], { arrivals: beats(22, 100) }, { headersMs: 4000 });
  const facts: Facts = { ...wellFacts, plain, holds: [] };
  const hint = hop("http-proxy", 0.3);
  const said = (hops: readonly HopView[]) =>
    diagnosisOf(facts, hops, over).findings.map(({ code, fix }) => [code, fix.product]);
  expect(said([])[0]).toEqual(["slow-header", "origin"]);
  expect(said([hint])[0]).toEqual(["header-wait", "origin"]);
});

it("no cause names a product that only a hint points to", () => {
  const products = [...new Set(Object.values(fixTable).flatMap((rows) => rows.map(([product]) => product)))];
  const causes: Partial<Facts>[] = [
    { plain: cut },
    { plain: answered(404) },
    { plain: answered(503), unrouted: null },
    { plain: answered(504, { headersMs: 5000 }) },
    { plain: aWatch({ arrivals: beats(5, 900, { bytes: 4104, events: 80, lagMs: 850 }) }) },
    { plain: opened([], { arrivals: beats(22, 100) }, { headersMs: 4000 }) },
    { plain: opened([], {}, { framing: "close" }) },
  ];
  for (const more of causes) {
    for (const product of products) {
      const { findings } = diagnosisOf({ ...wellFacts, holds: [], ...more }, [hop(product, 0.49)], over);
      expect(findings.length).toBeGreaterThan(0);
      for (const { code, fix } of findings) expect(nobody.has(fix.product), `${code}: ${product}`).toBe(true);
    }
  }
});

it("what helps whoever it is, is no line of a product", () => {
  const lines = Object.values(fixTable).flatMap((rows) => rows.filter(([product]) => nobody.has(product)).flat());
  expect(lines.length).toBeGreaterThan(40);
  expect(lines.filter((line) => /^\s*(?:ssl|proxy|limit)_|nginx -s|http_access|timeout server/.test(line))).toEqual([]);
});

it("Envoy's settings for one filter say their type, without which it does not read them", () => {
  const blocks = Object.values(fixTable).flatMap((rows) => rows.map((row) => row.slice(1).join("\n")));
  const typed = blocks.filter((text) => text.includes("typed_per_filter_config"));
  expect(typed.length).toBeGreaterThan(1);
  expect(typed.filter((text) => !text.includes('"@type": type.googleapis.com/envoy.'))).toEqual([]);
});
