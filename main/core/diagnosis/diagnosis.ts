/**
 * From facts to what the user is told: findings, verdict, stages and what the proxies cost. Pure and total: the same facts
 * give the same diagnosis, at any moment while it still runs.
 */
import type { DiagnosisView, Finding, HopView, StageName, StageView, Verdict } from "../../../preload/contract.ts";
import type { Observation } from "../detection/observation.ts";
import { hopsOf } from "../proxy-signature.ts";
import type { Facts } from "./facts.ts";
import { connectionsOf, median } from "./reading.ts";
import { said } from "./rule.ts";
import { findingsOf } from "./rules.ts";
import { type Progress, stagesOf } from "./stages.ts";

export type Diagnosis = Pick<DiagnosisView, "stages" | "hops" | "verdict" | "findings" | "proxyLatency">;

/** @param hops who stands on the path, by what `observationsOf` saw */
export function diagnosisOf(facts: Facts, hops: readonly HopView[], progress: Progress): Diagnosis {
  const findings = progress.over || facts.plain !== null ? findingsOf({ facts, hops }) : [];
  const stages = stagesOf(facts, findings, progress);
  return {
    stages,
    hops: pathOf(facts, hops),
    verdict: progress.over ? verdictOf(findings, stages) : null,
    findings,
    proxyLatency: latencyOf(facts),
  };
}

/** A forward proxy in force is on the path, whether it shows itself or not. */
function pathOf({ route }: Facts, hops: readonly HopView[]): HopView[] {
  if (route.kind === "direct" || hops.some(({ role }) => role === "forward")) return [...hops];
  const evidence = [said("in-force")];
  return [
    {
      product: "unknown",
      version: null,
      role: "forward",
      confidence: 0.99,
      evidence,
    },
    ...hops,
  ];
}

/** Nothing is broken as far as it was measured: only then is it worth while to look for longer. */
export function looksWell(facts: Facts): boolean {
  return !saysBroken(findingsOf({ facts, hops: hopsOf(observationsOf(facts)) }));
}

/** Behind the likeliest cause, a finding that is less sure than this is a hint, on which no verdict is built. */
const reliedOn = 0.5;

function saysBroken(findings: readonly Finding[]): boolean {
  return findings.some(
    ({ severity, confidence }, place) => severity === "broken" && (place === 0 || confidence >= reliedOn),
  );
}

/** Without these seen well nobody may say that a stream is healthy. */
const essential: ReadonlySet<StageName> = new Set([
  "status",
  "content-type",
  "framing",
  "compression",
  "headers-time",
  "first-byte",
  "buffering",
  "heartbeat",
  "hold",
]);

/** What they show is the answer's own doing. */
const answers: ReadonlySet<StageName> = new Set(["status", "content-type"]);

/**
 * `healthy` only where everything that matters was seen well; what was not measured is undecided, never fine. An end that no rule
 * explains is not fine either.
 */
export function verdictOf(findings: readonly Finding[], stages: readonly StageView[]): Verdict {
  if (saysBroken(findings)) return "broken";
  // An answer that is no stream is broken, whether a cause is known for it or not.
  if (stages.some(({ stage, state }) => state === "failed" && answers.has(stage))) return "broken";
  if (findings.length > 0) return "degraded";
  const seen = stages.filter(({ stage, state }) => essential.has(stage) && state === "ok");
  const isOpen = stages.some(({ state }) => state === "undecided");
  const isCut = stages.some(({ stage, state }) => stage === "idle-cut" && state === "warning");
  return seen.length === essential.size && !isOpen && !isCut ? "healthy" : "undecided";
}

/** What the path adds to the time to headers, or what a gateway says that it took itself; null: not measurable. */
function latencyOf({ headersMs, plain }: Facts): Diagnosis["proxyLatency"] {
  const [path, direct] = [median(headersMs.path), median(headersMs.direct)];
  if (path !== null && direct !== null) return { ms: Math.max(0, Math.round((path - direct) * 10) / 10), by: "direct" };
  const told = plain?.serverTimingMs ?? null;
  return told === null ? null : { ms: told, by: "server-timing" };
}

/** Everything the path showed of itself, for those who tell who stands there. The direct request took another path. */
export function observationsOf(facts: Facts): Observation[] {
  const { proxy, unrouted, listened, idle } = facts;
  // Of the one that was listened to, only how it was cut.
  const watches = connectionsOf(facts).filter((watch) => watch !== listened);
  const seen = watches.flatMap(({ answer, arrivals, ending, failure }) => [answer, arrivals, ending, failure]);
  return [proxy?.answer ?? null, ...seen, unrouted, idle?.cut ?? null].filter((one) => one !== null);
}
