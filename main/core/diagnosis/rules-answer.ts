/** Rules about an answer that is no event stream: who said it, and what it means. */
import type { AnswerSeen } from "../detection/observation.ts";
import type { Watch } from "./facts.ts";
import { speakerOf } from "./own-words.ts";
import { header, isOpenStream } from "./reading.ts";
import { type Case, type Claim, hopAmong, type Rule, said, those } from "./rule.ts";

/** From here on an answer was waited for by somebody, ms. HAProxy tries once more after 1 s before it gives up. */
const waitedMs = 1500;

/** The error answer of the stream's own address, with what is known of it; null where there is none. */
function error({ facts }: Case, ...statuses: readonly number[]) {
  const answer = facts.plain?.answer ?? null;
  if (answer === null || answer.status < 400 || (statuses.length > 0 && !statuses.includes(answer.status))) return null;
  return { answer, speaker: speakerOf(answer), direct: facts.direct, unrouted: facts.unrouted };
}

function basics(answer: AnswerSeen) {
  const speaker = speakerOf(answer);
  const code = header(answer, "x-squid-error");
  return those(
    said("answered", { status: answer.status }),
    speaker === null ? said("no-marks") : said("own-words", { product: speaker.product }),
    code !== "" && said("squid-error", { code }),
    said("answered-after", { ms: answer.headersMs }),
  );
}

const squidSaid = (answer: AnswerSeen) => header(answer, "x-squid-error");

/** The same mistake at the origin itself. */
function sameDirectly(direct: Watch | null, answer: AnswerSeen): boolean {
  return direct?.answer?.status === answer.status;
}

const directWorks = (direct: Watch | null) => isOpenStream(direct);
const directDown = (direct: Watch | null) => direct !== null && direct.answer === null && direct.failure !== null;

/** The origin answers for a path that does not exist, by itself: so it runs, and what it says of others is its own. */
function originSpeaks(unrouted: AnswerSeen | null): boolean {
  return unrouted !== null && [404, 401, 403, 405].includes(unrouted.status) && speakerOf(unrouted) === null;
}

const noRoute: Rule = {
  code: "no-route",
  severity: "broken",
  when: (seen) => {
    const emptyOk = emptyAnswer(seen);
    if (emptyOk !== null) return emptyOk;
    const found = error(seen);
    if (found === null) return null;
    const { answer, speaker, direct, unrouted } = found;
    const evidence = those(...basics(answer), directWorks(direct) && said("direct-works"));
    if (speaker?.says === "no-route" && answer.status !== 503)
      return { confidence: 0.95, evidence, product: speaker.product };
    if (answer.status === 404 && speaker !== null) return { confidence: 0.85, evidence, product: speaker.product };
    // Without a rule for the path HAProxy has no server to name, and says so at once. So it does while its checks fail.
    const atOnce = answer.headersMs < waitedMs / 2;
    if (speaker?.product === "haproxy" && answer.status === 503 && atOnce) {
      const alike = unrouted?.status === 503;
      return { confidence: directWorks(direct) || !alike ? 0.9 : 0.62, evidence, product: "haproxy" };
    }
    if (answer.status === 404 && directWorks(direct)) return { confidence: 0.93, evidence };
    if (answer.status === 404 && !sameDirectly(direct, answer)) return { confidence: 0.35, evidence };
    return null;
  },
};

/** Caddy's answer where nothing matched: 200 with nothing in it. */
function emptyAnswer({ facts }: Case): Claim | null {
  const { plain } = facts;
  const answer = plain?.answer ?? null;
  if (plain === null || answer === null || answer.status !== 200 || plain.contentType !== "" || plain.bodyBytes > 0)
    return null;
  const over = answer.framing === "none" || header(answer, "content-length") === "0" || plain.ending !== null;
  if (!over) return null;
  const isCaddy = /^caddy/i.test(header(answer, "server")) || /caddy/i.test(header(answer, "via"));
  const evidence = those(
    said("answered", { status: 200 }),
    said("empty"),
    isCaddy && said("own-words", { product: "caddy" }),
  );
  return { confidence: isCaddy ? 0.95 : 0.7, evidence, product: "caddy" };
}

const upstreamDown: Rule = {
  code: "upstream-down",
  severity: "broken",
  when: (seen) => {
    const found = error(seen, 500, 502, 503, 504);
    if (found === null) return null;
    const { answer, speaker, direct, unrouted } = found;
    const evidence = those(
      ...basics(answer),
      directDown(direct) && said("direct-down"),
      unrouted?.status === answer.status && said("unrouted-same", { status: answer.status }),
    );
    if (directDown(direct) && answer.status >= 502)
      return { confidence: 0.97, evidence, product: speaker?.product ?? null };
    if (speaker?.says === "no-route" || speaker?.says === "denied" || speaker?.says === "auth") return null;
    const quick = answer.headersMs < waitedMs;
    // Some forward proxies say 500 where they cannot connect.
    if (speaker !== null && answer.status === 500 && answer.forwarded)
      return { confidence: 0.75, evidence, product: speaker.product };
    if (speaker !== null && answer.status >= 502) {
      if (speaker.says === "upstream-timeout" && !quick) return { confidence: 0.3, evidence, product: speaker.product };
      if (speaker.says === "upstream-down" || quick || speaker.product === "haproxy") {
        const routed = directWorks(direct) ? 0.4 : speaker.says === "upstream-timeout" ? 0.6 : 0.92;
        return {
          confidence:
            speaker.product === "haproxy" && quick && answer.headersMs < waitedMs / 2 ? Math.min(routed, 0.58) : routed,
          evidence,
          product: speaker.product,
        };
      }
      return { confidence: 0.4, evidence, product: speaker.product };
    }
    // 502 is a gateway's word by definition, and one that says it for every path cannot reach anybody.
    if (answer.status === 500 || sameDirectly(direct, answer) || originSpeaks(unrouted)) return null;
    const alike = unrouted?.status === answer.status;
    return { confidence: quick && alike && answer.status !== 504 ? 0.8 : 0.35, evidence };
  },
};

const upstreamTimeout: Rule = {
  code: "upstream-timeout",
  severity: "broken",
  when: (seen) => {
    const found = error(seen, 502, 503, 504);
    if (found === null) return null;
    const { answer, speaker, direct, unrouted } = found;
    if (sameDirectly(direct, answer) || directDown(direct)) return null;
    const evidence = basics(answer);
    const values = { seconds: Math.max(1, Math.round(answer.headersMs / 1000)) };
    const late = answer.headersMs >= waitedMs;
    const own = speaker?.product ?? null;
    if (speaker?.says === "upstream-timeout" && late) return { confidence: 0.95, evidence, product: own, values };
    if (speaker?.says === "upstream-timeout" || (answer.status === 504 && speaker !== null))
      return { confidence: 0.8, evidence, product: own, values };
    if (speaker?.says === "upstream-down" || (speaker?.product === "haproxy" && answer.status === 503)) return null;
    if (late && speaker !== null) return { confidence: 0.88, evidence, product: own, values };
    if (late) return { confidence: originSpeaks(unrouted) ? 0.75 : 0.7, evidence, values };
    return answer.status === 504 && !originSpeaks(unrouted) ? { confidence: 0.5, evidence, values } : null;
  },
};

/** A status that the origin gave itself, by what the user can do about it. */
function originsOwn(code: string, statuses: readonly number[] | null): Rule {
  return {
    code,
    severity: "broken",
    when: (seen) => {
      const found = error(seen, ...(statuses ?? []));
      if (found === null) return null;
      const { answer, speaker, direct, unrouted } = found;
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
      // A proxy's own word, by a rule of its own. Whether it means the origin, the rules above know better.
      if (speaker !== null) {
        const meant = speaker.says !== null || (answer.status >= 502 && answer.status <= 504) || answer.status === 404;
        return meant ? null : { confidence: 0.6, evidence, product: speaker.product };
      }
      const gateways = answer.status >= 502 && answer.status <= 504;
      const waited = gateways && answer.headersMs >= waitedMs;
      if (!gateways) return { confidence: 0.9, evidence, product };
      return { confidence: waited ? 0.45 : originSpeaks(unrouted) ? 0.85 : 0.5, evidence, product };
    },
  };
}

/** A forward proxy that answered the request itself, and not the site. */
const proxySpoke: Rule = {
  code: "proxy-denied",
  severity: "broken",
  when: (seen) => {
    const found = error(seen);
    if (found === null) return null;
    const { answer, speaker } = found;
    if (speaker === null) return null;
    const evidence = basics(answer);
    const { product } = speaker;
    if (speaker.says === "denied") return { confidence: answer.forwarded ? 0.95 : 0.9, evidence, product };
    // What a forward proxy forbids in its own words, the site was never asked for.
    const forbids = answer.forwarded && speaker.says === null && [401, 403, 405].includes(answer.status);
    return forbids ? { confidence: 0.88, evidence, product } : null;
  },
};

const proxyAuth: Rule = {
  code: "proxy-auth",
  severity: "broken",
  when: (seen) => {
    const found = error(seen, 407);
    if (found === null) return null;
    const code = squidSaid(found.answer);
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
    const confidence = redirects.login ? 0.93 : isPage ? 0.6 : 0.4;
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
    if (plain?.answer == null || facts.encrypted || plain.isStream || facts.network === "loopback") return null;
    if (redirects === null || redirects.count === 0 || !redirects.otherHost) return null;
    return /^text\/html/i.test(plain.contentType)
      ? { confidence: 0.5, evidence: [said("redirects", { count: redirects.count }), said("other-host")] }
      : null;
  },
};

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
    return { confidence: 0.85, evidence, product: "origin" };
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
      evidence: [said(`error-${failure.kind}`), said("answered-after", { ms: failure.afterMs })],
      product: proxy === null ? "http-proxy" : proxy.product,
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
  noRoute,
  upstreamDown,
  upstreamTimeout,
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
