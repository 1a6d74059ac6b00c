/** Rules about a stream that is silent: until it is cut for it, for ever, or for longer than others bear. */
import type { EndingSeen } from "../detection/observation.ts";
import { borneMs, cutForSilence, idleEnd, idleFromMs, isAlike, outlivedMs } from "./ends.ts";
import type { Facts } from "./facts.ts";
import { heartbeatS } from "./fix-blocks.ts";
import { keptBehindHeaders, speaksDirectly } from "./held-back.ts";
import { connectionsOf, isOpenStream, openMsOf, read } from "./reading.ts";
import { type Case, hopAmong, hopSaid, type Rule, said, those } from "./rule.ts";
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
export function isWellMeant(seen: Case, ending: EndingSeen): boolean {
  return ending.how === "clean" && ending.framing !== "close" && cutterAmong(seen, ending) === null;
}

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

export const silenceRules: readonly Rule[] = [idleCut, hang, noHeartbeat];
