/** Rules about a stream that is compressed, kept for others, or not resumed: what each claims, and one step beside it. */
import { describe } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { claims } from "./diagnosis-claims.ts";
import { aHop, answered, aWatch, beats, ending, mute, opened, silence } from "./diagnosis-facts.ts";

const flows = aWatch();
/** Compressed, and nothing of it but so many bytes came. */
const held = (bodyBytes: number, watchedMs: number, more: Partial<Watch> = {}) =>
  aWatch({ encoding: "gzip", bodyBytes, arrivals: silence(watchedMs), ...more });

describe("compression", () => {
  const by = (bytes: number, ms: number) => `compressed-as=gzip held-bytes=${bytes}=${ms}`;
  const slow = aWatch({ arrivals: beats(5, 1000) });
  const greetedAfter = (ms: number) => aWatch({ arrivals: { ...beats(1, 100, { atMs: ms }), watchedMs: 5000 } });
  const claim = (bytes = 15, ms = 1500) => `0.92 - identity-flows=22 ${by(bytes, ms)}`;
  const oneByte = { ...silence(1500), bursts: [{ atMs: 3, bytes: 15, events: 0, comments: 1, lagMs: null }] };
  claims("compression", [
    ["that holds it back", { compressed: held(15, 1500) }, claim()],
    ["of 64 bytes", { compressed: held(64, 1500) }, claim(64)],
    ["not of more", { compressed: held(65, 1500) }, "none"],
    ["for 800 ms", { compressed: held(15, 800) }, claim(15, 800)],
    ["not for less", { compressed: held(15, 799) }, "none"],
    [
      "where both others begin within 100 ms",
      { plain: greetedAfter(100), compressed: held(15, 800) },
      `0.92 - identity-flows=1 ${by(15, 800)}`,
    ],
    ["not where one begins later", { plain: greetedAfter(101), compressed: held(15, 4900) }, "none"],
    ["not where one was not asked again", { plain: greetedAfter(2), compressed: held(15, 4900), repeat: null }, "none"],
    [
      "for two and a half times its longest silence",
      { plain: slow, repeat: null, compressed: held(15, 2745) },
      `0.92 - identity-flows=5 ${by(15, 2745)}`,
    ],
    ["not for less than that", { plain: slow, repeat: null, compressed: held(15, 2744) }, "none"],
    ["not of what ended", { compressed: held(15, 1500, { ending: ending("clean", 1500, 1500) }) }, "none"],
    ["not of what came", { compressed: held(15, 1500, { arrivals: oneByte }) }, "none"],
    [
      "not of what came with a comment",
      { compressed: held(15, 1500, { arrivals: beats(1, 1400, { comments: 1 }) }) },
      "none",
    ],
    ["not of what is not compressed", { compressed: held(15, 1500, { encoding: "" }) }, "none"],
    ["not of what says that it is not", { compressed: held(15, 1500, { encoding: "identity" }) }, "none"],
    ["not of an error", { compressed: answered(404, {}, { encoding: "gzip", arrivals: silence(1500) }) }, "none"],
    [
      "not where nothing came uncompressed",
      { plain: aWatch({ arrivals: silence(3000) }), compressed: held(15, 3000) },
      "none",
    ],
    ["not without a measurement", { compressed: null }, "none"],
    [
      "by whoever compresses",
      { compressed: held(15, 1500) },
      `0.92 caddy identity-flows=22 ${by(15, 1500)} product=caddy=0.9`,
      aHop("caddy"),
    ],
    ["not by who does not", { compressed: held(15, 1500) }, claim(), aHop("squid")],
  ]);
  claims("compression", [
    [
      "although it was asked not to",
      { plain: held(15, 1500), direct: flows },
      `broken 0.93 - asked-identity ${by(15, 1500)}`,
    ],
    ["not where nobody knows what is due", { plain: held(15, 1500) }, "none"],
    [
      "that it was asked not to do, for 800 ms",
      { plain: held(15, 800), direct: flows },
      `broken 0.93 - asked-identity ${by(15, 800)}`,
    ],
    ["that it was asked not to do, not for less", { plain: held(15, 799), direct: flows }, "none"],
    [
      "that it was asked not to do, for two and a half times the longest silence directly",
      { plain: held(15, 2745), compressed: null, direct: slow },
      `broken 0.93 - asked-identity ${by(15, 2745)}`,
    ],
    ["that it was asked not to do, not sooner", { plain: held(15, 2744), compressed: null, direct: slow }, "none"],
    [
      "behind a Varnish that is mute",
      { plain: mute() },
      "broken 0.6 varnish no-header=8500 product=varnish=0.8",
      aHop("varnish", 0.8),
    ],
    [
      "behind a Varnish that is mute, and directly it comes",
      { plain: mute(), direct: flows },
      "broken 0.85 varnish no-header=8500 product=varnish=0.8",
      aHop("varnish", 0.8),
    ],
    ["not behind one that is hardly there", { plain: mute(), compressed: null }, "none", aHop("varnish", 0.79)],
  ]);
  const plain = opened([], {}, { headersMs: 100 });
  claims("compression", [
    [
      "that keeps even the headers, twice",
      { plain, compressed: mute(1301), compressedBefore: mute(1301) },
      "0.85 - identity-flows=22 no-header=1301 again=2",
    ],
    ["that kept them once: a hint", { plain, compressed: mute(1301) }, "0.45 - identity-flows=22 no-header=1301"],
    ["not where the second answer came", { plain, compressedBefore: mute(1301) }, "none"],
    [
      "not where a later answer is as slow",
      {
        plain,
        compressed: mute(1301),
        compressedBefore: mute(1301),
        repeat: { watch: mute(900), seenBefore: 0 },
      },
      "none",
    ],
    ["not for so long as they may take", { plain, compressed: mute(1300) }, "none"],
    [
      "that keeps the headers, where each of the others is greeted",
      {
        plain: aWatch({ arrivals: beats(1, 100) }),
        compressed: mute(),
        compressedBefore: mute(),
      },
      "0.85 - identity-flows=1 no-header=8500 again=2",
    ],
    [
      "not where one burst came uncompressed, and nobody knows of another",
      { plain: aWatch({ arrivals: beats(1, 100) }), compressed: mute(), repeat: null },
      "none",
    ],
  ]);
  const late = (lagMs: number | null, count = 3, encoding = "gzip") =>
    aWatch({ encoding, arrivals: beats(count, 500, { lagMs }), bodyBytes: 900 });
  /** All of it at once, so long after the headers. */
  const block = (atMs: number) =>
    aWatch({
      encoding: "gzip",
      arrivals: { ...beats(1, 500, { lagMs: 701, atMs }), watchedMs: 900 },
      bodyBytes: 900,
    });
  const plainLag = (lagMs: number) => aWatch({ arrivals: beats(22, 100, { lagMs }) });
  const lag = "0.85 - lag=701 compressed-as=gzip held-bytes=900";
  claims("compression", [
    ["that is late", { compressed: late(701) }, `${lag}=1600`],
    ["not less late", { compressed: late(700) }, "none"],
    ["that is late in one block", { compressed: block(596) }, `${lag}=900`],
    ["not of what was made before it was asked for", { compressed: block(595) }, "none"],
    ["not without stamps", { compressed: late(null) }, "none"],
    ["where uncompressed it is half as late", { plain: plainLag(350), compressed: late(701) }, `${lag}=1600`],
    ["not where uncompressed it is later", { plain: plainLag(351), compressed: late(701) }, "none"],
    ["not where it is none", { compressed: late(701, 3, "") }, "none"],
    ["not of an error", { compressed: { ...late(701), isStream: false } }, "none"],
  ]);
  const [first, ...rest] = late(5).arrivals?.bursts ?? [];
  const history = { ...beats(3, 500), bursts: first === undefined ? [] : [{ ...first, lagMs: 60_000 }, ...rest] };
  claims("compression", [
    ["not of old events that come first", { compressed: aWatch({ encoding: "gzip", arrivals: history }) }, "none"],
  ]);
});

describe("a cache", () => {
  const marked = (...headers: AnswerSeen["headers"]) => opened(headers);
  claims("cache", [
    ["that says the age", { plain: marked(["Age", "3"]) }, "0.9 - age=3"],
    ["not that says none", { plain: marked(["Age", "0"]) }, "none"],
    ["not that says nonsense", { plain: marked(["Age", "x"]) }, "none"],
    ...["X-Cache", "X-Cache-Status", "CF-Cache-Status", "Cache-Status"].map(
      (name) => [`that says it in ${name}`, { plain: marked([name, "Hit from edge"]) }, "0.9 - cache-hit=HIT"] as const,
    ),
    ["not that says otherwise", { plain: marked(["X-Cache", "MISS, hitherto"]) }, "none"],
    ["of Varnish's two numbers", { plain: marked(["X-Varnish", " 32771  32769"]) }, "0.9 - varnish-two"],
    [
      "of Varnish's two numbers, without space around them",
      { plain: marked(["X-Varnish", "32771 3"]) },
      "0.9 - varnish-two",
    ],
    ["not of one", { plain: marked(["X-Varnish", "32771"]) }, "none"],
    ["not of other words", { plain: marked(["X-Varnish", "x 32771 3"]) }, "none"],
    ["with two marks", { plain: marked(["Age", "3"], ["X-Cache", "HIT"]) }, "0.97 - age=3 cache-hit=HIT"],
    [
      "with events of before",
      { plain: marked(["Age", "3"]), repeat: { watch: flows, seenBefore: 4 } },
      "0.97 - age=3 replayed=4",
    ],
    ["not with those alone", { repeat: { watch: flows, seenBefore: 4 } }, "none"],
    ["seen when asked compressed", { compressed: marked(["Age", "3"]) }, "0.9 - age=3"],
    ["seen when asked again", { repeat: { watch: marked(["Age", "3"]), seenBefore: 0 } }, "0.9 - age=3"],
    ["not of an error", { plain: answered(404, { headers: [["Age", "3"]] }) }, "none"],
    ["of Squid's", { plain: marked(["Age", "3"]) }, "0.9 squid age=3 product=squid=0.9", aHop("squid")],
    [
      "of Varnish's rather",
      { plain: marked(["Age", "3"]) },
      "0.9 varnish age=3 product=varnish=0.7",
      aHop("squid"),
      aHop("varnish", 0.7),
    ],
    ["not of who has none", { plain: marked(["Age", "3"]) }, "0.9 - age=3", aHop("haproxy")],
  ]);
});

describe("a resume", () => {
  const refused = (refusal?: { status: number | null; failure: string | null }) => ({
    resume: { outcome: "refused" as const, ...(refusal === undefined ? {} : { refusal }) },
  });
  claims("resume-refused", [
    ["by a status", refused({ status: 410, failure: null }), "0.9 origin resume-answered=410 opens-without-id"],
    [
      "by a failure",
      refused({ status: null, failure: "reset" }),
      "0.9 origin resume-failed error-reset opens-without-id",
    ],
    ["somehow", refused(), "0.9 origin opens-without-id"],
    [
      "by the word that there is nothing to come for",
      refused({ status: 204, failure: null }),
      "degraded 0.6 origin resume-answered=204 opens-without-id",
    ],
    ["not where it is honoured", { resume: { outcome: "honoured" } }, "none"],
    ["not where it was not asked", { resume: null }, "none"],
  ]);
  const counts = (steps: number, missing: number) => aWatch({ ids: { steps, missing } });
  claims("lost-events", [
    [
      "where directly none is left out",
      { plain: counts(9, 2), direct: counts(4, 0) },
      "0.9 proxy ids-missing=2 direct-counts=5",
    ],
    ["as nothing, where one is", { plain: counts(9, 1), direct: counts(4, 0) }, "none"],
    [
      "of two connections",
      { plain: counts(9, 1), holds: [counts(9, 1)], direct: counts(4, 0) },
      "0.9 proxy ids-missing=2 direct-counts=5",
    ],
    ["not where directly hardly any was seen", { plain: counts(9, 2), direct: counts(3, 0) }, "none"],
    ["not where directly they are left out too", { plain: counts(9, 2), direct: counts(9, 1) }, "none"],
    ["not where nobody looked", { plain: counts(9, 2) }, "none"],
    [
      "by who is seen",
      { plain: counts(9, 2), direct: counts(4, 0) },
      "0.9 - ids-missing=2 direct-counts=5",
      aHop("nginx"),
    ],
  ]);
  claims("compression", [
    [
      "that is none, and is said to be one",
      { compressed: aWatch({ encoding: "gzip", unreadable: true }) },
      "broken 0.95 - compressed-as=gzip not-as-encoded",
    ],
    [
      "that is none only on the path",
      {
        compressed: aWatch({ encoding: "gzip", unreadable: true }),
        direct: aWatch(),
      },
      "broken 0.95 proxy compressed-as=gzip not-as-encoded",
    ],
    [
      "that is none directly either",
      {
        plain: aWatch({ encoding: "br", unreadable: true }),
        direct: aWatch({ encoding: "br", unreadable: true }),
      },
      "broken 0.95 origin compressed-as=br not-as-encoded",
    ],
  ]);
  claims("resume-ignored", [
    ["that makes no difference", { resume: { outcome: "ignored" } }, "0.6 origin resume-newer"],
    ["not where it is refused", refused(), "none"],
    ["not where it was not asked", { resume: null }, "none"],
  ]);
});
