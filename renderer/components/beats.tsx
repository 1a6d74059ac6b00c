/**
 * A strip of beats. Height and break tell the kinds apart, colour only repeats it: good is full, poor is short, down is broken in two,
 * asleep is a low dot, offline a middle dot, paused two dots, no data a hairline at the foot.
 */
import type { Beat } from "../../preload/contract.ts";
import { useLanguage } from "../text/language.tsx";

const fills: Record<Beat, string> = {
  good: "var(--ok-mark)",
  poor: "var(--warn-mark)",
  down: "var(--bad-mark)",
  asleep: "var(--idle-mark)",
  offline: "var(--idle-mark)",
  paused: "var(--idle-mark)",
  none: "var(--line-strong)",
};

/** [top, height] of each piece, as shares of the whole height. */
const pieces: Record<Beat, readonly (readonly [number, number])[]> = {
  good: [[0, 1]],
  poor: [[0.45, 0.55]],
  down: [
    [0, 0.36],
    [0.64, 0.36],
  ],
  asleep: [[0.86, 0.14]],
  offline: [[0.43, 0.14]],
  paused: [
    [0.5, 0.12],
    [0.86, 0.12],
  ],
  none: [[0.95, 0.05]],
};

/** One beat, to be set in an svg. */
export function BeatMark({ beat, x, width, height }: { beat: Beat; x: number; width: number; height: number }) {
  return pieces[beat].map(([top, tall]) => (
    <rect
      key={top}
      x={x}
      y={top * height}
      width={width}
      height={Math.max(1, tall * height)}
      rx={Math.min(1, width / 4)}
      fill={fills[beat]}
    />
  ));
}

/** The newest beats, oldest at the left, padded with "no data". */
export function Beats({ beats, count = 24, height = 12 }: { beats: readonly Beat[]; count?: number; height?: number }) {
  const { say } = useLanguage();
  const recent = beats.slice(-count);
  const shown: readonly Beat[] = [...Array<Beat>(count - recent.length).fill("none"), ...recent];
  const tally = (kind: Beat): number => recent.filter((beat) => beat === kind).length;
  const label = say("beats.label", { minutes: recent.length, down: tally("down"), poor: tally("poor") });
  return (
    <svg width={count * 3 - 1} height={height} role="img" aria-label={label}>
      {shown.map((beat, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place in the strip is its identity
        <BeatMark key={at} beat={beat} x={at * 3} width={2} height={height} />
      ))}
    </svg>
  );
}
