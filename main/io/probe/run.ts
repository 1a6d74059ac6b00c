/** One diagnosis from its first probe to its verdict: joins the probes with the core and shows how far it is. */
import type { DiagnosisView, StageName } from "../../../preload/contract.ts";
import { diagnosisOf, looksWell, observationsOf } from "../../core/diagnosis/diagnosis.ts";
import { type Facts, nothingMeasured } from "../../core/diagnosis/facts.ts";
import { hopsOf } from "../../core/proxy-signature.ts";
import { address } from "../../core/redact.ts";
import { probe } from "./probe.ts";
import type { ProbeOptions } from "./session.ts";

export type RunOptions = Omit<ProbeOptions, "tell" | "looksWell"> & {
  /** The stream it is about, where it is one of the user's. */
  readonly stream: string | null;
  /** Hears of every step; the last word is what the promise gives. */
  readonly changed: (view: DiagnosisView) => void;
};

/** Resolves when it is through or was stopped; rejects only for faults of ours. */
export async function createRun({ stream, changed, ...options }: RunOptions): Promise<DiagnosisView> {
  const [startedAt, from] = [Date.now(), performance.now()];
  const viewOf = (
    facts: Facts,
    running: StageName | null,
    requests: number,
    stopped: DiagnosisView["stopped"] | "running",
  ): DiagnosisView => {
    const over = stopped !== "running";
    const { stages, hops, verdict, findings, proxyLatency } = diagnosisOf(facts, hopsOf(observationsOf(facts)), {
      running,
      over,
    });
    const elapsedMs = Math.round(performance.now() - from);
    return {
      target: address(options.url),
      stream,
      running: !over,
      startedAt,
      elapsedMs,
      requests,
      stages,
      hops,
      verdict,
      findings,
      proxyLatency,
      stopped: over ? stopped : null,
    };
  };
  changed(viewOf(nothingMeasured, "network", 0, "running"));
  const { facts, requests, stopped } = await probe({
    ...options,
    looksWell,
    tell: (known, running, made) => changed(viewOf(known, running, made, "running")),
  });
  return viewOf(facts, null, requests, stopped === null ? null : { code: stopped, params: {} });
}
