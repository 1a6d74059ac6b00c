/** Rules about how a stream ends, or does not. */
import type { EndingSeen } from "../detection/observation.ts";
import type { Facts, Watch } from "./facts.ts";
import { heartbeatS } from "./fix-blocks.ts";
import { speaksDirectly } from "./held-back.ts";
import { header, isOpenStream, read } from "./reading.ts";
import { type Claim, hopAmong, type Rule, said, those } from "./rule.ts";

/** A silence that is shorter explains nothing, ms. */
const idleFromMs = 2500;

/** Who on the path may cut a silent stream. A number of seconds alone names nobody: the origin's heartbeats help in any case. */
function cutterAmong(seen: Parameters<Rule["when"]>[0]): string {
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
  return hop?.product ?? "origin";
}

/** The end of a watch that came after a silence which the stream's own rhythm does not know. */
function idleEnd(watch: Watch | null): EndingSeen | null {
  const ending = watch?.ending ?? null;
  if (ending === null || !isOpenStream(watch) || ending.idleMs < idleFromMs) return null;
  const seen = read(watch);
  // A stream that is as silent as this now and then was not cut for it.
  return seen.gapsMs.some((gap) => gap > ending.idleMs * 0.9) ? null : ending;
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
    const measured = facts.idle?.cut ?? null;
    const ending = measured ?? idleEnd(facts.plain) ?? idleEnd(facts.holds[0] ?? null);
    if (ending === null || ending.idleMs < idleFromMs) return null;
    const again = [
      idleEnd(facts.compressed),
      idleEnd(facts.repeat?.watch ?? null),
      idleEnd(facts.holds[1] ?? null),
      measured === null ? null : idleEnd(facts.plain),
    ].filter((other) => other !== null);
    const alike = again.filter(({ idleMs }) => Math.abs(idleMs - ending.idleMs) < 0.15 * ending.idleMs + 300).length;
    const directCut = idleEnd(facts.direct);
    if (directCut !== null) return null;
    const seconds = Math.max(1, Math.round(ending.idleMs / 1000));
    const heartbeat = Math.max(1, Math.min(heartbeatS, Math.floor(ending.idleMs / 2000)));
    const evidence = those(
      said("cut-after", { ms: ending.idleMs }),
      said(`ended-${ending.how}`),
      alike > 0 && said("again", { times: alike + 1 }),
      heardNoComment(facts) && said("no-comments"),
    );
    return {
      confidence: alike > 0 ? 0.95 : 0.88,
      evidence,
      product: cutterAmong(seen),
      values: { seconds, heartbeat },
    };
  },
};

/** Ends by itself while bytes flow. */
function earlyEnd({ plain }: Facts): EndingSeen | null {
  const ending = plain?.ending ?? null;
  return ending === null || !isOpenStream(plain) || idleEnd(plain) !== null ? null : ending;
}

/** The end of the stream that was held because all looked well. Every connection before it was let go sooner. */
function heldEnd({ plain, holds }: Facts): EndingSeen | null {
  const held = holds[0] ?? null;
  const ending = held?.ending ?? null;
  return plain?.ending != null || !isOpenStream(held) || idleEnd(held) !== null ? null : ending;
}

/** Seen once, and only on the connection that was held: a limit is likelier than an accident in those few seconds. */
const onceHeld = 0.5;

const cut: Rule = {
  code: "cut",
  severity: "broken",
  when: ({ facts }) => {
    const held = heldEnd(facts);
    const ending = earlyEnd(facts) ?? held;
    if (ending === null || ending.how === "clean") return null;
    const directly = facts.direct?.ending ?? null;
    const evidence = those(
      said(`ended-${ending.how}`),
      said("open-for", { ms: ending.openMs }),
      directly !== null && said("direct-ends", { ms: directly.openMs }),
    );
    // A direct stream that stays open puts it on the path, one that ends likewise on the origin.
    const stays = isOpenStream(facts.direct) && directly === null;
    return {
      confidence: held === null ? 0.9 : onceHeld,
      evidence,
      product: stays ? null : "origin",
    };
  },
};

const ended: Rule = {
  code: "ended",
  severity: "broken",
  when: ({ facts }) => {
    const held = heldEnd(facts);
    const ending = earlyEnd(facts) ?? held;
    if (ending === null || ending.how !== "clean") return null;
    const evidence = those(
      said("ended-clean"),
      said("open-for", { ms: ending.openMs }),
      said("events", {
        count: read(held === null ? facts.plain : (facts.holds[0] ?? null)).events,
      }),
    );
    if (held !== null) return { confidence: onceHeld, evidence, product: "origin" };
    return { confidence: facts.direct?.ending?.how === "clean" ? 0.92 : 0.72, evidence, product: "origin" };
  },
};

/** An end that is sooner says little about time, ms. */
const limitFromMs = 2000;

const maxDuration: Rule = {
  code: "max-duration",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const held = heldEnd(facts);
    const ending = earlyEnd(facts) ?? held;
    if (ending === null || ending.openMs < limitFromMs || facts.direct?.ending != null) return null;
    const [, again = null] = facts.holds;
    const second = held === null ? (facts.compressed ?? facts.repeat?.watch ?? null) : again;
    const secondMs = second?.ending?.openMs ?? second?.arrivals?.watchedMs ?? 0;
    const alike = Math.abs(secondMs - ending.openMs) < 0.1 * ending.openMs + 200 && second?.ending != null;
    const outlived = secondMs > 1.1 * ending.openMs + 200;
    if (outlived || (held === null && !alike)) return null;
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

/** It had a rhythm, and lost it: not a greeting of a few events before a quiet time. */
function wentDead(watch: Watch): boolean {
  const { gapsMs, medianGapMs, silentMs } = read(watch);
  const gap = medianGapMs ?? 0;
  if (!isOpenStream(watch) || watch.ending !== null || gapsMs.length < 3 || gap < 50) return false;
  return Math.max(...gapsMs) <= 3 * Math.min(...gapsMs) + 60 && silentMs >= Math.max(3000, 12 * gap);
}

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
    const flows = isOpenStream(direct) && read(direct).silentMs < 1000;
    const proxy = hopAmong(hops, ["http-proxy"]);
    const evidence = those(
      said("had-rhythm", { ms: gap }),
      said("silent-for", { ms: seen.silentMs }),
      said("still-open"),
      ends !== null && said("direct-ends", { ms: ends.openMs }),
      proxy !== null && said("product", { product: proxy.product, confidence: proxy.confidence }),
    );
    return { confidence: ends !== null ? 0.95 : flows ? 0.85 : 0.75, evidence, product: proxy?.product ?? "origin" };
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
