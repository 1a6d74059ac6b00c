/**
 * The worst of each stretch of time, as beats in a row. A slider for keys and screen readers: arrows move along time and read each
 * stretch; pointing does the same. Shapes tell the kinds apart, the legend names them.
 */
import { type KeyboardEvent, useState } from "react";
import type { Beat, Bucket } from "../../../preload/contract.ts";
import { useNow } from "../../clock.ts";
import { BeatMark } from "../../components/beats.tsx";
import type { Span, Summary } from "../../history.ts";
import { useLanguage } from "../../text/language.tsx";
import { useWidth } from "../../use-width.ts";
import { axisLabel, axisPlaces, bucketText } from "./bucket-words.ts";
import css from "./chart.module.css";
import { plotGutter } from "./plot-gutter.ts";

const height = 48;
const legend: readonly Beat[] = ["good", "poor", "down", "asleep", "offline", "paused", "none"];

type Props = { buckets: readonly Bucket[]; span: Span; summary: Summary };

/** The picture with its sentence. */
export function Timeline({ buckets, span, summary }: Props) {
  const language = useLanguage();
  const { say } = language;
  const [ref, width] = useWidth<HTMLDivElement>();
  const now = useNow();
  const [at, setAt] = useState<number | null>(null);
  const step = buckets.length === 0 ? 0 : Math.max(0, width - plotGutter) / buckets.length;
  const left = (index: number): number => Math.round(plotGutter + index * step);
  const here = Math.min(at ?? buckets.length - 1, buckets.length - 1);
  const bucket = buckets[here];
  const text = bucket === undefined ? say("quality.empty") : bucketText(language, bucket, span, now);
  const down = buckets.filter(({ beat }) => beat === "down").length;

  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      Home: 0,
      End: buckets.length - 1,
      PageUp: here - 10,
      PageDown: here + 10,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setAt(Math.min(buckets.length - 1, Math.max(0, next)));
  };

  return (
    <section className={css["card"]}>
      <header className={css["head"]}>
        <h2 className={css["title"]}>{say(`quality.worst.${span}`)}</h2>
        <p className={css["sentence"]}>
          {say("quality.sentence", { down, failures: summary.failures, events: summary.events })}
        </p>
        <ul className={css["legend"]}>
          {legend.map((beat) => (
            <li key={beat} className={css["kind"]}>
              <svg className={css["sample"]} width="8" height="14" aria-hidden="true">
                <BeatMark beat={beat} x={0} width={8} height={14} />
              </svg>
              {say(`beat.${beat}`)}
            </li>
          ))}
        </ul>
      </header>
      <div
        ref={ref}
        className={css["plot"]}
        role="slider"
        tabIndex={0}
        aria-label={say(`quality.worst.${span}`)}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, buckets.length - 1)}
        aria-valuenow={Math.max(0, here)}
        aria-valuetext={text}
        onKeyDown={press}
        onPointerMove={(event) =>
          setAt(
            Math.max(
              0,
              Math.floor(
                (event.clientX - event.currentTarget.getBoundingClientRect().left - plotGutter) / Math.max(1, step),
              ),
            ),
          )
        }
        onPointerLeave={() => setAt(null)}
      >
        <svg width={width} height={height + 22} aria-hidden="true">
          {at === null ? null : (
            <rect
              className={css["cursor"]}
              x={left(here) - 1}
              y={0}
              width={left(here + 1) - left(here) + 1}
              height={height + 4}
              rx={2}
            />
          )}
          {buckets.map((each, index) => (
            <g key={each.at} transform="translate(0 2)">
              <BeatMark
                beat={each.beat}
                x={left(index)}
                width={Math.max(1, left(index + 1) - left(index) - (step > 4 ? 2 : step > 2 ? 1 : 0))}
                height={height}
              />
            </g>
          ))}
          {axisPlaces(buckets, span).map((index) => {
            const labelled = buckets[index];
            return labelled === undefined || left(index) > width - 24 ? null : (
              <text key={index} className={css["axis"]} x={left(index) + step / 2} textAnchor="middle" y={height + 18}>
                {axisLabel(language, labelled, span)}
              </text>
            );
          })}
        </svg>
      </div>
      <p className={css["readout"]}>{text}</p>
    </section>
  );
}
