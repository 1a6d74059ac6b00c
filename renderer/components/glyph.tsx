/** The nine state glyphs. Each has a silhouette of its own: printed grey at 12 px they are still told apart. */
import type { ReactNode } from "react";
import { type StreamState, type Tone, toneOf } from "../stream-state.ts";
import css from "./glyph.module.css";

const stroke = { fill: "none", stroke: "currentColor", strokeLinecap: "round", strokeLinejoin: "round" } as const;
const ring = <circle cx="6" cy="6" r="4.3" {...stroke} strokeWidth={1.4} />;

const shapes: Record<StreamState, ReactNode> = {
  live: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  silent: (
    <>
      {ring}
      <circle cx="6" cy="6" r="1.7" fill="currentColor" />
    </>
  ),
  held: (
    <>
      {ring}
      <path d="M1.3 6h9.4a4.7 4.7 0 0 1-9.4 0z" fill="currentColor" />
    </>
  ),
  connecting: <path d="M6 1.7A4.3 4.3 0 1 1 1.7 6" {...stroke} strokeWidth={1.8} />,
  waiting: (
    <>
      {ring}
      <path d="M6 3.4V6l1.9 1.2" {...stroke} strokeWidth={1.4} />
    </>
  ),
  offline: (
    <>
      <path d="M2.7 8.7A4.3 4.3 0 0 1 8.7 2.7M9.3 3.3a4.3 4.3 0 0 1-6 6" {...stroke} strokeWidth={1.3} opacity={0.75} />
      <path d="M1.2 10.8l9.6-9.6" {...stroke} strokeWidth={1.7} />
    </>
  ),
  asleep: <path d="M10.7 7.6A5 5 0 1 1 4.7 1.2a4 4 0 0 0 6 6.4z" fill="currentColor" />,
  paused: (
    <>
      <rect x="1.8" y="1.2" width="3" height="9.6" rx="0.9" fill="currentColor" />
      <rect x="7.2" y="1.2" width="3" height="9.6" rx="0.9" fill="currentColor" />
    </>
  ),
  halted: (
    <path
      fill="currentColor"
      fillRule="evenodd"
      d="M2.8 1.2h6.4c.9 0 1.6.7 1.6 1.6v6.4c0 .9-.7 1.6-1.6 1.6H2.8c-.9 0-1.6-.7-1.6-1.6V2.8c0-.9.7-1.6 1.6-1.6zM4 3.1l-.9.9L5.1 6l-2 2 .9.9 2-2 2 2 .9-.9-2-2 2-2-.9-.9-2 2z"
    />
  ),
};

type Props = { state: StreamState; size?: number; label?: string; tone?: Tone };

/** A state as a picture. Without a label it is decoration: the word stands beside it. */
export function Glyph({ state, size = 12, label, tone = toneOf(state) }: Props) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named or hidden, by `label`
    <svg
      className={css["glyph"]}
      data-tone={tone}
      data-state={state}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {shapes[state]}
    </svg>
  );
}
