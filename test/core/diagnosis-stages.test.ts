/** What each stage says of what was measured: one line a row, and one step beside each threshold. */
import { describe, expect, it } from "vitest";
import type { AnswerSeen, EndingSeen } from "../../main/core/detection/observation.ts";
import {
  type Facts,
  nothingMeasured,
  type ResumeFact,
  type TlsFact,
  type Watch,
} from "../../main/core/diagnosis/facts.ts";
import { stagesOf } from "../../main/core/diagnosis/stages.ts";
import { shown, shows } from "./diagnosis-claims.ts";
import { answered, aWatch, beats, ending, mute, opened, silence } from "./diagnosis-facts.ts";

const http = { kind: "http", tunnel: false } as const;
const socks = { kind: "socks5", tunnel: true } as const;
const failure = (kind: string) => ({ tookMs: 3, failure: kind });
const unheard = (kind: string): Watch => ({
  ...mute(),
  failure: { what: "failure", kind, forwarded: false, afterMs: 5 },
});
const quiet = (watchedMs: number, more: Partial<Watch> = {}) =>
  aWatch({ arrivals: silence(watchedMs), bodyBytes: 0, ...more });
const notReached = "skipped not-reached";

describe("the way", () => {
  shows("network", [
    ["up", { network: "online" }, "ok online"],
    ["this computer", {}, "ok loopback"],
    ["down", { network: "offline" }, "failed offline"],
    ["unknown", { network: null }, notReached],
  ]);
  const dns = (more: object) => ({ dns: { tookMs: 4, failure: null, addresses: 2, literal: false, ...more } });
  shows("dns", [
    ["found", dns({}), "ok resolved=2=4 took 4"],
    ["not needed", dns({ literal: true }), "skipped literal"],
    ["failed", dns({ failure: "dns" }), "failed error-dns"],
    ["left to the proxy", { dns: null, route: http }, "skipped by-proxy"],
    ["not asked", { dns: null }, notReached],
  ]);
  const proxy = (trouble: object | null) => ({ proxy: { tookMs: 6, answer: null, trouble } as Facts["proxy"] });
  shows("proxy", [
    ["none", {}, "ok none"],
    ["asked by whole addresses", { route: http, ...proxy(null) }, "ok forward=http=6 took 6"],
    ["asked for a tunnel", { route: socks, ...proxy(null) }, "ok tunnel=socks5=6 took 6"],
    [
      "that does not let through",
      { route: http, ...proxy({ why: "denied", status: 403, squidError: "ERR_X 0" }) },
      "failed denied=403=ERR_X 0",
    ],
    [
      "that is silent",
      { route: http, ...proxy({ why: "silent", status: null, squidError: null }) },
      "failed silent=0=none",
    ],
    ["not asked", { route: http }, notReached],
  ]);
  shows("tcp", [
    ["connected", {}, "ok connected=1 took 1"],
    ["refused", { tcp: failure("refused") }, "failed error-refused=3"],
    ["left to the proxy", { tcp: null, route: http }, "skipped by-proxy"],
    ["not tried", { tcp: null }, notReached],
  ]);
  const tls = (more: Partial<TlsFact>) => ({
    encrypted: true,
    tls: { tookMs: 5, protocol: "TLSv1.3", trouble: null, issuer: "R3", daysLeft: 7, ...more },
  });
  shows("tls", [
    ["none", {}, "skipped plain"],
    ["valid", tls({}), "ok valid=TLSv1.3=R3=7 took 5"],
    ["for six more days", tls({ daysLeft: 6 }), "warning ends-soon=TLSv1.3=R3=6"],
    ["of which little is known", tls({ daysLeft: null, issuer: null, protocol: null }), "ok valid=TLS=–=0 took 5"],
    ["that is not", tls({ trouble: "expired", daysLeft: -2 }), "failed expired=R3=-2"],
    ["that is not, by nobody", tls({ trouble: "handshake", issuer: null, daysLeft: null }), "failed handshake=–=0"],
    ["not tried", { encrypted: true }, notReached],
  ]);
  const http2 = (more: object | null) => ({
    encrypted: true,
    http2: more === null ? null : { offered: true, streams: true, headersMs: 9, ...more },
  });
  shows("http2", [
    ["none", {}, "skipped plain"],
    ["that streams", http2({}), "ok streams=9"],
    ["that streams, nobody knows how soon", http2({ headersMs: null }), "ok streams=0"],
    ["that does not", http2({ streams: false }), "warning no-stream"],
    ["that is not offered", http2({ offered: false }), "skipped not-offered"],
    ["not tried", http2(null), notReached],
  ]);
  shows("websocket", [
    ["offered", { websocket: { status: 101 } }, "ok upgrades"],
    ["not offered", { websocket: { status: 404 } }, "skipped not-offered=404"],
    ["not answered", { websocket: { status: null } }, "skipped not-offered=0"],
    ["not tried", { websocket: null }, notReached],
  ]);
  shows("direct", [
    ["that streams", { direct: aWatch() }, "ok compared=5 took 5"],
    ["that is an error", { direct: answered(404) }, "failed other=404"],
    ["that is no answer", { direct: unheard("refused") }, "failed error-refused"],
    ["that is nothing", { direct: { ...mute(), failure: null } }, "failed error-unknown"],
    ["not asked", {}, "skipped not-asked"],
  ]);
});

describe("the answer", () => {
  const led = (count: number) => ({ redirects: { count, login: false, refused: null, otherHost: false } });
  const nothing = { plain: null, redirectStatus: 302 };
  shows("status", [
    ["of a stream", {}, "ok answered=200"],
    ["behind redirects", led(2), "ok redirected=200=2"],
    ["without redirects known", { redirects: null }, "ok answered=200"],
    ["of an error", { plain: answered(404) }, "failed other=404"],
    ["none, in five seconds", { plain: mute(5000) }, "failed error-headers-timeout=5000"],
    ["none, and let go sooner", { plain: mute(4999) }, "undecided error-headers-timeout=4999 needs 12000"],
    ["none, for another reason", { plain: unheard("reset") }, "failed error-reset=8500"],
    ["none, for no reason", { plain: { ...mute(), failure: null } }, "failed error-unknown=8500"],
    ["not asked", { plain: null }, notReached],
    ["not asked behind a redirect", nothing, notReached],
    [
      "a redirect, and no name behind it",
      { ...nothing, dns: { ...failure("dns"), addresses: 0, literal: false } },
      "failed other=302",
    ],
    ["a redirect, and no port behind it", { ...nothing, tcp: failure("refused") }, "failed other=302"],
    ["no redirect, and no port", { plain: null, tcp: failure("refused") }, notReached],
  ]);
  shows("content-type", [
    ["of a stream", {}, "ok stream"],
    ["of a page", { plain: answered(200, {}, { contentType: "text/html" }) }, "failed other=text/html"],
    ["none", { plain: answered(404) }, "failed other=–"],
    ["not answered", { plain: mute() }, notReached],
    ["not asked", { plain: null }, notReached],
  ]);
  const framed = (framing: AnswerSeen["framing"]) => ({ plain: opened([], {}, { framing }) });
  shows("framing", [
    ["chunks", {}, "ok chunked"],
    ["of HTTP/2", framed("h2"), "ok h2"],
    ["chunks that lie", {}, "warning false-end", "framing"],
    ["a length", framed("length"), "warning length=1.1"],
    ["the end of the connection", framed("close"), "warning close=1.1"],
    ["of an error", { plain: answered(404) }, notReached],
  ]);
  const late = (headersMs: number) => ({ plain: opened([], {}, { headersMs }) });
  shows("headers-time", [
    ["soon", late(1999), "ok took=1999 took 1999"],
    ["late", late(2000), "warning late=2000"],
    ["of an error too", { plain: answered(404) }, "ok took=5 took 5"],
    ["none", { plain: mute() }, "failed none=8500"],
    ["none, and let go soon", { plain: mute(4999) }, "undecided none=4999 needs 12000"],
    ["not asked", { plain: null }, notReached],
  ]);
  const zipped = (more: Partial<Watch>) => ({ compressed: aWatch({ encoding: "gzip", ...more }) });
  const comment = { ...silence(900), bursts: [{ atMs: 1, bytes: 9, events: 0, comments: 1, lagMs: null }] };
  shows("compression", [
    ["none", {}, "ok none"],
    ["that flows", zipped({}), "ok flows=gzip"],
    ["that flows in comments", zipped({ arrivals: comment }), "ok flows=gzip"],
    ["that says nothing", zipped({ arrivals: silence(900) }), "undecided silent=gzip needs 60000"],
    ["that opens nothing", { compressed: mute() }, "undecided unclear"],
    ["that holds back", zipped({}), "warning held=gzip", "compression"],
    ["that was not asked for, and holds back", { plain: aWatch({ encoding: "br" }) }, "warning held=br", "compression"],
    ["that nobody names", { compressed: null }, "warning held=–", "compression"],
    ["not asked", { compressed: null }, notReached],
    ["of an error", { plain: answered(404), ...zipped({}) }, notReached],
  ]);
});

describe("what came of it", () => {
  shows("first-byte", [
    ["soon", {}, "ok took=2 took 2"],
    ["not before it was let go", { plain: quiet(8500) }, "undecided none=8500 needs 60000"],
    ["not for 44 s", { plain: quiet(44_000) }, "warning none=44000"],
    ["not for less", { plain: quiet(43_999) }, "undecided none=43999 needs 60000"],
    ["while one was held", { plain: quiet(3000), holds: [aWatch()] }, "undecided none=3000 needs 60000", "x"],
    [
      "while one was held for longer",
      { plain: quiet(900), holds: [aWatch({ arrivals: beats(22, 100) })] },
      "ok took=2 took 2",
    ],
    ["of an error", { plain: answered(404) }, notReached],
    [
      "before that of one held for longer",
      { holds: [aWatch({ arrivals: { ...beats(80, 100), firstByteMs: 9 } })] },
      "ok took=2 took 2",
    ],
    ["of which nothing was watched", { plain: aWatch({ arrivals: null }) }, notReached],
  ]);
  const silentDirect = { direct: aWatch({ arrivals: beats(3, 1000) }), compressed: null, repeat: null };
  shows("buffering", [
    ["none", {}, "ok even=22=1"],
    ["none, without stamps", { plain: aWatch({ arrivals: beats(5, 100, { lagMs: null }) }) }, "ok steady=5"],
    ["of everything", { plain: quiet(7500), ...silentDirect }, "warning all=7500"],
    ["of the headers too", { plain: mute() }, "warning mute", "buffering"],
    ["of a mute path by nobody", { plain: mute() }, notReached],
    [
      "in gulps",
      { plain: aWatch({ arrivals: beats(3, 100, { events: 4, bytes: 90 }) }) },
      "warning held=4=90",
      "buffering",
    ],
    [
      "in batches",
      { plain: aWatch({ arrivals: beats(3, 100, { events: 4, bytes: 90 }) }) },
      "warning held=4=90",
      "batching",
    ],
    ["of one burst", { plain: aWatch({ arrivals: beats(1, 100) }) }, "undecided unclear=1 needs 60000"],
    ["of two", { plain: aWatch({ arrivals: beats(2, 100) }) }, "ok even=2=1"],
    [
      "of one burst, and more while one was held",
      { plain: aWatch({ arrivals: beats(1, 100) }), holds: [aWatch()] },
      "ok even=22=1",
    ],
    [
      "of two, however many while one was held",
      { plain: aWatch({ arrivals: beats(2, 100) }), holds: [aWatch()] },
      "ok even=2=1",
    ],
    ["of nothing for 44 s", { plain: quiet(44_000) }, "undecided unclear=0"],
  ]);
  const steady = (count: number, silentMs: number) =>
    aWatch({ arrivals: { ...beats(count, 300, { comments: 0 }), watchedMs: 2 + 300 * (count - 1) + silentMs } });
  const idle = (silentMs: number, cut: EndingSeen | null = null) => ({ idle: { silentMs, watchedMs: silentMs, cut } });
  shows("heartbeat", [
    ["by comments", {}, "ok comments=2"],
    ["by events", { plain: steady(3, 1399) }, "ok events=1399"],
    ["not by a stream gone silent", { plain: steady(3, 1400) }, "undecided silent=1400 needs 60000"],
    ["not by two events", { plain: steady(2, 300) }, "undecided silent=300 needs 60000"],
    [
      "not by one comment alone",
      { plain: aWatch({ arrivals: beats(1, 100, { comments: 1 }) }) },
      "undecided silent=198 needs 60000",
    ],
    ["missing", { ...idle(60_000) }, "warning missing=60000", "no-heartbeat"],
    ["missing, as the stream shows", { plain: quiet(30_000) }, "warning missing=30000", "idle-cut"],
    ["silent as it was measured", { plain: quiet(900), ...idle(9000) }, "undecided silent=9000 needs 60000"],
    ["silent for long", { plain: quiet(44_000) }, "undecided silent=44000"],
    ["of what ended", { plain: quiet(900, { ending: ending("clean", 900, 900) }) }, notReached],
    ["of an error", { plain: answered(404) }, notReached],
  ]);
  const watched = (ms: number) => aWatch({ arrivals: { ...beats(9, 100), watchedMs: ms } });
  const end = (openMs: number) => aWatch({ ending: ending("clean", openMs, 9) });
  shows("hold", [
    ["for four seconds", { plain: watched(4000) }, "ok held=4000"],
    ["for less, and no more was tried", { plain: watched(3999) }, notReached],
    ["for less, and something is wrong", { plain: watched(3999) }, "skipped not-needed", "cut"],
    [
      "for less, although one was held",
      { plain: watched(900), holds: [watched(3999)] },
      "undecided short=3999 needs 15000",
    ],
    ["of the one that was held", { plain: watched(900), holds: [watched(4000)] }, "ok held=4000"],
    ["of the first, which ended", { plain: end(700), holds: [end(800)] }, "warning ended=700"],
    ["of the held one, which ended", { holds: [end(800), end(900)] }, "warning ended=800"],
    ["of the next, which ended", { holds: [watched(9000), end(900)] }, "warning ended=900"],
    ["of an error", { plain: answered(404) }, notReached],
  ]);
  shows("idle-cut", [
    ["measured", idle(30_000, ending("reset", 30_002, 30_000)), "warning cut=30000"],
    ["survived", idle(15_000), "ok survived=15000"],
    ["of what is not silent for so long", idle(14_999), "skipped never-silent=14999"],
    ["of what is never silent", {}, "skipped never-silent=198"],
    ["not asked, of what ended", { plain: aWatch({ ending: ending("clean", 2200, 9) }) }, "skipped not-asked"],
    ["not asked, of what is silent", { plain: quiet(900) }, "skipped not-asked"],
    ["not asked, of an error", { plain: answered(404), ...idle(15_000) }, "skipped not-asked"],
  ]);
  const resume = (outcome: ResumeFact["outcome"], settled?: boolean) => ({
    resume: { outcome, ...(settled === undefined ? {} : { settled }) },
  });
  shows("resume", [
    ["honoured", resume("honoured"), "ok honoured"],
    ["ignored", resume("ignored"), "warning ignored"],
    ["refused", resume("refused"), "warning refused"],
    ["without ids", resume("no-ids"), "skipped no-ids"],
    ["unclear for now", resume("unclear", false), "undecided unclear needs 60000"],
    ["unclear for good", resume("unclear", true), "skipped unclear"],
    ["not asked", { resume: null }, notReached],
  ]);
});

it("asks for more time only where that is more than it had", () => {
  const needs = (budgetMs: number) => shown("first-byte", { plain: quiet(8500), budgetMs });
  expect([needs(59_999), needs(60_000)]).toEqual(["undecided none=8500 needs 60000", "undecided none=8500"]);
});

it("is pending until it is its turn, and says nothing of what is to come", () => {
  const facts = { ...nothingMeasured, route: http, encrypted: true };
  const [network, dns, proxy] = stagesOf(facts, [], { running: "proxy", over: false });
  const unseen = { tookMs: null, needsMs: null };
  expect(network).toEqual({ stage: "network", state: "pending", result: null, ...unseen });
  expect(dns).toEqual({ stage: "dns", state: "skipped", result: { code: "by-proxy", params: {} }, ...unseen });
  expect(proxy).toEqual({ stage: "proxy", state: "running", result: null, ...unseen });
});
