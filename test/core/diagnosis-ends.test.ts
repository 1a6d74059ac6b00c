/** Why a stream ended: its silence, its origin, or a limit, and what a direct connection shows of that. Facts in, findings out. */
import { describe, expect, it } from "vitest";
import type { EndingSeen } from "../../main/core/detection/observation.ts";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { anAnswer, aWatch, beats, ending, opened, wellFacts } from "./diagnosis-facts.ts";

const diagnosed = (more: Partial<Facts>) => {
  const facts: Facts = { ...wellFacts, compressed: null, repeat: null, resume: null, holds: [], ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), { running: null, over: true });
};
const findingOf = (more: Partial<Facts>, code: string) => diagnosed(more).findings.find((one) => one.code === code);
const stageIn = (more: Partial<Facts>, name: string) => diagnosed(more).stages.find(({ stage }) => stage === name);

/** A greeting, silence, and the end. */
const silentUntil = (how: EndingSeen["how"], ms: number) =>
  aWatch({ arrivals: { ...beats(1, 100, { comments: 0 }), watchedMs: ms }, ending: ending(how, ms, ms - 2) });
const silentFor = (ms: number) => aWatch({ arrivals: { ...beats(1, 100, { comments: 0 }), watchedMs: ms } });
const nginxPage = "<html>\r\n<body>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
const nginx = { unrouted: anAnswer(404, { unrouted: true, headers: [["Server", "nginx/1.22.1"]], body: nginxPage }) };
const byNginx = (watch: ReturnType<typeof silentUntil>) => opened([["Server", "nginx/1.22.1"]], watch);

describe("a cut after a silence", () => {
  it.each(["clean", "truncated", "reset"] as const)("is the origin's where it comes directly as well: %s", (how) => {
    const facts = { plain: silentUntil(how, 3000), direct: silentUntil(how, 3010) };
    const { verdict, findings } = diagnosed(facts);
    expect([verdict, findings[0]?.code]).toEqual(["broken", "idle-cut"]);
    expect(findings[0]).toMatchObject({ confidence: 0.93, fix: { product: "origin" } });
    expect(findings[0]?.evidence.map(({ code }) => code)).toContain("direct-ends");
  });

  it("is the origin's even behind a proxy that could do it, and the proxy's where directly the silence is longer", () => {
    const plain = byNginx(silentUntil("truncated", 5000));
    const of = (direct: Facts["direct"]) => findingOf({ ...nginx, plain, direct }, "idle-cut");
    expect(of(silentUntil("truncated", 4990))?.fix.product).toBe("origin");
    expect(of(silentUntil("truncated", 3000))?.fix.product).toBe("origin");
    expect(of(silentUntil("truncated", 9000))?.fix.product).toBe("nginx");
    expect(of(silentFor(6000))).toMatchObject({ confidence: 0.95, fix: { product: "nginx" } });
    expect(of(silentFor(6000))?.evidence.map(({ code }) => code)).toContain("direct-stays");
  });

  it("names no proxy that never ends well where the end is well formed, and says that the origin may mean it", () => {
    const { findings } = diagnosed({ ...nginx, plain: byNginx(silentUntil("clean", 5000)) });
    expect(findings.map(({ code, fix }) => [code, fix.product])).toEqual([
      ["idle-cut", "origin"],
      ["ended", "origin"],
    ]);
    expect(findingOf({ ...nginx, plain: byNginx(silentUntil("truncated", 5000)) }, "idle-cut")?.fix.product).toBe(
      "nginx",
    );
  });

  it("is told as what was seen, and not as what is configured", () => {
    const { text } = findingOf({ ...nginx, plain: byNginx(silentUntil("truncated", 5000)) }, "idle-cut")?.fix ?? {};
    expect(text).toContain("# cut after 5 s");
    expect(text).not.toContain("now");
  });

  it("is none where another connection of the path bore a longer silence", () => {
    const facts = { plain: silentUntil("truncated", 3000), holds: [silentFor(8000)] };
    expect(diagnosed(facts).findings.map(({ code }) => code)).toEqual(["cut"]);
  });
});

describe("the direct comparison of an end", () => {
  it("is undecided where the direct connection was let go before the path's end, and blames nobody by that", () => {
    const facts = { plain: silentUntil("truncated", 5000), direct: silentFor(2000), budgetMs: 12_000 };
    expect(stageIn(facts, "direct")).toMatchObject({
      state: "undecided",
      result: { code: "short", params: { ms: 2000 } },
      needsMs: 16_000,
    });
    expect(findingOf(facts, "idle-cut")?.confidence).toBe(0.88);
    const flowing = { plain: aWatch({ arrivals: beats(40, 100), ending: ending("truncated", 4000, 50) }) };
    expect(findingOf({ ...flowing, direct: aWatch() }, "cut")?.fix.product).toBe("origin");
    const stays = findingOf({ ...flowing, direct: aWatch({ arrivals: beats(50, 100) }) }, "cut");
    expect(stays?.evidence.map(({ code }) => code)).toContain("direct-stays");
  });

  it("is made where the direct connection outlived it, or ended too", () => {
    const plain = silentUntil("truncated", 5000);
    for (const direct of [silentFor(6000), silentUntil("truncated", 3000)])
      expect(stageIn({ plain, direct }, "direct")).toMatchObject({ state: "ok", result: { code: "compared" } });
  });
});

describe("an end that was seen while it was listened to for the idle cut", () => {
  const listenedTo = (everyMs: number, openMs: number, how: EndingSeen["how"]): Partial<Facts> => {
    const { bursts } = beats(Math.ceil(openMs / everyMs), everyMs, { comments: 0 });
    const idleMs = openMs - (bursts.at(-1)?.atMs ?? 0);
    const cut = ending(how, openMs, idleMs);
    const listened = aWatch({
      arrivals: { ...beats(bursts.length, everyMs, { comments: 0 }), watchedMs: openMs },
      ending: cut,
    });
    return { plain: silentFor(2500), listened, idle: { silentMs: everyMs, watchedMs: openMs, cut } };
  };

  it.each([
    [5000, 28_000, "truncated"],
    [6000, 31_000, "clean"],
  ] as const)("is no idle cut where it bore longer silences: each %s ms", (everyMs, openMs, how) => {
    const facts = listenedTo(everyMs, openMs, how);
    const { verdict, findings } = diagnosed(facts);
    expect([verdict, ...findings.map((one) => one.code)]).toEqual(["broken", "max-duration"]);
    expect(findings[0]?.evidence).toContainEqual({
      code: `ended-${how}`,
      params: {},
    });
    expect(findings[0]?.evidence).toContainEqual({
      code: "open-for",
      params: { ms: openMs },
    });
    expect(stageIn(facts, "idle-cut")).toMatchObject({
      state: "warning",
      result: { code: "ended" },
    });
  });

  it("is an idle cut where the silence before it was the longest", () => {
    const cut = ending("truncated", 60_010, 60_005);
    const listened = aWatch({ arrivals: { ...beats(1, 100), watchedMs: 60_010 }, ending: cut });
    const facts = { plain: silentFor(8000), listened, idle: { silentMs: 60_005, watchedMs: 60_010, cut } };
    expect(diagnosed(facts).findings.map(({ code }) => code)).toEqual(["idle-cut"]);
    expect(stageIn(facts, "idle-cut")).toMatchObject({ state: "warning", result: { code: "cut" } });
  });
});
