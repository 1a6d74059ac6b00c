/** A diagnosis of a server on loopback as a test makes one: short, direct, and with everything it told on the way. */
import { always, type ProbeRoute } from "../../main/io/probe/route.ts";
import { createRun, type RunOptions } from "../../main/io/probe/run.ts";
import type { DiagnosisView } from "../../preload/contract.ts";

export type Made = DiagnosisView & { readonly told: readonly DiagnosisView[] };

export async function diagnosed(
  url: string,
  { route = { kind: "direct" }, ...more }: Partial<RunOptions> & { readonly route?: ProbeRoute } = {},
): Promise<Made> {
  const told: DiagnosisView[] = [];
  const view = await createRun({
    url,
    headers: [],
    ways: always(route),
    compare: null,
    idleLimitMs: null,
    budgetMs: 12_000,
    userAgent: "Holdfast/test",
    stream: null,
    signal: new AbortController().signal,
    changed: (news) => told.push(news),
    ...more,
  });
  return { ...view, told };
}

export const stageOf = ({ stages }: DiagnosisView, name: string) => stages.find(({ stage }) => stage === name);
export const codesOf = ({ findings }: DiagnosisView) => findings.map(({ code }) => code);
