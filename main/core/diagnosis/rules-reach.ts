/** Rules about the way to a server: network, name, forward proxy, TCP and TLS. The first that fails is the cause. */
import type { Facts } from "./facts.ts";
import { answeredSaid, type Claim, type Coded, type Rule, said, those } from "./rule.ts";

const failure = (code: string): Coded => said(`error-${code}`);

/** A rule for one code of a failed stage. */
function onFailure(code: string, of: (facts: Facts) => string | null | undefined, kinds: readonly string[]): Rule {
  return {
    code,
    severity: "broken",
    when: ({ facts }) => {
      const kind = of(facts) ?? "";
      if (!kinds.includes(kind)) return null;
      // Without any interface that is up, everything else fails for that reason.
      const count = facts.redirects?.count ?? 0;
      const evidence = those(failure(kind), count > 0 && said("redirects", { count }));
      return { confidence: facts.network === "offline" ? 0.5 : 0.95, evidence };
    },
  };
}

const tcp = ({ tcp: at }: Facts) => at?.failure;

function onProxy(code: string, whys: readonly string[], confidence: number): Rule {
  return {
    code,
    severity: "broken",
    when: ({ facts }) => {
      const trouble = facts.proxy?.trouble ?? null;
      if (trouble === null || !whys.includes(trouble.why)) return null;
      return {
        confidence,
        product: trouble.squidError === null ? null : "squid",
        evidence: those(
          trouble.status !== null && said("connect-status", { status: trouble.status }),
          trouble.squidError !== null && said("squid-error", { code: trouble.squidError }),
          trouble.status === null && said(`proxy-${trouble.why}`, { ms: facts.proxy?.tookMs ?? 0 }),
        ),
      };
    },
  };
}

function onTls(
  code: string,
  troubles: readonly string[],
  evidence: (facts: Facts) => readonly (Coded | false | null)[],
): Rule {
  return {
    code,
    severity: "broken",
    when: ({ facts }): Claim | null => {
      const trouble = facts.tls?.trouble ?? null;
      return trouble !== null && troubles.includes(trouble)
        ? { confidence: 0.95, evidence: those(...evidence(facts)) }
        : null;
    },
  };
}

const issuer = ({ tls }: Facts): Coded | false => tls?.issuer != null && said("issuer", { issuer: tls.issuer });

/** One of a list is not there, and the next way is taken: each connection finds that out anew, or waits for it. */
const passedBy: Rule = {
  code: "proxy-unreachable",
  severity: "degraded",
  when: ({ facts }) => {
    const [first] = facts.passedBy.flatMap(({ trouble }) => (trouble === null ? [] : [trouble.why]));
    if (first !== "unreachable" && first !== "silent" && first !== "closed") return null;
    return facts.plain === null ? null : { confidence: 0.9, evidence: [said(`proxy-${first}`), said("next-way")] };
  },
};

export const reachRules: readonly Rule[] = [
  {
    code: "offline",
    severity: "broken",
    when: ({ facts }) => (facts.network === "offline" ? { confidence: 0.97, evidence: [said("no-interface")] } : null),
  },
  onFailure("dns", ({ dns }) => dns?.failure, ["dns", "dns-temporary"]),
  onProxy("proxy-unreachable", ["unreachable", "silent", "closed"], 0.95),
  passedBy,
  onProxy("proxy-auth", ["auth"], 0.97),
  onProxy("proxy-denied", ["denied"], 0.95),
  onProxy("proxy-tunnel", ["refused"], 0.9),
  onFailure("refused", tcp, ["refused"]),
  onFailure("unreachable", tcp, ["unreachable", "offline", "network-changed", "not-permitted"]),
  onFailure("connect-timeout", tcp, ["connect-timeout"]),
  onTls("tls-expired", ["expired", "not-yet"], ({ tls }) => [said("days-left", { days: tls?.daysLeft ?? 0 })]),
  onTls("tls-name", ["name"], (facts) => [issuer(facts), said("other-name")]),
  onTls("tls-intercepted", ["intercepted"], (facts) => [issuer(facts)]),
  onTls("tls-self-signed", ["self-signed"], (facts) => [issuer(facts)]),
  onTls("tls-issuer", ["issuer"], (facts) => [issuer(facts)]),
  onTls("tls-silent", ["silent"], ({ tls }) => [said("tls-silent", { ms: tls?.tookMs ?? 0 })]),
  {
    code: "protocol",
    severity: "broken",
    when: ({ facts }) =>
      facts.tls?.trouble === "not-tls"
        ? {
            confidence: 0.95,
            evidence: [said("not-tls"), answeredSaid(facts.tls.tookMs)],
            product: "client",
          }
        : null,
  },
  onTls("tls-handshake", ["handshake"], ({ tls }) => [said("error-tls"), answeredSaid(tls?.tookMs ?? 0)]),
];
