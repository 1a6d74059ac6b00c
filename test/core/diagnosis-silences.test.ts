/** Rules about a stream that is silent, for ever or until it is cut: what each claims, and one step beside each threshold. */
import { describe, expect, it } from "vitest";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import { claims } from "./diagnosis-claims.ts";
import { aHop, answered, aWatch, beats, cutAfter, ending, flowing, silence, wellFacts } from "./diagnosis-facts.ts";

const flows = aWatch();
/** Nothing else was watched. */
const alone = { compressed: null, repeat: null, holds: [] };

describe("a silence that is cut", () => {
  const after = "ended-truncated";
  const directly = (direct: Watch) => ({ ...alone, plain: cutAfter(3000), direct });
  const origins = (openMs: number) => `0.93 origin cut-after=3000 ${after} direct-ends=${openMs} no-comments`;
  const rhythm = (gapMs: number): Watch =>
    aWatch({ arrivals: beats(3, gapMs, { comments: 0 }), ending: ending("truncated", 9000, 3000) });
  claims("idle-cut", [
    ["after 2.5 s", { ...alone, plain: cutAfter(2500) }, `0.88 origin cut-after=2500 ${after} no-comments`],
    ["not sooner", { ...alone, plain: cutAfter(2499) }, "none"],
    [
      "less surely by an end that is well-formed",
      { ...alone, plain: cutAfter(3000, "clean") },
      "0.75 origin cut-after=3000 ended-clean no-comments",
    ],
    [
      "as surely by one that every end looks like",
      { ...alone, plain: { ...cutAfter(3000), ending: { ...ending("clean", 3002, 3000), framing: "close" } } },
      "0.88 origin cut-after=3000 ended-clean no-comments",
    ],
    [
      "as surely by one of who ends well",
      { ...alone, plain: cutAfter(3000, "clean") },
      "0.88 caddy cut-after=3000 ended-clean no-comments",
      aHop("caddy"),
    ],
    [
      "by nobody who never ends well",
      { ...alone, plain: cutAfter(3000, "clean") },
      "0.75 origin cut-after=3000 ended-clean no-comments",
      aHop("haproxy"),
    ],
    ["of one that was held", { ...alone, holds: [cutAfter(3000)] }, `0.88 origin cut-after=3000 ${after}`],
    [
      "with comments before it",
      { ...alone, plain: cutAfter(3000, "truncated", 1) },
      `0.88 origin cut-after=3000 ${after}`,
    ],
    ["not where it is as silent now and then", { ...alone, plain: rhythm(2701) }, "none"],
    ["where it is less silent", { ...alone, plain: rhythm(2700) }, `0.88 origin cut-after=3000 ${after} no-comments`],
    ["by the origin, where it is cut directly too", directly(cutAfter(3000)), origins(3002), aHop("haproxy")],
    [
      "by the origin, where it is cut directly a little later",
      directly(cutAfter(3749)),
      origins(3751),
      aHop("haproxy"),
    ],
    [
      "by who is seen, where it is cut directly much later",
      directly(cutAfter(3750)),
      `0.88 haproxy cut-after=3000 ${after} direct-ends=3752 no-comments`,
      aHop("haproxy"),
    ],
    ["by the origin, where it is cut directly sooner", directly(cutAfter(2500)), origins(2502), aHop("haproxy")],
    [
      "by who is seen, where directly it ends for no silence",
      directly(cutAfter(2499)),
      `0.88 haproxy cut-after=3000 ${after} no-comments`,
      aHop("haproxy"),
    ],
    [
      "surely, where directly a longer silence is survived",
      directly(aWatch({ arrivals: silence(3501) })),
      `0.95 haproxy cut-after=3000 ${after} direct-stays=3501 no-comments`,
      aHop("haproxy"),
    ],
    [
      "less surely, where it is hardly longer",
      directly(aWatch({ arrivals: silence(3500) })),
      `0.88 haproxy cut-after=3000 ${after} no-comments`,
      aHop("haproxy"),
    ],
    ["not what was kept until then: directly it flows", { ...alone, plain: cutAfter(3000), direct: flows }, "none"],
    [
      "not of an error",
      {
        ...alone,
        plain: answered(404, {}, { ending: ending("clean", 9000, 9000) }),
      },
      "none",
    ],
    ["not where none was", alone, "none"],
    [
      "by whoever is seen",
      { ...alone, plain: cutAfter(3000) },
      `0.88 haproxy cut-after=3000 ${after} no-comments`,
      aHop("haproxy"),
    ],
    [
      "by nobody who does not",
      { ...alone, plain: cutAfter(3000) },
      `0.88 origin cut-after=3000 ${after} no-comments`,
      aHop("fly"),
    ],
  ]);

  const twice = (idleMs: number) => ({ ...alone, plain: cutAfter(4000), compressed: cutAfter(idleMs) });
  const measured = { silentMs: 4000, watchedMs: 4000, cut: ending("reset", 4002, 4000) };
  const again = `0.95 origin cut-after=4000 ${after} again=2 no-comments`;
  const once = `0.88 origin cut-after=4000 ${after} no-comments`;
  claims("idle-cut", [
    ["twice, a little later", twice(4899), again],
    ["not twice, later", twice(4900), once],
    ["twice, a little sooner", twice(3101), again],
    ["not twice, sooner", twice(3100), once],
    [
      "twice, when asked again",
      { ...alone, plain: cutAfter(4000), repeat: { watch: cutAfter(4000), seenBefore: 0 } },
      again,
    ],
    [
      "twice, when held again",
      { ...alone, holds: [cutAfter(4000), cutAfter(4000)] },
      `0.95 origin cut-after=4000 ${after} again=2`,
    ],
    ["thrice", { ...twice(4000), holds: [flows, cutAfter(4000)] }, `0.95 origin cut-after=4000 ${after} again=3`],
    ["as it was measured", { ...alone, plain: flows, idle: measured }, "0.88 origin cut-after=4000 ended-reset"],
    [
      "as it was measured and seen before",
      { ...alone, plain: cutAfter(4000), idle: measured },
      "0.95 origin cut-after=4000 ended-reset again=2 no-comments",
    ],
    ["not as it was measured sooner", { ...alone, idle: { ...measured, cut: ending("reset", 2501, 2499) } }, "none"],
    [
      "with comments when asked again",
      { ...alone, plain: cutAfter(4000), repeat: { watch: cutAfter(9000, "truncated", 1), seenBefore: 0 } },
      `0.88 origin cut-after=4000 ${after}`,
    ],
    [
      "with comments while one was held",
      { ...twice(9000), holds: [cutAfter(9, "clean", 1)] },
      `0.88 origin cut-after=4000 ${after}`,
    ],
  ]);

  it.each([
    [2500, 3, 1],
    [4000, 4, 2],
    [29_999, 30, 14],
    [30_000, 30, 15],
    [60_400, 60, 15],
  ])("of %s ms is said to be %s s, and met each %s s", (idleMs, seconds, heartbeat) => {
    const facts = { ...wellFacts, ...alone, plain: cutAfter(idleMs) };
    const [claim] = rules.filter(({ code }) => code === "idle-cut").map(({ when }) => when({ facts, hops: [] }));
    expect(claim?.values).toEqual({ seconds, heartbeat });
  });
});

describe("a stream gone dead", () => {
  const dead = (gapMs: number, count: number, silentMs: number) =>
    aWatch({ arrivals: { ...beats(count, gapMs), watchedMs: 2 + gapMs * (count - 1) + silentMs } });
  const uneven = (longest: number) => {
    const bursts = [0, 100, 200, 200 + longest].map((atMs) => ({ atMs, bytes: 60, events: 1, comments: 0, lagMs: 1 }));
    return aWatch({ arrivals: { what: "arrivals", firstByteMs: 0, watchedMs: 200 + longest + 5000, bursts } });
  };
  const ended = aWatch({ ...dead(100, 4, 3000), ending: ending("clean", 3302, 3000) });
  const said = (gapMs: number, silentMs: number) => `had-rhythm=${gapMs} silent-for=${silentMs} still-open`;
  const direct = (silentMs: number) => aWatch({ arrivals: { ...beats(5, 100), watchedMs: 402 + silentMs } });
  claims("hang", [
    ["for three seconds", { plain: dead(100, 4, 3000) }, `0.75 origin ${said(100, 3000)}`],
    ["not for less", { plain: dead(100, 4, 2999) }, "none"],
    ["for twelve times its rhythm", { plain: dead(300, 4, 3600) }, `0.75 origin ${said(300, 3600)}`],
    ["not for eleven times", { plain: dead(300, 4, 3599) }, "none"],
    ["not after a greeting", { plain: dead(100, 3, 3000) }, "none"],
    ["of 50 ms", { plain: dead(50, 4, 3000) }, `0.75 origin ${said(50, 3000)}`],
    ["not of a burst", { plain: dead(49, 4, 3000) }, "none"],
    ["of an uneven rhythm", { plain: uneven(360) }, `0.75 origin ${said(100, 5000)}`],
    ["not without one", { plain: uneven(361) }, "none"],
    ["not what has ended", { plain: ended }, "none"],
    ["not an error", { plain: { ...dead(100, 4, 3000), isStream: false } }, "none"],
    ["of one that was held", { holds: [dead(100, 4, 3000)] }, `0.75 origin ${said(100, 3000)}`],
    [
      "behind http-proxy",
      { plain: dead(100, 4, 3000) },
      `0.75 http-proxy ${said(100, 3000)} product=http-proxy=0.5`,
      aHop("http-proxy", 0.5),
    ],
    ["that flows directly", { plain: dead(100, 4, 3000), direct: direct(999) }, `0.85 origin ${said(100, 3000)}`],
    ["that is silent directly", { plain: dead(100, 4, 3000), direct: direct(1000) }, `0.75 origin ${said(100, 3000)}`],
    [
      "that is an error directly",
      { plain: dead(100, 4, 3000), direct: answered(404) },
      `0.75 origin ${said(100, 3000)}`,
    ],
    [
      "that ends directly",
      { plain: dead(100, 4, 3000), direct: flowing(510) },
      `0.95 origin ${said(100, 3000)} direct-ends=510`,
    ],
    ["not where nothing was measured", { plain: null }, "none"],
  ]);
});

describe("no heartbeat", () => {
  const idle = (silentMs: number) => ({ silentMs, watchedMs: 61_000, cut: null });
  const greeting = aWatch({ arrivals: beats(1, 100) });
  claims("no-heartbeat", [
    ["for 29 s", { ...alone, plain: greeting, idle: idle(29_000) }, "0.7 origin silent-for=29000 no-comments"],
    ["not for less", { ...alone, plain: greeting, idle: idle(28_999) }, "none"],
    [
      "in the stream itself",
      { ...alone, plain: aWatch({ arrivals: silence(29_000) }) },
      "0.7 origin silent-for=29000 no-comments",
    ],
    ["with a comment somewhere", { plain: greeting, idle: idle(30_000) }, "0.7 origin silent-for=30000"],
    [
      "not where it was cut",
      { ...alone, plain: greeting, idle: { ...idle(30_000), cut: ending("reset", 30_002, 30_000) } },
      "none",
    ],
    ["not where it speaks directly", { ...alone, plain: aWatch({ arrivals: silence(30_000) }), direct: flows }, "none"],
    ["not of an error", { ...alone, plain: answered(404), idle: idle(30_000) }, "none"],
  ]);
});
