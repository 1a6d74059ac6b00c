/** What a stream is measured by over a span: a row of figures beside what Holdfast aims at. */
import type { HistorySummary } from "../../../preload/contract.ts";
import type { Summary } from "../../history.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./quality.module.css";

/** What the product promises on a flaky line: success per attempt, time between attempts, first failure → open again. */
const targets = { successRate: 0.95, intervalMs: 30_000, recoveryMs: 120_000 } as const;

type Figure = { id: string; term: string; value: string | null; remark: string; tone: "ok" | "bad" | "idle" };

/** The row. */
export function Targets({ facts, summary }: { facts: HistorySummary; summary: Summary }) {
  const { say, format } = useLanguage();
  const { successRate, meanIntervalMs, recoveryP50Ms, recoveryMaxMs, gaps } = facts;
  const ended = facts.sessions.reduce((sum, { count }) => sum + count, 0);
  const [peak] = facts.sessions.toSorted((a, b) => b.count - a.count);
  const figures: Figure[] = [
    {
      id: "success",
      term: say("target.success"),
      // Rounded down: what misses the target must not look like it.
      value: successRate === null ? null : format.percent(Math.floor(successRate * 100)),
      remark: [
        say("target.above", { target: format.percent(targets.successRate * 100) }),
        say("quality.attempts", { attempts: summary.attempts }),
      ].join(say("separator")),
      tone: toneOf(successRate, (rate) => rate > targets.successRate),
    },
    {
      id: "interval",
      term: say("target.interval"),
      value: meanIntervalMs === null ? null : format.duration(meanIntervalMs),
      remark: say("target.above", { target: format.duration(targets.intervalMs) }),
      tone: toneOf(meanIntervalMs, (ms) => ms > targets.intervalMs),
    },
    {
      id: "recovery",
      term: say("target.recovery"),
      value: recoveryP50Ms === null ? null : format.duration(recoveryP50Ms),
      remark:
        recoveryMaxMs === null
          ? say("target.below", { target: format.duration(targets.recoveryMs) })
          : say("target.belowAtWorst", {
              target: format.duration(targets.recoveryMs),
              worst: format.duration(recoveryMaxMs),
            }),
      tone: toneOf(recoveryP50Ms, (ms) => ms < targets.recoveryMs),
    },
    {
      id: "gaps",
      term: say("target.gaps"),
      value: format.number(gaps),
      remark: say("target.gaps.why"),
      tone: gaps === 0 ? "ok" : "bad",
    },
    {
      id: "sessions",
      term: say("target.sessions"),
      value: format.number(ended),
      remark:
        peak === undefined
          ? say("target.sessions.none")
          : say("target.sessions.peak", { from: format.duration(peak.fromMs), to: format.duration(peak.toMs) }),
      tone: "idle",
    },
  ];
  return (
    <dl className={css["figures"]}>
      {figures.map(({ id, term, value, remark, tone }) => (
        <div key={id} className={css["figure"]} data-target={id} data-tone={tone}>
          <dt>{term}</dt>
          <dd className={css["value"]}>{value ?? "–"}</dd>
          <dd className={css["remark"]}>{remark}</dd>
        </div>
      ))}
    </dl>
  );
}

function toneOf(value: number | null, met: (value: number) => boolean): Figure["tone"] {
  if (value === null) return "idle";
  return met(value) ? "ok" : "bad";
}
