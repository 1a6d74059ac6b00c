/** Rules about how a stream ends, or does not. */
import type { EndingSeen } from "../detection/observation.ts";
import { borneMs, cutForSilence, flowEnd, idleEnd, idleFromMs, isAlike } from "./ends.ts";
import type { Facts } from "./facts.ts";
import { heartbeatS } from "./fix-blocks.ts";
import { speaksDirectly } from "./held-back.ts";
import { header, isOpenStream, outlives, read } from "./reading.ts";
import { type Case, type Claim, hopAmong, type Rule, said, those } from "./rule.ts";
import { habitOf, silentLikewise, wentDead } from "./stopped.ts";

/** Who on the path may cut a silent stream. */
const cutters = [
  "nginx",
  "apache",
  "varnish",
  "haproxy",
  "caddy",
  "squid",
  "pingora",
  "holdfast-gateway",
  "envoy",
  "traefik",
  "aws-alb",
];
/** Of these, a timeout makes a well-formed end: Caddy's up to 2.6. All others that were measured break off, so that who ends well means it. */
const politeCutters = ["caddy"];

/** A number of seconds alone names nobody: the origin's heartbeats help in any case. */
function cutterAmong({ hops }: Case, { how, framing }: EndingSeen): string {
  return hopAmong(hops, how === "clean" && framing !== "close" ? politeCutters : cutters)?.product ?? "origin";
}

/** On no connection that was watched. */
function heardNoComment({ plain, compressed, repeat, holds }: Facts): boolean {
  return [plain, compressed, repeat?.watch ?? null, ...holds].every((watch) => read(watch).comments === 0);
}

const idleCut: Rule = {
  code: "idle-cut",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const { plain, compressed, repeat, holds, listened, idle, direct } = facts;
    const measured = listened === null ? (idle?.cut ?? null) : cutForSilence(listened, facts);
    const ending = measured ?? cutForSilence(plain, facts) ?? cutForSilence(holds[0] ?? null, facts);
    if (ending === null || ending.idleMs < idleFromMs) return null;
    const others = [compressed, repeat?.watch ?? null, holds[1] ?? null, measured === null ? null : plain].map(idleEnd);
    const alike = others.filter((other) => other !== null && isAlike(ending, other)).length;
    const directCut = idleEnd(direct);
    // Directly it is cut after the same silence, or a shorter one: no more is needed on the way.
    const isOrigins = directCut !== null && (isAlike(ending, directCut) || directCut.idleMs < ending.idleMs);
    const bears = directCut === null && borneMs(direct) > 1.1 * ending.idleMs + 200;
    const product = isOrigins ? "origin" : cutterAmong(seen, ending);
    const evidence = those(
      said("cut-after", { ms: ending.idleMs }),
      said(`ended-${ending.how}`),
      alike > 0 && said("again", { times: alike + 1 }),
      directCut !== null && said("direct-ends", { ms: directCut.openMs }),
      bears && said("direct-stays", { ms: direct?.arrivals?.watchedMs ?? 0 }),
      heardNoComment(facts) && said("no-comments"),
    );
    const alone = isWellMeant(seen, ending) ? 0.75 : 0.88;
    return {
      confidence: isOrigins ? 0.93 : alike > 0 || bears ? 0.95 : alone,
      evidence,
      product,
      values: {
        seconds: Math.max(1, Math.round(ending.idleMs / 1000)),
        heartbeat: Math.max(1, Math.min(heartbeatS, Math.floor(ending.idleMs / 2000))),
      },
    };
  },
};

/** A well-formed end behind a silence that nobody who is seen makes of a timeout: likelier than elsewhere the origin was through. */
function isWellMeant(seen: Case, ending: EndingSeen): boolean {
  return ending.how === "clean" && ending.framing !== "close" && cutterAmong(seen, ending) === "origin";
}

/** Seen once, and only on a connection that was kept open: a limit is likelier than an accident in those few seconds. */
const onceKept = 0.5;

const cut: Rule = {
  code: "cut",
  severity: "broken",
  when: ({ facts }) => {
    const found = flowEnd(facts);
    if (found === null || found.ending.how === "clean") return null;
    const { ending, kept } = found;
    const directly = facts.direct?.ending ?? null;
    // A direct stream that stays open puts it on the path, one that ends likewise on the origin.
    const stays = outlives(facts.direct, ending.openMs);
    const evidence = those(
      said(`ended-${ending.how}`),
      said("open-for", { ms: ending.openMs }),
      directly !== null && said("direct-ends", { ms: directly.openMs }),
      stays && said("direct-stays", { ms: facts.direct?.arrivals?.watchedMs ?? 0 }),
    );
    return { confidence: kept ? onceKept : 0.9, evidence, product: stays ? null : "origin" };
  },
};

const ended: Rule = {
  code: "ended",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const found = flowEnd(facts);
    const product = "origin";
    if (found === null) {
      const quiet = cutForSilence(facts.plain, facts);
      if (quiet === null || !isWellMeant(seen, quiet)) return null;
      const evidence = [said("ended-clean"), said("open-for", { ms: quiet.openMs })];
      return { confidence: 0.45, evidence, product };
    }
    const { watch, ending, kept } = found;
    if (ending.how !== "clean") return null;
    const evidence = those(
      said("ended-clean"),
      said("open-for", { ms: ending.openMs }),
      said("events", { count: read(watch).events }),
    );
    if (kept) return { confidence: onceKept, evidence, product };
    return { confidence: facts.direct?.ending?.how === "clean" ? 0.92 : 0.72, evidence, product };
  },
};

/** An end that is sooner says little about time, ms. */
const limitFromMs = 2000;

const maxDuration: Rule = {
  code: "max-duration",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const found = flowEnd(facts);
    if (found === null || found.ending.openMs < limitFromMs || facts.direct?.ending != null) return null;
    const { ending, kept } = found;
    const [, again = null] = facts.holds;
    const second = kept ? again : (facts.compressed ?? facts.repeat?.watch ?? null);
    const secondMs = second?.ending?.openMs ?? second?.arrivals?.watchedMs ?? 0;
    const alike = Math.abs(secondMs - ending.openMs) < 0.1 * ending.openMs + 200 && second?.ending != null;
    const outlived = secondMs > 1.1 * ending.openMs + 200;
    if (outlived || (!kept && !alike)) return null;
    const seconds = Math.max(1, Math.round(ending.openMs / 1000));
    const evidence = those(said("open-for", { ms: ending.openMs }), alike && said("again", { times: 2 }));
    // Twice the same time is more than any single end says.
    // Few proxies have such a limit; most who end what flows are the origin's host.
    const product = hopAmong(hops, ["envoy", "traefik"])?.product ?? "origin";
    return { confidence: alike ? 0.92 : 0.7, evidence, product, values: { seconds } };
  },
};

const framing: Rule = {
  code: "framing",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    if (!isOpenStream(plain)) return null;
    const { framing: how, httpVersion } = plain.answer;
    const kept = /keep-alive/i.test(header(plain.answer, "connection"));
    const end = flowEnd(facts);
    const clean = end?.kept === false && end.ending.how === "clean";
    const broken = direct?.ending != null && direct.ending.how !== "clean";
    if (how === "close") {
      const evidence = those(
        said("framing-close", { version: httpVersion }),
        kept && said("false-keep-alive"),
        broken && clean && said("direct-truncated"),
      );
      // From an origin that speaks HTTP/1.0 itself it comes directly as well.
      const product = direct?.answer?.framing === "close" ? "origin" : null;
      return { confidence: clean ? 0.93 : 0.7, evidence, product };
    }
    if (!clean) return null;
    const caddy = hopAmong(hops, ["caddy"]);
    if (broken)
      return {
        confidence: 0.96,
        evidence: [said("ended-clean"), said("direct-truncated")],
        product: caddy === null ? null : "caddy",
      };
    // Caddy up to 2.6 names itself in Server on what it passes on, later ones in Via; the former end every stream well.
    if (caddy !== null && /^caddy/i.test(header(plain.answer, "server")) && direct === null) {
      return {
        confidence: 0.8,
        evidence: those(said("ended-clean"), said("server", { said: header(plain.answer, "server") })),
        product: "caddy",
      };
    }
    return null;
  },
};

const contentLength: Rule = {
  code: "content-length",
  severity: "broken",
  when: ({ facts }): Claim | null => {
    const { plain, direct } = facts;
    for (const watch of [plain, direct]) {
      const answer = watch?.answer ?? null;
      if (answer?.status === 200 && watch?.isStream && answer.framing === "length") {
        const flows = watch === plain && read(plain).bursts > 0;
        return {
          confidence: watch === plain ? 0.95 : 0.97,
          evidence: those(
            said("length", { value: header(answer, "content-length") }),
            watch === direct && said("seen-directly"),
          ),
          product: "origin",
          severity: flows ? "degraded" : "broken",
        };
      }
    }
    return null;
  },
};

const hang: Rule = {
  code: "hang",
  severity: "broken",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    const dead = [plain, facts.holds[0] ?? null].find((watch) => watch !== null && wentDead(watch)) ?? null;
    if (dead === null) return null;
    const seen = read(dead);
    const gap = seen.medianGapMs ?? 0;
    const ends = direct?.ending ?? null;
    const habit = habitOf(dead, facts);
    if (ends === null && (habit === "greeting" || silentLikewise(dead, direct))) return null;
    const flows = isOpenStream(direct) && read(direct).silentMs < 1000;
    const proxy = hopAmong(hops, ["http-proxy"]);
    const evidence = those(
      said("had-rhythm", { ms: gap }),
      said("silent-for", { ms: seen.silentMs }),
      said("still-open"),
      ends !== null && said("direct-ends", { ms: ends.openMs }),
      proxy !== null && said("product", { product: proxy.product, confidence: proxy.confidence }),
    );
    // A greeting that carries the time of its making looks like this too.
    const alone = habit === "alike" ? 0.5 : 0.75;
    return { confidence: ends !== null ? 0.95 : flows ? 0.85 : alone, evidence, product: proxy?.product ?? "origin" };
  },
};

/** Silences that defaults of common proxies do not survive, ms. */
const dangerousMs = 29_000;

const noHeartbeat: Rule = {
  code: "no-heartbeat",
  severity: "degraded",
  when: ({ facts }) => {
    const { idle } = facts;
    const seen = read(facts.plain);
    const silentMs = Math.max(idle?.silentMs ?? 0, seen.longestMs);
    // A greeting is no heartbeat: what counts is how long nothing came.
    if (!isOpenStream(facts.plain) || (idle?.cut ?? null) !== null || silentMs < dangerousMs) return null;
    if (speaksDirectly(facts)) return null;
    return {
      confidence: 0.7,
      evidence: those(said("silent-for", { ms: silentMs }), heardNoComment(facts) && said("no-comments")),
      product: "origin",
    };
  },
};

export const endingRules: readonly Rule[] = [
  idleCut,
  hang,
  contentLength,
  framing,
  cut,
  ended,
  maxDuration,
  noHeartbeat,
];
