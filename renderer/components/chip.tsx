/** Small tinted labels: the type of an event, a grade, a plain remark. */
import type { ReactNode } from "react";
import type { Grade } from "../../preload/contract.ts";
import { cx } from "../class-names.ts";
import { useHue } from "../hue.ts";
import type { Tone } from "../stream-state.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import css from "./chip.module.css";

/** An event type as the server wrote it; its hue tells it from its neighbours. */
export function TypeChip({ type }: { type: string }) {
  return (
    <bdi className={cx(css["chip"], css["type"])} data-hue={useHue(type)}>
      {visibleLine(type)}
    </bdi>
  );
}

const gradeTones: Record<Grade, Tone> = { EXCELLENT: "ok", GOOD: "ok", FAIR: "warn", POOR: "bad", UNKNOWN: "idle" };

/** A grade is always a word. `past`: of a connection that is no more. */
export function GradeChip({ grade, past = false }: { grade: Grade; past?: boolean }) {
  const { say } = useLanguage();
  return (
    <span className={css["chip"]} data-tone={past ? "idle" : gradeTones[grade]} title={say("grade.title")}>
      {say(`grade.${grade}`)}
    </span>
  );
}

/** A remark with a role colour. */
export function Chip({ tone = "idle", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={css["chip"]} data-tone={tone} {...(title === undefined ? {} : { title })}>
      {children}
    </span>
  );
}
