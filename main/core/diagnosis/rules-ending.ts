/** Rules about how a stream ends, or does not, and what is lost by that. */
import type { EndingSeen } from "../detection/observation.ts";
import type { Facts, Watch } from "./facts.ts";
import { header, isOpenStream, read } from "./reading.ts";
import { type Claim, hopAmong, type Rule, said, those } from "./rule.ts";

/** A silence that is shorter explains nothing, ms. */
const idleFromMs = 2500;

/** What usually cuts after so many seconds, by the defaults that were measured. */
function likelyCutter(seconds: number, seen: Parameters<Rule["when"]>[0]): string | null {
  const hop = hopAmong(seen.hops, [
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
  ]);
  if (hop !== null) return hop.product;
  return Math.abs(seconds - 30) < 1.5 ? "haproxy" : Math.abs(seconds - 60) < 1.5 ? "nginx" : null;
}

/** The end of a watch that came after a silence which the stream's own rhythm does not know. */
function idleEnd(watch: Watch | null): EndingSeen | null {
  const ending = watch?.ending ?? null;
  if (ending === null || !isOpenStream(watch) || ending.idleMs < idleFromMs) return null;
  const seen = read(watch);
  // A stream that is as silent as this now and then was not cut for it.
  return seen.gapsMs.some((gap) => gap > ending.idleMs * 0.9) ? null : ending;
}

const idleCut: Rule = {
  code: "idle-cut",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const measured = facts.idle?.cut ?? null;
    const ending = measured ?? idleEnd(facts.plain);
    if (ending === null || ending.idleMs < idleFromMs) return null;
    const again = [
      idleEnd(facts.compressed),
      idleEnd(facts.repeat?.watch ?? null),
      measured === null ? null : idleEnd(facts.plain),
    ].filter((other) => other !== null);
    const alike = again.some(({ idleMs }) => Math.abs(idleMs - ending.idleMs) < 0.15 * ending.idleMs + 300);
    const directCut = idleEnd(facts.direct);
    if (directCut !== null) return null;
    const seconds = Math.max(1, Math.round(ending.idleMs / 1000));
    const evidence = those(
      said("cut-after", { ms: ending.idleMs }),
      said(`ended-${ending.how}`),
      alike && said("again", { times: again.length + 1 }),
      read(facts.plain).comments === 0 && said("no-comments"),
    );
    return { confidence: alike ? 0.95 : 0.88, evidence, product: likelyCutter(seconds, seen), values: { seconds } };
  },
};

/** Ends by itself while bytes flow. */
function earlyEnd({ plain }: Facts): EndingSeen | null {
  const ending = plain?.ending ?? null;
  return ending === null || !isOpenStream(plain) || idleEnd(plain) !== null ? null : ending;
}

const cut: Rule = {
  code: "cut",
  severity: "broken",
  when: ({ facts }) => {
    const ending = earlyEnd(facts);
    if (ending === null || ending.how === "clean") return null;
    const directly = facts.direct?.ending ?? null;
    const evidence = those(
      said(`ended-${ending.how}`),
      said("open-for", { ms: ending.openMs }),
      directly !== null && said("direct-ends", { ms: directly.openMs }),
    );
    // A direct stream that stays open puts it on the path, one that ends likewise on the origin.
    const stays = facts.direct !== null && isOpenStream(facts.direct) && directly === null;
    return { confidence: 0.9, evidence, product: stays ? null : "origin" };
  },
};

const ended: Rule = {
  code: "ended",
  severity: "broken",
  when: ({ facts }) => {
    const ending = earlyEnd(facts);
    if (ending === null || ending.how !== "clean") return null;
    const evidence = those(
      said("ended-clean"),
      said("open-for", { ms: ending.openMs }),
      said("events", { count: read(facts.plain).events }),
    );
    return { confidence: facts.direct?.ending?.how === "clean" ? 0.92 : 0.72, evidence, product: "origin" };
  },
};

const maxDuration: Rule = {
  code: "max-duration",
  severity: "degraded",
  when: ({ facts }) => {
    const ending = earlyEnd(facts);
    const second = facts.compressed?.ending ?? facts.repeat?.watch.ending ?? null;
    if (ending === null || second === null || ending.openMs < 2000) return null;
    const alike = Math.abs(second.openMs - ending.openMs) < 0.1 * ending.openMs + 200;
    if (!alike || facts.direct?.ending != null) return null;
    const seconds = Math.max(1, Math.round(ending.openMs / 1000));
    return {
      confidence: 0.8,
      evidence: [said("open-for", { ms: ending.openMs }), said("again", { times: 2 })],
      values: { seconds },
    };
  },
};

const framing: Rule = {
  code: "framing",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    if (!isOpenStream(plain) || plain?.answer == null) return null;
    const { framing: how, httpVersion } = plain.answer;
    const kept = /keep-alive/i.test(header(plain.answer, "connection"));
    const clean = earlyEnd(facts)?.how === "clean";
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
    if (!isOpenStream(plain) || plain === null || plain.ending !== null) return null;
    const seen = read(plain);
    const gap = seen.medianGapMs ?? 0;
    // It had a rhythm, and lost it: not a greeting of a few events before a quiet time.
    const regular =
      seen.gapsMs.length >= 3 && gap >= 50 && Math.max(...seen.gapsMs) <= 3 * Math.min(...seen.gapsMs) + 60;
    if (!regular || seen.silentMs < Math.max(3000, 12 * gap)) return null;
    const ends = direct?.ending ?? null;
    const flows = direct !== null && isOpenStream(direct) && ends === null && read(direct).silentMs < 1000;
    const proxy = hopAmong(hops, ["http-proxy"]);
    const evidence = those(
      said("had-rhythm", { ms: gap }),
      said("silent-for", { ms: seen.silentMs }),
      said("still-open"),
      ends !== null && said("direct-ends", { ms: ends.openMs }),
      proxy !== null && said("product", { product: proxy.product, confidence: proxy.confidence }),
    );
    return { confidence: ends !== null ? 0.95 : flows ? 0.85 : 0.75, evidence, product: "http-proxy" };
  },
};

const resumeIgnored: Rule = {
  code: "resume-ignored",
  severity: "degraded",
  when: ({ facts }) =>
    facts.resume?.outcome === "ignored"
      ? { confidence: 0.6, evidence: [said("resume-newer")], product: "origin" }
      : null,
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
    return {
      confidence: 0.7,
      evidence: [said("silent-for", { ms: silentMs }), said("no-comments")],
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
  resumeIgnored,
];
