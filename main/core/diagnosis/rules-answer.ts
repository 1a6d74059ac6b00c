/** Rules about an answer that is no event stream, and no gateway's trouble with its origin: what it means for the user. */
import type { AnswerSeen } from "../detection/observation.ts";
import { basics, directWorks, errorOf, isGoRouters, originSpeaks, sameDirectly, waitedMs } from "./error-answer.ts";
import type { Facts } from "./facts.ts";
import { header } from "./reading.ts";
import { answeredSaid, hopAmong, type Rule, said, those } from "./rule.ts";
import { emptyAnswer } from "./rules-gateway.ts";

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
      if (answer.status === 407 || directWorks(direct)) return null;
      const same = sameDirectly(direct, answer);
      const evidence = those(
        ...basics(answer),
        same && said("direct-same", { status: answer.status }),
        header(answer, "retry-after") !== "" && said("retry-after", { value: header(answer, "retry-after") }),
        originSpeaks(unrouted) &&
          unrouted?.status !== answer.status &&
          said("unrouted-other", { status: unrouted?.status ?? 0 }),
      );
      const product = "origin";
      if (same) return { confidence: 0.96, evidence, product };
      // A proxy's own word cannot be the origin's.
      if (speaker !== null) return null;
      const gateways = answer.status >= 502 && answer.status <= 504;
      const waited = gateways && answer.headersMs >= waitedMs;
      if (gateways) return { confidence: waited ? 0.45 : originSpeaks(unrouted) ? 0.85 : 0.5, evidence, product };
      if (isOrigins) return { confidence: 0.9, evidence, product };
      // What nobody has marked may be a gateway's that we do not know; for a 404 it has the better reason.
      const unmarked = isGoRouters(answer) ? 0.45 : answer.status === 404 ? 0.55 : 0.7;
      return { confidence: unmarked, evidence, product };
    },
  };
}

/** A proxy's own error that is neither about routes nor about its origin: it forbids, limits, or fails itself. */
const proxyStatus: Rule = {
  code: "proxy-status",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen);
    if (found === null || found.speaker === null || sameDirectly(found.direct, found.answer)) return null;
    const { answer, speaker } = found;
    if (isForbidden(found.answer) || speaker.says !== null || [404, 407, 502, 503, 504].includes(answer.status))
      return null;
    return { confidence: answer.status === 500 ? 0.65 : 0.8, evidence: basics(answer), product: speaker.product };
  },
};

/** By a forward proxy, of what was asked through it. */
const isForbidden = ({ forwarded, status }: AnswerSeen) => forwarded && [401, 403, 405].includes(status);

/** A forward proxy that answered the request itself, and not the site. */
const proxySpoke: Rule = {
  code: "proxy-denied",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen);
    if (found === null) return null;
    const { answer, speaker } = found;
    if (speaker === null) return null;
    const evidence = basics(answer);
    const { product } = speaker;
    if (speaker.says === "denied") return { confidence: answer.forwarded ? 0.95 : 0.9, evidence, product };
    // What a forward proxy forbids in its own words, the site was never asked for.
    const forbids = speaker.says === null && isForbidden(answer);
    return forbids ? { confidence: 0.88, evidence, product } : null;
  },
};

const proxyAuth: Rule = {
  code: "proxy-auth",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen, 407);
    if (found === null) return null;
    const code = header(found.answer, "x-squid-error");
    return { confidence: 0.97, evidence: basics(found.answer), product: code === "" ? null : "squid" };
  },
};

const redirected: Rule = {
  code: "redirect",
  severity: "broken",
  when: ({ facts }) => {
    const { redirects } = facts;
    if (redirects === null || redirects.refused === null) return null;
    return {
      confidence: 0.93,
      evidence: [said("redirects", { count: redirects.count }), said(`redirect-${redirects.refused}`)],
      product: "origin",
    };
  },
};

const login: Rule = {
  code: "login",
  severity: "broken",
  when: ({ facts }) => {
    const { plain, redirects } = facts;
    if (plain?.answer == null || plain.isStream || redirects === null || redirects.count === 0) return null;
    const isPage = /^text\/html/i.test(plain.contentType);
    if (!isPage && !redirects.login) return null;
    // A network that wants a sign-in sends every plain request to a host of its own.
    const confidence = redirects.login ? 0.93 : isPage ? (isPortal(facts) ? 0.55 : 0.6) : 0.4;
    return {
      confidence,
      evidence: those(
        said("redirects", { count: redirects.count }),
        redirects.otherHost && said("other-host"),
        said("content-type", { type: plain.contentType }),
      ),
      product: "origin",
    };
  },
};

const captive: Rule = {
  code: "captive-portal",
  severity: "broken",
  when: ({ facts }) => {
    const { plain, redirects } = facts;
    if (plain?.answer?.status === 511) return { confidence: 0.97, evidence: [said("answered", { status: 511 })] };
    if (plain?.answer == null || plain.isStream) return null;
    return redirects !== null && isPortal(facts)
      ? { confidence: 0.62, evidence: [said("redirects", { count: redirects.count }), said("other-host")] }
      : null;
  },
};

/** Asked in plain text, and sent to a page of somebody else that is no sign-in of a site: so do networks that want one. */
function isPortal({ encrypted, network, plain, redirects }: Facts): boolean {
  if (encrypted || network === "loopback" || redirects === null || redirects.login) return false;
  return redirects.otherHost && /^text\/html/i.test(plain?.contentType ?? "");
}

const wrongType: Rule = {
  code: "wrong-type",
  severity: "broken",
  when: (seen) => {
    const { plain } = seen.facts;
    if (plain?.answer == null || plain.answer.status < 200 || plain.answer.status > 299 || plain.answer.status === 204)
      return null;
    if (plain.isStream || emptyAnswer(seen) !== null) return null;
    const evidence = those(
      said("content-type", { type: plain.contentType === "" ? "–" : plain.contentType }),
      directWorks(seen.facts.direct) && said("direct-works"),
    );
    // A page behind a redirect says more by how one came there.
    const redirected = (seen.facts.redirects?.count ?? 0) > 0 && /^text\/html/i.test(plain.contentType);
    return {
      confidence: redirected ? 0.45 : 0.85,
      evidence,
      product: "origin",
    };
  },
};

const noContent: Rule = {
  code: "no-content",
  severity: "broken",
  when: ({ facts }) =>
    facts.plain?.answer?.status === 204
      ? { confidence: 0.95, evidence: [said("answered", { status: 204 })], product: "origin" }
      : null,
};

const unanswered: Rule = {
  code: "closed-early",
  severity: "broken",
  when: ({ facts, hops }) => {
    const failure = facts.plain?.answer === null ? (facts.plain?.failure ?? null) : null;
    if (failure === null || !["closed-early", "reset", "dropped"].includes(failure.kind)) return null;
    // http-proxy without an error handler closes the socket; so does a crashed origin.
    const proxy = hopAmong(hops, ["http-proxy"]);
    return {
      confidence: 0.8,
      evidence: [said(`error-${failure.kind}`), answeredSaid(failure.afterMs)],
      product: proxy?.product ?? "origin",
    };
  },
};

const protocol: Rule = {
  code: "protocol",
  severity: "broken",
  when: ({ facts }) =>
    facts.plain?.failure?.kind === "protocol" && facts.plain.answer === null
      ? { confidence: 0.85, evidence: [said("error-protocol")], product: "origin" }
      : null,
};

export const answerRules: readonly Rule[] = [
  proxyAuth,
  proxySpoke,
  proxyStatus,
  originsOwn("unauthorized", [401]),
  originsOwn("forbidden", [403]),
  originsOwn("not-found", [404]),
  originsOwn("rate-limited", [429]),
  originsOwn("origin-status", null),
  redirected,
  login,
  captive,
  noContent,
  wrongType,
  unanswered,
  protocol,
];
