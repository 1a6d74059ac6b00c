/** Time to headers along the span: the median of each stretch. A line breaks where nothing was opened; failures are ticks at the foot. */
import type { Bucket } from "../../../preload/contract.ts";
import type { Span } from "../../history.ts";
import { axisTop, type Summary } from "../../history.ts";
import { useLanguage } from "../../text/language.tsx";
import { useWidth } from "../../use-width.ts";
import { axisLabel, axisPlaces } from "./bucket-words.ts";
import css from "./chart.module.css";
import { plotGap, plotGutter } from "./plot-gutter.ts";

const height = 200;
const foot = 24;

type Props = { buckets: readonly Bucket[]; span: Span; summary: Summary };

/** The picture with its sentence. */
export function HeadersChart({ buckets, span, summary }: Props) {
  const language = useLanguage();
  const { say, format } = language;
  const [ref, width] = useWidth<HTMLDivElement>();
  const known = buckets.flatMap(({ headersMs }) => headersMs ?? []);
  const top = axisTop(Math.max(...known, 0) || 100);
  const labels = [0, top / 2, top].map((ms) => ({ ms, text: format.duration(ms) }));
  const inner = Math.max(0, width - plotGutter);
  const step = buckets.length === 0 ? 0 : inner / buckets.length;
  const x = (index: number): number => plotGutter + (index + 0.5) * step;
  const y = (ms: number): number => height - (ms / top) * (height - 8);
  const sentence =
    summary.headersMs === null
      ? say("headers.none")
      : say("headers.sentence", {
          median: format.duration(summary.headersMs),
          slowest: format.duration(Math.max(...known)),
        });
  return (
    <section className={css["card"]}>
      <header className={css["head"]}>
        <h2 className={css["title"]}>{say("headers.title")}</h2>
        <p className={css["sentence"]}>{sentence}</p>
        <ul className={css["legend"]}>
          <li className={css["kind"]}>
            <svg width="16" height="10" aria-hidden="true">
              <path className={css["line"]} d="M0 5h16" />
            </svg>
            {say("headers.median")}
          </li>
          <li className={css["kind"]}>
            <svg width="6" height="10" aria-hidden="true">
              <path className={css["tick"]} d="M3 0v10" />
            </svg>
            {say("headers.failure")}
          </li>
        </ul>
      </header>
      <div ref={ref} className={css["plot"]}>
        <svg width={width} height={height + foot} role="img" aria-label={`${say("headers.title")}: ${sentence}`}>
          {labels.map(({ ms, text }) => (
            <g key={ms}>
              <line className={css["grid"]} x1={plotGutter} x2={width} y1={y(ms)} y2={y(ms)} />
              <text className={css["axis"]} x={plotGutter - plotGap} y={y(ms) + 4} textAnchor="end">
                {text}
              </text>
            </g>
          ))}
          {runsOf(buckets).map((run) => (
            <path
              key={run[0]?.index}
              className={css["line"]}
              d={run
                .map(({ index, ms }, at) => `${at === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(ms).toFixed(1)}`)
                .join("")}
            />
          ))}
          {runsOf(buckets)
            .filter((run) => run.length === 1)
            .map(([only]) =>
              only === undefined ? null : (
                <circle key={only.index} className={css["dot"]} cx={x(only.index)} cy={y(only.ms)} r={2} />
              ),
            )}
          {buckets.map((bucket, index) =>
            bucket.failures === 0 ? null : (
              <path key={bucket.at} className={css["tick"]} d={`M${x(index).toFixed(1)} ${height - 7}v7`} />
            ),
          )}
          {axisPlaces(buckets, span).map((index) => {
            const labelled = buckets[index];
            return labelled === undefined || x(index) > width - 24 ? null : (
              <text key={index} className={css["axis"]} x={x(index)} textAnchor="middle" y={height + 18}>
                {axisLabel(language, labelled, span)}
              </text>
            );
          })}
        </svg>
      </div>
    </section>
  );
}

type Point = { index: number; ms: number };

/** Neighbouring buckets with a value: what one line may join. A single empty bucket between two is bridged, a longer gap is not. */
function runsOf(buckets: readonly Bucket[]): Point[][] {
  const runs: Point[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  buckets.forEach(({ headersMs }, index) => {
    if (headersMs === null) return;
    if (index - last > 2) runs.push([]);
    runs.at(-1)?.push({ index, ms: headersMs });
    last = index;
  });
  return runs;
}
