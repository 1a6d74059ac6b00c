/** The sign of a stage of a diagnosis: each state has a silhouette of its own; printed grey they are still told apart. */
import type { ReactNode } from "react";
import type { StageView } from "../../preload/contract.ts";
import type { Tone } from "../stream-state.ts";
import css from "./stage-sign.module.css";

type State = StageView["state"];

const shapes: Readonly<Record<State, ReactNode>> = {
  pending: <circle cx="6" cy="6" r="1.4" />,
  running: <path d="M6 1.7A4.3 4.3 0 1 1 1.7 6" />,
  ok: <path d="M2 6.3l2.7 2.7L10 3.2" />,
  warning: <path d="M6 1.4l4.8 8.9H1.2zM6 5v2.2M6 8.8v.1" />,
  failed: <path d="M2.6 2.6l6.8 6.8M9.4 2.6L2.6 9.4" />,
  undecided: <path d="M6 1.7a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.6zM6 3.6V6l1.8 1.1" />,
  skipped: <path d="M3 6h6" />,
};

const tones: Readonly<Record<State, Tone>> = {
  pending: "idle",
  running: "info",
  ok: "ok",
  warning: "warn",
  failed: "bad",
  undecided: "idle",
  skipped: "idle",
};

/** Decoration: the words stand beside it. A failure away from the broken place is drawn as a warning, for it only follows. */
export function StageSign({ state, tone = tones[state] }: { state: State; tone?: Tone }) {
  return (
    <svg
      className={css["sign"]}
      data-tone={tone}
      data-state={state}
      width={12}
      height={12}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      {shapes[state]}
    </svg>
  );
}
