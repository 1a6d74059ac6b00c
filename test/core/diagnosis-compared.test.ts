/** What a direct request says about the path, and what it cannot say: facts in, findings out. */
import { describe, expect, it } from "vitest";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { shows } from "./diagnosis-claims.ts";
import { answered, aWatch, beats, ending, flowing, mute, opened, wellFacts } from "./diagnosis-facts.ts";

const diagnosed = (more: Partial<Facts>) => {
  const facts = { ...wellFacts, ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), { running: null, over: true });
};
const findingOf = (more: Partial<Facts>, code: string) => diagnosed(more).findings.find((one) => one.code === code);

describe("the same error directly", () => {
  it.each([401, 403])("%s says nothing about the path where the credential was given for the path alone", (status) => {
    const facts = { plain: answered(status), direct: answered(status) };
    const code = status === 401 ? "unauthorized" : "forbidden";
    const [alike, alone] = [true, false].map((directDressed) => findingOf({ ...facts, directDressed }, code));
    expect([alike?.confidence, alike?.evidence.some((one) => one.code === "direct-same")]).toEqual([0.96, true]);
    expect(alone?.confidence).toBeLessThanOrEqual(0.7);
    expect(alone?.evidence.some((one) => one.code === "direct-same")).toBe(false);
  });

  it("counts whatever was sent along where no credential decides it", () => {
    const facts = { plain: answered(500), direct: answered(500), directDressed: false };
    expect(findingOf(facts, "origin-status")?.confidence).toBe(0.96);
  });
});

describe("the direct comparison", () => {
  const slowerThan = (ms: number) => ({ plain: opened([], {}, { headersMs: 6000 }), direct: mute(ms) });
  const ends = (watchedMs: number) => ({
    plain: flowing(2000),
    direct: aWatch({ arrivals: { ...beats(20, 100), watchedMs } }),
  });
  shows("direct", [
    ["that was let go early", { direct: mute(4999) }, "undecided error-headers-timeout=4999"],
    ["that stayed mute", { direct: mute(5000) }, "failed error-headers-timeout"],
    ["that was let go before the path answered", slowerThan(5999), "undecided error-headers-timeout=5999"],
    ["that was mute for as long as the path", slowerThan(6000), "failed error-headers-timeout"],
    ["that was let go before the path's end", ends(2400), "undecided short=2400 needs 9000"],
    ["that outlived it", ends(2401), "ok compared=5 took 5"],
  ]);
});

describe("a direct request without an answer", () => {
  const plain = answered(504, { headersMs: 2000 });
  const saysDown = (direct: Watch) => {
    const evidence = diagnosed({ plain, direct }).findings.flatMap((one) => one.evidence.map(({ code }) => code));
    return evidence.includes("direct-down");
  };

  it("says that nobody is there only where it was not let go early", () => {
    expect(saysDown(mute(4999))).toBe(false);
    expect(saysDown(mute(5000))).toBe(true);
    expect(diagnosed({ plain, direct: mute(2600) }).findings[0]?.code).toBe("upstream-timeout");
  });
});

/** Parts of a state so many ms apart, and silence behind them. */
const parts = (count: number, watchedMs: number, everyMs = 150) =>
  aWatch({ arrivals: { ...beats(count, everyMs, { lagMs: null, comments: 0 }), watchedMs } });
const restless = { resume: null, holds: [], compressed: parts(5, 1200) };

describe("a stream that falls silent", () => {
  const stopped = { ...restless, plain: parts(5, 8500) };
  const hangIn = (more: Partial<Facts>) => findingOf({ ...stopped, ...more }, "hang")?.confidence ?? null;

  it("has greeted, where each connection says the same and stops there", () => {
    expect(hangIn({ repeat: { watch: parts(5, 2200), seenBefore: 5 } })).toBeNull();
  });

  it("has greeted, where it does so on the connection that was held, and the others were let go before", () => {
    const held = { plain: parts(5, 1500), compressed: null, holds: [parts(5, 4000), parts(5, 2200)] };
    expect(hangIn({ ...held, repeat: { watch: parts(2, 500), seenBefore: 2 } })).toBeNull();
    expect(hangIn({ ...held, repeat: { watch: parts(2, 500), seenBefore: 0 } })).toBe(0.5);
    expect(hangIn({ ...held, plain: parts(4, 600), holds: [parts(5, 4000)] })).toBe(0.75);
  });

  it("hangs likelier than not, where new events stop at the same place, and surely not where one goes on", () => {
    expect(hangIn({ repeat: { watch: parts(5, 2200), seenBefore: 0 } })).toBe(0.5);
    expect(hangIn({ repeat: { watch: parts(9, 1500), seenBefore: 5 } })).toBe(0.75);
  });

  it("is nobody's fault on the way where it falls silent directly as well", () => {
    const repeat = { watch: parts(9, 1500), seenBefore: 0 };
    expect(hangIn({ repeat, direct: parts(5, 5000) })).toBeNull();
    expect(hangIn({ repeat, direct: aWatch() })).toBe(0.85);
    expect(hangIn({ repeat, direct: aWatch({ arrivals: beats(5, 150), ending: ending("reset", 700, 100) }) })).toBe(
      0.95,
    );
  });
});

describe("a stream of which only the beginning comes", () => {
  const plain = aWatch({ bodyBytes: 30, arrivals: { ...beats(1, 100), watchedMs: 7500 } });
  const flow = (count: number, everyMs: number) => aWatch({ arrivals: beats(count, everyMs, { lagMs: null }) });
  const first = {
    resume: null,
    holds: [],
    plain,
    compressed: parts(1, 1200),
    repeat: { watch: parts(1, 900), seenBefore: 0 },
  };

  it("is kept back where it flows directly", () => {
    const found = findingOf({ ...first, direct: flow(6, 500) }, "buffering");
    expect(found).toMatchObject({ confidence: 0.93, severity: "broken", fix: { product: "proxy" } });
    expect(found?.evidence.map(({ code }) => code)).toEqual(["nothing-after", "direct-events"]);
    const { stages } = diagnosed({ ...first, direct: flow(6, 500) });
    expect(stages.find(({ stage }) => stage === "buffering")).toMatchObject({
      state: "warning",
      result: { code: "rest" },
    });
  });

  it.each<[string, Partial<Facts>]>([
    ["directly too little came for a rhythm", { direct: flow(3, 400) }],
    ["it is silent for long directly as well", { direct: flow(4, 3000) }],
    ["it flows on another connection of the path", { direct: flow(6, 500), holds: [flow(10, 500)] }],
    ["nothing came directly", { direct: parts(1, 5000) }],
  ])("is not known to be kept back where %s", (_, more) => {
    expect(diagnosed({ ...first, ...more }).findings).toEqual([]);
  });
});
