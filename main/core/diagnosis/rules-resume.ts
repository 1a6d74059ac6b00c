/** Rules about what is missing: after a reconnect with Last-Event-ID, and within a connection. */
import { onPath } from "./ends.ts";
import { connectionsOf } from "./reading.ts";
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
    // By the standard it is a word and no error: do not come again. Whoever sends it may mean it.
    const isDone = status === 204;
    const evidence = those(
      status !== null && said("resume-answered", { status }),
      failure !== null && said("resume-failed"),
      failure !== null && said(`error-${failure}`),
      said("opens-without-id"),
    );
    const confidence = isGateways(status) ? 0.5 : isDone ? 0.6 : 0.9;
    return {
      confidence,
      evidence,
      product: "origin",
      severity: isDone ? "degraded" : "broken",
    };
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

/** So many ids in a row, and the next is due as well. */
const leastSteps = 4;
/** An accident leaves out one. */
const leastMissing = 2;

/**
 * Ids that are left out here, while directly they count: events are lost on the way. By itself a stream may count over more
 * than it sends to one client, so that without the comparison nothing is known.
 */
const lostEvents: Rule = {
  code: "lost-events",
  severity: "broken",
  when: ({ facts, hops }) => {
    const directly = facts.direct?.ids ?? null;
    if (directly === null || directly.missing > 0 || directly.steps < leastSteps) return null;
    const counted = connectionsOf(facts).flatMap(({ ids }) => ids ?? []);
    const missing = counted.reduce((all, ids) => all + ids.missing, 0);
    if (missing < leastMissing) return null;
    const evidence = [said("ids-missing", { count: missing }), said("direct-counts", { count: directly.steps + 1 })];
    return { confidence: 0.9, evidence, product: onPath(hops) };
  },
};

export const resumeRules: readonly Rule[] = [resumeRefused, resumeIgnored, lostEvents];
