/** Rules about how a stream ends, or does not. */
import type { EndingSeen } from "../detection/observation.ts";
import {
  borneMs,
  cutForSilence,
  directSays,
  flowEnd,
  idleEnd,
  idleFromMs,
  isAlike,
  isDeclared,
  onPath,
  outlivedMs,
  timeLimit,
} from "./ends.ts";
import type { Facts } from "./facts.ts";
import { heartbeatS } from "./fix-blocks.ts";
import { keptBehindHeaders, speaksDirectly } from "./held-back.ts";
import { connectionsOf, header, isOpenStream, openMsOf, read } from "./reading.ts";
import { type Case, type Claim, type Coded, hopAmong, hopSaid, type Rule, said, those } from "./rule.ts";
import { habitOf, isHung, silentLikewise } from "./stopped.ts";

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

/** Who of those that are seen may have cut it so. */
function cutterAmong({ hops }: Case, { how, framing }: EndingSeen): string | null {
  return hopAmong(hops, how === "clean" && framing !== "close" ? politeCutters : cutters)?.product ?? null;
}

/** On no connection that was watched. */
const heardNoComment = (facts: Facts) => connectionsOf(facts).every((watch) => read(watch).comments === 0);

/** What a direct connection adds to an end: that it comes there too, that it does not, or that nobody looked for so long. */
function directlySaid({ direct }: Facts, { openMs }: EndingSeen): readonly (Coded | false)[] {
  const says = directSays(direct, openMs);
  const ms = openMsOf(direct);
  return [
    says === "ends" && said("direct-ends", { ms }),
    says === "stays" && said("direct-stays", { ms }),
    says === "short" && said("direct-short", { ms }),
  ];
}

/** Whose an end is: the path's where directly it does not come; whoever is seen, where that is open; else the origin's. */
function whoseEnd({ facts, hops }: Case, { openMs }: EndingSeen): string | null {
  const says = directSays(facts.direct, openMs);
  if (says === "stays") return onPath(hops);
  return says === "short" ? null : "origin";
}

const idleCut: Rule = {
  code: "idle-cut",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const { plain, compressed, repeat, holds, listened, idle, direct } = facts;
    // What was kept until the cut is no silence of the stream: see buffering.
    if (keptBehindHeaders(facts) > 0) return null;
    const measured = listened === null ? (idle?.cut ?? null) : cutForSilence(listened, facts);
    const ending = measured ?? cutForSilence(plain, facts) ?? cutForSilence(holds[0] ?? null, facts);
    if (ending === null || ending.idleMs < idleFromMs) return null;
    const others = [compressed, repeat?.watch ?? null, holds[1] ?? null, measured === null ? null : plain].map(idleEnd);
    const alike = others.filter((other) => other !== null && isAlike(ending, other)).length;
    const directCut = idleEnd(direct);
    // Directly it is cut after the same silence, or a shorter one: no more is needed on the way.
    const isOrigins = directCut !== null && (isAlike(ending, directCut) || directCut.idleMs < ending.idleMs);
    const bears = directCut === null && borneMs(direct) > outlivedMs(ending.idleMs);
    const isPaths = bears || speaksDirectly(facts);
    // A number of seconds alone names nobody: the origin's heartbeats help in any case, if they get through.
    const product = isOrigins ? "origin" : (cutterAmong(seen, ending) ?? (isPaths ? "proxy" : "origin"));
    const evidence = those(
      said("cut-after", { ms: ending.idleMs }),
      said(`ended-${ending.how}`),
      alike > 0 && said("again", { times: alike + 1 }),
      directCut !== null && said("direct-ends", { ms: directCut.openMs }),
      bears && said("direct-stays", { ms: openMsOf(direct) }),
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
  return ending.how === "clean" && ending.framing !== "close" && cutterAmong(seen, ending) === null;
}

/** Seen once, and only on a connection that was held: an accident in those few seconds is as likely. */
const onceHeld = 0.5;

const cut: Rule = {
  code: "cut",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const found = flowEnd(facts);
    if (found === null || found.ending.how === "clean" || timeLimit(facts, found) !== null) return null;
    const { ending, held } = found;
    const evidence = those(
      said(`ended-${ending.how}`),
      said("open-for", { ms: ending.openMs }),
      ...directlySaid(facts, ending),
    );
    return {
      confidence: held ? onceHeld : 0.9,
      evidence,
      product: whoseEnd(seen, ending),
    };
  },
};

const ended: Rule = {
  code: "ended",
  severity: "broken",
  when: (seen) => {
    const { facts } = seen;
    const found = flowEnd(facts);
    if (found === null) {
      const quiet = cutForSilence(facts.plain, facts);
      if (quiet === null || !isWellMeant(seen, quiet) || keptBehindHeaders(facts) > 0) return null;
      const evidence = those(said("ended-clean"), said("open-for", { ms: quiet.openMs }));
      return { confidence: 0.45, evidence, product: whoseEnd(seen, quiet) };
    }
    const { watch, ending, held } = found;
    if (ending.how !== "clean" || isDeclared(found) || timeLimit(facts, found) !== null) return null;
    // What may be a break, or is one, is no end: see framing.
    if (!held && framing.when(seen) !== null) return null;
    const product = whoseEnd(seen, ending);
    const isMeant = watch.saidDone === true;
    const evidence = those(
      said("ended-clean"),
      isMeant && said("said-done"),
      said("open-for", { ms: ending.openMs }),
      said("events", { count: read(watch).events }),
      ...directlySaid(facts, ending),
    );
    if (isMeant && product === "origin") return { confidence: 0.6, evidence, product, severity: "degraded" };
    if (held) return { confidence: onceHeld, evidence, product };
    const likewise = directSays(facts.direct, ending.openMs) === "ends" && facts.direct?.ending?.how === "clean";
    return { confidence: likewise ? 0.92 : 0.72, evidence, product };
  },
};

const maxDuration: Rule = {
  code: "max-duration",
  severity: "degraded",
  when: (seen) => {
    const { facts, hops } = seen;
    const found = flowEnd(facts);
    const limit = found === null ? null : timeLimit(facts, found);
    if (found === null || limit === null) return null;
    const { ending } = found;
    const evidence = those(
      said(`ended-${ending.how}`),
      said("open-for", { ms: ending.openMs }),
      limit === "twice" && said("again", { times: 2 }),
      ...directlySaid(facts, ending),
    );
    return {
      // Twice the same time is more than any single end says.
      confidence: limit === "twice" ? 0.92 : 0.7,
      evidence,
      // Few proxies have such a limit; most who end what flows are the origin's host.
      product: hopAmong(hops, ["envoy", "traefik"])?.product ?? whoseEnd(seen, ending),
      // Who resumes loses nothing by it.
      severity: facts.resume?.outcome === "honoured" ? "degraded" : "broken",
      values: { seconds: Math.max(1, Math.round(ending.openMs / 1000)) },
    };
  },
};

const framing: Rule = {
  code: "framing",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    if (!isOpenStream(plain)) return null;
    const { framing: how, httpVersion } = plain.answer;
    const keepsAlive = /keep-alive/i.test(header(plain.answer, "connection"));
    const end = flowEnd(facts);
    const clean = end?.held === false && end.ending.how === "clean";
    // What ended is broken, whatever it was.
    const severity = clean ? "broken" : "degraded";
    const isSame = end !== null && directSays(direct, end.ending.openMs) === "ends";
    const broken = isSame && direct?.ending?.how !== "clean";
    if (how === "close") {
      const evidence = those(
        said("framing-close", { version: httpVersion }),
        keepsAlive && said("false-keep-alive"),
        broken && clean && said("direct-truncated"),
      );
      // From an origin that speaks HTTP/1.0 itself it comes directly as well.
      const directly = isOpenStream(direct) ? direct.answer.framing : null;
      const product = directly === "close" ? "origin" : directly === null ? null : onPath(hops);
      return { confidence: clean ? 0.93 : 0.7, evidence, product, severity };
    }
    if (!clean) return null;
    const caddy = hopAmong(hops, ["caddy"]);
    if (broken)
      return {
        confidence: 0.96,
        evidence: [said("ended-clean"), said("direct-truncated")],
        product: caddy === null ? onPath(hops) : "caddy",
        severity,
      };
    // Caddy up to 2.6 names itself in Server on what it passes on, later ones in Via; the former end every stream well.
    if (caddy !== null && /^caddy/i.test(header(plain.answer, "server")) && direct === null) {
      return {
        confidence: 0.8,
        evidence: those(said("ended-clean"), said("server", { said: header(plain.answer, "server") })),
        product: "caddy",
        severity,
      };
    }
    return null;
  },
};

const contentLength: Rule = {
  code: "content-length",
  severity: "broken",
  when: ({ facts, hops }): Claim | null => {
    const { plain, direct } = facts;
    const isPaths = isOpenStream(direct) && direct.answer.framing !== "length";
    for (const watch of [plain, direct]) {
      const answer = watch?.answer ?? null;
      if (answer?.status === 200 && watch?.isStream && answer.framing === "length") {
        // With a clean end it has ended the stream.
        const flows = watch === plain && read(plain).bursts > 0 && plain.ending?.how !== "clean";
        return {
          confidence: watch === plain ? 0.95 : 0.97,
          evidence: those(
            said("length", { value: header(answer, "content-length") }),
            watch === direct && said("seen-directly"),
            isPaths && said("direct-no-length"),
          ),
          product: isPaths ? onPath(hops) : "origin",
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
    const dead = [plain, facts.holds[0] ?? null].find((watch) => watch !== null && isHung(watch, facts)) ?? null;
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
      hopSaid(proxy),
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
