/** Rules about a stream that comes late or in gulps: what each claims of its facts, and one step beside each threshold. */
import { describe, expect, it } from "vitest";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { claimed, claims } from "./diagnosis-claims.ts";
import { aHop, answered, aWatch, beats, ending, mute, opened, silence } from "./diagnosis-facts.ts";

const nginx = aHop("nginx", 0.7);
const cloudflare = aHop("cloudflare", 0.6);
const prompt = aHop("caddy");
const httpProxy = aHop("http-proxy", 0.5);
/** A hint, on whom nothing is blamed. */
const hint = aHop("http-proxy", 0.49);
const flows = aWatch();
const silentDirectly = aWatch({ arrivals: silence(2500), bodyBytes: 0 });
/** With its headers after so long, and its only burst right behind them. */
const lateBy = (
  headersMs: number,
  first: Partial<{ atMs: number; bytes: number; events: number; lagMs: number | null }>,
) => opened([], { arrivals: beats(1, 100, first) }, { headersMs });
const gulps = (
  count: number,
  everyMs: number,
  events: number,
  bytes: number,
  lagMs: number | null,
  headersMs = 5,
): Watch => opened([], { arrivals: beats(count, everyMs, { events, bytes, lagMs }) }, { headersMs });

describe("buffering, of a path that is mute", () => {
  claims("buffering", [
    ["by nobody who is seen", { plain: mute() }, "0.4 - no-header=8500"],
    ["by whoever the direct path shows", { plain: mute(), direct: flows }, "0.6 - no-header=8500 header-direct=5"],
    ["by nginx", { plain: mute() }, "0.8 nginx no-header=8500 product=nginx=0.7", nginx],
    ["by its kin", { plain: mute() }, "0.8 openresty no-header=8500 product=openresty=0.9", aHop("openresty")],
    [
      "by nginx, as the direct path shows",
      { plain: mute(), direct: flows },
      "0.93 nginx no-header=8500 header-direct=5 product=nginx=0.7",
      nginx,
    ],
    ["by a likely hop", { plain: mute() }, "0.65 cloudflare no-header=8500 product=cloudflare=0.6", cloudflare],
    [
      "by a likely hop, as the direct path shows",
      { plain: mute(), direct: flows },
      "0.85 cloudflare no-header=8500 header-direct=5 product=cloudflare=0.6",
      cloudflare,
    ],
    ["not by a hop that is only a hint", { plain: mute() }, "0.4 - no-header=8500", aHop("cloudflare", 0.59)],
    ["not by one that is known to be prompt", { plain: mute() }, "0.4 - no-header=8500", prompt],
    ["not by a forward proxy", { plain: mute() }, "0.4 - no-header=8500", aHop("zscaler", 0.9, "forward")],
    ["only where it was waited for five seconds", { plain: mute(4999) }, "none"],
    ["from five seconds on", { plain: mute(5000) }, "0.4 - no-header=5000"],
    ["not without a measurement", { plain: null }, "none"],
    ["not of an error", { plain: answered(404) }, "none"],
  ]);
});

describe("buffering, behind headers that came at once", () => {
  const kept = aWatch({ arrivals: silence(7500), bodyBytes: 0 });
  const quiet = { compressed: kept, repeat: null };
  const direct = aWatch({ arrivals: beats(3, 1000) });
  claims("buffering", [
    ["by whichever proxy it is", { ...quiet, plain: kept, direct }, "0.93 proxy nothing-behind=7500 direct-events=3"],
    [
      "by a likely hop",
      { ...quiet, plain: kept, direct },
      "0.93 cloudflare nothing-behind=7500 direct-events=3 product=cloudflare=0.6",
      cloudflare,
    ],
    [
      "not by nginx, which keeps the headers too",
      { ...quiet, plain: kept, direct },
      "0.93 proxy nothing-behind=7500 direct-events=3",
      nginx,
    ],
    ["not without the direct path", { ...quiet, plain: kept }, "none"],
  ]);
});

describe("buffering, with headers that came late", () => {
  claims("buffering", [
    ["and old events", { plain: lateBy(2000, { lagMs: 701 }) }, "0.9 - header-late=2000 first-burst=60=1 lag=701"],
    ["not with younger ones", { plain: lateBy(2000, { lagMs: 700 }) }, "none"],
    ["not with headers that were sooner", { plain: lateBy(1999, { lagMs: 701 }) }, "none"],
    [
      "and a page of them",
      { plain: lateBy(2000, { lagMs: null, bytes: 3000, atMs: 299 }) },
      "0.75 - header-late=2000 first-burst=3000=1",
    ],
    ["not with less", { plain: lateBy(2000, { lagMs: null, bytes: 2999, atMs: 2 }) }, "none"],
    ["not where it came some time behind", { plain: lateBy(2000, { lagMs: null, bytes: 3000, atMs: 300 }) }, "none"],
    [
      "and old events through nginx",
      { plain: lateBy(2000, { lagMs: 701 }) },
      "0.96 nginx header-late=2000 first-burst=60=1 lag=701 product=nginx=0.7",
      nginx,
    ],
    [
      "and a page, sooner directly",
      { plain: lateBy(2000, { lagMs: null, bytes: 3000 }), direct: flows },
      "0.93 - header-late=2000 first-burst=3000=1 header-direct=5",
    ],
    [
      "not where nothing came behind them",
      { plain: opened([], { arrivals: silence(900) }, { headersMs: 3000 }) },
      "none",
    ],
  ]);
});

describe("buffering, in gulps", () => {
  const direct = (everyMs: number) => aWatch({ arrivals: beats(6, everyMs, { lagMs: null }) });
  // Its first burst is none that is repeated to whoever connects.
  const aged = (lagMs: number) => opened([], { arrivals: beats(22, 100, { lagMs }) }, { headersMs: 600 });
  claims("buffering", [
    [
      "of old events that are fresh directly",
      { plain: gulps(2, 900, 2, 120, 701), direct: aged(349) },
      "0.93 - bursts=120=2=900 lag=701 direct-fresh=349",
    ],
    ["not where they are no fresher", { plain: gulps(2, 900, 2, 120, 701), direct: aged(350) }, "none"],
    ["not of younger ones", { plain: gulps(2, 900, 2, 120, 700), direct: aged(1) }, "none"],
    ["not in one alone", { plain: gulps(1, 900, 2, 120, 701), direct: aged(1) }, "none"],
    ["not of one event each", { plain: gulps(2, 900, 1, 120, 701), direct: aged(1) }, "none"],
    ["not of old events that nobody knows otherwise", { plain: gulps(2, 900, 2, 120, 701) }, "none"],
    ["of old pages", { plain: gulps(2, 900, 2, 3000, 701) }, "0.93 - bursts=3000=2=900 lag=701"],
    ["less surely of younger ones", { plain: gulps(2, 900, 2, 3000, 700) }, "0.75 - bursts=3000=2=900 lag=700"],
    [
      "of pages that are less old directly",
      { plain: gulps(2, 900, 2, 3000, 701), direct: aged(420) },
      "0.93 - bursts=3000=2=900 lag=701",
    ],
    ["not of pages that are as old directly", { plain: gulps(2, 900, 2, 3000, 701), direct: aged(421) }, "none"],
    ["of pages", { plain: gulps(3, 251, 9, 3000, 201) }, "0.75 - bursts=3000=9=251 lag=201"],
    [
      "of pages, by nginx",
      { plain: gulps(3, 251, 9, 3000, 201) },
      "0.88 nginx bursts=3000=9=251 lag=201 product=nginx=0.7",
      nginx,
    ],
    ["not of less than pages", { plain: gulps(3, 251, 9, 2999, 201) }, "none"],
    ["not of pages sooner", { plain: gulps(3, 250, 9, 3000, 201) }, "none"],
    ["not of fresh pages", { plain: gulps(3, 251, 9, 3000, 200) }, "none"],
    [
      "of what comes evenly directly",
      { plain: gulps(4, 2000, 8, 480, null), direct: direct(250) },
      "degraded 0.85 proxy bursts=480=8=2000 direct-even",
    ],
    [
      "of pages of it",
      { plain: gulps(4, 2000, 8, 3000, null), direct: direct(250) },
      "0.85 nginx bursts=3000=8=2000 direct-even product=nginx=0.7",
      nginx,
    ],
    ["not of what batching is for", { plain: gulps(4, 320, 2, 120, null), direct: direct(160) }, "none"],
    [
      "of slower ones",
      { plain: gulps(4, 321, 2, 120, null), direct: direct(160) },
      "degraded 0.85 proxy bursts=120=2=321 direct-even",
    ],
  ]);
});

describe("a header that waits for a byte", () => {
  claims("header-wait", [
    ["and none came", { plain: mute() }, "broken 0.5 - no-header=8500"],
    ["behind somebody who keeps headers", { plain: mute() }, "broken 0.3 - no-header=8500", nginx],
    ["behind http-proxy", { plain: mute() }, "broken 0.75 http-proxy no-header=8500 product=http-proxy=0.5", httpProxy],
    [
      "behind both",
      { plain: mute() },
      "broken 0.75 http-proxy no-header=8500 product=http-proxy=0.5",
      nginx,
      httpProxy,
    ],
    ["behind what may be http-proxy", { plain: mute() }, "broken 0.6 - no-header=8500", hint],
    ["and directly came", { plain: mute(), direct: flows }, "broken 0.55 proxy no-header=8500 header-direct=5"],
    [
      "and directly came alone",
      { plain: mute(), direct: silentDirectly },
      "broken 0.92 proxy no-header=8500 header-direct=5 direct-silent",
    ],
    [
      "with the byte, late, by what may be http-proxy",
      { plain: lateBy(2000, {}) },
      "0.6 - header-late=2000 header-with-byte",
      hint,
    ],
    ["with the byte, late", { plain: lateBy(2000, { atMs: 50 }) }, "0.5 - header-late=2000 header-with-byte"],
    ["not with a byte some time behind", { plain: lateBy(2000, { atMs: 51 }) }, "none"],
    ["not sooner", { plain: lateBy(1999, {}) }, "none"],
    ["of events 700 ms old", { plain: lateBy(2000, { lagMs: 700 }) }, "0.5 - header-late=2000 header-with-byte"],
    ["not of older ones", { plain: lateBy(2000, { lagMs: 701 }) }, "none"],
    [
      "without stamps",
      { plain: lateBy(2000, { lagMs: null, bytes: 2999 }) },
      "0.5 - header-late=2000 header-with-byte",
    ],
    ["not with a page of them", { plain: lateBy(2000, { lagMs: null, bytes: 3000 }) }, "none"],
    ["not with nothing behind it", { plain: opened([], { arrivals: silence(900) }, { headersMs: 2000 }) }, "none"],
    [
      "by http-proxy",
      { plain: lateBy(2000, {}) },
      "0.9 http-proxy header-late=2000 header-with-byte product=http-proxy=0.5",
      httpProxy,
    ],
    [
      "as the direct path shows",
      { plain: lateBy(2000, {}), direct: flows },
      "0.9 proxy header-late=2000 header-with-byte header-direct=5",
    ],
    [
      "as the direct path shows, behind somebody who keeps headers",
      { plain: lateBy(2000, {}), direct: flows },
      "0.9 - header-late=2000 header-with-byte header-direct=5",
      nginx,
    ],
    ["not without a measurement", { plain: null }, "none"],
    ["not of an error", { plain: answered(404, { headersMs: 2000 }) }, "none"],
  ]);
});

describe("an origin that takes its time for headers", () => {
  const slow = opened([], {}, { headersMs: 2000 });
  claims("slow-header", [
    ["and gave none", { plain: mute() }, "broken 0.35 origin no-header=8500"],
    [
      "and gave none soon directly",
      { plain: mute(), direct: slow },
      "broken 0.93 origin no-header=8500 header-direct=2000",
    ],
    [
      "and gave none directly",
      { plain: mute(), direct: mute() },
      "broken 0.93 origin no-header=8500 header-direct=8500",
    ],
    ["hardly, where it did so soon directly", { plain: mute(), direct: flows }, "broken 0.1 origin no-header=8500"],
    [
      "where directly it could not be asked",
      {
        plain: mute(),
        direct: { ...mute(), failure: { what: "failure", kind: "refused", forwarded: false, afterMs: 1 } },
      },
      "broken 0.35 origin no-header=8500",
    ],
    ["late", { plain: lateBy(2000, {}) }, "0.55 origin header-late=2000"],
    ["not sooner", { plain: lateBy(1999, {}) }, "none"],
    [
      "late directly as well",
      { plain: lateBy(2000, {}), direct: slow },
      "0.93 origin header-late=2000 header-direct=2000",
    ],
    ["not where it came soon directly", { plain: lateBy(2000, {}), direct: flows }, "none"],
    ["with events 700 ms old", { plain: lateBy(2000, { lagMs: 700 }) }, "0.55 origin header-late=2000"],
    ["not with older ones", { plain: lateBy(2000, { lagMs: 701 }) }, "none"],
    ["with less than a page", { plain: lateBy(2000, { lagMs: null, bytes: 2999 }) }, "0.55 origin header-late=2000"],
    ["not with a page", { plain: lateBy(2000, { lagMs: null, bytes: 3000 }) }, "none"],
    [
      "with nothing behind it",
      { plain: opened([], { arrivals: silence(9) }, { headersMs: 2000 }) },
      "0.55 origin header-late=2000",
    ],
    ["not of an error", { plain: answered(404, { headersMs: 2000 }) }, "none"],
    ["not without a measurement", { plain: null }, "none"],
  ]);
});

it("what was kept behind its headers may end in the end", () => {
  const plain = aWatch({
    arrivals: silence(7500),
    bodyBytes: 0,
    ending: ending("clean", 7500, 7500),
  });
  const direct = aWatch({ arrivals: beats(3, 1000) });
  const kept = "0.93 proxy nothing-behind=7500 direct-events=3";
  expect(claimed("buffering", { plain, direct, compressed: null, repeat: null })).toBe(kept);
});
