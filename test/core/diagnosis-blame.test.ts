/** Whose an end is: the origin's only where it comes directly too, the proxy's where directly the stream outlives it; and one end is one finding. */
import { describe, expect, it } from "vitest";
import type { EndingSeen } from "../../main/core/detection/observation.ts";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import { directSays } from "../../main/core/diagnosis/ends.ts";
import type { Facts, Watch } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { shown } from "./diagnosis-claims.ts";
import { answered, aWatch, beats, cutAfter, ending, flowing, opened, silence, wellFacts } from "./diagnosis-facts.ts";

const diagnosed = (more: Partial<Facts>) => {
  const facts: Facts = {
    ...wellFacts,
    compressed: null,
    repeat: null,
    holds: [],
    ...more,
  };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), {
    running: null,
    over: true,
  });
};
/** The causes, and whose lines come first. */
const blamed = (more: Partial<Facts>) => diagnosed(more).findings.map(({ code, fix }) => `${code} ${fix.product}`);
/** It flows, and is watched for so long. */
const open = (watchedMs: number, everyMs = 100): Watch =>
  aWatch({
    arrivals: { ...beats(Math.floor(watchedMs / everyMs), everyMs), watchedMs },
  });

describe("what a direct connection says of an end after four seconds", () => {
  it.each<[string | null, string, Watch | null]>([
    ["stays", "open for somewhat longer", open(4601)],
    ["short", "open for hardly longer", open(4600)],
    ["ends", "ended as late", flowing(4600)],
    ["ends", "ended sooner", flowing(400)],
    ["stays", "ended later", flowing(4601)],
    [null, "not asked", null],
    [null, "no stream", answered(404)],
  ])("%s: %s", (says, _, direct) => {
    expect(directSays(direct, 4000)).toBe(says);
  });
});

describe("an end that comes only through the path", () => {
  it.each<[string, Watch]>([
    ["ended", flowing(1500, "clean")],
    ["cut", flowing(1500)],
  ])("is the proxy's, though nobody is seen: %s", (code, plain) => {
    expect(blamed({ plain, direct: open(1900) })).toEqual([`${code} proxy`]);
    expect(blamed({ plain, direct: flowing(1500, plain.ending?.how) })).toEqual([`${code} origin`]);
  });

  it("is the proxy's limit where it comes twice at the same time, or later directly", () => {
    const twice = { plain: flowing(4000), compressed: flowing(4000) };
    expect(blamed({ ...twice, direct: open(5000) })).toEqual(["max-duration proxy"]);
    expect(blamed({ ...twice, direct: flowing(9000) })).toEqual(["max-duration proxy"]);
  });

  it("is the proxy's cut of a silence that is longer directly, or that is none there", () => {
    const plain = cutAfter(3000);
    expect(blamed({ plain, direct: aWatch({ arrivals: silence(3600) }) })).toEqual(["idle-cut proxy"]);
    const other = { watch: aWatch({ arrivals: beats(6, 400) }), seenBefore: 0 };
    expect(blamed({ plain, repeat: other, direct: open(3600) })).toEqual(["idle-cut proxy"]);
  });

  it("is laid to nobody by a direct connection that was let go sooner, and that is said", () => {
    const facts = { plain: flowing(1500), direct: open(1700) };
    expect(diagnosed(facts).findings[0]?.evidence).toContainEqual({
      code: "direct-short",
      params: { ms: 1700 },
    });
    expect(
      blamed({
        ...facts,
        plain: {
          ...flowing(1500),
          answer: opened([["Via", "1.1 Caddy"]]).answer,
        },
      }),
    ).toEqual(["cut caddy"]);
  });

  it("leaves the comparison undecided for an end of a stream that was held", () => {
    const facts = {
      holds: [flowing(5000)],
      direct: open(2200),
      budgetMs: 12_000,
    };
    expect(shown("direct", facts)).toBe("undecided short=2200 needs 23000");
    expect(shown("direct", { ...facts, direct: open(5701) })).toBe("ok compared=5 took 5");
    expect(shown("direct", { ...facts, budgetMs: 23_000 })).toBe("undecided short=2200");
  });
});

describe("a length that only the path declares", () => {
  const long = (more: Partial<Watch> = {}) => opened([["Content-Length", "120"]], more, { framing: "length" });
  it("is the proxy's, and the origin's where it is there directly as well", () => {
    expect(blamed({ plain: long(), direct: open(2200) })).toEqual(["content-length proxy"]);
    expect(blamed({ plain: long(), direct: long() })).toEqual(["content-length origin"]);
    expect(blamed({ plain: long() })).toEqual(["content-length origin"]);
  });

  it("explains the end that it brings, and no other", () => {
    const ends = (how: EndingSeen["how"]) => long({ arrivals: beats(8, 200), ending: ending(how, 1750, 150) });
    const { verdict } = diagnosed({ plain: ends("clean") });
    expect([verdict, ...blamed({ plain: ends("clean") })]).toEqual(["broken", "content-length origin"]);
    expect(blamed({ plain: ends("truncated") })).toEqual(["content-length origin", "cut origin"]);
  });
});

describe("a body that is kept and then cut", () => {
  it.each([
    ["all of it", 0],
    ["what comes behind the first bytes", 2],
  ])("is buffering of the proxy, and no silence: %s", (_, passed) => {
    const arrivals = {
      ...beats(passed, 100, { comments: 0 }),
      watchedMs: 4000,
    };
    const plain = aWatch({
      arrivals,
      ending: ending("truncated", 4000, 4000 - 100 * passed),
    });
    expect(blamed({ plain, direct: open(4700, 250) })).toEqual(["buffering proxy"]);
    expect(
      blamed({
        plain: { ...plain, ending: ending("clean", 4000, 3900) },
        direct: open(4700, 250),
      }),
    ).toEqual(["buffering proxy"]);
  });
});

describe("one end", () => {
  it("is one finding: of a limit, once and twice", () => {
    const resume = { outcome: "no-ids" } as const;
    for (const how of ["clean", "truncated", "reset"] as const) {
      expect(blamed({ holds: [flowing(7000, how)] })).toEqual(["max-duration origin"]);
      expect(blamed({ plain: flowing(3000, how), compressed: flowing(3000, how) })).toEqual(["max-duration origin"]);
      expect(diagnosed({ holds: [flowing(7000, how)], resume }).verdict).toBe("broken");
      // Who resumes loses nothing by it.
      expect(diagnosed({ holds: [flowing(7000, how)] }).verdict).toBe("degraded");
    }
  });

  it("is one finding: of a false end", () => {
    const close = flowing(1500, "clean", "close");
    expect([diagnosed({ plain: close }).verdict, ...blamed({ plain: close })]).toEqual(["broken", "framing origin"]);
    const facts = { plain: flowing(1500, "clean"), direct: flowing(1500) };
    expect([diagnosed(facts).verdict, ...blamed(facts)]).toEqual(["broken", "framing proxy"]);
  });
});

describe("a pause", () => {
  const at = (times: readonly number[], watchedMs: number): Watch =>
    aWatch({
      arrivals: {
        ...beats(0, 1),
        watchedMs,
        bursts: times.map((atMs) => ({
          atMs,
          bytes: 60,
          events: 1,
          comments: 0,
          lagMs: 1,
        })),
      },
    });
  const dead = at([0, 80, 160, 240, 320], 3340);
  const paused = (gapMs: number) => at([0, 80, 160, 160 + gapMs], 400 + gapMs);
  it("that another connection bore, or nearly, is no hang", () => {
    expect(blamed({ holds: [dead] })).toEqual(["hang origin"]);
    expect(blamed({ holds: [dead], plain: paused(2417) })).toEqual([]);
    expect(blamed({ holds: [dead], plain: paused(2415) })).toEqual(["hang origin"]);
    expect(blamed({ holds: [dead, paused(2417)] })).toEqual([]);
    expect(blamed({ holds: [dead], direct: paused(2417) })).toEqual([]);
    // It may have begun within a pause.
    expect(
      blamed({
        holds: [dead],
        repeat: { watch: at([2417, 2500], 2600), seenBefore: 0 },
      }),
    ).toEqual([]);
  });
});
