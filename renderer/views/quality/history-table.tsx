/** The history as a table: the same figures as the pictures, newest first. Stretches of which nothing is known are left out. */
import type { Bucket } from "../../../preload/contract.ts";
import type { Span } from "../../history.ts";
import { useLanguage } from "../../text/language.tsx";
import { bucketTime } from "./bucket-words.ts";
import css from "./history-table.module.css";

/** The table. */
export function HistoryTable({ buckets, span }: { buckets: readonly Bucket[]; span: Span }) {
  const language = useLanguage();
  const { say, format } = language;
  const known = buckets.filter(({ beat, attempts }) => beat !== "none" || attempts > 0).reverse();
  if (known.length === 0) return <p className={css["empty"]}>{say("quality.empty")}</p>;
  const time = (ms: number): string => (ms === 0 ? "0" : format.duration(ms));
  const figures = ["open", "down", "paused", "attempts", "failures", "events", "bytes", "headers"] as const;
  return (
    <table className={css["table"]}>
      <thead>
        <tr>
          <th scope="col">{say("table.time")}</th>
          <th scope="col">{say("table.worst")}</th>
          {figures.map((name) => (
            <th key={name} scope="col" className={css["figure"]}>
              {say(`table.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {known.map((bucket) => (
          <tr key={bucket.at}>
            <th scope="row">{bucketTime(language, bucket, span)}</th>
            <td>{say(`beat.${bucket.beat}`)}</td>
            <td className={css["figure"]}>{time(bucket.openMs)}</td>
            <td className={css["figure"]}>{time(bucket.downMs)}</td>
            <td className={css["figure"]}>{time(bucket.pausedMs)}</td>
            <td className={css["figure"]}>{format.number(bucket.attempts)}</td>
            <td className={css["figure"]}>{format.number(bucket.failures)}</td>
            <td className={css["figure"]}>{format.number(bucket.events)}</td>
            <td className={css["figure"]}>{format.bytes(bucket.bytes)}</td>
            <td className={css["figure"]}>{bucket.headersMs === null ? "" : format.duration(bucket.headersMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
