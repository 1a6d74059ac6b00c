/** From claims to what the user is told: which findings in which order, for whom, the verdict, and what the path costs. */
import { describe, expect, it } from "vitest";
import { diagnosisOf, looksWell, observationsOf, verdictOf } from "../../main/core/diagnosis/diagnosis.ts";
import { type Facts, nothingMeasured } from "../../main/core/diagnosis/facts.ts";
import { findingsOf } from "../../main/core/diagnosis/rules.ts";
import { stagesOf } from "../../main/core/diagnosis/stages.ts";
import type { Finding, HopView, StageView } from "../../preload/contract.ts";
import { nginx, squid } from "./diagnosis-answers.ts";
import {
  aHop,
  anAnswer,
  answered,
  aWatch,
  beats,
  ending,
  mute,
  opened,
  silence,
  wellFacts,
} from "./diagnosis-facts.ts";

const over = { running: null, over: true };
const factsOf = (more: Partial<Facts>): Facts => ({ ...wellFacts, holds: [], ...more });
const found = (more: Partial<Facts>, ...hops: readonly HopView[]) => findingsOf({ facts: factsOf(more), hops });
const flows = aWatch();

describe("findings", () => {
  it("are the surest first, each once and five at most", () => {
    const plain = answered(502, { headersMs: 2000 });
    const confidences = found({ plain, unrouted: null }).map(({ confidence }) => confidence);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    const mutes = found({ plain: mute(), compressed: mute() });
    expect(mutes.map(({ code }) => code)).toEqual(["header-wait", "buffering", "slow-header"]);
    const many = { ...tls("expired"), dns: failed("dns"), tcp: failed("refused"), network: "offline" as const };
    const codes = found({ ...many, proxy: denied, plain: answered(407) }).map(({ code }) => code);
    expect(codes).toHaveLength(5);
    expect(new Set(codes).size).toBe(5);
  });

  it("are none that are not worth a line", () => {
    expect(found({ plain: mute(), direct: flows }).map(({ code }) => code)).not.toContain("slow-header");
    const json = answered(404, { headers: [["Content-Type", "application/json"]] });
    expect(found({ plain: json }).map(({ code, confidence }) => [code, confidence])).toContainEqual(["no-route", 0.25]);
  });

  it("put what is broken before what is worse than it could be, where both are as sure", () => {
    const plain = opened([], { arrivals: beats(1, 100) }, { headersMs: 2000 });
    const both = found({ plain, resume: { outcome: "refused" } }, aHop("http-proxy"));
    expect(both.slice(0, 2).map(({ code, confidence, severity }) => [code, confidence, severity])).toEqual([
      ["resume-refused", 0.9, "broken"],
      ["header-wait", 0.9, "degraded"],
    ]);
  });

  it("say a cause as its surest rule has it", () => {
    const plain = squid(403, "ERR_ACCESS_DENIED");
    const [first] = found({ plain, proxy: denied });
    expect(first).toMatchObject({ code: "proxy-denied", confidence: 0.95, evidence: [{ code: "connect-status" }] });
  });

  it("have the lines of this place, with another scheme than was tried", () => {
    const plain = { ...mute(), failure: { what: "failure", kind: "protocol", forwarded: false, afterMs: 1 } } as const;
    const place = { host: "h.example", port: "8443", path: "/v1" };
    const texts = (encrypted: boolean) =>
      found({ ...place, plain, encrypted }).flatMap(({ otherFixes }) =>
        otherFixes.map(({ text }) => text.split("   ")[0]),
      );
    expect(texts(false)).toEqual(["https://h.example:8443/v1"]);
    expect(texts(true)).toEqual(["http://h.example:8443/v1"]);
  });

  const dead = aWatch({ arrivals: beats(1, 100), ending: ending("truncated", 510, 90) });
  it.each<[string, Partial<Facts>, readonly HopView[], string]>([
    ["whoever answered", { plain: nginx(404) }, [aHop("caddy")], "nginx"],
    [
      "the surest that has lines for it",
      { plain: dead, direct: flows },
      [aHop("nginx", 0.5), aHop("caddy", 0.7), aHop("varnish")],
      "caddy",
    ],
    ["not a stranger", { plain: dead, direct: flows }, [aHop("unknown"), aHop("nginx", 0.5)], "nginx"],
    ["somebody on the path, where nobody is seen", { plain: dead, direct: flows }, [], "proxy"],
    [
      "whichever proxy, where none that is seen has lines",
      { plain: answered(403), direct: flows },
      [aHop("fly")],
      "proxy",
    ],
  ])("are for %s", (_what, facts, hops, product) => {
    expect(found(facts, ...hops)[0]?.fix.product).toBe(product);
  });
});

const failed = (kind: string) => ({ tookMs: 3, failure: kind, addresses: 0, literal: false });
const denied: Facts["proxy"] = { tookMs: 3, answer: null, trouble: { why: "denied", status: 403, squidError: null } };
function tls(trouble: "expired"): Partial<Facts> {
  return { encrypted: true, tls: { tookMs: 5, protocol: null, trouble, issuer: null, daysLeft: -1 } };
}

describe("the verdict", () => {
  const finding = (severity: Finding["severity"], confidence: number) =>
    ({ code: "x", severity, confidence }) as Finding;
  const well = stagesOf(wellFacts, [], over);
  const but = (stage: StageView["stage"], state: StageView["state"]) =>
    well.map((one) => (one.stage === stage ? { ...one, state } : one));
  it.each<[string, readonly Finding[], readonly StageView[], string]>([
    ["healthy, where all was seen well", [], well, "healthy"],
    ["healthy, with a warning beside what matters", [], but("tls", "warning"), "healthy"],
    ["undecided, with a warning where it matters", [], but("framing", "warning"), "undecided"],
    ["undecided, with an end that nobody explains", [], but("idle-cut", "warning"), "undecided"],
    ["healthy, without what does not matter", [], but("websocket", "skipped"), "healthy"],
    ["undecided, without what matters", [], but("hold", "skipped"), "undecided"],
    ["undecided, where anything is", [], but("resume", "undecided"), "undecided"],
    ["undecided, where nothing was seen", [], [], "undecided"],
    ["broken by what comes first, however unsure", [finding("broken", 0.3)], well, "broken"],
    ["broken by what comes second and is sure", [finding("degraded", 0.9), finding("broken", 0.5)], well, "broken"],
    ["not by a hint behind it", [finding("degraded", 0.9), finding("broken", 0.49)], well, "degraded"],
    ["broken by an answer that is no stream", [], but("status", "failed"), "broken"],
    ["broken by a type that is no stream's", [finding("degraded", 0.9)], but("content-type", "failed"), "broken"],
    ["not by another stage", [], but("websocket", "failed"), "healthy"],
  ])("is %s", (_what, findings, stages, verdict) => {
    expect(verdictOf(findings, stages)).toBe(verdict);
  });

  it("is given when it is over, and causes are named as soon as something answered", () => {
    const running = { running: "repeat", over: false } as unknown as typeof over;
    expect(diagnosisOf(factsOf({ plain: answered(404) }), [], running)).toMatchObject({
      verdict: null,
      findings: [{ code: "not-found" }, {}],
    });
    expect(diagnosisOf({ ...nothingMeasured, network: "offline" }, [], running)).toMatchObject({
      verdict: null,
      findings: [],
    });
    expect(diagnosisOf({ ...nothingMeasured, network: "offline" }, [], over)).toMatchObject({
      verdict: "broken",
      findings: [{ code: "offline" }],
    });
  });

  it("is worth a longer look only where nothing is broken so far", () => {
    expect(looksWell(wellFacts)).toBe(true);
    expect(looksWell(factsOf({ resume: { outcome: "ignored" } }))).toBe(true);
    expect(looksWell(factsOf({ plain: nginx(404) }))).toBe(false);
  });
});

describe("what the path costs", () => {
  it.each<[string, Partial<Facts>, object | null]>([
    [
      "is what it adds to the direct one",
      { headersMs: { path: [205, 210, 207], direct: [2.04, 4] } },
      { ms: 204, by: "direct" },
    ],
    ["is to a tenth", { headersMs: { path: [5.26], direct: [2] } }, { ms: 3.3, by: "direct" }],
    ["is never less than nothing", { headersMs: { path: [2], direct: [5] } }, { ms: 0, by: "direct" }],
    ["is the gateway's word else", { plain: aWatch({ serverTimingMs: 1.5 }) }, { ms: 1.5, by: "server-timing" }],
    ["is not known without either", {}, null],
    ["is not known where nothing was asked", { plain: null }, null],
  ])("%s", (_what, facts, latency) => {
    expect(diagnosisOf(factsOf(facts), [], over).proxyLatency).toEqual(latency);
  });
});

describe("a forward proxy in force", () => {
  const route = { kind: "http", tunnel: false } as const;
  const stranger = {
    product: "unknown",
    version: null,
    role: "forward",
    confidence: 0.99,
    evidence: [{ code: "in-force", params: {} }],
  };
  it.each<[string, Partial<Facts>, readonly HopView[], readonly object[]]>([
    ["is on the path, in front of all", { route }, [aHop("nginx")], [stranger, aHop("nginx")]],
    [
      "is there once, where it shows itself",
      { route },
      [aHop("squid", 0.9, "forward")],
      [aHop("squid", 0.9, "forward")],
    ],
    ["is nobody, where none is asked", {}, [aHop("nginx")], [aHop("nginx")]],
  ])("%s", (_what, facts, hops, path) => {
    expect(diagnosisOf(factsOf(facts), hops, over).hops).toEqual(path);
  });
});

it("who stands there is told by all that came over the path, and nothing of the direct one", () => {
  const answer = (headersMs: number) => anAnswer(200, { headersMs });
  const watch = (headersMs: number) => aWatch({ answer: answer(headersMs), arrivals: silence(headersMs) });
  const cut = ending("reset", 9, 9);
  const facts = factsOf({
    proxy: { tookMs: 1, trouble: null, answer: answer(1) },
    plain: { ...watch(2), ending: ending("clean", 2, 2) },
    compressed: { ...mute(3), arrivals: null },
    repeat: { watch: watch(4), seenBefore: 0 },
    holds: [watch(5), watch(6)],
    unrouted: answer(7),
    direct: watch(8),
    idle: { silentMs: 9, watchedMs: 9, cut },
  });
  const ms = observationsOf(facts).map((one) => {
    if (one.what === "answer") return one.headersMs;
    if (one.what === "arrivals") return one.watchedMs;
    return one.what === "ending" ? one.openMs : one.afterMs;
  });
  expect(ms).toEqual([1, 2, 2, 2, 3, 4, 4, 5, 5, 6, 6, 7, 9]);
  expect(observationsOf(nothingMeasured)).toEqual([]);
});
