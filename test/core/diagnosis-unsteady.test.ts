/** A path that opens the stream for one request and not for the next, and what of that is an id's doing. Facts in, findings out. */
import { describe, expect, it } from "vitest";
import { diagnosisOf, observationsOf, verdictOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { anAnswer, answered, aWatch, beats, ending, mute, silence, wellFacts } from "./diagnosis-facts.ts";

const diagnosed = (more: Partial<Facts>) => {
  const facts: Facts = { ...wellFacts, ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), { running: null, over: true });
};
const codesOf = (more: Partial<Facts>) => diagnosed(more).findings.map(({ code }) => code);
const holdIn = (more: Partial<Facts>) => diagnosed(more).stages.find(({ stage }) => stage === "hold");
const refusedConnection = (kind: string): Watch => ({
  ...mute(5),
  failure: { what: "failure", kind, forwarded: false, afterMs: 5 },
});
const silent = (watchedMs: number) => aWatch({ arrivals: silence(watchedMs), bodyBytes: 0 });
const again = (watch: Watch) => ({ repeat: { watch, seenBefore: 0 } });
/** An answer that is no stream has an end, and that is none of a stream's. */
const page502 = answered(502, { body: "bad" }, { ending: ending("clean", 0.5, 0.5) });

describe("a later request for the same stream", () => {
  it.each<[string, Partial<Facts>, string]>([
    ["answered 502, compressed", { compressed: page502 }, "later-answered"],
    ["answered 502, again", again(page502), "later-answered"],
    ["answered 502, to be held", { holds: [page502] }, "later-answered"],
    ["answered 502, without an id", { reconnects: [{ withId: false, watch: page502 }] }, "later-answered"],
    ["answered with a page", again(answered(200, { body: "hi" })), "later-answered"],
    ["closed without an answer", again(refusedConnection("closed-early")), "later-failed"],
    ["not let in", { holds: [refusedConnection("refused")] }, "later-failed"],
    ["ended without a word", { holds: [aWatch({ ...silent(20), ending: ending("clean", 20, 20) })] }, "later-empty"],
    ["silent before the headers", { holds: [mute(5000)] }, "later-silent"],
    ["silent behind the headers, and the next one is not", { holds: [silent(2500), aWatch()] }, "later-silent"],
    ["silent when asked again, and the next one is not", again(silent(1900)), "later-silent"],
  ])("%s, makes a path unsteady", (_, facts, evidence) => {
    const { verdict, findings } = diagnosed(facts);
    const confidence = evidence === "later-silent" ? 0.6 : 0.8;
    expect([verdict, findings[0]?.code, findings[0]?.confidence]).toEqual(["broken", "unsteady", confidence]);
    expect(findings[0]?.evidence.map(({ code }) => code)).toContain(evidence);
    expect(findings[0]?.evidence.at(-1)?.code).toBe("of-requests");
  });

  it("makes it surer where it happened twice, and counts of how many", () => {
    const [first] = diagnosed({ compressed: page502, ...again(page502) }).findings;
    expect(first).toMatchObject({ code: "unsteady", confidence: 0.9 });
    expect(first?.evidence).toEqual([
      { code: "later-answered", params: { status: 502 } },
      { code: "of-requests", params: { times: 2, count: 4 } },
    ]);
  });

  it("is a proxy's where its own words say so", () => {
    const page = "<html>\r\n<body>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
    const watch = answered(502, { headers: [["Server", "nginx/1.22.1"]], body: page });
    expect(diagnosed(again(watch)).findings[0]).toMatchObject({ code: "unsteady", fix: { product: "nginx" } });
    expect(diagnosed(again(page502)).findings[0]?.fix.product).toBe("origin");
  });

  it.each([
    ["rate-limited", 429, 0.7],
    ["unsteady", 409, 0.6],
  ] as const)("that is one too many degrades it: %s", (code, status, confidence) => {
    const { verdict, findings } = diagnosed({ holds: [answered(status, { headers: [["Retry-After", "60"]] })] });
    expect([verdict, findings.map((one) => [one.code, one.confidence])]).toEqual(["degraded", [[code, confidence]]]);
    expect(findings[0]?.evidence).toContainEqual({ code: "later-answered", params: { status } });
  });

  it.each<[string, Partial<Facts>]>([
    ["watched for less than the rhythm tells apart", again(silent(900))],
    ["let go before its headers could be late", again(mute(900))],
    ["silent where the others are as quiet", { plain: aWatch({ arrivals: beats(2, 2000) }), holds: [silent(5000)] }],
    ["silent like all that come after it", { ...again(silent(1900)), holds: [silent(5000)], listened: silent(60_000) }],
    ["cut after a silence", { listened: aWatch({ ...silent(8000), ending: ending("truncated", 8000, 8000) }) }],
    ["silent where compression was asked for", { compressed: aWatch({ ...silent(5000), encoding: "gzip" }) }],
    ["answered otherwise with an id, and only with one", { reconnects: [{ withId: true, watch: page502 }] }],
    ["let go by this computer", again(refusedConnection("local-limit"))],
  ])("%s, is none", (_, facts) => {
    expect(codesOf({ ...facts, resume: null })).not.toContain("unsteady");
  });

  it("says nothing where the first one did not open either", () => {
    expect(codesOf({ plain: answered(502), ...again(page502) })).not.toContain("unsteady");
  });
});

describe("the connection that was to be held", () => {
  it.each<[string, Watch, Record<string, number>]>([
    ["answered", page502, { status: 502 }],
    ["closed", refusedConnection("reset"), {}],
    ["silent", silent(2500), { ms: 2500 }],
    ["silent", mute(6000), { ms: 6000 }],
  ])("says that it was %s, and not that a stream ended", (code, watch, params) => {
    expect(holdIn({ holds: [watch, aWatch()] })).toMatchObject({ state: "warning", result: { code, params } });
  });
});

it("calls nothing healthy while an end is not explained", () => {
  const { stages } = diagnosed({});
  expect(verdictOf([], stages)).toBe("healthy");
  for (const name of ["hold", "idle-cut", "framing", "headers-time"]) {
    const seen = stages.map((one) => (one.stage === name ? { ...one, state: "warning" as const } : one));
    expect(verdictOf([], seen), name).toBe("undecided");
  }
});

describe("a resume that is refused", () => {
  const refused = (status: number | null, failure: string | null = null): Partial<Facts> => ({
    resume: { outcome: "refused", settled: true, refusal: { status, failure } },
    reconnects: [
      { withId: true, watch: answered(status ?? 502) },
      { withId: false, watch: aWatch() },
      { withId: true, watch: answered(status ?? 502) },
    ],
  });
  it.each([
    [410, 0.9],
    [307, 0.9],
    [502, 0.5],
    [503, 0.5],
    [504, 0.5],
  ])("with %s is the origin's with %s", (status, confidence) => {
    const { findings } = diagnosed(refused(status));
    expect(findings.map(({ code }) => code)).toEqual(["resume-refused"]);
    expect(findings[0]).toMatchObject({ confidence, fix: { product: "origin" } });
  });

  it("is no id's doing where the same happens without one", () => {
    expect(codesOf({ ...refused(null, "closed-early"), ...again(refusedConnection("closed-early")) })).toEqual([
      "unsteady",
    ]);
  });

  it("is an accident where the next one opened", () => {
    const reconnects = [
      { withId: true, watch: page502 },
      { withId: false, watch: aWatch() },
      { withId: true, watch: aWatch() },
    ];
    expect(codesOf({ reconnects })).toEqual(["unsteady"]);
  });
});

describe("a list of proxies", () => {
  const dead = {
    tookMs: 3,
    trouble: { why: "unreachable", status: null, squidError: null },
    answer: null,
  } as const;
  const stageIn = (more: Partial<Facts>) => diagnosed(more).stages.find(({ stage }) => stage === "proxy");

  it("of which the first is not there degrades what the next one carries", () => {
    const { verdict, findings } = diagnosed({ passedBy: [dead] });
    expect([verdict, findings.map(({ code }) => code)]).toEqual(["degraded", ["proxy-unreachable"]]);
    expect(findings[0]?.evidence.map(({ code }) => code)).toEqual(["proxy-unreachable", "next-way"]);
    expect(stageIn({ passedBy: [dead] })).toMatchObject({ state: "warning", result: { code: "passed-by" } });
  });

  it("of which none is there has the last one's trouble", () => {
    const facts = { passedBy: [dead], proxy: dead, plain: null, route: { kind: "http", tunnel: false } } as const;
    expect(diagnosed(facts).findings[0]).toMatchObject({ code: "proxy-unreachable", severity: "broken" });
    expect(stageIn(facts)).toMatchObject({ state: "failed", result: { code: "unreachable" } });
  });

  it("that cannot be used for the address of a redirect is this computer's to mend", () => {
    const redirects = { count: 1, login: false, refused: "no-way", otherHost: true } as const;
    const plain = answered(307);
    expect(diagnosed({ plain, redirects, redirectStatus: null }).findings[0]).toMatchObject({
      code: "redirect",
      fix: { product: "client" },
    });
  });
});

it("keeps what a path that fails shows of itself", () => {
  const watch = answered(502, { headers: [["Server", "nginx/1.22.1"]] });
  const facts: Facts = { ...wellFacts, reconnects: [{ withId: false, watch }] };
  expect(observationsOf(facts)).toContainEqual(anAnswer(502, { headers: [["Server", "nginx/1.22.1"]] }));
});
