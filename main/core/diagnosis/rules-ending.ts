/** Rules about how a stream ends: by whom, by what limit, and whether it was an end at all. */
import type { EndingSeen } from "../detection/observation.ts";
import { cutForSilence, directSays, flowEnd, isDeclared, onPath, timeLimit } from "./ends.ts";
import type { Facts } from "./facts.ts";
import { keptBehindHeaders } from "./held-back.ts";
import { header, isOpenStream, openMsOf, read } from "./reading.ts";
import { type Case, type Claim, type Coded, hopAmong, type Rule, said, those } from "./rule.ts";
import { isWellMeant } from "./rules-silence.ts";

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

export const endingRules: readonly Rule[] = [contentLength, framing, cut, ended, maxDuration];
