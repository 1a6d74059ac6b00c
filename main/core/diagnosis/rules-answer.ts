/** Rules about an answer that is no event stream, and no error: pages, redirects, other protocols, or none at all. */
import { directWorks, errorOf, wantsHttps } from "./error-answer.ts";
import type { Facts } from "./facts.ts";
import { pagers } from "./held-back.ts";
import { answeredSaid, hopAmong, type Rule, said, those } from "./rule.ts";
import { emptyAnswer } from "./rules-gateway.ts";

const redirected: Rule = {
  code: "redirect",
  severity: "broken",
  when: ({ facts }) => {
    const { redirects } = facts;
    if (redirects === null || redirects.refused === null) return null;
    return {
      confidence: 0.93,
      evidence: [said("redirects", { count: redirects.count }), said(`redirect-${redirects.refused}`)],
      product: redirects.refused === "no-way" ? "client" : "origin",
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
    const { plain, direct, unrouted } = seen.facts;
    if (plain?.answer == null || plain.answer.status < 200 || plain.answer.status > 299 || plain.answer.status === 204)
      return null;
    if (plain.isStream || emptyAnswer(seen) !== null) return null;
    // The page of a single-page app answers for every path, and mostly it is a web server in front that gives it.
    const isFallback =
      unrouted?.status === plain.answer.status && unrouted.body !== "" && unrouted.body === plain.answer.body;
    const evidence = those(
      said("content-type", { type: plain.contentType === "" ? "–" : plain.contentType }),
      directWorks(direct) && said("direct-works"),
      isFallback && said("unrouted-same", { status: unrouted.status }),
    );
    // A page behind a redirect says more by how one came there.
    const redirected = (seen.facts.redirects?.count ?? 0) > 0 && /^text\/html/i.test(plain.contentType);
    return {
      confidence: redirected ? 0.45 : 0.85,
      evidence,
      // Where it is right directly, it was changed on the way.
      product: directWorks(direct) ? null : ((isFallback ? hopAmong(seen.hops, pagers)?.product : null) ?? "origin"),
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
  when: (seen) => {
    const { plain } = seen.facts;
    const found = errorOf(seen, 400);
    if (found !== null && wantsHttps(found.answer))
      return {
        confidence: 0.97,
        evidence: [said("answered", { status: 400 }), said("wants-https")],
        product: "client",
      };
    return plain?.failure?.kind === "protocol" && plain.answer === null
      ? { confidence: 0.85, evidence: [said("error-protocol")], product: "origin" }
      : null;
  },
};

export const answerRules: readonly Rule[] = [redirected, login, captive, noContent, wrongType, unanswered, protocol];
