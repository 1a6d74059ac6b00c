/** Rules about what a reconnect with Last-Event-ID gets. */
import { type Rule, said, those } from "./rule.ts";
import { straysOf } from "./strays.ts";

/** A gateway's word that it did not reach the origin, which is seldom an id's doing. */
const isGateways = (status: number | null) => status !== null && status >= 502 && status <= 504;

/** It flows until the first reconnect, and does not come back from that. */
const resumeRefused: Rule = {
  code: "resume-refused",
  severity: "broken",
  when: ({ facts }) => {
    if (facts.resume?.outcome !== "refused") return null;
    // What happens without an id as well is not the id's doing.
    if (straysOf(facts).strays.length > 0) return null;
    const { status = null, failure = null } = facts.resume.refusal ?? {};
    const evidence = those(
      status !== null && said("resume-answered", { status }),
      failure !== null && said("resume-failed"),
      failure !== null && said(`error-${failure}`),
      said("opens-without-id"),
    );
    return { confidence: isGateways(status) ? 0.5 : 0.9, evidence, product: "origin" };
  },
};

const resumeIgnored: Rule = {
  code: "resume-ignored",
  severity: "degraded",
  when: ({ facts }) =>
    facts.resume?.outcome === "ignored"
      ? { confidence: 0.6, evidence: [said("resume-newer")], product: "origin" }
      : null,
};

export const resumeRules: readonly Rule[] = [resumeRefused, resumeIgnored];
