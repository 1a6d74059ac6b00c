/** Rules about an error that says no to the request: whether the origin said it or a proxy, and what it means for the user. */
import type { AnswerSeen } from "../detection/observation.ts";
import {
  asksWho,
  basics,
  directWorks,
  errorOf,
  isGoRouters,
  originSpeaks,
  sameDirectly,
  waitedMs,
  wantsHttps,
} from "./error-answer.ts";
import type { Facts } from "./facts.ts";
import { header } from "./reading.ts";
import { type Case, type Claim, type Rule, said, those } from "./rule.ts";

const refusals = [401, 403, 405, 429, 451];
const isGateways = ({ status }: AnswerSeen) => status >= 502 && status <= 504;
/** A forward proxy was handed the whole address, so that it may have answered in the site's place; in a tunnel it cannot. */
const isForwarded = (answer: AnswerSeen, { route }: Facts) => answer.forwarded && !route.tunnel;
/** A path that no site has is refused alike: what was asked for does not matter. */
const isRefusedAlike = ({ facts }: Case, { status }: AnswerSeen) =>
  refusals.includes(status) && facts.unrouted?.status === status;

/** A status that the origin gave itself, by what the user can do about it. */
function originsOwn(code: string, statuses: readonly number[] | null): Rule {
  return {
    code,
    severity: "broken",
    when: (seen) => {
      const found = errorOf(seen, ...(statuses ?? []));
      if (found === null) return null;
      const { answer, speaker, isOrigins, direct, unrouted } = found;
      if (statuses === null && [401, 403, 404, 407, 429].includes(answer.status)) return null;
      if (wantsHttps(answer)) return null;
      const same = sameDirectly(direct, answer);
      const evidence = those(
        ...basics(answer),
        same && said("direct-same", { status: answer.status }),
        asksWho(answer) && said("asks-who"),
        header(answer, "retry-after") !== "" && said("retry-after", { value: header(answer, "retry-after") }),
        originSpeaks(unrouted) &&
          unrouted?.status !== answer.status &&
          said("unrouted-other", { status: unrouted?.status ?? 0 }),
      );
      const product = "origin";
      if (same) return { confidence: 0.96, evidence, product };
      // Whoever asks for a credential gets one, or stops asking: the answer is the same for a proxy's question.
      if (asksWho(answer) && (speaker !== null || directWorks(direct)))
        return { confidence: 0.9, evidence, product: speaker?.product ?? null };
      // A proxy's own word cannot be the origin's, nor can what nobody says directly.
      if (speaker !== null || directWorks(direct)) return null;
      const waited = isGateways(answer) && answer.headersMs >= waitedMs;
      if (isGateways(answer))
        return {
          confidence: waited ? 0.45 : originSpeaks(unrouted) ? 0.85 : 0.5,
          evidence,
          product,
        };
      if (isOrigins) return { confidence: 0.9, evidence, product };
      if (isForwarded(answer, seen.facts) && isRefusedAlike(seen, answer))
        return { confidence: 0.5, evidence, product };
      // What nobody has marked may be a gateway's that we do not know; for a 404 it has the better reason.
      const unmarked = isGoRouters(answer) ? 0.45 : answer.status === 404 ? 0.55 : 0.7;
      return { confidence: unmarked, evidence, product };
    },
  };
}

/** A proxy's own limit: of requests, or of connections, of which a stream holds one for as long as it lives. */
const proxyLimit: Rule = {
  code: "rate-limited",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen);
    if (found === null || found.speaker?.says !== "limited" || sameDirectly(found.direct, found.answer)) return null;
    const { answer, speaker, direct } = found;
    const works = directWorks(direct);
    const evidence = those(
      ...basics(answer),
      header(answer, "retry-after") !== "" && said("retry-after", { value: header(answer, "retry-after") }),
      works && said("direct-works"),
    );
    // 429 says it; where the status may mean other things, an origin that is there makes it likelier.
    const sure = answer.status === 429 ? (works ? 0.95 : 0.9) : works ? 0.8 : 0.6;
    return { confidence: sure, evidence, product: speaker.product };
  },
};

/** A proxy's own error that is neither about routes nor limits nor about its origin: it forbids, or fails itself. */
const proxyStatus: Rule = {
  code: "proxy-status",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen);
    if (found === null || sameDirectly(found.direct, found.answer) || wantsHttps(found.answer)) return null;
    const { answer, speaker, isOrigins, direct } = found;
    if (asksWho(answer) || answer.status === 404 || answer.status === 407) return null;
    const evidence = those(...basics(answer), directWorks(direct) && said("direct-works"));
    if (speaker === null) {
      const denied = isForwarded(answer, seen.facts) && refusals.includes(answer.status);
      if (!directWorks(direct) || denied) return null;
      // 502 and its kin are a gateway's word about the origin; what looks like a program's may be the same one, asked otherwise.
      return {
        confidence: isGateways(answer) ? 0.45 : isOrigins ? 0.75 : 0.9,
        evidence,
      };
    }
    if (isForbidden(answer, seen.facts) || speaker.says !== null || isGateways(answer)) return null;
    const sure = directWorks(direct) ? 0.9 : 0.8;
    return {
      confidence: answer.status === 500 ? 0.65 : sure,
      evidence,
      product: speaker.product,
    };
  },
};

/** By a forward proxy, of what was asked through it. */
const isForbidden = (answer: AnswerSeen, facts: Facts) =>
  isForwarded(answer, facts) && [401, 403, 405].includes(answer.status);

/** A forward proxy that answered the request itself, and not the site. */
const proxySpoke: Rule = {
  code: "proxy-denied",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen);
    if (found === null) return null;
    const { answer, speaker } = found;
    if (speaker === null) return unmarkedDenial(seen, found);
    const evidence = basics(answer);
    const { product } = speaker;
    if (speaker.says === "denied") return { confidence: answer.forwarded ? 0.95 : 0.9, evidence, product };
    // What a forward proxy forbids in its own words, the site was never asked for.
    const forbids = speaker.says === null && isForbidden(answer, seen.facts);
    return forbids ? { confidence: 0.88, evidence, product } : null;
  },
};

/** Nobody has signed it: a proxy's, where directly the stream opens, or likelier so where it refuses every path of the site. */
function unmarkedDenial(seen: Case, found: NonNullable<ReturnType<typeof errorOf>>): Claim | null {
  const { answer, direct, isOrigins } = found;
  const mayBe = isForwarded(answer, seen.facts) && refusals.includes(answer.status) && !asksWho(answer);
  if (!mayBe || sameDirectly(direct, answer)) return null;
  const alike = isRefusedAlike(seen, answer);
  const evidence = those(
    ...basics(answer),
    said("in-force"),
    directWorks(direct) && said("direct-works"),
    alike && said("unrouted-same", { status: answer.status }),
  );
  if (directWorks(direct)) return { confidence: 0.9, evidence };
  return alike && !isOrigins ? { confidence: 0.75, evidence } : null;
}

const proxyAuth: Rule = {
  code: "proxy-auth",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen, 407);
    if (found === null) return null;
    const code = header(found.answer, "x-squid-error");
    return {
      confidence: 0.97,
      evidence: basics(found.answer),
      product: code === "" ? null : "squid",
    };
  },
};

export const refusalRules: readonly Rule[] = [
  proxyAuth,
  proxySpoke,
  proxyStatus,
  proxyLimit,
  originsOwn("unauthorized", [401]),
  originsOwn("forbidden", [403]),
  originsOwn("not-found", [404]),
  originsOwn("rate-limited", [429]),
  originsOwn("origin-status", null),
];
