/** The sign of a way's standing: each has a silhouette of its own; printed grey they are still told apart. */
import type { ReactNode } from "react";
import type { StreamView } from "../../preload/contract.ts";
import { type StreamState, stateOf, type Tone, toneOfStream } from "../stream-state.ts";
import type { Standing } from "../text/way-words.ts";
import { Glyph } from "./glyph.tsx";
import css from "./standing-sign.module.css";

const drawn: Readonly<Record<"ready" | "failing", { tone: Tone; shape: ReactNode }>> = {
  ready: { tone: "idle", shape: <circle cx="6" cy="6" r="4.3" /> },
  failing: { tone: "warn", shape: <path d="M6 1.4l4.8 8.9H1.2zM6 5v2.4M6 8.8v.1" /> },
};

/** These stand as a stream in that state would. */
const like: Readonly<Record<"parked" | "mute" | "out", { state: StreamState; tone: Tone }>> = {
  parked: { state: "paused", tone: "idle" },
  mute: { state: "held", tone: "warn" },
  out: { state: "halted", tone: "bad" },
};

/** What a standing looks like beside its sign. */
export function toneOfStanding(standing: Standing, stream: StreamView): Tone {
  if (standing === "used") return toneOfStream(stream);
  return standing === "ready" || standing === "failing" ? drawn[standing].tone : like[standing].tone;
}

/** Decoration: the words stand beside it. The way in use shows what the stream shows. */
export function StandingSign({ standing, stream }: { standing: Standing; stream: StreamView }) {
  if (standing === "used") return <Glyph state={stateOf(stream)} tone={toneOfStream(stream)} />;
  if (standing === "ready" || standing === "failing") {
    const { tone, shape } = drawn[standing];
    return (
      <svg className={css["sign"]} data-tone={tone} width={12} height={12} viewBox="0 0 12 12" aria-hidden="true">
        {shape}
      </svg>
    );
  }
  return <Glyph {...like[standing]} />;
}
