/** Rules about a gateway that speaks for an origin which it has no way to, or which does not answer it. */
import {
  basics,
  directDown,
  directWorks,
  errorOf,
  isGoRouters,
  originSpeaks,
  sameDirectly,
  waitedMs,
} from "./error-answer.ts";
import { header } from "./reading.ts";
import { type Case, type Claim, type Rule, said, those } from "./rule.ts";

const noRoute: Rule = {
  code: "no-route",
  severity: "broken",
  when: (seen) => {
    const emptyOk = emptyAnswer(seen);
    if (emptyOk !== null) return emptyOk;
    const found = errorOf(seen);
    if (found === null) return null;
    const { answer, speaker, isOrigins, direct, unrouted } = found;
    const evidence = those(...basics(answer), directWorks(direct) && said("direct-works"));
    if (speaker?.says === "no-route")
      return { confidence: answer.status === 400 ? 0.85 : 0.95, evidence, product: speaker.product };
    // Without a rule for the path HAProxy has no server to name, and says so at once. So it does while its checks fail.
    const atOnce = answer.headersMs < waitedMs / 2;
    if (speaker?.product === "haproxy" && answer.status === 503 && atOnce) {
      const alike = unrouted?.status === 503;
      return { confidence: directWorks(direct) || !alike ? 0.9 : 0.62, evidence, product: "haproxy" };
    }
    if (answer.status === 404 && directWorks(direct)) return { confidence: 0.93, evidence };
    if (answer.status !== 404 || sameDirectly(direct, answer)) return null;
    // Nobody's mark is on it: the origin's likelier than a gateway's, whose pages mostly tell; a Go router may be either.
    if (isGoRouters(answer)) return { confidence: 0.5, evidence };
    return { confidence: isOrigins ? 0.25 : 0.4, evidence };
  },
};

/** Caddy's answer where nothing matched: 200 with nothing in it. */
export function emptyAnswer({ facts }: Case): Claim | null {
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
  return { confidence: isCaddy ? 0.95 : 0.7, evidence, product: isCaddy ? "caddy" : null };
}

/** Cloudflare's own about an origin that it does not reach, or that does not answer it as it should. */
const cdnStatuses = [520, 521, 522, 523, 524, 525, 526, 530];

const upstreamDown: Rule = {
  code: "upstream-down",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen, 500, 502, 503, 504, ...cdnStatuses);
    if (found === null) return null;
    const { answer, speaker, direct, unrouted } = found;
    const evidence = those(
      ...basics(answer),
      directDown(direct) && said("direct-down"),
      directWorks(direct) && said("direct-works"),
      unrouted?.status === answer.status && said("unrouted-same", { status: answer.status }),
    );
    if (directDown(direct) && answer.status >= 502)
      return { confidence: 0.97, evidence, product: speaker?.product ?? null };
    if (speaker?.says === "no-route" || speaker?.says === "denied" || speaker?.says === "auth") return null;
    const quick = answer.headersMs < waitedMs;
    if (speaker !== null && answer.status === 500) {
      const meant = speaker.says === "upstream-down";
      return { confidence: meant ? (quick ? 0.88 : 0.7) : 0.35, evidence, product: speaker.product };
    }
    // For whom this is a limit (see rate-limited), it may still be a service with nobody behind it.
    if (speaker?.says === "limited" && sameDirectly(direct, answer)) return null;
    if (speaker?.says === "limited")
      return { confidence: directWorks(direct) ? 0.3 : 0.5, evidence, product: speaker.product };
    if (speaker !== null) {
      if (speaker.says === "upstream-timeout" && !quick) return { confidence: 0.3, evidence, product: speaker.product };
      if (speaker.says === "upstream-down" || quick || speaker.product === "haproxy") {
        // That it is there directly makes a wrong address of it, where the proxy says so and means no path without a route.
        const isClear = speaker.says === "upstream-down";
        const reached = directWorks(direct) ? (isClear ? 0.85 : 0.4) : null;
        const routed = reached ?? (speaker.says === "upstream-timeout" ? 0.6 : 0.92);
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
    if (answer.status === 500 || cdnStatuses.includes(answer.status) || sameDirectly(direct, answer)) return null;
    if (directWorks(direct))
      return {
        confidence: quick && answer.status === 502 ? 0.85 : 0.5,
        evidence,
        product: "proxy",
      };
    if (originSpeaks(unrouted)) return null;
    const alike = unrouted?.status === answer.status;
    return { confidence: quick && alike && answer.status !== 504 ? 0.8 : 0.35, evidence };
  },
};

const upstreamTimeout: Rule = {
  code: "upstream-timeout",
  severity: "broken",
  when: (seen) => {
    const found = errorOf(seen, 502, 503, 504, 524);
    if (found === null) return null;
    const { answer, speaker, direct, unrouted } = found;
    if (sameDirectly(direct, answer) || directDown(direct)) return null;
    const evidence = those(...basics(answer), directWorks(direct) && said("direct-works"));
    const values = { seconds: Math.max(1, Math.round(answer.headersMs / 1000)) };
    const late = answer.headersMs >= waitedMs;
    const own = speaker?.product ?? null;
    if (speaker?.says === "upstream-timeout" && late) return { confidence: 0.95, evidence, product: own, values };
    if (answer.status === 524 && speaker === null) return null;
    if (speaker?.says === "upstream-timeout" || (answer.status === 504 && speaker !== null))
      return { confidence: 0.8, evidence, product: own, values };
    if (speaker?.says === "limited") return null;
    if (speaker?.says === "upstream-down" || (speaker?.product === "haproxy" && answer.status === 503)) return null;
    if (late && speaker !== null) return { confidence: 0.88, evidence, product: own, values };
    if (late) return { confidence: originSpeaks(unrouted) ? 0.75 : 0.7, evidence, values };
    const works = directWorks(direct);
    const mayBe = answer.status === 504 && (works || !originSpeaks(unrouted));
    return mayBe ? { confidence: works ? 0.7 : 0.5, evidence, values } : null;
  },
};

export const gatewayRules: readonly Rule[] = [noRoute, upstreamDown, upstreamTimeout];
