/** A message in the page: a tint, a sign, a sentence, and perhaps something to do about it. */
import type { ReactNode } from "react";
import { cx } from "../class-names.ts";
import type { Tone } from "../stream-state.ts";
import { Icon, type IconName } from "./icon.tsx";
import css from "./notice.module.css";

const icons: Record<Tone, IconName> = { ok: "check", warn: "warning", bad: "error", idle: "info", info: "info" };

type Props = { tone: Tone; flat?: boolean; role?: "alert" | "status"; children: ReactNode; action?: ReactNode };

/** `flat`: a band across the pane instead of a card. */
export function Notice({ tone, flat = false, role, children, action }: Props) {
  return (
    <div className={cx(css["notice"], flat && css["flat"])} data-tone={tone} {...(role === undefined ? {} : { role })}>
      <span className={css["sign"]}>
        <Icon name={icons[tone]} />
      </span>
      <div className={css["text"]}>{children}</div>
      {action}
    </div>
  );
}
