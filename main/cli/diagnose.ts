/**
 * `diagnose URL`: probes one stream and says why it breaks. Exit 0 when a diagnosis was made, whatever it says; 2 for bad
 * arguments, 70 for a fault of ours. The output is not masked: it is the user's own terminal.
 */
import type { DiagnosisView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import { markdown, reportJson, type Speak } from "../core/diagnosis/report.ts";
import { firstWay, waysOf } from "../io/probe/route.ts";
import { createRun } from "../io/probe/run.ts";
import { version } from "../version.ts";
import { CliError } from "./arguments.ts";
import type { DiagnosePlan } from "./diagnose-plan.ts";

/** @param progress a terminal that can be written over; null: there is none to look at */
export async function diagnose(
  plan: DiagnosePlan,
  print: (text: string) => void,
  progress: ((text: string) => void) | null,
  stopped: AbortSignal,
): Promise<number> {
  const speak = words(plan.locale) as Speak;
  const route = await firstWay(plan.proxies, plan.url);
  if (route.kind === "unusable") {
    throw new CliError(`diagnose: the proxy that ${route.where} names cannot be used; mend it, or say --proxy none`);
  }
  const view = await createRun({
    url: plan.url,
    headers: plan.headers,
    ways: waysOf(plan.proxies),
    compare: plan.compare,
    budgetMs: plan.budgetMs,
    idleLimitMs: plan.idleLimitMs,
    userAgent: `Holdfast/${version}`,
    stream: null,
    signal: stopped,
    changed: progress === null ? () => {} : (news) => progress(progressLine(news, speak)),
  });
  progress?.("");
  print(plan.json ? JSON.stringify(reportJson(view)) : markdown(view, speak, "").trimEnd());
  return 0;
}

function progressLine({ stages, requests }: DiagnosisView, speak: Speak): string {
  const running = stages.find(({ state }) => state === "running");
  return running === undefined ? "" : `${speak.sayCode("stage", running.stage, {}, "stage.unknown")} … (${requests})`;
}
