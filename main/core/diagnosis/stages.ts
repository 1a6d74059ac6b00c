/**
 * What each stage of a diagnosis measured, as one state and one sentence: a table over the facts. A stage without facts is
 * pending while the diagnosis runs, and says afterwards that it was not reached: nothing here is ok unless it was seen.
 */
import type { Finding, StageName, StageView } from "../../../preload/contract.ts";
import { directSays, endedOf, outliveNeedsMs } from "./ends.ts";
import type { Facts, Watch } from "./facts.ts";
import { isImpatient, isLetGoDirectly, isMute, keptBehindHeaders } from "./held-back.ts";
import { connectionsOf, isOpenStream, openMsOf, type Reading, read } from "./reading.ts";
import { type Stray, straysOf } from "./strays.ts";

/** How far a diagnosis is. */
export type Progress = { readonly running: StageName | null; readonly over: boolean };

type Seen = {
  readonly state: Exclude<StageView["state"], "pending" | "running">;
  readonly code: string;
  readonly params?: Record<string, string | number>;
  readonly tookMs?: number;
  readonly needsMs?: number;
};

/** Heartbeats come each 15 to 30 s where there are any: so long must be listened to know, ms. */
export const heartbeatMs = 45_000;
/** Budget that leaves so long for listening, and the rest for all that follows, ms. */
const settleMs = 60_000;
/** Budget in which a silence before the headers means something, ms: the default one. */
const mutenessMs = 12_000;
/** Nothing that was measured cuts a stream that speaks so often, ms. */
const oftenMs = 15_000;
/** Who says that a stream is well has held one for so long at least; how long it was in truth is said beside it, ms. */
export const heldFromMs = 4000;
/** Budget in which as much is left for holding a stream with an event a second, ms. */
const holdNeedsMs = 15_000;
/** A header that is later than this is worth a look, ms. */
const slowMs = 2000;

const ok = (code: string, params: Seen["params"] = {}, tookMs?: number): Seen => ({
  state: "ok",
  code,
  params,
  ...(tookMs === undefined ? {} : { tookMs }),
});
const failed = (code: string, params: Seen["params"] = {}): Seen => ({ state: "failed", code, params });
const warning = (code: string, params: Seen["params"] = {}): Seen => ({ state: "warning", code, params });
const skipped = (code: string, params: Seen["params"] = {}): Seen => ({ state: "skipped", code, params });
/** @param needsMs a budget that would decide it; null: none would */
const undecided = (code: string, params: Seen["params"], needsMs: number | null): Seen => ({
  state: "undecided",
  code,
  params: params ?? {},
  ...(needsMs === null ? {} : { needsMs }),
});

/** It was to be held, and there was nothing to hold. */
function strayHeld({ how, watch }: Stray): Seen {
  if (how === "answered") return warning("answered", { status: watch.answer?.status ?? 0 });
  if (how === "silent") return warning("silent", { ms: watch.arrivals?.watchedMs ?? watch.waitedMs });
  return warning("closed");
}

/** Before the first watch ends little is asked, and before a held stream ends nearly everything. */
const [beforeFirstMs, beforeHeldMs] = [4000, holdNeedsMs - heldFromMs];

/** A budget in which the direct connection outlives the path's end; none does where that was listened for. */
function endNeedsMs({ plain, listened }: Facts, ended: Watch): number | null {
  if (ended === listened) return null;
  return outliveNeedsMs(openMsOf(ended), ended === plain ? beforeFirstMs : beforeHeldMs);
}

type Look = (facts: Facts, found: ReadonlySet<string>) => Seen | null;

const open = (facts: Facts): Watch | null => (isOpenStream(facts.plain) ? facts.plain : null);
/** What was watched for longest of what comes as Holdfast asks for it. */
function longest(facts: Facts): Watch | null {
  const plain = open(facts);
  const others = plain === null ? [] : [facts.holds[0] ?? null, facts.listened];
  return others.reduce((most, one) => (watchedMs(one) > watchedMs(most) ? one : most), plain);
}
const watchedMs = (watch: Watch | null) => watch?.arrivals?.watchedMs ?? 0;
/** A watch ends a little before its time, ms. */
const reactionMs = 1000;
const hasListened = (facts: Facts) => watchedMs(longest(facts)) >= heartbeatMs - reactionMs;
const any = (found: ReadonlySet<string>, ...codes: string[]) => codes.some((code) => found.has(code));

/** It has a rhythm, and did not fall silent beyond it. */
function isSteady({ bursts, silentMs, gapsMs }: Reading): boolean {
  return bursts >= 3 && silentMs < 3 * Math.max(...gapsMs, 200) + 500;
}

const looks: Readonly<Record<StageName, Look>> = {
  network: ({ network }) => (network === null ? null : network === "offline" ? failed("offline") : ok(network)),
  dns: ({ dns, route }) => {
    if (dns === null) return route.kind === "direct" ? null : skipped("by-proxy");
    if (dns.failure !== null) return failed(`error-${dns.failure}`);
    return dns.literal ? skipped("literal") : ok("resolved", { addresses: dns.addresses, ms: dns.tookMs }, dns.tookMs);
  },
  proxy: ({ proxy, passedBy, route }) => {
    if (passedBy.length > 0 && (proxy?.trouble ?? null) === null && (proxy !== null || route.kind === "direct"))
      return warning("passed-by", { count: passedBy.length });
    if (route.kind === "direct") return ok("none");
    if (proxy === null) return null;
    const { trouble, tookMs } = proxy;
    if (trouble === null) return ok(route.tunnel ? "tunnel" : "forward", { kind: route.kind, ms: tookMs }, tookMs);
    return failed(trouble.why, { status: trouble.status ?? 0, code: trouble.squidError ?? "none" });
  },
  tcp: ({ tcp, route }) => {
    if (tcp === null) return route.kind === "direct" ? null : skipped("by-proxy");
    return tcp.failure === null
      ? ok("connected", { ms: tcp.tookMs }, tcp.tookMs)
      : failed(`error-${tcp.failure}`, { ms: tcp.tookMs });
  },
  tls: ({ tls, encrypted }) => {
    if (!encrypted) return skipped("plain");
    if (tls === null) return null;
    if (tls.trouble !== null) return failed(tls.trouble, { issuer: tls.issuer ?? "–", days: tls.daysLeft ?? 0 });
    const params = { protocol: tls.protocol ?? "TLS", issuer: tls.issuer ?? "–", days: tls.daysLeft ?? 0 };
    return (tls.daysLeft ?? 99) < 7 ? warning("ends-soon", params) : ok("valid", params, tls.tookMs);
  },
  status: ({ plain, redirects, redirectStatus, dns, tcp, tls, proxy }) => {
    const hasNoWay = [dns?.failure, tcp?.failure, tls?.trouble, proxy?.trouble].some((trouble) => trouble != null);
    // A redirect came, and the way to where it leads failed.
    if (plain === null)
      return redirectStatus === null || !hasNoWay ? null : failed("other", { status: redirectStatus });
    const code = `error-${plain.failure?.kind ?? "unknown"}`;
    if (isImpatient(plain)) return undecided(code, { ms: plain.waitedMs }, mutenessMs);
    if (plain.answer === null) return failed(code, { ms: plain.waitedMs });
    const { status } = plain.answer;
    const count = redirects?.count ?? 0;
    if (status !== 200) return failed("other", { status });
    return count > 0 ? ok("redirected", { status, count }) : ok("answered", { status });
  },
  "content-type": ({ plain }) => {
    if (plain?.answer == null) return null;
    return plain.isStream
      ? ok("stream")
      : failed("other", { type: plain.contentType === "" ? "–" : plain.contentType });
  },
  framing: (facts, found) => {
    const answer = open(facts)?.answer ?? null;
    if (answer === null) return null;
    if (answer.framing === "chunked" || answer.framing === "h2")
      return found.has("framing") ? warning("false-end") : ok(answer.framing);
    return warning(answer.framing === "length" ? "length" : "close", { version: answer.httpVersion });
  },
  compression: (facts, found) => {
    const plain = open(facts);
    const unreadable = connectionsOf(facts).find((watch) => watch.unreadable === true);
    if (unreadable !== undefined) return warning("unreadable", { encoding: unreadable.encoding });
    if (found.has("compression"))
      return warning("held", { encoding: facts.compressed?.encoding || plain?.encoding || "–" });
    if (plain === null || facts.compressed === null) return null;
    if (!isOpenStream(facts.compressed)) return undecided("unclear", {}, null);
    if (facts.compressed.encoding === "") return ok("none");
    const flows = read(facts.compressed).events + read(facts.compressed).comments > 0;
    return flows
      ? ok("flows", { encoding: facts.compressed.encoding })
      : undecided("silent", { encoding: facts.compressed.encoding }, settleMs);
  },
  "headers-time": ({ plain }) => {
    if (plain === null) return null;
    if (isImpatient(plain)) return undecided("none", { ms: plain.waitedMs }, mutenessMs);
    if (plain.answer === null) return failed("none", { ms: plain.waitedMs });
    const ms = plain.answer.headersMs;
    return ms >= slowMs ? warning("late", { ms }) : ok("took", { ms }, ms);
  },
  "first-byte": (facts) => {
    const plain = open(facts)?.arrivals ?? null;
    const arrivals = plain?.firstByteMs == null ? (longest(facts)?.arrivals ?? null) : plain;
    if (arrivals === null) return null;
    if (arrivals.firstByteMs !== null) return ok("took", { ms: arrivals.firstByteMs }, arrivals.firstByteMs);
    const params = { ms: arrivals.watchedMs };
    return arrivals.watchedMs >= heartbeatMs - reactionMs
      ? warning("none", params)
      : undecided("none", params, settleMs);
  },
  buffering: (facts, found) => {
    if (found.has("buffering") && isMute(facts.plain)) return warning("mute");
    if (keptBehindHeaders(facts) > 0) {
      const { bursts, silentMs } = read(facts.plain);
      return bursts > 0 ? warning("rest", { ms: silentMs }) : warning("all", { ms: silentMs });
    }
    if (any(found, "buffering", "batching"))
      return warning("held", { events: read(facts.plain).burstEvents, bytes: read(facts.plain).burstBytes });
    const plain = open(facts);
    if (plain === null) return null;
    const seen = read(read(plain).bursts < 2 ? longest(facts) : plain);
    if (seen.bursts < 2) return undecided("unclear", { count: seen.bursts }, hasListened(facts) ? null : settleMs);
    return seen.laterLagMs === null
      ? ok("steady", { count: seen.bursts })
      : ok("even", { count: seen.bursts, ms: seen.laterLagMs });
  },
  heartbeat: (facts, found) => {
    const plain = open(facts);
    if (plain === null) return null;
    const seen = read(longest(facts));
    const ended = plain.ending !== null;
    if (any(found, "no-heartbeat", "idle-cut"))
      return warning("missing", { ms: Math.max(seen.longestMs, facts.idle?.silentMs ?? 0) });
    if (seen.comments > 0 && seen.bursts > 1) return ok("comments", { count: seen.comments });
    if (isSteady(seen)) return ok("events", { ms: seen.longestMs });
    if (ended) return null;
    const params = { ms: Math.max(seen.longestMs, facts.idle?.silentMs ?? 0) };
    return undecided("silent", params, hasListened(facts) ? null : settleMs);
  },
  hold: (facts, found) => {
    const plain = open(facts);
    if (plain === null) return null;
    const [held = null, again = null] = facts.holds;
    const stray = straysOf(facts).strays.find(({ watch }) => watch === held || watch === again);
    if (stray !== undefined) return strayHeld(stray);
    const ending = plain.ending ?? held?.ending ?? again?.ending ?? null;
    if (ending !== null) return warning("ended", { ms: ending.openMs });
    const ms = Math.max(watchedMs(plain), watchedMs(held));
    if (ms >= heldFromMs) return ok("held", { ms });
    if (held !== null) return undecided("short", { ms }, holdNeedsMs);
    return found.size > 0 ? skipped("not-needed") : null;
  },
  "idle-cut": (facts, found) => {
    const { idle } = facts;
    // An end that is not for a silence, no heartbeat prevents.
    if (idle?.cut != null)
      return found.has("idle-cut") || facts.listened === null
        ? warning("cut", { ms: idle.cut.idleMs })
        : warning("ended", { ms: idle.cut.openMs });
    const plain = open(facts);
    if (plain === null) return null;
    if (idle !== null)
      return idle.silentMs >= oftenMs
        ? ok("survived", { ms: idle.silentMs })
        : skipped("never-silent", { ms: idle.silentMs });
    const seen = read(longest(facts));
    // A stream that is never silent shows nothing of a cut: that is not asked, and not ruled out.
    const isNeverSilent = isSteady(seen) && plain.ending === null;
    return isNeverSilent ? skipped("never-silent", { ms: seen.longestMs }) : skipped("not-asked");
  },
  resume: ({ resume }) => {
    if (resume === null) return null;
    if (resume.outcome === "honoured") return ok("honoured");
    if (resume.outcome === "ignored") return warning("ignored");
    if (resume.outcome === "refused") return warning("refused");
    if (resume.outcome === "no-ids") return skipped("no-ids");
    return resume.settled === true ? skipped("unclear") : undecided("unclear", {}, settleMs);
  },
  http2: ({ http2, encrypted }) => {
    if (!encrypted) return skipped("plain");
    if (http2 === null) return null;
    if (!http2.offered) return skipped("not-offered");
    return http2.streams === true ? ok("streams", { ms: http2.headersMs ?? 0 }) : warning("no-stream");
  },
  websocket: ({ websocket }) => {
    if (websocket === null) return null;
    return websocket.status === 101 ? ok("upgrades") : skipped("not-offered", { status: websocket.status ?? 0 });
  },
  direct: (facts) => {
    const { direct } = facts;
    if (direct === null) return null;
    const code = `error-${direct.failure?.kind ?? "unknown"}`;
    if (isLetGoDirectly(facts)) return undecided(code, { ms: direct.waitedMs }, null);
    if (direct.answer === null) return failed(code);
    if (!isOpenStream(direct)) return failed("other", { status: direct.answer.status });
    // Who was let go before the path's end shows nothing of it.
    const ended = endedOf(facts);
    if (ended !== null && directSays(direct, openMsOf(ended)) === "short")
      return undecided("short", { ms: watchedMs(direct) }, endNeedsMs(facts, ended));
    return ok("compared", { ms: direct.answer.headersMs }, direct.answer.headersMs);
  },
};

/** All stages in their order, as far as the facts go. @param findings what the rules found in the same facts */
export function stagesOf(facts: Facts, findings: readonly Finding[], progress: Progress): StageView[] {
  const found = new Set(findings.map(({ code }) => code));
  return (Object.keys(looks) as StageName[]).map((stage) => {
    const seen = looks[stage](facts, found);
    if (seen === null)
      return {
        stage,
        state: unseen(stage, progress),
        tookMs: null,
        result: progress.over ? { code: notReached(stage), params: {} } : null,
        needsMs: null,
      };
    const { state, code, params = {}, tookMs = null, needsMs = null } = seen;
    // What so much time did not decide, the same time again will not.
    const needs = needsMs !== null && facts.budgetMs < needsMs ? needsMs : null;
    return { stage, state, tookMs, result: { code, params: { ...params } }, needsMs: needs };
  });
}

function unseen(stage: StageName, { running, over }: Progress): StageView["state"] {
  if (over) return "skipped";
  return running === stage ? "running" : "pending";
}

/** What is measured only when asked for was not asked for; everything else was not reached. */
function notReached(stage: StageName): string {
  return stage === "direct" || stage === "idle-cut" ? "not-asked" : "not-reached";
}
